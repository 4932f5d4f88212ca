"""What people ask of the index: the heat map, one cell of it with all that is known, and a dataset's rows over time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog, closures
from anthill.coverage import view
from anthill.coverage.reader import Reader
from anthill.coverage.view import Object, Run
from anthill.intervals import market_day
from anthill.ledger import jobs
from anthill.ledger.documents import Documents, Job
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Refused
from anthill.sources.errors import NotEntitledError, ServerFailedError, UnknownKeyError

from .entries import commit, landed

STOCKS, FOREX = catalog.load("stocks"), catalog.load("forex")
BARS = STOCKS.datasets["grouped_daily"]
# Thursday evening in New York; Friday 3 July is Independence Day observed, forex goes on.
NOW = dt.datetime(2026, 7, 3, 0, 30, tzinfo=dt.UTC)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (dt.date(2026, 6, 29) + dt.timedelta(days=n) for n in range(5))


def note(s3: Any, bucket: str, *results: Any, run: str = "stocks/run/land/1") -> None:
    """Tell the index of landings or refusals of bars."""
    recorder = Recorder(Documents(s3, bucket), run)
    for result in results:
        recorder.note(BARS, result)
    recorder.write()


def cell(s3: Any, bucket: str, day: dt.date) -> view.Cell:
    """The cell of bars and a day."""
    return view.cell(Reader(Documents(s3, bucket), bucket), STOCKS, BARS, day, NOW)


def test_the_heat_map_has_a_letter_for_each_day(s3: Any, bucket: str) -> None:
    """Days are those of any calendar; each asset class has its own market days, and each dataset its states."""
    note(
        s3,
        bucket,
        landed(commit(MONDAY), day=MONDAY),
        Refused(market_day("XNYS", TUESDAY), ServerFailedError("broken")),
    )
    shown = view.heat_map(Reader(Documents(s3, bucket), bucket), [STOCKS, FOREX], MONDAY, FRIDAY, NOW)
    assert shown.days == (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
    assert shown.now == NOW
    assert shown.meaning["L"].startswith("landed")
    assert shown.meaning["."] == "no market day, or before the history that is wanted"
    stocks, forex = shown.groups
    assert (stocks.asset_class, stocks.calendar, forex.asset_class) == ("stocks", "XNYS", "forex")
    assert (stocks.description, [row.dataset for row in stocks.rows]) == (STOCKS.description, list(STOCKS.datasets))
    bars = next(row for row in stocks.rows if row.dataset == "grouped_daily")
    # Due at 02:00 UTC: Wednesday since less than a day, Thursday in an hour and a half.
    assert bars.states == "LXTW."
    assert (bars.description, bars.fillable) == (BARS.description, True)
    snapshot = next(row for row in stocks.rows if row.dataset == "snapshot")
    assert (snapshot.fillable, snapshot.states[0]) == (False, "G")
    pairs = next(row for row in forex.rows if row.dataset == "grouped_daily")
    assert (pairs.states[0], pairs.states[4]) == ("M", "W")


def test_a_heat_map_of_no_day_is_empty(s3: Any, bucket: str) -> None:
    """A Saturday of stocks."""
    saturday = dt.date(2026, 7, 4)
    shown = view.heat_map(Reader(Documents(s3, bucket), bucket), [STOCKS], saturday, saturday, NOW)
    assert shown.days == ()
    assert {row.states for row in shown.groups[0].rows} == {""}


def test_a_cell_knows_all_of_a_landed_day(s3: Any, bucket: str) -> None:
    """Its object, who landed it and when, how old it is, what it followed, and until when it was due."""
    first, second = commit(MONDAY, 1, 10), commit(MONDAY, 2, 12)
    note(s3, bucket, landed(first, day=MONDAY))
    note(s3, bucket, landed(second, day=MONDAY), run="stocks/run2/land/1")
    known = cell(s3, bucket, MONDAY)
    assert (known.asset_class, known.dataset, known.market_date) == ("stocks", "grouped_daily", MONDAY)
    assert (known.state, known.meaning[:8]) == ("R", "restated")
    assert (known.rows, known.pages, known.revision, known.rows_before) == (12, 2, 2, 10)
    assert known.landed_at == second.asof
    assert known.age == (NOW - second.asof).total_seconds()
    assert known.objects == (Object(f"s3://{bucket}/{second.key}", "", 2, 12, 2, 100),)
    assert known.landed_by == Run("stocks", "run2", "land")
    assert known.asked_by == Run("stocks", "run2", "land")
    assert known.outcome == "landed"
    assert known.asked_at is not None
    # New York closes at 20:00 UTC in summer.
    assert known.due == dt.datetime(2026, 6, 29, 20, tzinfo=dt.UTC) + (BARS.due_after_close or STOCKS.due_after_close)
    assert known.jobs == ()


def test_a_cell_of_two_shards_has_two_objects_and_no_rows_before(s3: Any, bucket: str) -> None:
    """The newest answer counts for when and by whom; rows are those of both."""
    tickers = STOCKS.datasets["tickers"]
    recorder = Recorder(Documents(s3, bucket), "stocks/run/land.tickers/1")
    parts = [commit(MONDAY, n, 5, shard, "tickers") for n, shard in ((2, "active"), (1, "delisted"))]
    recorder.note(tickers, landed(*parts, dataset="tickers", day=MONDAY))
    recorder.write()
    known = view.cell(Reader(Documents(s3, bucket), bucket), STOCKS, tickers, MONDAY, NOW)
    assert [(each.shard, each.revision) for each in known.objects] == [("active", 2), ("delisted", 1)]
    assert (known.rows, known.rows_before, known.landed_at) == (10, None, parts[0].asof)
    assert known.landed_by == Run("stocks", "run2", "land")


def test_a_cell_says_why_there_is_nothing(s3: Any, bucket: str) -> None:
    """Refused with the reason, and whether it is the plan's; a day nobody asked for is late; a holiday is nothing."""
    note(
        s3,
        bucket,
        Refused(market_day("XNYS", MONDAY), NotEntitledError("no such plan")),
        Refused(market_day("XNYS", TUESDAY), ServerFailedError("broken")),
    )
    refused, broken, missing, off = (cell(s3, bucket, day) for day in (MONDAY, TUESDAY, WEDNESDAY, FRIDAY))
    assert (refused.state, refused.outcome, refused.reason, refused.by_plan) == ("X", "refused", "no such plan", True)
    assert (refused.rows, refused.objects, refused.landed_by, refused.landed_at) == (0, (), None, None)
    assert (refused.age, refused.rows_before) == (None, None)
    assert (broken.reason[:7], broken.by_plan, broken.by_key) == ("broken.", False, False)
    assert (missing.state, missing.outcome, missing.reason, missing.asked_at) == ("T", "", "", None)
    assert (missing.asked_by, missing.by_plan) == (None, False)
    assert (off.state, off.due) == (".", None)


def test_a_cell_tells_a_refused_key_from_a_plan(s3: Any, bucket: str) -> None:
    """By its letter, its meaning and a mark of its own."""
    note(s3, bucket, Refused(market_day("XNYS", MONDAY), UnknownKeyError("who are you?")))
    known = cell(s3, bucket, MONDAY)
    assert (known.state, known.by_key, known.by_plan) == ("K", True, False)
    assert known.meaning.startswith("key refused: ")
    assert known.reason == "who are you?. Put a valid API key into the connection's password."


def test_a_cell_says_why_its_day_is_declared_closed(
    s3: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the operator's words; nothing is due, and what was landed all the same keeps its own meaning."""
    note(s3, bucket, landed(commit(MONDAY), day=MONDAY))
    file = tmp_path / "closures.yaml"
    file.write_text(f"XNYS:\n  {MONDAY}: storm\n  {TUESDAY}: day of mourning\n")
    monkeypatch.setattr(closures, "FILE", file)
    closed = cell(s3, bucket, TUESDAY)
    assert (closed.state, closed.due) == ("C", None)
    assert closed.meaning.endswith("although the calendar has the day: day of mourning")
    assert cell(s3, bucket, MONDAY).meaning == "landed: bronze holds its rows"


def test_a_cell_names_the_runs_that_took_its_day(s3: Any, bucket: str) -> None:
    """The last of each kind; of silver only where it loaded the dataset; none where bronze has nothing."""
    note(s3, bucket, landed(commit(TUESDAY), day=TUESDAY))

    def record(job: str, first: dt.date, last: dt.date, run: str, minute: int, facts: dict[str, Any]) -> None:
        at = NOW + dt.timedelta(minutes=minute)
        jobs.record(
            Documents(s3, bucket), "stocks", run, Job(job, first, last, at, f"http://page/{run}", True, "", facts)
        )

    loaded = {"datasets": {"grouped_daily": {"days": 1}}}
    record("silver", MONDAY, TUESDAY, "stocks/r/silver/1", 1, loaded)
    record("silver", TUESDAY, WEDNESDAY, "stocks/r/silver/2", 2, loaded)
    record("silver", TUESDAY, TUESDAY, "stocks/r/silver/3", 3, {"datasets": {"splits": {"days": 1}}})
    record("quality", WEDNESDAY, WEDNESDAY, "stocks/r/quality/1", 4, {})
    record("gold", TUESDAY, TUESDAY, "stocks/r/chunk.gold/7/1", 5, {})
    assert [(job["job"], job["run"], job["page"], job["ok"]) for job in cell(s3, bucket, TUESDAY).jobs] == [
        ("silver", Run("stocks", "r", "silver"), "http://page/stocks/r/silver/2", True),
        ("gold", Run("stocks", "r", "chunk.gold", 7), "http://page/stocks/r/chunk.gold/7/1", True),
    ]
    assert cell(s3, bucket, TUESDAY).jobs[0]["at"] == NOW + dt.timedelta(minutes=2)
    assert cell(s3, bucket, WEDNESDAY).jobs == ()


def test_takings_of_a_day_are_due_at_its_close(s3: Any, bucket: str) -> None:
    """What is taken in market hours has no time after them; another dataset may have a time of its own."""
    snapshot = STOCKS.datasets["snapshot"]
    close = dt.datetime(2026, 6, 29, 20, tzinfo=dt.UTC)
    assert view.cell(Reader(Documents(s3, bucket), bucket), STOCKS, snapshot, MONDAY, NOW).due == close
    options = catalog.load("options")
    (own,) = (each for each in options.datasets.values() if each.due_after_close)
    assert own.due_after_close != options.due_after_close
    assert (
        view.cell(Reader(Documents(s3, bucket), bucket), options, own, MONDAY, NOW).due == close + own.due_after_close
    )


def test_a_series_is_rows_day_by_day(s3: Any, bucket: str) -> None:
    """In order, from first to last, with the reason where there are none."""
    note(
        s3,
        bucket,
        landed(commit(TUESDAY, 2, 7), day=TUESDAY),
        Refused(market_day("XNYS", MONDAY), ServerFailedError("broken")),
    )
    note(s3, bucket, *(landed(commit(day), day=day) for day in (WEDNESDAY, THURSDAY)))
    entries = Reader(Documents(s3, bucket), bucket).entries("stocks", {"grouped_daily": BARS}, [2026])["grouped_daily"]
    shown = view.series(dict(reversed(entries.items())), MONDAY, WEDNESDAY)
    assert [(each["day"], each["rows"], each["revision"], each["reason"][:7]) for each in shown] == [
        (str(MONDAY), None, 0, "broken."),
        (str(TUESDAY), 7, 2, ""),
        (str(WEDNESDAY), 10, 1, ""),
    ]
    assert [each["day"] for each in view.series(entries, TUESDAY, TUESDAY)] == [str(TUESDAY)]


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("stocks/r/land/1", Run("stocks", "r", "land")),
        ("backfill/r/chunk.land/12/3", Run("backfill", "r", "chunk.land", 12)),
        ("backfill/r/chunk.land/x/3", None),
        ("by hand", None),
        ("", None),
    ],
)
def test_a_run_is_read_from_its_name(text: str, run: Run | None) -> None:
    """dag/run/task[/map index]/attempt; anything else is no run."""
    assert view.run_of(text) == run
