"""Gold that is late is told of before its deadline and after it, for the days that somebody waits for."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from typing import Any

import msgspec
import pytest
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models import DagRun
from airflow.models.deadline import Deadline
from airflow.utils.session import create_session
from sqlalchemy import select

from anthill import catalog
from anthill.alerts import deadline
from tests.plugins.anthill.alerts.conftest import Read

DAY = dt.date(2026, 7, 2)
CLOSE = dt.datetime(2026, 7, 2, 20, tzinfo=dt.UTC)  # 16:00 New York
EARLY_DAY, EARLY_CLOSE = dt.date(2025, 11, 28), dt.datetime(2025, 11, 28, 18, tzinfo=dt.UTC)  # 13:00 New York


@pytest.fixture(scope="module")
def stocks(airflow_database: None) -> Any:
    """The DAG of stocks as the scheduler has it, read back from Airflow's database."""
    from airflow.models.serialized_dag import SerializedDagModel

    bag = DagBag(dag_folder=os.path.join(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], "stocks.py"))  # noqa: PTH118
    with create_session() as session:
        from airflow.models.dagbundle import DagBundleModel

        if not session.get(DagBundleModel, "tests"):
            session.add(DagBundleModel(name="tests"))
            session.commit()
    sync_bag_to_db(bag, "tests", None)
    with create_session() as session:
        return SerializedDagModel.get_dag("stocks", session=session)


def deadlines(dag: Any, run_type: str, day: dt.date) -> dict[str, dt.datetime]:
    """When a run of the day would be told of, by what is told."""
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
        session.flush()
        found = session.scalars(select(Deadline).where(Deadline.dagrun_id == run.id)).all()
        times = {each.callback.data["kwargs"]["kind"]: each.deadline_time for each in found}
        session.delete(session.get(DagRun, run.id))
    return times


@pytest.mark.parametrize(("day", "close"), [(DAY, CLOSE), (EARLY_DAY, EARLY_CLOSE)])
def test_a_scheduled_day_counts_from_its_own_close(stocks: Any, day: dt.date, close: dt.datetime) -> None:
    """Six hours until it is due, ten until the deadline, and a warning half-way; early closes included."""
    hours = {"late": dt.timedelta(hours=8), "missed": dt.timedelta(hours=10)}
    assert deadlines(stocks, "scheduled", day) == {kind: close + after for kind, after in hours.items()}


@pytest.mark.parametrize("run_type", ["manual", "backfill"])
def test_nobody_waits_for_a_day_of_old(stocks: Any, run_type: str) -> None:
    """A backfill of years tells of no missed deadline."""
    assert deadlines(stocks, run_type, DAY) == {}


@pytest.mark.parametrize("asset_class", catalog.asset_classes())
def test_each_asset_class_warns_before_its_deadline(asset_class: str) -> None:
    """The warning lies between the hour at which it is due and the deadline."""
    declared = catalog.load(asset_class)
    late, missed = (alert.interval for alert in deadline.alerts(declared))
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
    late, missed = deadline.alerts(declared)
    assert (late.interval, missed.interval) == (dt.timedelta(hours=6, minutes=30), dt.timedelta(hours=9))
    for alert, kind in ((late, "late"), (missed, "missed")):
        assert alert.callback.kwargs == {"kind": kind, "asset_class": "forex"}
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
