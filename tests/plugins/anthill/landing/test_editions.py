"""The task that looks for editions: what it returns, when it is skipped, what it says of the members nobody takes."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from anthill import catalog, run_note
from anthill.bronze.connections import s3_client
from anthill.bronze.editions import Editions
from anthill.coverage import states
from anthill.coverage.reader import Reader
from anthill.lakehouse.load_editions import LoadEditions, RunOfEditions
from anthill.landing.editions import LandEditions
from anthill.ledger.documents import Documents
from local.enem.server import Server
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.sources.files.published import Publisher, zipped

from .test_land_edition import LONG, MARKS, school

DAY = dt.date(2019, 12, 31)


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was written into runs' notes."""
    written: list[str] = []
    monkeypatch.setattr(run_note, "write", lambda context, text: written.append(text))
    return written


@pytest.fixture
def publisher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_url: str, bucket: str, notes: list[str]
) -> Iterator[Publisher]:
    """A school as the only asset class, with connections; 2019 is published, 2024 is not yet."""
    (tmp_path / "datasets").mkdir()
    shutil.copy(Path(__file__).with_name("school.yaml"), tmp_path / "datasets")
    monkeypatch.setattr(catalog, "include_dir", lambda: tmp_path)
    with Server(tmp_path) as server:
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
        monkeypatch.setenv("AIRFLOW_CONN_SCHOOL_DEFAULT", json.dumps({"conn_type": "http", "host": server.url}))
        monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
        publisher = Publisher(tmp_path, server)
        publisher.put(school())
        yield publisher


def land(edition: str | None = None, run: str = "", **other: Any) -> dict[str, Any]:
    """Run the task, in a run of its own where none is named; each try has another id."""
    datasets = list(catalog.load("school").datasets)
    task = LandEditions(task_id="land", asset_class="school", datasets=datasets, source="files", **other)
    known = {"dag_id": "school", "run_id": run or uuid4().hex, "task_id": "land", "id": uuid4(), "map_index": -1}
    return task.execute(
        {
            "params": {"edition": edition},
            "run_id": known["run_id"],
            "ti": SimpleNamespace(**known),
            "task": task,
            "dag_run": SimpleNamespace(run_type="scheduled", run_after=None),
            "outlet_events": {asset: SimpleNamespace() for asset in task.outlets},
        }
    )


def test_a_new_edition_is_told(publisher: Publisher, bucket: str, notes: list[str]) -> None:
    """Where it lies and what it holds; the note names the members that no table takes. 2024 is no fault."""
    assert land() == {
        "2019-12-31": {
            "uri": f"s3://{bucket}/files/school/_editions/2019-12-31/r000001.json",
            "rows": {"marks": 2, "pupils": 1},
            "changed": ["marks", "pupils"],
            "others": ["LEIA-ME.pdf"],
        }
    }
    assert notes == ["2019-12-31 (revision 1): marks, pupils. Not taken: LEIA-ME.pdf"]


def test_nothing_new_is_skipped(publisher: Publisher, notes: list[str]) -> None:
    """And so is what stands on it; a new file is another edition, and so is one that comes at last."""
    land()
    with pytest.raises(AirflowSkipException, match="No edition is new: 2019-12-31, 2024-12-31"):
        land()
    publisher.put(school(LONG))
    assert land()["2019-12-31"]["changed"] == ["marks"]
    publisher.put(zipped({"later/marks.csv": MARKS}), "later.zip")
    assert land()["2024-12-31"]["rows"] == {"marks": 2}
    assert len(notes) == 3


def test_what_an_earlier_try_has_landed_is_new(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was killed behind the edition's object, or failed for another one, has told nobody: the next try does."""

    def killed(*_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("anthill.assets.tell", killed)
        with pytest.raises(SystemExit):
            land(run="one")
    assert list(land(run="one")) == ["2019-12-31"]
    with pytest.raises(AirflowSkipException):
        land(run="another")
    publisher.put(school(b"id;place\r\n"))
    publisher.put(zipped({"later/marks.csv": MARKS}), "later.zip")
    with pytest.raises(AirflowFailException):
        land(run="third")
    publisher.put(school(LONG))
    assert list(land(run="third")) == ["2019-12-31", "2024-12-31"]


def test_another_connection_is_asked(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that the task names, and not the asset class's own."""
    monkeypatch.setenv("AIRFLOW_CONN_ELSEWHERE", json.dumps({"conn_type": "http", "host": publisher.server.url}))
    monkeypatch.delenv("AIRFLOW_CONN_SCHOOL_DEFAULT")
    assert land(conn_id="elsewhere")["2019-12-31"]["rows"] == {"marks": 2, "pupils": 1}


def test_one_by_hand(publisher: Publisher) -> None:
    """The one that is asked for and no other; one that is not there, or that nobody declared, is told."""
    assert list(land("2019-12-31")) == ["2019-12-31"]
    with pytest.raises(AirflowException, match=r"school\.marks on 2024-12-31: .* there is no such file"):
        land("2024-12-31")
    with pytest.raises(AirflowFailException, match=r"no edition 2020-12-31 is declared, only 2019-12-31, 2024-12-31"):
        land("2020-12-31")


def test_one_bad_edition_keeps_only_itself_out(publisher: Publisher, s3: Any, bucket: str) -> None:
    """The others are landed; the task fails, and coverage says of which tables."""
    publisher.put(school(b"id;place\r\n"))
    publisher.put(zipped({"later/marks.csv": MARKS}), "later.zip")
    with pytest.raises(AirflowFailException, match="beside 'short' it lacks town and has place"):
        land()
    declared = catalog.load("school")
    assert Editions(s3, bucket, declared).newest("2024-12-31")
    told = Reader(Documents(s3, bucket), bucket).told("school", declared.datasets, [2019, 2024])
    assert {name: days[DAY] for name, days in told.items()} == {"marks": "X", "pupils": "X"}


def test_a_certificate_of_the_declaration(publisher: Publisher, tmp_path: Path) -> None:
    """One that is named and not there is told with its place."""
    file = tmp_path / "datasets" / "school.yaml"
    file.write_text(file.read_text().replace('delimiter: ";"', 'delimiter: ";"\n    certificate: between.pem'))
    with pytest.raises(AirflowFailException, match=r"include/certificates/between\.pem cannot be read"):
        land()


def test_coverage_is_by_edition(publisher: Publisher, s3: Any, bucket: str) -> None:
    """A letter on each day that an edition is about, none between: landed, restated, refused while it is not there."""
    declared = catalog.load("school")

    def letters(name: str) -> str:
        now = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
        days = [DAY, dt.date(2020, 1, 1), dt.date(2024, 12, 30), dt.date(2024, 12, 31), dt.date(2025, 1, 1)]
        market = frozenset(days)
        told = Reader(Documents(s3, bucket), bucket).told("school", declared.datasets, [2019, 2024])[name]
        return states.row(declared.datasets[name], days, market, told, states.Due(declared, now))

    land()
    assert (letters("marks"), letters("pupils")) == ("L..X.", "L....")
    publisher.put(school(LONG))
    publisher.put(zipped({"later/marks.csv": MARKS}), "later.zip")
    land()
    assert (letters("marks"), letters("pupils")) == ("R..L.", "L....")


def silver(landed: Any) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """What the job of silver is told after a landing, and the list that it names."""
    task = LoadEditions(task_id="silver", asset_class="school")
    asked = task.parameters(pulled(landed))
    bucket, _, key = asked["manifest"].removeprefix("s3://").partition("/")
    body = s3_client("aws_default").get_object(Bucket=bucket, Key=key)["Body"].read()
    return asked, json.loads(body)


def pulled(landed: Any) -> Any:
    """The context of a task behind `land`."""
    asked: list[str] = []
    ti = SimpleNamespace(xcom_pull=lambda task_ids: asked.append(task_ids) or landed)
    return {"ti": ti, "params": {}, "run_id": "r", "dag_run": SimpleNamespace(run_type="manual", run_after=None)}


def test_silver_is_told_of_the_newest_edition_with_its_columns(publisher: Publisher, bucket: str) -> None:
    """Of each that was landed, all tables, those that are as they were among them: the job loads what it has not."""
    land()
    publisher.put(school(LONG))
    publisher.put(zipped({"later/marks.csv": MARKS}), "later.zip")
    landed = land()
    asked, listed = silver(landed)
    assert (asked["market_date_from"], asked["market_date_to"]) == ("2019-12-31", "2024-12-31")
    assert [(each["dataset"], each["market_date"], each["revision"], each["columns"]) for each in listed] == [
        ("marks", "2019-12-31", 2, ["id", "town", "birth"]),
        ("pupils", "2019-12-31", 1, ["id", "name"]),
        ("marks", "2024-12-31", 1, ["id", "town"]),
    ]
    assert listed[0]["uri"] == f"s3://{bucket}/files/school/marks/date=2019-12-31/r000002.csv.gz"
    only = RunOfEditions(task_id="gold", job="gold", asset_class="school")
    first, last = only.market_days(pulled({"2024-12-31": landed["2024-12-31"]}))
    assert (first, last) == (dt.date(2024, 12, 31), dt.date(2024, 12, 31))


def test_an_edition_is_run_again_by_hand(publisher: Publisher, s3: Any, bucket: str) -> None:
    """It is not new: nothing is written, and what stands on it is told of the very same list."""
    before = silver(land("2019-12-31"))
    objects = s3.list_objects_v2(Bucket=bucket)["KeyCount"]
    again = land("2019-12-31")
    assert (list(again), again["2019-12-31"]["changed"]) == (["2019-12-31"], [])
    assert silver(again) == before
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == objects


def test_silver_without_an_edition(publisher: Publisher) -> None:
    """It says what to clear: without it a run that lost its XComs would load nothing, and be green."""
    with pytest.raises(AirflowFailException, match="land named no edition: clear it, with what follows"):
        silver(None)
    with pytest.raises(AirflowFailException, match=r"bronze has no edition of 2024-12-31 any more: clear land"):
        silver({"2024-12-31": {}})


def test_a_table_that_is_declared_no_more(publisher: Publisher, tmp_path: Path) -> None:
    """It is left out of the list; the edition has it still."""
    landed = land()
    file = tmp_path / "datasets" / "school.yaml"
    file.write_text(file.read_text().partition("  pupils:")[0])
    assert [each["dataset"] for each in silver(landed)[1]] == ["marks"]
