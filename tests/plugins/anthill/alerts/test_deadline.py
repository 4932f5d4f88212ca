"""Gold that is late is told of before its deadline and after it, for the days that somebody waits for."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from airflow.api.common.delete_dag import delete_dag
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.exceptions import DagNotFound
from airflow.models import DagRun
from airflow.models.deadline import Deadline
from airflow.utils.session import create_session
from sqlalchemy import select

from anthill import catalog
from anthill.alerts import deadline
from tests.plugins.anthill.alerts.conftest import Read

FILE = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]) / "stocks.py"
PLUGINS = FILE.parents[1] / "plugins"
DAY = dt.date(2026, 7, 2)
CLOSE = dt.datetime(2026, 7, 2, 20, tzinfo=dt.UTC)  # 16:00 New York
EARLY_DAY, EARLY_CLOSE = dt.date(2025, 11, 28), dt.datetime(2025, 11, 28, 18, tzinfo=dt.UTC)  # 13:00 New York


def kept(file: Path) -> Any:
    """The DAG of a file as the scheduler has it: written to Airflow's database, and read back."""
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.serialized_dag import SerializedDagModel

    with create_session() as session:
        if not session.get(DagBundleModel, "tests"):
            session.add(DagBundleModel(name="tests"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL", "0")
        sync_bag_to_db(DagBag(dag_folder=str(file)), "tests", None)
    with create_session() as session:
        return SerializedDagModel.get_dag(file.stem, session=session)


@pytest.fixture(scope="module")
def stocks(airflow_database: None) -> Any:
    """The repository's DAG of stocks, of which Airflow knew no version before: other tests write it as well."""
    with suppress(DagNotFound):
        delete_dag("stocks")
    return kept(FILE)


@contextmanager
def run_of(dag: Any, run_type: str, day: dt.date) -> Iterator[DagRun]:
    """A run of the day as Airflow makes it, with its tasks; nothing is left of it."""
    from airflow.timetables.base import DataInterval
    from airflow.utils.types import DagRunTriggeredByType, DagRunType
    from pendulum import instance

    start = instance(dt.datetime.combine(day, dt.time(), dt.UTC))
    with create_session() as session:
        run = dag.create_dagrun(
            run_id=f"{run_type}__{day}",
            logical_date=start,
            data_interval=DataInterval(start, start.add(days=1)),
            run_after=start,
            run_type=DagRunType(run_type),
            triggered_by=DagRunTriggeredByType.TEST,
            state="queued",
            session=session,
        )
    yield run
    with create_session() as session:
        session.delete(session.get(DagRun, run.id))


def deadlines(dag: Any, run_type: str, day: dt.date) -> dict[str, dt.datetime]:
    """When a run of the day would be told of, by what is told."""
    with run_of(dag, run_type, day) as run, create_session() as session:
        found = session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id)).all()
        return {each.callback.data["kwargs"]["kind"]: each.deadline_time for each in found}


@pytest.mark.parametrize(("day", "close"), [(DAY, CLOSE), (EARLY_DAY, EARLY_CLOSE)])
def test_a_scheduled_day_counts_from_its_own_close(stocks: Any, day: dt.date, close: dt.datetime) -> None:
    """Six hours until it is due, ten until the deadline, and a warning half-way; early closes included."""
    hours = {"late": dt.timedelta(hours=8), "missed": dt.timedelta(hours=10)}
    assert deadlines(stocks, "scheduled", day) == {kind: close + after for kind, after in hours.items()}


def test_a_cut_is_waited_for_from_its_own_end(airflow_database: None) -> None:
    """A quarter of an hour, and a warning half-way; the test's runs last a day."""
    end = dt.datetime.combine(DAY + dt.timedelta(days=1), dt.time(), dt.UTC)
    minutes = {"late": dt.timedelta(minutes=7.5), "missed": dt.timedelta(minutes=15)}
    dag = kept(FILE.with_name("totesys.py"))
    assert deadlines(dag, "scheduled", DAY) == {kind: end + after for kind, after in minutes.items()}
    run = {"dag_id": "totesys", "dag_run_id": "r", "logical_date": f"{DAY}T12:00:00Z"}
    told = deadline.alert("missed", "totesys", {"dag_run": run})
    assert told.summary == f"gold missed its deadline, {DAY} 12:18 UTC"


def test_a_changed_dag_keeps_its_deadlines(stocks: Any, tmp_path: Path) -> None:
    """Airflow keeps a DAG that has run as a version of its own: days of the new one are waited for as well."""
    expected = deadlines(stocks, "scheduled", DAY)
    assert set(expected) == {"late", "missed"}
    edited = tmp_path / FILE.name
    for number in range(2):
        edited.write_text(FILE.read_text().replace("US stocks", f"Stocks, edited {number}"))
        with run_of(stocks, "scheduled", DAY - dt.timedelta(days=1)):
            stocks = kept(edited)
            assert deadlines(stocks, "scheduled", DAY) == expected


def test_what_airflow_keeps_of_a_dag_is_in_its_version(tmp_path: Path) -> None:
    """Whatever is edited is another version, and each process finds the same (sets have no order there)."""
    builder = (PLUGINS / "anthill/dag_builder/market.py").read_text()
    edits = [
        ("", ""),
        ("max_active_runs=4", "max_active_runs=3"),
        ('tags=["market", asset_class]', 'tags=["market"]'),
        ("pool=dataset.source", "pool='default_pool'"),
        ("execution_timeout=LAND_AT_MOST", "execution_timeout=2 * LAND_AT_MOST"),
        ("listed_by.name] >> land[name]", "listed_by.name] << land[name]"),
        ("outlets=typed", "outlets=typed[1:]"),
    ]
    for number, (before, after) in enumerate(edits):
        assert before in builder
        (tmp_path / f"edit_{number}.py").write_text(builder.replace(before, after, 1))
    script = f"""
from importlib import import_module
for number in range({len(edits)}):
    dag = import_module(f"edit_{{number}}").market_dag("stocks", "a text")
    print("version", dag.deadline[0].callback.kwargs["version"])
"""
    found = []
    for seed in ("1", "2"):
        surroundings = {**os.environ, "PYTHONPATH": f"{tmp_path}:{PLUGINS}", "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", script], env=surroundings, capture_output=True, text=True, check=True
        )
        found.append(re.findall("^version (.+)$", done.stdout, re.MULTILINE))
    assert found[0] == found[1]
    assert len(set(found[0])) == len(edits)


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_nobody_waits_for_a_day_of_old(stocks: Any, run_type: str) -> None:
    """A backfill of years tells of no missed deadline."""
    assert deadlines(stocks, run_type, DAY) == {}


@pytest.mark.parametrize("asset_class", catalog.asset_classes())
def test_each_asset_class_warns_before_its_deadline(asset_class: str) -> None:
    """The warning lies between the hour at which it is due and the deadline."""
    declared = catalog.load(asset_class)
    late, missed = (alert.interval for alert in deadline.alerts(declared, "1"))
    assert declared.due_after_close < late < missed == declared.deadline_after_close


def test_it_is_told_once(topic: tuple[str, Read], s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the run's page and what to look at; the triggerer may call twice."""
    arn, received = topic
    monkeypatch.setenv("AIRFLOW__ANTHILL__ALERT_TOPIC_ARN", arn)
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example")
    run = {"dag_id": "stocks", "dag_run_id": "scheduled__2026-07-02", "logical_date": "2026-07-02T00:00:00Z"}
    for _ in range(2):
        asyncio.run(deadline.tell("missed", "stocks", {"dag_run": run}))  # type: ignore[arg-type]
    (message,) = received()
    assert message["Subject"] == "stocks 2026-07-02 missed: gold missed its deadline, 2026-07-03 06:00 UTC"
    assert "https://airflow.example/dags/stocks/runs/scheduled__2026-07-02" in message["Message"]


def test_a_warning_comes_halfway_between_due_and_deadline() -> None:
    """Whatever the two are; the calendar is the asset class's, and the callback knows whom it is about."""
    hours = {"due_after_close": dt.timedelta(hours=4), "deadline_after_close": dt.timedelta(hours=9)}
    declared = msgspec.structs.replace(catalog.load("forex"), **hours)
    late, missed = deadline.alerts(declared, "1")
    assert (late.interval, missed.interval) == (dt.timedelta(hours=6, minutes=30), dt.timedelta(hours=9))
    for alert, kind in ((late, "late"), (missed, "missed")):
        assert alert.callback.kwargs == {"kind": kind, "asset_class": "forex", "version": "1"}
        assert alert.reference.calendar == "forex"
        again = deadline.SessionCloseDeadline.deserialize_reference(alert.reference.serialize_reference())
        assert again == alert.reference


@pytest.mark.parametrize(
    ("kind", "summary"),
    [
        ("late", "gold is not there, and its deadline is 2025-11-29 04:00 UTC"),
        ("missed", "gold missed its deadline, 2025-11-29 04:00 UTC"),
    ],
)
def test_a_message_names_the_day_and_its_deadline(kind: Any, summary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten hours after an early close at 13:00 New York; the page is the run's."""
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example/")
    run = {"dag_id": "stocks", "dag_run_id": "scheduled__1", "logical_date": "2025-11-28T00:00:00Z"}
    told = deadline.alert(kind, "stocks", {"dag_run": run})
    assert (told.kind, told.asset_class, told.market_date, told.summary) == (kind, "stocks", EARLY_DAY, summary)
    assert told.link == "https://airflow.example/dags/stocks/runs/scheduled__1"
    assert "open the run" in told.first_step
