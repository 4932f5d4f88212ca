"""A second kind of source goes through declarations, landing, coverage, backfill and DAGs as the first one does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowSkipException
from airflow.timetables.base import TimeRestriction
from pendulum import UTC, DateTime

from anthill import catalog, intervals, market_day
from anthill.backfill.dag import backfill_dag
from anthill.backfill.land_chunk import missing
from anthill.backfill.operators import LandChunk
from anthill.bronze.commits import parse, read_commit
from anthill.coverage import view
from anthill.coverage.reader import Reader
from anthill.coverage.rebuild import rebuild
from anthill.coverage.states import State
from anthill.dag_builder.market import market_dag
from anthill.landing.operator import LandDataset
from anthill.ledger.documents import Documents
from anthill.sources import kinds
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

__all__ = ["bucket", "s3", "s3_url"]

DAY, NEXT = dt.date(2014, 6, 6), dt.date(2014, 6, 9)
METALS = {
    "asset_class": "metals",
    "description": "Metals",
    "source": "scripted",
    "calendar": "XNYS",
    "start_date": "2003-09-10",
    "due_after_close": "PT6H",
    "deadline_after_close": "PT10H",
    "owner": "market-data",
    "gold": [],
    "datasets": {
        "fixes": {"description": "Fixes", "script": "fixes", "key": ["metal"], "fields": {"T": "metal"}},
    },
}


def declare(folder: Path, own: dict[str, Any] | None = None, **fixes: Any) -> Path:
    """A declaration of metals, its own keys and its dataset changed."""
    (folder / "datasets").mkdir(exist_ok=True)
    fixed = {**METALS, **(own or {}), "datasets": {"fixes": {**METALS["datasets"]["fixes"], **fixes}}}
    file = folder / "datasets" / "metals.yaml"
    file.write_bytes(msgspec.yaml.encode(fixed))
    return file


@pytest.fixture
def metals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scripted: Any, s3_url: str, bucket: str) -> Any:
    """The asset class as the only one, with connections; gives its scripts."""
    declare(tmp_path)
    monkeypatch.setattr(catalog, "include_dir", lambda: tmp_path)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    return scripted


def batches(day: str) -> Iterator[Any]:
    """Three batches of two metals."""
    for number in range(3):
        yield [{"T": f"{day} {number} {metal}"} for metal in ("gold", "silver")]


def land(day: dt.date | None = None, **run: Any) -> dict[str, Any]:
    """Run the task of a market day, or of the run's own interval."""
    task = LandDataset(task_id="land", asset_class="metals", dataset="fixes")
    known = {"dag_id": "metals", "run_id": "r", "task_id": "land", "id": "1", "map_index": -1}
    return task.execute(
        {
            "params": {market_day.PARAM: str(day) if day else None},
            "run_id": "r",
            "ti": SimpleNamespace(**known),
            "task": task,
            "dag_run": SimpleNamespace(run_type="manual", run_after=None),
            "outlet_events": {asset: SimpleNamespace() for asset in task.outlets},
            **run,
        }
    )


def test_a_declaration_says_its_kind(scripted: Any, tmp_path: Path) -> None:
    """The asset class's, or the entry's own; it is none that is not there."""
    assert kinds.kinds() == ["drop", "files", "polygon", "polygon_stream", "postgres", "scripted"]
    assert kinds.with_past() == ["polygon", "scripted"]
    assert catalog.parse(declare(tmp_path)).datasets["fixes"].source == "scripted"
    with pytest.raises(
        catalog.DeclarationError,
        match=r"source' is 'kafka', allowed are drop, files, polygon, polygon_stream, postgres, scripted$",
    ):
        catalog.parse(declare(tmp_path, source="kafka"))


def test_a_key_of_one_kind_is_refused_by_another(scripted: Any, tmp_path: Path) -> None:
    """And what is allowed is said; a key that the kind checks itself is named, too."""
    with pytest.raises(catalog.DeclarationError, match=r"fixes\.path' is unknown, keys are .*script") as caught:
        catalog.parse(declare(tmp_path, path="/v1/fixes"))
    assert "flat_file" not in str(caught.value)
    with pytest.raises(catalog.DeclarationError, match=r"key 'datasets.fixes.script' is empty"):
        catalog.parse(declare(tmp_path, script=""))
    with pytest.raises(catalog.DeclarationError, match=r"script' is unknown, keys are .*flat_file"):
        catalog.parse(declare(tmp_path, source="polygon"))


def test_a_source_is_opened_by_the_connection_that_is_named(scripted: Any) -> None:
    """Or by the kind's own."""
    scripted.append(batches)
    assert kinds.connect("scripted", [], 1).conn_id == "scripted_default"
    assert kinds.connect("scripted", [], 1, "another").conn_id == "another"


def test_a_day_is_landed_once(metals: Any, s3: Any, bucket: str) -> None:
    """Every batch a page of one commit; a second time it is unchanged, and other rows are a revision."""
    metals.append(batches)
    first, again = land(DAY), land(DAY)
    assert (first["outcome"], again["outcome"]) == ("landed", "unchanged")
    commit = read_commit(s3, bucket, first["commits"][0]["key"])
    assert (commit.rows, commit.pages) == (6, 3)
    assert parse(commit.key)[0].asset_class == "metals"
    metals.append(lambda day: [[{"T": "gold"}]])
    assert land(DAY)["outcome"] == "restated"


def test_a_day_that_breaks_off_is_not_there(metals: Any, s3: Any, bucket: str) -> None:
    """The task fails with the place and what to do, bronze has nothing, and coverage says why."""
    metals.append(lambda day: [[{"T": "gold"}], OSError("the plug was pulled")])
    with pytest.raises(AirflowException, match=r"metals.fixes on 2014-06-06: .* the plug was pulled"):
        land(DAY)
    assert "r000001" not in str(s3.list_objects_v2(Bucket=bucket).get("Contents", []))
    declared = catalog.load("metals")
    reader = Reader(Documents(s3, bucket), bucket)
    assert reader.told("metals", declared.datasets, [2014])["fixes"] == {DAY: State.REFUSED}


def test_years_are_landed_and_shown(metals: Any, s3: Any, bucket: str) -> None:
    """A backfill lands what is missing, the index knows it, and an index that is lost is made again from bronze."""
    metals.append(batches)
    land(DAY)
    form = {"asset_class": "metals", "datasets": ["fixes"], "chunk": 63, "again": False}
    form |= {"market_date_from": str(DAY), "market_date_to": str(NEXT)}
    known = {"dag_id": "market_backfill", "run_id": "r", "task_id": "land", "id": "2", "map_index": 0}
    run = SimpleNamespace(dag_id="market_backfill", run_id="r", start_date=dt.datetime.now(dt.UTC))
    bounds: dict[str, Any] = {"market_date_from": str(DAY), "market_date_to": str(NEXT), "days_before": "0"}
    with pytest.raises(AirflowSkipException, match="None of fixes comes from polygon"):
        LandChunk(task_id="land", **bounds).execute({"params": form, "ti": SimpleNamespace(**known), "dag_run": run})
    task = LandChunk(task_id="land_scripted", source="scripted", **bounds)
    assert task.pool == "scripted"
    chunk = task.execute({"params": form, "ti": SimpleNamespace(**known), "dag_run": run})
    assert (chunk["there"], chunk["landed"], chunk["rows"], chunk["refused"]) == (1, 1, 6, [])
    declared, there = catalog.load("metals"), {DAY: State.LANDED, NEXT: State.LANDED}
    assert Reader(Documents(s3, bucket), bucket).told("metals", declared.datasets, [2014])["fixes"] == there
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix="scripted/metals/_coverage/")["Contents"]:
        s3.delete_object(Bucket=bucket, Key=entry["Key"])
    assert [each.mended for each in rebuild(s3, bucket, Documents(s3, bucket), declared, "run")] == [2]
    assert Reader(Documents(s3, bucket), bucket).told("metals", declared.datasets, [2014])["fixes"] == there


def test_a_backfill_has_a_landing_in_the_pool_of_each_kind(metals: Any) -> None:
    """Beside one another, before the chunk is loaded; that of the first kind keeps its name."""
    dag = backfill_dag(None)
    pools = {task.task_id: task.pool for task in dag.tasks if task.task_id.startswith("chunk.land")}
    assert pools == {"chunk.land": "polygon", "chunk.land_scripted": "scripted"}
    assert dag.get_task("chunk.silver").upstream_task_ids == {"plan", *pools}
    assert set(pools) < dag.get_task("complete").upstream_task_ids


def test_its_dag_is_made_as_all_are(metals: Any) -> None:
    """One call, no word of the kind: its landing waits in the pool of its source."""
    dag = market_dag("metals", "Metals")
    assert dag.get_task("land.fixes").pool == "scripted"
    assert {"silver", "quality", "gold", "complete"} <= set(dag.task_ids)


def test_moments_are_landed_and_shown(metals: Any, tmp_path: Path, s3: Any, bucket: str) -> None:
    """Every six hours under keys of their own; a day with a hole in it is missing until it is landed whole."""
    declare(tmp_path, {"calendar": "PT6H", "due_after_close": "PT0S"})
    metals.append(batches)
    ends = [dt.datetime(2014, 6, 1, 6, tzinfo=dt.UTC) + number * dt.timedelta(hours=6) for number in range(4)]
    for end in (ends[0], ends[1], ends[3]):
        assert land(data_interval_end=end)["outcome"] == "landed"
    assert land(data_interval_end=ends[0])["outcome"] == "unchanged"
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"] if "/at=" in entry["Key"]]
    assert listed[0] == "scripted/metals/fixes/at=20140601T060000Z/r000001.jsonl.gz"
    assert len(listed) == 3

    declared, day = catalog.load("metals"), dt.date(2014, 6, 1)
    now = dt.datetime(2014, 6, 4, tzinfo=dt.UTC)
    reader = Reader(Documents(s3, bucket), bucket)
    shown = view.heat_map(reader, [declared], day - dt.timedelta(days=1), day + dt.timedelta(days=1), now)
    assert shown.groups[0].rows[0].states == "MMM"
    assert [each.uri.split("at=")[1][:16] for each in cell(reader, declared, day, now).objects] == [
        "20140601T060000Z", "20140601T120000Z", "20140602T000000Z",
    ]  # fmt: skip
    asked = intervals.between("PT6H", day, day)
    assert missing(s3, bucket, Documents(s3, bucket), declared.datasets["fixes"], asked) == [asked[2]]

    land(data_interval_end=ends[2])
    whole = cell(reader, declared, day, now)
    assert (whole.state, whole.rows, len(whole.objects)) == ("L", 24, 4)
    documents = s3.list_objects_v2(Bucket=bucket, Prefix="scripted/metals/_coverage/days/")["Contents"]
    assert [entry["Key"] for entry in documents] == ["scripted/metals/_coverage/days/fixes/2014-06-01.json.gz"]
    s3.delete_object(Bucket=bucket, Key=documents[0]["Key"])
    assert [each.mended for each in rebuild(s3, bucket, Documents(s3, bucket), declared, "run")] == [4]
    assert cell(Reader(Documents(s3, bucket), bucket), declared, day, now).state == "L"


def test_the_last_moment_of_a_year_is_known(metals: Any, tmp_path: Path, s3: Any, bucket: str) -> None:
    """New Year's midnight ends a day of the old year: a rebuild finds it where it was told, and mends nothing."""
    declare(tmp_path, {"calendar": "PT6H", "due_after_close": "PT0S"})
    metals.append(batches)
    land(data_interval_end=dt.datetime(2015, 1, 1, tzinfo=dt.UTC))
    done = rebuild(s3, bucket, Documents(s3, bucket), catalog.load("metals"), "run")
    assert [(each.days, each.mended) for each in done] == [(1, 0)]


def cell(reader: Reader, declared: catalog.AssetClass, day: dt.date, now: dt.datetime) -> view.Cell:
    """What the page says of a day of fixes."""
    return view.cell(reader, declared, declared.datasets["fixes"], day, now)


def test_a_run_by_hand_is_about_what_has_ended(metals: Any, tmp_path: Path, s3: Any, bucket: str) -> None:
    """It has no interval of its own."""
    declare(tmp_path, {"calendar": "PT6H", "due_after_close": "PT0S"})
    metals.append(batches)
    started = SimpleNamespace(run_type="manual", run_after=dt.datetime(2014, 6, 1, 13, 5, tzinfo=dt.UTC))
    assert land(dag_run=started)["commits"][0]["key"].split("/")[3] == "at=20140601T120000Z"


def test_its_runs_follow_one_another(metals: Any, tmp_path: Path) -> None:
    """A span of time is a run when it is over, counted from midnight."""
    declare(tmp_path, {"calendar": "PT6H", "due_after_close": "PT0S"})
    timetable = market_dag("metals", "Metals").timetable
    restriction = TimeRestriction(DateTime(2003, 9, 10, tzinfo=UTC), None, False)
    info = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
    assert info.run_after == info.data_interval.end
    assert info.data_interval.end - info.data_interval.start == dt.timedelta(hours=6)
    assert info.data_interval.end.hour % 6 == info.data_interval.end.minute == 0
    assert DateTime.now(UTC) - info.data_interval.end < dt.timedelta(hours=6)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"calendar": "NYSE"}, r"calendar' is 'NYSE', allowed are XNYS, 24/7, forex, and a span of time that divides"),
        ({"calendar": "PT7H"}, r"calendar' is 'PT7H'"),
        ({"calendar": "PT1S"}, r"calendar' is 'PT1S'"),
        ({"calendar": "P2D"}, r"calendar' is 'P2D'"),
        ({"calendar": "Pink"}, r"calendar' is 'Pink'"),
        ({"calendar": "PT3M"}, r"due_after_close' is not PT0S"),
    ],
)
def test_calendars_that_are_none(scripted: Any, tmp_path: Path, own: dict[str, str], said: str) -> None:
    """What is allowed is said."""
    with pytest.raises(catalog.DeclarationError, match=said):
        catalog.parse(declare(tmp_path, own))
