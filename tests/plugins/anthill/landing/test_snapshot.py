"""Snapshots in market hours: named by their moment, and never taken for another one."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from anthill import catalog
from anthill.bronze.commits import newest_revisions
from anthill.coverage.reader import Reader
from anthill.landing.snapshot import LandSnapshot
from anthill.ledger.documents import Documents
from tests.plugins.anthill.aws import aws_connection
from tests.scripted_server import Asked, Reply, ScriptedServer, page

DAY = dt.date(2014, 6, 6)
SLOT = dt.datetime(2014, 6, 6, 14, 0, tzinfo=dt.UTC)


def at(clock: str) -> Any:
    """A source whose clock stands at a time of June 6th in New York."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/v1/marketstatus/now":
            return page({"market": "open", "serverTime": f"2014-06-06T{clock}-04:00"})
        return page({"status": "OK", "count": 1, "tickers": [{"ticker": "AAPL"}]})

    return answer


def take(clock: str, run_type: str, s3_url: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the task for the moment SLOT."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    instance = SimpleNamespace(dag_id="x", run_id="r", task_id="t", id="1", map_index=-1)
    context = {"ti": instance, "data_interval_start": SLOT, "dag_run": SimpleNamespace(run_type=run_type)}
    with ScriptedServer(at(clock)) as server:
        polygon = {"conn_type": "polygon", "host": server.url, "password": "KEY", "extra": {"requests_per_minute": 0}}
        monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps(polygon))
        return LandSnapshot(task_id="t", asset_class="stocks", dataset="snapshot").execute(context)


@pytest.mark.parametrize("clock", ["09:50:00", "10:00:01", "10:14:59"])
def test_a_moment_is_landed_under_its_own_name(
    s3: Any, s3_url: str, bucket: str, clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A little early or late is the same moment."""
    assert take(clock, "scheduled", s3_url, bucket, monkeypatch)["rows"] == 1
    assert list(newest_revisions(s3, bucket, catalog.load("stocks").datasets["snapshot"], str(DAY))) == ["1400"]


def test_a_run_that_comes_too_late_is_skipped(
    s3: Any, s3_url: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the source says at 10:15 is not what it said at 10:00."""
    with pytest.raises(AirflowSkipException, match="cannot be had any more"):
        take("10:15:00", "scheduled", s3_url, bucket, monkeypatch)
    assert newest_revisions(s3, bucket, catalog.load("stocks").datasets["snapshot"], str(DAY)) == {}


def test_a_person_takes_one_for_the_present(s3: Any, s3_url: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by hand it is named by the source's own time."""
    take("15:30:20", "manual", s3_url, bucket, monkeypatch)
    assert list(newest_revisions(s3, bucket, catalog.load("stocks").datasets["snapshot"], str(DAY))) == ["1930"]


@pytest.mark.parametrize(("clock", "fits"), [("09:45:00", False), ("09:45:01", True), ("10:14:59", True)])
def test_a_moment_is_had_for_less_than_a_step(
    s3: Any, s3_url: str, bucket: str, clock: str, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either side of it; the message has both clocks."""
    said = "The source's clock is at 2014-06-06 13:45:00.*: 2014-06-06 14:00:00.* cannot be had any more"
    with contextlib.nullcontext() if fits else pytest.raises(AirflowSkipException, match=said):
        take(clock, "scheduled", s3_url, bucket, monkeypatch)
    assert list(newest_revisions(s3, bucket, catalog.load("stocks").datasets["snapshot"], str(DAY))) == (
        ["1400"] if fits else []
    )


def test_a_taking_is_told_to_the_index(s3: Any, s3_url: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the run that took it; what the task returns is JSON."""
    done = take("10:00:00", "scheduled", s3_url, bucket, monkeypatch)
    assert (json.loads(json.dumps(done))["outcome"], done["market_date"]) == ("landed", "2014-06-06")
    datasets = {"snapshot": catalog.load("stocks").datasets["snapshot"]}
    entry = Reader(Documents(s3, bucket), bucket).entries("stocks", datasets, [2014])["snapshot"][str(DAY)]
    assert [(part.shard, part.rows, part.run) for part in entry.parts] == [("1400", 1, "x/r/t/1")]
    assert entry.attempt is not None
    assert entry.attempt.outcome == "landed"
