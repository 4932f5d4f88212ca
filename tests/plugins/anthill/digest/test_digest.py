"""One message a day tells how the newest market day of every asset class is, from the ledger alone."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from airflow.sdk.exceptions import AirflowSkipException

from anthill import catalog
from anthill.coverage.reader import Reader
from anthill.digest.day import Day, newest
from anthill.digest.operator import SendDigest
from anthill.intervals import market_day
from anthill.ledger import jobs
from anthill.ledger.documents import Documents, Job
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Landed
from anthill.sources.meter import Meter
from tests.plugins.anthill.coverage.entries import commit

FOREX = catalog.load("forex")
NOW = dt.datetime(2026, 7, 3, 22, tzinfo=dt.UTC)
WEDNESDAY, THURSDAY = dt.date(2026, 7, 1), dt.date(2026, 7, 2)
# A forex day ends with its UTC day and is due as long after it as forex.yaml says.
DUE = dt.datetime(2026, 7, 3, tzinfo=dt.UTC) + FOREX.due_after_close


def land(s3: Any, bucket: str, name: str, day: dt.date, revision: int = 1, rows: int = 10) -> None:
    """A dataset's day in the ledger, with three calls."""
    meter = Meter()
    recorder = Recorder(Documents(s3, bucket), f"forex/{day}/land.{name}/1", meter)
    for _ in range(3):
        with meter.call():
            pass
    meter.waited(20)
    commits = [commit(day, revision, rows, shard, name) for shard in FOREX.datasets[name].shard_names]
    recorder.note(
        FOREX.datasets[name], Landed("forex", name, market_day("forex", day), "landed", rows, 1, 1, 0.1, commits)
    )
    recorder.write()


def ended(s3: Any, bucket: str, kind: str, after: dt.timedelta, ok: bool = True, **result: Any) -> None:
    """A Databricks run about Wednesday and Thursday, ended so long after Thursday was due."""
    job = Job(kind, WEDNESDAY, THURSDAY, DUE + after, "http://page", ok, "" if ok else "broken", result)
    jobs.record(Documents(s3, bucket), "forex", f"forex/{after}/{kind}/1", job)


def told(s3: Any, bucket: str, now: dt.datetime = NOW) -> Day | None:
    """The newest day of forex."""
    return newest(Reader(Documents(s3, bucket), bucket), FOREX, now)


def test_a_day_is_what_the_ledger_has_of_it(s3: Any, bucket: str) -> None:
    """Rows of all datasets, which were revised, the quarantine of the last load, calls, and gold's first run."""
    names = list(FOREX.daily)
    for name in names:
        land(s3, bucket, name, THURSDAY, revision=2 if name == names[0] else 1)
        land(s3, bucket, name, WEDNESDAY, rows=7000)
    counts = {"datasets": {names[0]: {"silver_rows": 9, "quarantined": 4, "days": 1}}}
    ended(s3, bucket, "silver", dt.timedelta(minutes=10), **counts)
    ended(s3, bucket, "gold", dt.timedelta(minutes=20), ok=False)
    ended(s3, bucket, "gold", dt.timedelta(minutes=95))
    ended(s3, bucket, "gold", dt.timedelta(minutes=300))
    day = told(s3, bucket)
    assert day is not None
    shards = sum(len(FOREX.datasets[name].shard_names) for name in names)
    assert (day.market_date, day.rows, day.revised) == (THURSDAY, 10 * shards, (names[0],))
    assert (day.quarantined, day.calls, day.lateness) == (4, 6 * len(names), dt.timedelta(minutes=95))
    assert day.is_whole
    assert day.line.split("; ") == [
        f"forex 2026-07-02: {len(names)} of {len(names)} datasets",
        f"{10 * shards:,} rows",
        "in gold 1:35 h after it was due",
        f"revised: {names[0]}",
        "4 rows in quarantine",
        f"{6 * len(names)} calls, {40 * len(names)} s waited for the plan's rate",
    ]


def test_what_is_not_there_is_said(s3: Any, bucket: str) -> None:
    """A day that lacks a dataset, or that gold has not got, is not whole."""
    day = told(s3, bucket)
    assert day is not None
    assert not day.is_whole
    datasets = len(FOREX.daily)
    assert day.line == f"forex 2026-07-02: 0 of {datasets} datasets; 0 rows; gold has not got it yet; 0 calls"
    for name in list(FOREX.daily)[1:]:
        land(s3, bucket, name, THURSDAY)
    ended(s3, bucket, "gold", dt.timedelta())
    day = told(s3, bucket)
    assert day is not None
    assert (day.landed, day.is_whole) == (datasets - 1, False)


def test_before_the_wanted_history_there_is_no_day(s3: Any, bucket: str) -> None:
    """A new environment has nothing to tell."""
    new = msgspec.structs.replace(FOREX, history_from=THURSDAY + dt.timedelta(days=1))
    assert newest(Reader(Documents(s3, bucket), bucket), new, NOW) is None


def send() -> dict[str, int]:
    """Run the task."""
    return SendDigest(task_id="send").execute({"dag_run": SimpleNamespace(dag_id="digest", run_id="r")})


def test_one_message_is_sent_for_all(s3: Any, bucket: str, topic: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice with a line an asset class, those first that are not whole, and the attributes of the others."""
    arn, read = topic
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__ANTHILL__NOTICE_TOPIC_ARN", arn)
    monkeypatch.setenv("AIRFLOW__ANTHILL__CLOCK", NOW.isoformat())
    for name in FOREX.daily:
        land(s3, bucket, name, THURSDAY)
    ended(s3, bucket, "gold", dt.timedelta(hours=1))
    every = catalog.asset_classes()
    assert send() == {"asset_classes": len(every), "whole": 1}
    (message,) = read()
    assert (
        message["Subject"]
        == f"digest 2026-07-03 digest: 1 of {len(every)} asset classes have their newest market day whole"
    )
    attributes = {name: given["Value"] for name, given in message["MessageAttributes"].items()}
    assert (attributes["kind"], attributes["severity"], attributes["market_date"]) == ("digest", "notice", "2026-07-03")
    lines = [line for line in message["Message"].splitlines() if line.startswith("- ")]
    assert len(lines) == len(every)
    assert lines[-1].startswith("- forex 2026-07-02: ")
    assert "coverage page" in message["Message"]


def test_nothing_is_sent_where_nothing_is_due(
    s3: Any, bucket: str, topic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is skipped and says so."""
    arn, read = topic
    monkeypatch.setenv("AIRFLOW__ANTHILL__NOTICE_TOPIC_ARN", arn)
    monkeypatch.setenv("AIRFLOW__ANTHILL__CLOCK", NOW.isoformat())
    monkeypatch.setenv("AIRFLOW__ANTHILL__HISTORY_FROM", "2027-01-04")
    with pytest.raises(AirflowSkipException, match="no market day is due yet"):
        send()
    assert read() == []
