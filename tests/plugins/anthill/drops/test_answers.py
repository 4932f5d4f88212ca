"""From a dropped file to its answer: bronze on moto, silver by Sail, and a workspace that is asked for its rows."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from airflow.sdk.exceptions import AirflowSkipException
from typer.testing import CliRunner

from anthill.cli.main import app
from anthill.cli.session import Session
from anthill.drops.operators import AnswerDrops, LoadDrops, OfDrops
from anthill.lakehouse import silver
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.lakehouse.conftest import sail
from tests.plugins.anthill.lakehouse.lake import Lake

from .conftest import PAGE, Depot, block

__all__ = ["sail"]

NOTED = "thing;town;amount;note\n"
PLAIN = "thing;town;amount\r\n"
FILE = (
    NOTED + "nail;Viçosa;7;new\nscrew;Leeds;x;\nbolt;Leeds\nbolt;Leeds\nnut;a\rb;;\nscrew;Leeds;x;\nnail;Viçosa;7;new\n"
)


def context(landed: Any) -> Any:
    """What a task behind `land` is given."""
    return {
        "ti": SimpleNamespace(xcom_pull=lambda task_ids: landed),
        "params": {},
        "run_id": "r",
        "dag_run": SimpleNamespace(run_type="asset_triggered", run_after=None),
    }


class Loaded:
    """The depot with a lake and the workspace that shows it."""

    def __init__(self, depot: Depot, lake: Lake) -> None:
        self.depot, self.lake = depot, lake

    def load(self, landed: Any) -> dict[str, Any]:
        """Silver, as the job does it, by the list that the task names: bronze lies in a folder meanwhile."""
        asked = LoadDrops(task_id="silver", asset_class="depot").parameters(context(landed))
        root, s3 = self.lake.root / "buckets", self.depot.s3
        for each in s3.list_objects_v2(Bucket=self.depot.bronze)["Contents"]:
            file = root / self.depot.bronze / each["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(self.depot.bronze, each["Key"], str(file))
        listed = root / asked["manifest"].removeprefix("s3://")
        listed.write_text(listed.read_text().replace("s3://", f"file://{root}/"))
        asked["manifest"] = f"file://{listed}"
        done: dict[str, Any] = silver.run(self.lake.spark, **asked)["datasets"]
        for table in ("silver.depot_stock", "quality.quarantine"):
            away = f"source_uri = replace(source_uri, 'file://{root}/', 's3://')"
            self.lake.spark.sql(f"UPDATE dev.{table} SET {away} WHERE source_uri LIKE 'file:%'")
        return done["stock"]


@pytest.fixture
def loaded(depot: Depot, tmp_path: Path, sail: str) -> Iterator[Loaded]:
    """An empty one."""
    lake = Lake(sail, tmp_path / "lake", asset_class="depot")
    yield Loaded(depot, lake)
    lake.close()


@pytest.fixture
def answered(loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Answers about what was landed, by a workspace that is started once the tables are there."""
    workspaces: list[Workspace] = []

    def answer(landed: Any) -> dict[str, Any]:
        if not workspaces:
            schemas = {name: f"{loaded.lake.root}/dev/{name}" for name in ("silver", "gold", "quality")}
            (tmp_path / "workspace").mkdir()
            workspaces.append(Workspace(tmp_path / "workspace", schemas=schemas).start())
            fields = {**json.loads(workspaces[0].connection), "extra": {"http_path": "/sql/1.0/warehouses/local"}}
            monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_READER", json.dumps(fields))
        return AnswerDrops(task_id="answer", asset_class="depot").execute(context(landed))

    yield answer
    for workspace in workspaces:
        workspace.stop()


def test_a_file_is_loaded_and_answered(loaded: Loaded, answered: Any) -> None:
    """Its rows as Parquet and CSV, its bad lines with their numbers, then the answer; another file is beside it."""
    depot = loaded.depot
    depot.drop(FILE)
    depot.drop(PLAIN + "hammer;Leeds;1\r\n", "tools.csv")
    landed = depot.land()
    done = loaded.load(landed)
    assert (done["bronze_rows"], done["silver_rows"], done["duplicates"], done["quarantined"]) == (8, 3, 1, 4)
    assert depot.answers() == []
    told = answered(landed)
    june, tools = depot.answers()
    assert told["input/depot/stock/june.csv"].endswith("/answer.json")
    counts = ("outcome", "rows", "accepted", "duplicates", "quarantined", "sha256")
    assert tuple(june[each] for each in counts) == ("accepted", 7, 2, 1, 4, hashlib.sha256(FILE.encode()).hexdigest())
    assert tuple(tools[each] for each in counts[:5]) == ("accepted", 1, 1, 0, 0)
    files = {key.rpartition("/")[2]: key for key in depot.keys("output/depot/stock/june.csv/")}
    assert {name: hashlib.sha256(depot.read(files[name])).hexdigest() for name in june["files"]} == june["files"]
    assert set(files) == {*june["files"], "answer.json"}
    (parquet,) = (name for name in files if name.endswith(".parquet"))
    rows = pl.read_parquet(depot.read(files[parquet]))
    assert rows.select("thing", "town", "amount").rows() == [("nail", "Viçosa", 7), ("nut", "a\rb", None)]
    (plain,) = (name for name in files if name.startswith("accepted-") and name.endswith(".csv"))
    assert [row["thing"] for row in csv.DictReader(io.StringIO(depot.read(files[plain]).decode(), ""))] == [
        "nail",
        "nut",
    ]
    (bad,) = (name for name in files if name.startswith("quarantined-"))
    assert list(csv.reader(io.StringIO(depot.read(files[bad]).decode(), ""))) == [
        ["line", "reason", "row"],
        ["3", "amount: cannot read 'x' as INT", "screw;Leeds;x;"],
        ["4", "line 4 has 2 values, the header 4", "bolt;Leeds"],
        ["5", "line 5 has 2 values, the header 4", "bolt;Leeds"],
        ["7", "amount: cannot read 'x' as INT", "screw;Leeds;x;"],
    ]
    assert depot.land() == {}
    before = depot.keys()
    assert answered(landed) == told
    assert depot.keys() == before


def test_the_page_that_says_how(loaded: Loaded, answered: Any, tmp_path: Path) -> None:
    """Followed word for word: entry, SQL and file as they stand in it, its command, and the answer that it shows."""
    depot, command = loaded.depot, block("console").split()
    file = tmp_path / command[2]
    file.write_text(block("text"))
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path)
        patched.setattr(Session, "s3", lambda _: depot.s3)
        done = CliRunner().invoke(app, command[1:], env={"ANTHILL_DROP_BUCKET": depot.bucket})
    assert done.exit_code == 0, done.output
    landed = depot.land()
    loaded.load(landed)
    answered(landed)
    (answer,) = depot.answers()
    shown = json.loads(block("json"))
    assert {name: answer[name] for name in shown} == shown
    words = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE)[1:]
    assert set(words) == {"accepted", "refused", "copy", "superseded"}


def test_a_corrected_file_takes_the_place_of_the_first(loaded: Loaded, answered: Any) -> None:
    """And both are answered; a day is loaded whole, with the files that are there already."""
    depot = loaded.depot
    depot.drop(PLAIN + "hammer;Leeds;1\r\n", "tools.csv")
    depot.drop(FILE)
    landed = depot.land()
    loaded.load(landed)
    answered(landed)
    depot.drop(PLAIN + "nail;Viçosa;8\r\n")
    landed = depot.land()
    assert loaded.load(landed)["silver_rows"] == 2
    assert loaded.lake.table("silver.depot_stock").sort("thing")["amount"].to_list() == [1, 8]
    answered(landed)
    assert [(each["file"][-9:], each["accepted"]) for each in depot.answers()] == [
        ("/june.csv", 2), ("/june.csv", 1), ("tools.csv", 1),
    ]  # fmt: skip


@pytest.mark.parametrize("landed", [None, {}, {"other": []}])
def test_a_class_without_a_file_is_skipped(depot: Depot, landed: Any) -> None:
    """Another one had some."""
    for task in (LoadDrops(task_id="s", asset_class="depot"), OfDrops(task_id="g", job="gold", asset_class="depot")):
        with pytest.raises(AirflowSkipException, match="no file of depot was landed"):
            task.parameters(context(landed))
