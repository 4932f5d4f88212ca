"""How far each stage has come is told from the index alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from anthill import calendars, catalog
from anthill.catalog import AssetClass
from anthill.coverage.freshness import Freshness, Stage, _rows_before, freshness
from anthill.coverage.reader import Reader
from anthill.intervals import market_day
from anthill.ledger import jobs
from anthill.ledger.documents import Documents, Job, Jobs
from anthill.ledger.entry import Entry, merge, of_commits
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Landed

from .entries import commit

FOREX = catalog.load("forex")
NOW = dt.datetime(2026, 7, 3, 22, tzinfo=dt.UTC)
WEDNESDAY, THURSDAY = dt.date(2026, 7, 1), dt.date(2026, 7, 2)


def land(s3: Any, bucket: str, name: str, day: dt.date, revision: int = 1, rows: int = 10) -> None:
    """A dataset's day in the index, every shard of it."""
    recorder = Recorder(Documents(s3, bucket), f"forex/run/land.{name}/1")
    shards = FOREX.datasets[name].shard_names
    commits = [commit(day, revision, rows, shard, name) for shard in shards]
    recorder.note(
        FOREX.datasets[name], Landed("forex", name, market_day("forex", day), "landed", rows, 1, 1, 0.1, commits)
    )
    recorder.write()


def record(s3: Any, bucket: str, job: str, result: dict[str, Any], failure: str = "") -> None:
    """A Databricks run that has ended."""
    ended = jobs.ended(job, (WEDNESDAY, THURSDAY), f"http://databricks/{job}", result, failure)
    at = NOW - dt.timedelta(hours=1)
    told = Job(ended.job, WEDNESDAY, THURSDAY, at, ended.page, ended.ok, ended.message, ended.facts)
    jobs.record(Documents(s3, bucket), "forex", f"forex/run/{job}/{1 if not failure else 2}", told)


def told(s3: Any, bucket: str) -> Freshness:
    """The freshness of forex."""
    return freshness(Reader(Documents(s3, bucket), bucket), FOREX, NOW)


def test_nothing_is_nothing(s3: Any, bucket: str) -> None:
    """No stage has come anywhere, and nothing fails."""
    fresh = told(s3, bucket)
    assert fresh.due == THURSDAY
    assert [(stage.fresh_until, stage.behind) for stage in fresh.stages] == [(None, None)] * 3
    assert set(fresh.stages[0].lagging) == set(FOREX.historical)


def test_a_new_environment_is_behind_nothing(s3: Any, bucket: str) -> None:
    """Before the first day of the history that is wanted no stage lags."""
    new = msgspec.structs.replace(FOREX, history_from=THURSDAY + dt.timedelta(days=1))
    fresh = freshness(Reader(Documents(s3, bucket), bucket), new, NOW)
    assert fresh.due is None
    assert fresh.stages[0].lagging == ()
    wanted = msgspec.structs.replace(FOREX, history_from=THURSDAY)
    assert freshness(Reader(Documents(s3, bucket), bucket), wanted, NOW).due == THURSDAY


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


def test_a_reconciliation_is_told_with_the_checks_before_it(s3: Any, bucket: str) -> None:
    """Its checks and warnings count with those of quality; what the next quality run says is news."""
    record(s3, bucket, "quality", {"checks": 7, "warnings": ["few rows"]})
    record(s3, bucket, "reconcile", {"checks": 3, "warnings": ["splits: ours is 1"]})
    found = told(s3, bucket).quality
    assert found
    assert (found.checks, found.warnings, found.message) == (10, 2, "few rows | splits: ours is 1")
    record(s3, bucket, "reconcile", {}, failure="critical")
    found = told(s3, bucket).quality
    assert found
    assert (found.ok, found.message) == (False, "few rows | critical")


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


def two(after: dt.timedelta | None, **more: Any) -> AssetClass:
    """An asset class of two datasets, one of them due at a time of its own."""
    a, b = (msgspec.structs.replace(FOREX.datasets["grouped_daily"], name=name) for name in ("a", "b"))
    datasets = {"a": a, "b": msgspec.structs.replace(b, due_after_close=after)}
    return msgspec.structs.replace(FOREX, datasets=datasets, **more)


def bronze_of(s3: Any, bucket: str, declared: AssetClass, **until: dt.date) -> Stage:
    """How fresh bronze is if each dataset holds a single day."""
    recorder = Recorder(Documents(s3, bucket), "run")
    for name, day in until.items():
        landing = Landed("forex", name, market_day("forex", day), "landed", 1, 1, 1, 0.1, [commit(day, dataset=name)])
        recorder.note(declared.datasets[name], landing)
    recorder.write()
    return freshness(Reader(Documents(s3, bucket), bucket), declared, NOW).stages[0]


@pytest.mark.parametrize(
    ("hours", "b", "fresh_until", "behind", "lagging"),
    [
        (23, WEDNESDAY, THURSDAY, 0, ()),
        (22, WEDNESDAY, WEDNESDAY, 1, ("b",)),
        (23, WEDNESDAY - dt.timedelta(days=1), WEDNESDAY - dt.timedelta(days=1), 2, ("b",)),
        (23, THURSDAY, THURSDAY, 0, ()),
        (None, WEDNESDAY, WEDNESDAY, 1, ("b",)),
    ],
)
def test_a_dataset_lags_behind_its_own_time_only(
    s3: Any, bucket: str, hours: int | None, b: dt.date, fresh_until: dt.date, behind: int, lagging: tuple[str, ...]
) -> None:
    """Thursday's is due 22 hours after midnight at this second: an hour later, and Wednesday is all that is due."""
    declared = two(None if hours is None else dt.timedelta(hours=hours))
    stage = bronze_of(s3, bucket, declared, a=THURSDAY, b=b)
    assert (stage.name, stage.fresh_until, stage.behind, stage.lagging) == ("bronze", fresh_until, behind, lagging)


def test_what_is_older_than_thirty_market_days_is_a_gap(s3: Any, bucket: str) -> None:
    """Thirty are looked back on; before its first day nobody looks."""
    thirty = calendars.shift("forex", THURSDAY, -30)
    stage = bronze_of(s3, bucket, two(None), a=THURSDAY, b=thirty)
    assert (stage.fresh_until, stage.behind, stage.lagging) == (thirty, 30, ("b",))
    later = two(None, start_date=calendars.shift("forex", THURSDAY, -29))
    assert bronze_of(s3, bucket, later).fresh_until is None


def test_thirty_one_market_days_ago_is_unknown(s3: Any, bucket: str) -> None:
    """How far it is behind, nobody counts."""
    old = calendars.shift("forex", THURSDAY, -31)
    stage = bronze_of(s3, bucket, two(None), a=THURSDAY, b=old)
    assert (stage.fresh_until, stage.behind, stage.lagging) == (None, None, ("b",))


def ran(s3: Any, bucket: str, job: Job, run: str) -> None:
    """A run of a job that has ended."""
    jobs.record(Documents(s3, bucket), "forex", run, job)


def ended(kind: str, until: dt.date, minutes: int, ok: bool = True, **facts: Any) -> Job:
    """A run that ended so many minutes after eight in the evening."""
    at = dt.datetime(2026, 7, 3, 20, minutes, tzinfo=dt.UTC)
    return Job(kind, WEDNESDAY, until, at, f"http://page/{minutes}", ok, "" if ok else "broken", facts)


def test_the_run_that_ended_last_is_told_and_the_best_counts(s3: Any, bucket: str) -> None:
    """Whatever the order in which they were told: a failed one is shown with its words, and takes nothing back."""
    ran(s3, bucket, ended("silver", THURSDAY, 30, ok=False), "forex/r/silver/3")
    ran(s3, bucket, ended("silver", WEDNESDAY, 20), "forex/r/silver/2")
    ran(s3, bucket, ended("gold", THURSDAY, 40), "forex/r/gold/1")
    ran(s3, bucket, ended("silver", WEDNESDAY - dt.timedelta(days=1), 25), "forex/r/silver/1")
    silver = told(s3, bucket).stages[1]
    assert (silver.name, silver.fresh_until, silver.behind, silver.lagging) == ("silver", WEDNESDAY, 1, ())
    assert (silver.at, silver.run) == (dt.datetime(2026, 7, 3, 20, 30, tzinfo=dt.UTC), "forex/r/silver/3")
    assert (silver.page, silver.ok, silver.message) == ("http://page/30", False, "broken")


def test_a_bad_old_day_says_nothing_of_today(s3: Any, bucket: str) -> None:
    """A run of an earlier market day that fails later leaves the newest day's state as it is, of every stage."""
    for job in ("silver", "quality", "gold"):
        ran(s3, bucket, ended(job, THURSDAY, 10, checks=9), f"forex/r/{job}/1")
        ran(s3, bucket, ended(job, WEDNESDAY, 50, ok=False), f"forex/old/{job}/1")
    ran(s3, bucket, ended("reconcile", WEDNESDAY, 51, ok=False), "forex/old/reconcile/1")
    found = told(s3, bucket)
    assert [(stage.ok, stage.run) for stage in found.stages[1:]] == [
        (True, "forex/r/silver/1"),
        (True, "forex/r/gold/1"),
    ]
    assert found.quality is not None
    assert (found.quality.ok, found.quality.checks, found.quality.run) == (True, 9, "forex/r/quality/1")


def test_a_stage_that_never_succeeded_is_nowhere(s3: Any, bucket: str) -> None:
    """But its last run is told."""
    ran(s3, bucket, ended("gold", THURSDAY, 30, ok=False), "forex/r/gold/1")
    gold = told(s3, bucket).stages[2]
    assert (gold.fresh_until, gold.behind, gold.lagging, gold.run) == (None, None, (), "forex/r/gold/1")


def test_gold_is_as_fresh_as_its_last_table(s3: Any, bucket: str) -> None:
    """A table without any day makes a run's freshness unknown, and lags; what an earlier run reached stays reached."""
    tables = {"a": {"fresh_until": str(THURSDAY)}, "b": {"fresh_until": str(WEDNESDAY)}}
    ran(s3, bucket, ended("gold", THURSDAY, 10, tables=tables), "forex/r/gold/1")
    ran(s3, bucket, ended("gold", THURSDAY, 20, tables={**tables, "c": {}}), "forex/r/gold/2")
    gold = told(s3, bucket).stages[2]
    assert (gold.fresh_until, gold.behind, gold.lagging) == (WEDNESDAY, 1, ("b", "c"))
    whole = {"a": {"fresh_until": str(THURSDAY)}}
    ran(s3, bucket, ended("gold", THURSDAY, 30, tables=whole), "forex/r/gold/3")
    gold = told(s3, bucket).stages[2]
    assert (gold.fresh_until, gold.behind, gold.lagging) == (THURSDAY, 0, ())


def test_the_last_checks_are_told(s3: Any, bucket: str) -> None:
    """Their days, their page, the first five warnings; a run that failed without a result has none, and its words."""
    warnings = [f"w{number}" for number in range(7)]
    ran(s3, bucket, ended("quality", THURSDAY, 10, checks=9, warnings=warnings), "forex/r/quality/1")
    ran(s3, bucket, ended("silver", THURSDAY, 50), "forex/r/silver/1")
    quality = told(s3, bucket).quality
    assert quality is not None
    at = dt.datetime(2026, 7, 3, 20, 10, tzinfo=dt.UTC)
    assert msgspec.structs.astuple(quality) == (
        *(WEDNESDAY, THURSDAY, at, True, 9, 7),
        *("w0 | w1 | w2 | w3 | w4", "forex/r/quality/1", "http://page/10"),
    )
    ran(s3, bucket, ended("quality", THURSDAY, 20, ok=False), "forex/r/quality/2")
    quality = told(s3, bucket).quality
    assert quality is not None
    assert (quality.ok, quality.checks, quality.warnings, quality.message) == (False, 0, 0, "broken")


def test_checks_tell_how_many_warned_beyond_those_handed_back(s3: Any, bucket: str) -> None:
    """As the notebook counted them."""
    record(s3, bucket, "quality", {"checks": 30_000, "warned": 25_000, "warnings": ["few rows"]})
    quality = told(s3, bucket).quality
    assert quality is not None
    assert (quality.warnings, quality.message) == (25_000, "few rows")


def test_the_eight_newest_restatements_are_told(s3: Any, bucket: str) -> None:
    """Of all datasets, the last one first; what the index missed has no rows before."""
    recorder = Recorder(Documents(s3, bucket), "run")
    for number in range(10):
        day = WEDNESDAY - dt.timedelta(days=7 * number)
        made = commit(day, 2, 5, dataset="grouped_daily")
        made = msgspec.structs.replace(made, asof=NOW - dt.timedelta(hours=10 - number))
        recorder.note(
            FOREX.datasets["grouped_daily"],
            Landed("forex", "grouped_daily", market_day("forex", day), "restated", 1, 1, 1, 0.1, [made]),
        )
    recorder.write()
    found = told(s3, bucket).restatements
    assert [each.market_date for each in found] == [WEDNESDAY - dt.timedelta(days=7 * n) for n in range(9, 1, -1)]
    assert [(each.at, each.revision, each.rows, each.before) for each in found[:1]] == [
        (NOW - dt.timedelta(hours=1), 2, 5, None)
    ]


def test_rows_before_are_those_of_all_shards(s3: Any, bucket: str) -> None:
    """One that was not restated has the rows that it has."""
    for revision, rows in ((1, 10), (2, 12)):
        land(s3, bucket, "tickers", WEDNESDAY, revision, rows)
    shards = len(FOREX.datasets["tickers"].shard_names)
    (restated,) = told(s3, bucket).restatements
    assert (restated.rows, restated.before, restated.revision) == (12 * shards, 10 * shards, 2)
    half = Entry(of_commits([commit(WEDNESDAY, 1, 4, "a")]).parts + merge(*TWO).parts)
    assert _rows_before(half) == 14
    unknown = Entry(of_commits([commit(WEDNESDAY, 2, 4, "a")]).parts + merge(*TWO).parts)
    assert _rows_before(unknown) is None


TWO = (of_commits([commit(WEDNESDAY, 1, 10, "b")]), of_commits([commit(WEDNESDAY, 2, 12, "b")]))


def test_of_a_run_is_kept_what_people_ask_for(s3: Any, bucket: str) -> None:
    """Sums of silver and the datasets that had days, six hundred characters of a message, a document a year."""
    counts = {
        "a": {"days": 2, "silver_rows": 5, "quarantined": 1, "duplicates": 9},
        "b": {"days": 1, "silver_rows": 7},
        "c": {"days": 0},
    }
    job = Job("silver", WEDNESDAY, THURSDAY, NOW, "http://page", False, "x" * 700, {"datasets": counts})
    jobs.record(Documents(s3, bucket), "forex", "run", job)
    jobs.record(
        Documents(s3, bucket), "forex", "other", msgspec.structs.replace(job, job="smoke", message="", facts={"x": 1})
    )
    kept = Documents(s3, bucket).read("polygon/forex/_coverage/jobs/2026.json.gz", Jobs)[0].tasks
    facts = {"silver_rows": 12, "quarantined": 1, "datasets": ["a", "b"]}
    assert kept["run"] == msgspec.structs.replace(job, message="x" * 598 + " …", facts=facts)
    assert kept["other"].facts == {}
    for kind, empty in (
        ("silver", {"silver_rows": 0, "quarantined": 0, "datasets": []}),
        ("quality", {"checks": 0, "warnings": 0, "first": []}),
        ("gold", {"fresh_until": {}}),
    ):
        jobs.record(Documents(s3, bucket), "forex", kind, msgspec.structs.replace(job, job=kind, facts={}))
        assert (
            Documents(s3, bucket).read("polygon/forex/_coverage/jobs/2026.json.gz", Jobs)[0].tasks[kind].facts == empty
        )


def test_a_run_that_ends_now_says_how() -> None:
    """Well where there is no failure; by this machine's clock, in UTC."""
    before = dt.datetime.now(dt.UTC)
    good = jobs.ended("gold", (WEDNESDAY, THURSDAY), "http://page", {"x": 1})
    assert (good.job, good.market_date_from, good.market_date_to, good.page) == (
        "gold",
        WEDNESDAY,
        THURSDAY,
        "http://page",
    )
    assert (good.ok, good.message, good.facts) == (True, "", {"x": 1})
    assert before <= good.at <= dt.datetime.now(dt.UTC)
    bad = jobs.ended("gold", (WEDNESDAY, THURSDAY), "", {}, "broken")
    assert (bad.ok, bad.message) == (False, "broken")
