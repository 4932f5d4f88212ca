"""The statistics of a session against an oracle: parts of the day, gaps over splits, volatility, early closes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill import closures
from tests.plugins.anthill.lakehouse import oracle_minutes, simulated_minutes
from tests.plugins.anthill.lakehouse.lake import Lake, bar


def assert_stats_are(lake: Lake, known: simulated_minutes.Minutes) -> None:
    """The table equals the oracle's, to 1e-9."""
    expected = oracle_minutes.intraday_stats(known)
    got = lake.table("gold.stocks_intraday_stats").sort("ticker", "market_date")
    moments = pl.col("high_at", "low_at").cast(pl.Datetime("us", "UTC"))
    assert_frame_equal(
        got.with_columns(moments), expected.with_columns(moments), check_dtypes=False, rel_tol=1e-9, abs_tol=1e-12
    )


@pytest.mark.long
def test_sessions_equal_the_oracle_whatever_order_they_arrive_in(lake: Lake) -> None:
    """A month in two pieces, the later one first, a wrong day mended, a split that comes late."""
    lake.only("intraday_stats")
    known = simulated_minutes.minutes()
    days = known.sessions
    wrong, late = days[9], days[12]
    given = known._replace(
        daily={**known.daily, wrong: [row | {"c": row["c"] * 1.5, "h": row["h"] * 2} for row in known.daily[wrong]]},
        splits={**known.splits, late: []},
    )
    simulated_minutes.put(lake, given, days)
    for piece in (days[11:], days[:11]):
        lake.run(piece[0], piece[-1])
    for day in (wrong, late):
        lake.put_day(day, known.daily[day], known.splits[day])
    lake.run(wrong, late)
    expected = oracle_minutes.intraday_stats(known)
    assert expected["opening_gap"].abs().max() < 0.3, "a split shows as a gap"
    assert expected["realised_volatility_5m"].is_null().any()
    assert expected["intraday_open"].is_null().any()
    assert_stats_are(lake, known)


def test_an_early_close_ends_the_session(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute of the close has the auction and counts to it, what follows does not; on a short day that is 13:00.

    So it is on one that an operator declares to be short.
    """
    lake.only("intraday_stats")
    declared, usual, short = dt.date(2024, 11, 26), dt.date(2024, 11, 27), simulated_minutes.EARLY_CLOSE
    file = tmp_path / "closures.yaml"
    file.write_text(f"XNYS:\n  {declared}: {{close: '13:00', by: NYSE, reason: storm}}\n")
    monkeypatch.setattr(closures, "FILE", file)
    for day in (declared, usual, short):
        times = {minute: dt.datetime.combine(day, dt.time(*minute), simulated_minutes.NEW_YORK) for minute in _MINUTES}
        bars = [{"t": int(at.timestamp() * 1000), "o": 1, "h": 2, "l": 1, "c": 1, "v": 10} for at in times.values()]
        lake.put_day(day, [bar("AAA", 1.0)])
        lake.put_bodies("minute_bars", day, simulated_minutes.bodies({"AAA": bars, "NONE": []}), len(bars))
    lake.run(declared, short)
    volumes = lake.table("gold.stocks_intraday_stats").sort("market_date")
    parts = ("pre_market_volume", "regular_volume", "after_hours_volume")
    assert volumes.select(*parts).rows() == [(10.0, 30.0, 30.0), (10.0, 50.0, 10.0), (10.0, 30.0, 30.0)]
    assert volumes["minutes"].to_list() == [2, 4, 2]


_MINUTES = [(9, 29), (9, 30), (12, 59), (13, 0), (15, 59), (16, 0), (16, 1)]


def test_a_session_closes_at_the_auction(lake: Lake) -> None:
    """10.40 at 15:59, then the auction at 10.50 and a trade after it, in one minute: the close is the day's, 10.50."""
    lake.only("intraday_stats")
    day = dt.date(2024, 11, 27)
    bars = [_minute(day, 9, 30, 10.0), _minute(day, 15, 59, 10.4), _minute(day, 16, 0, 10.5, c=10.9)]
    lake.put_day(day, [bar("AAA", 10.5)])
    lake.put_bodies("minute_bars", day, simulated_minutes.bodies({"AAA": bars, "NONE": bars[:2]}), 5)
    lake.run(day)
    columns = ("ticker", "intraday_close", "intraday_high", "regular_volume", "after_hours_volume")
    rows = lake.table("gold.stocks_intraday_stats").sort("ticker").select(columns).rows()
    assert rows == [("AAA", 10.5, 10.9, 300.0, 0.0), ("NONE", 10.4, 10.4, 200.0, 0.0)]


def _minute(day: dt.date, hour: int, minute: int, price: float, **other: float) -> dict[str, float]:
    at = dt.datetime.combine(day, dt.time(hour, minute), simulated_minutes.NEW_YORK)
    return (
        dict.fromkeys("ohlc", price)
        | {"t": int(at.timestamp()) * 1000, "v": 100.0, "h": max(price, *other.values(), 0)}
        | other
    )


def test_minutes_go_along_the_security(lake: Lake) -> None:
    """As the source gave them, under the ticker of the day, and under one security through a rename."""
    lake.only("minute_bars", datasets=("grouped_daily", "splits", "dividends"))
    days = {dt.date(2024, 11, 26): "OLD", dt.date(2024, 11, 27): "NEW"}
    for number, (day, ticker) in enumerate(days.items()):
        lake.put_day(day, [bar(ticker, 10.0)])
        listed = {"ticker": ticker, "active": True, "type": "CS", "composite_figi": "F"}
        lake.put("tickers", day, [listed], shard="active")
        bars = [_minute(day, 9, 30, 10.0 + number), _minute(day, 16, 0, 10.5, c=10.9) | {"vw": 10.6, "n": 7}]
        lake.put_bodies("minute_bars", day, simulated_minutes.bodies({ticker: bars, "NONE": []}), len(bars))
    lake.run(*days)
    held = lake.table("gold.stocks_minute_bars").sort("bar_start")
    assert held["security"].n_unique() == 1
    assert held.drop("bar_start", "security", "market_date").rows() == [
        ("OLD", 10.0, 10.0, 10.0, 10.0, 100.0, None, None), ("OLD", 10.5, 10.9, 10.5, 10.9, 100.0, 10.6, 7),
        ("NEW", 11.0, 11.0, 11.0, 11.0, 100.0, None, None), ("NEW", 10.5, 10.9, 10.5, 10.9, 100.0, 10.6, 7),
    ]  # fmt: skip
    starts = [_minute(day, *at, 1.0)["t"] for day in days for at in ((9, 30), (16, 0))]
    assert held["bar_start"].dt.epoch("ms").to_list() == starts
    assert held["market_date"].to_list() == sorted([*days, *days])
