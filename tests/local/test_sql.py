"""`make sql`: asks a running stack without touching it, and answers in every form."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from anthill.warehouse.answer import Answer
from local import connections, lake, shown, sql
from local.connections import Addresses
from local.service import ServiceError, remember
from local.stack import Options, Stack
from tests.local.databricks.workspace import TOKEN, Workspace
from tests.plugins.anthill.conftest import gold_workspace

__all__ = ["gold_workspace"]
TYPED = "SELECT adj_clos FROM gold.stocks_daily_prices;\nSELECT\n 40 + 2 AS n;\n"


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A stack of which a scheduler runs, and nothing else."""
    monkeypatch.setattr(connections, "TOKEN", TOKEN)
    stack = Stack(Options(tmp_path))
    for folder in (tmp_path / "s3", stack.run):
        folder.mkdir()
    scheduler = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    remember(stack.run / "scheduler.json", psutil.Process(scheduler.pid))
    yield stack
    assert scheduler.poll() is None, "it was touched"
    scheduler.kill()
    scheduler.communicate()


def runs(stack: Stack, workspace: Workspace) -> None:
    """What answers queries runs as well."""
    assert workspace.process is not None
    for part in ("s3", "databricks"):
        remember(stack.run / f"{part}.json", psutil.Process(workspace.process.pid))
    addresses = Addresses("", "", "", workspace.url, "")
    (stack.run / "addresses").write_text(json.dumps(asdict(addresses)))


def test_a_stack_without_some_of_its_parts_answers(
    stack: Stack, gold_workspace: Workspace, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Nothing is started or stopped, and its lock is left alone."""
    assert lake.CATALOG == "dev"
    runs(stack, gold_workspace)
    with stack.lock():
        sql.run(stack, "SELECT ticker, bar FROM gold.stocks_daily_prices ORDER BY seen_at LIMIT 1;", "json")
        assert json.loads(capfd.readouterr().out) == [{"ticker": "T0", "bar": {"Open": 0.0, "tags": ["a", "0"]}}]
        sql.run(stack, "tables", "csv")
        assert '"gold.stocks_daily_prices"' in capfd.readouterr().out
        sql.run(stack, "describe gold.stocks_daily_prices", "markdown")
        assert "| adj_close | double | USD |" in capfd.readouterr().out
        sql.run(stack, "SELECT ticker FROM gold.dim_instrument", "xlsx", str(tmp_path / "t.xlsx"))
        assert "4 rows" in capfd.readouterr().out
    assert stack.running().keys() == {"s3", "databricks", "scheduler"}


def test_the_prompt_goes_on_after_an_error(
    stack: Stack, gold_workspace: Workspace, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what was meant, and the next statement over several lines."""
    runs(stack, gold_workspace)
    monkeypatch.setattr(
        "sys.stdin", io.StringIO("SELECT adj_clos FROM gold.stocks_daily_prices;\nSELECT\n 40 + 2 AS n;\n")
    )
    sql.run(stack, None, "vertical")
    said = capfd.readouterr().out
    assert "did you mean `adj_close`?" in said
    assert "n  42" in said


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
