"""`make sql`: asks a running stack without touching it, and answers in every form."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anthill.warehouse.answer import Answer
from local import shown, sql
from local.connections import Addresses
from local.service import ServiceError, remember
from local.stack import Options, Stack
from tests.plugins.anthill.warehouse.test_service import Service
from tests.scripted_server import ScriptedServer, error, http

TYPED = "SELECT 1 FROM gold.x;\nSELECT\n n FROM gold.x;\n"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of which a scheduler runs, and nothing else."""
    stack = Stack(Options(tmp_path))
    for folder in (tmp_path / "s3", stack.run):
        folder.mkdir()
    scheduler = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    remember(stack.run / "scheduler.json", psutil.Process(scheduler.pid))
    yield stack
    assert scheduler.poll() is None, "it was touched"
    scheduler.kill()
    scheduler.communicate()


@pytest.fixture
def service(stack: Stack) -> Iterator[Service]:
    """What answers queries runs as well."""
    service = Service()
    with ScriptedServer(service) as server:
        service.url = server.url
        for part in ("s3", "databricks"):
            remember(stack.run / f"{part}.json", psutil.Process())
        (stack.run / "addresses").write_text(json.dumps(asdict(Addresses("", "", "", server.url, ""))))
        yield service


@pytest.mark.usefixtures("service")
def test_a_stack_without_some_of_its_parts_answers(
    stack: Stack, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Nothing is started or stopped, and its lock is left alone; every form, into a file and out of it."""
    with stack.lock():
        sql.run(stack, "SELECT n FROM gold.x;", "json")
        assert json.loads(capfd.readouterr().out) == [{"n": n} for n in (1, 2, 3, 1, 2, 3)]
        sql.run(stack, "SELECT n FROM gold.x", "csv")
        assert capfd.readouterr().out.split() == ['"n"', *"123123"]
        for form in ("xlsx", "parquet", "json"):
            sql.run(stack, "SELECT n FROM gold.x", form, str(tmp_path / f"t.{form}"))
            assert "6 rows" in capfd.readouterr().out
        assert pq.read_table(tmp_path / "t.parquet")["n"].to_pylist() == [1, 2, 3, 1, 2, 3]
    assert stack.running().keys() == {"s3", "databricks", "scheduler"}


def test_the_two_words_that_ask_for_tables(stack: Stack, service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    """`tables` and `describe`, whatever their letters; a statement that begins so is one."""
    columns = [{"name": "n", "type_text": "bigint", "comment": "Number"}]
    service.first = {
        "/api/2.1/unity-catalog/schemas": [http(b'{"schemas": [{"name": "gold"}]}')],
        "/api/2.1/unity-catalog/tables": [http(b'{"tables": [{"name": "x", "comment": "All"}]}')],
        "/api/2.1/unity-catalog/tables/dev.gold.x": [http(json.dumps({"columns": columns}).encode())],
    }
    sql.run(stack, "TABLES", "markdown")
    assert "| gold.x | All |" in capfd.readouterr().out
    sql.run(stack, "Describe gold.x;", "markdown")
    assert "| n | bigint | Number |" in capfd.readouterr().out
    sql.run(stack, "describe history gold.x", "markdown")
    assert capfd.readouterr().out.startswith("| n |")


def test_the_prompt_goes_on_after_an_error(
    stack: Stack, service: Service, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next statement may have several lines."""
    monkeypatch.setattr("sys.stdin", io.StringIO(TYPED))
    service.first = {"/api/2.0/sql/statements": [error(400, {"error_code": "X", "message": "no such thing"})]}
    sql.run(stack, None, "vertical")
    said = capfd.readouterr().out
    assert "! POST /api/2.0/sql/statements answered 400: no such thing" in said
    assert said.count("── row") == 6


def test_a_stack_that_cannot_answer_is_not_touched(stack: Stack) -> None:
    """It is said what runs and what to do; the fixture sees that it still runs."""
    with pytest.raises(ServiceError, match=r"only scheduler run.*`make down`"):
        sql.run(stack, "SELECT 1", "table")


def test_forms_for_files_need_one(stack: Stack) -> None:
    """Before anything is asked."""
    with pytest.raises(RuntimeError, match="OUT="):
        sql.run(stack, "SELECT 1", "parquet")


LONG = "x" * 500


@pytest.mark.parametrize("form", shown.FORMS)
def test_no_name_and_no_value_is_cut_off(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Forty columns of long names and values, in a terminal of eighty characters."""
    names = [f"a_rather_long_name_of_column_{number:02}" for number in range(40)]
    shown.FORMS[form](Answer(pa.table({name: [f"{LONG}{name}"] for name in names})))
    said = capsys.readouterr().out
    assert all(said.count(name) == 2 and f"{LONG}{name}" in said for name in names)


def test_a_table_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    """And where all of it is."""
    shown.table(Answer(pa.table({"n": range(1001)})))
    assert "1,001 rows, the first 1,000 shown: FORMAT=csv has them all" in capsys.readouterr().out


def test_what_was_typed_comes_back_in_the_next_prompt(tmp_path: Path) -> None:
    """On a terminal; where the input is none, nothing is kept."""
    history = tmp_path / "sql_history"
    code = f"from pathlib import Path\nfrom local import sql\nwith sql._remembered(Path({str(history)!r})): input()"
    theirs, ours = os.openpty()
    with subprocess.Popen([sys.executable, "-c", code], stdin=ours, stdout=ours, stderr=ours) as prompt:
        os.write(theirs, b"SELECT 42;\n")
        assert prompt.wait() == 0
    assert "SELECT 42;" in history.read_text().replace("\\040", " ")
    os.close(ours)
    os.close(theirs)
    other = code.replace("sql_history", "other")
    subprocess.run([sys.executable, "-c", other], input=b"SELECT 42;\n", check=True)
    assert not (tmp_path / "other").exists()
