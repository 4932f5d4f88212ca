"""How far each stage has come is told from the index alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from anthill import catalog
from anthill.coverage import jobs
from anthill.coverage.documents import Job
from anthill.coverage.freshness import Freshness, freshness
from anthill.coverage.reader import Reader
from anthill.coverage.recorder import Recorder
from anthill.landing.land import Landed

from .entries import commit

FOREX = catalog.load("forex")
NOW = dt.datetime(2026, 7, 3, 22, tzinfo=dt.UTC)
WEDNESDAY, THURSDAY = dt.date(2026, 7, 1), dt.date(2026, 7, 2)


def land(s3: Any, bucket: str, name: str, day: dt.date, revision: int = 1, rows: int = 10) -> None:
    """A dataset's day in the index, every shard of it."""
    recorder = Recorder(s3, bucket, f"forex/run/land.{name}/1")
    shards = FOREX.datasets[name].shard_names
    commits = [commit(day, revision, rows, shard, name) for shard in shards]
    recorder.note(FOREX.datasets[name], Landed("forex", name, day, "landed", rows, 1, 1, 0.1, commits))
    recorder.write()


def record(s3: Any, bucket: str, job: str, result: dict[str, Any], failure: str = "") -> None:
    """A Databricks run that has ended."""
    ended = jobs.ended(job, (WEDNESDAY, THURSDAY), f"http://databricks/{job}", result, failure)
    at = NOW - dt.timedelta(hours=1)
    told = Job(ended.job, WEDNESDAY, THURSDAY, at, ended.page, ended.ok, ended.message, ended.facts)
    jobs.record(s3, bucket, "forex", f"forex/run/{job}/{1 if not failure else 2}", told)


def told(s3: Any, bucket: str) -> Freshness:
    """The freshness of forex."""
    return freshness(Reader(s3, bucket), FOREX, NOW)


def test_nothing_is_nothing(s3: Any, bucket: str) -> None:
    """No stage has come anywhere, and nothing fails."""
    fresh = told(s3, bucket)
    assert fresh.due == THURSDAY
    assert [(stage.fresh_until, stage.behind) for stage in fresh.stages] == [(None, None)] * 3
    assert set(fresh.stages[0].lagging) == set(FOREX.historical)


def test_bronze_is_as_fresh_as_its_last_dataset(s3: Any, bucket: str) -> None:
    """One that lacks Thursday holds the asset class back by a day, and is named."""
    for name in FOREX.historical:
        for day in (WEDNESDAY, THURSDAY):
            if (name, day) != ("tickers", THURSDAY):
                land(s3, bucket, name, day)
    bronze = told(s3, bucket).stages[0]
    assert (bronze.fresh_until, bronze.behind, bronze.lagging) == (WEDNESDAY, 1, ("tickers",))
    land(s3, bucket, "tickers", THURSDAY, rows=0)  # an answer without rows is an answer
    assert told(s3, bucket).stages[0].behind == 0


def test_silver_quality_and_gold_are_told_by_their_runs(s3: Any, bucket: str) -> None:
    """Gold is as fresh as its last table; a run that failed is told with its words, and takes nothing back."""
    record(s3, bucket, "silver", {"datasets": {"tickers": {"days": 1, "silver_rows": 5, "quarantined": 0}}})
    record(s3, bucket, "quality", {"checks": 7, "warnings": ["low of 2026-07-02: few rows"]})
    record(s3, bucket, "gold", {"tables": {"a": {"fresh_until": str(THURSDAY)}, "b": {"fresh_until": str(WEDNESDAY)}}})
    fresh = told(s3, bucket)
    silver, gold = fresh.stages[1:]
    assert (silver.behind, silver.ok, silver.page, silver.run) == (
        0,
        True,
        "http://databricks/silver",
        "forex/run/silver/1",
    )
    assert (gold.behind, gold.lagging) == (1, ("b",))
    assert fresh.quality
    assert (fresh.quality.checks, fresh.quality.warnings, fresh.quality.ok) == (7, 1, True)
    assert (fresh.quality.message, fresh.quality.run) == ("low of 2026-07-02: few rows", "forex/run/quality/1")
    record(s3, bucket, "gold", {}, failure="notebook failed: no such column")
    gold = told(s3, bucket).stages[2]
    assert (gold.ok, gold.message, gold.fresh_until) == (False, "notebook failed: no such column", WEDNESDAY)


def test_the_last_restatements_are_named(s3: Any, bucket: str) -> None:
    """With the rows before and after."""
    for revision, rows in ((1, 10), (2, 12)):
        land(s3, bucket, "grouped_daily", WEDNESDAY, revision, rows)
    (restated,) = told(s3, bucket).restatements
    assert (restated.dataset, restated.market_date, restated.before, restated.rows) == (
        "grouped_daily",
        WEDNESDAY,
        10,
        12,
    )


def test_a_run_that_cannot_be_told_fails_nothing(s3: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A line in the log, no more."""
    record(s3, "no-such-bucket", "silver", {})
    assert "was not told of this run" in caplog.text
