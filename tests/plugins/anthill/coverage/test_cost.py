"""What a backfill costs is told from what its days took before, or by their lists where none was landed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from anthill import catalog
from anthill.bronze.commits import Commit
from anthill.coverage import cost
from anthill.coverage.cost import Line
from anthill.coverage.reader import Reader
from anthill.intervals import market_day, of_days
from anthill.ledger.documents import Documents
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Refused
from anthill.sources.errors import ServerFailedError

from .entries import commit, landed

STOCKS = catalog.load("stocks")
DAYS = [dt.date(2026, 6, day) for day in (22, 23, 24, 25, 26)]


def land(s3: Any, bucket: str, pages: dict[dt.date, int], dataset: str = "grouped_daily") -> None:
    """Days of a dataset that took so many pages."""
    recorder = Recorder(Documents(s3, bucket), "stocks/run/land/1")
    for day, count in pages.items():
        made = commit(day, dataset=dataset)
        told = Commit(**{name: getattr(made, name) for name in made.__struct_fields__} | {"pages": count})
        recorder.note(STOCKS.datasets[dataset], landed(told, dataset=dataset, day=day))
    recorder.write()


def estimate(s3: Any, bucket: str, days: dict[str, list[dt.date]], per_minute: int = 5) -> cost.Estimate:
    """The estimate of these days."""
    asked = {name: of_days("XNYS", some) for name, some in days.items()}
    return cost.estimate(Reader(Documents(s3, bucket), bucket), STOCKS, asked, per_minute)


def test_what_days_took_is_what_others_take(s3: Any, bucket: str) -> None:
    """The mean of the landed ones; refused ones took nothing; minutes are calls by the plan's rate."""
    land(s3, bucket, {dt.date(2026, 6, 15): 2, dt.date(2026, 6, 16): 5})
    recorder = Recorder(Documents(s3, bucket), "r")
    recorder.note(
        STOCKS.datasets["grouped_daily"], Refused(market_day("XNYS", dt.date(2026, 6, 17)), ServerFailedError("broken"))
    )
    recorder.write()
    told = estimate(s3, bucket, {"grouped_daily": DAYS, "splits": []})
    assert told.lines == (Line("grouped_daily", 5, 3.5, 18, True),)  # 17.5 calls, rounded to the even one
    assert (told.calls, told.per_minute, told.minutes) == (18, 5, 3.6)


def test_the_nearest_twenty_count(s3: Any, bucket: str) -> None:
    """Of more landed days those around the middle of what is asked for, of the years before and after too."""
    near = {dt.date(2026, 6, 1) + dt.timedelta(days=n): 1 for n in range(10)}
    near |= {dt.date(2026, 7, 1) + dt.timedelta(days=n): 3 for n in range(10)}
    land(s3, bucket, {**near, dt.date(2026, 1, 5): 900, dt.date(2026, 12, 1): 900})
    assert estimate(s3, bucket, {"grouped_daily": DAYS}).lines[0].calls_a_day == 2.0
    old = [dt.date(2015, 3, day) for day in (2, 3)]
    land(s3, bucket, {dt.date(2016, 1, 4): 7}, "splits")
    assert estimate(s3, bucket, {"splits": old}).lines == (Line("splits", 2, 7.0, 14, True),)


def test_where_nothing_was_landed_lists_tell(s3: Any, bucket: str) -> None:
    """A call for each shard and each value of the list; without a rate sixteen calls at a time take 0.25 s each."""
    forex = catalog.load("forex")
    pairs = len(forex.datasets["minute_bars"].listed)
    assert pairs > 1
    asked = {"minute_bars": of_days("forex", DAYS), "grouped_daily": of_days("forex", DAYS[:1])}
    told = cost.estimate(Reader(Documents(s3, bucket), bucket), forex, asked, 0)
    assert told.lines == (
        Line("minute_bars", 5, pairs, 5 * pairs, False),
        Line("grouped_daily", 1, 1, 1, False),
    )
    calls = 5 * pairs + 1
    assert (told.calls, told.per_minute, told.minutes) == (calls, 0, round(calls * 0.25 / 16 / 60, 2))
    (tickers,) = estimate(s3, bucket, {"tickers": DAYS}).lines
    assert tickers.calls == 5 * len(STOCKS.datasets["tickers"].shard_names) == 10


def test_changes_from_one_list_to_the_next_are_dozens(s3: Any, bucket: str) -> None:
    """A market has dozens of them a day, a call each, and not the rows of its list; landed days tell how many."""
    (events,) = estimate(s3, bucket, {"ticker_events": DAYS}).lines
    assert (24 <= events.calls_a_day <= 99, events.calls, events.measured) == (True, 5 * events.calls_a_day, False)
    land(s3, bucket, {dt.date(2026, 6, 15): 12, dt.date(2026, 6, 16): 30}, "ticker_events")
    assert estimate(s3, bucket, {"ticker_events": DAYS}).lines == (Line("ticker_events", 5, 21.0, 105, True),)


def test_what_bronze_holds_is_not_lacking(s3: Any, bucket: str) -> None:
    """Landed days are left out, refused and unknown ones are not; every dataset asked for is in the answer."""
    land(s3, bucket, {DAYS[0]: 1, DAYS[2]: 1})
    recorder = Recorder(Documents(s3, bucket), "r")
    recorder.note(STOCKS.datasets["grouped_daily"], Refused(market_day("XNYS", DAYS[1]), ServerFailedError("broken")))
    recorder.write()
    days = of_days("XNYS", DAYS)
    asked = {"grouped_daily": days, "splits": days[:1]}
    assert cost.lacking(Reader(Documents(s3, bucket), bucket), STOCKS, asked) == {
        "grouped_daily": [days[1], days[3], days[4]],
        "splits": days[:1],
    }
