"""How far gold looks back: exactly as far as its windows, and no day less, in whatever order days arrive."""

from __future__ import annotations

import datetime as dt
import math

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse import oracle_bars as oracle
from tests.plugins.anthill.lakehouse import simulated_bars as simulated
from tests.plugins.anthill.lakehouse.bars_gold import FRAMES
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_bars import BarMarket, Price

DAYS = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 3, 15))[:43]


def market(first_close: float) -> BarMarket:
    """Values of some indices on 43 days.

    I:FAR has one on the first day, and then none for as long as a return may span; I:TOOFAR for a day longer. I:CALM
    moves by 1 % a day and leaps by a little more than six deviations; I:CALMER by a little less.
    """
    prices: dict[dt.date, list[Price]] = {}
    closes = {"I:CALM": 100.0, "I:CALMER": 100.0}
    for at, day in enumerate(DAYS):
        wave = 0.01 * (-1) ** at
        for ticker, leap in (("I:CALM", 6.3), ("I:CALMER", 6.1)):
            closes[ticker] *= math.exp(leap * 0.01 if at == 30 else wave)
        held = [Price(ticker, close, 0.0) for ticker, close in closes.items()]
        if at == 0 or at >= 20:
            held.append(Price("I:FAR", first_close if at == 0 else 50.0 + at + at % 3, 0.0))
        if at == 0 or at >= 21:
            held.append(Price("I:TOOFAR", first_close if at == 0 else 50.0 + at + at % 3, 0.0))
        prices[day] = held
    return simulated.market_of("indices", prices)


@pytest.mark.parametrize("lake", ["indices"], indirect=True)
def test_a_late_day_moves_what_stands_on_it_and_no_more(lake: Lake) -> None:
    """A day's score reads the returns of 20 days, and each of those a close up to 20 days older: 40, and no 41st."""
    lake.only("daily_returns")
    before, after = market(50.0), market(60.0)
    for known, days in ((before, DAYS), (after, DAYS[:1])):
        for day in days:
            bars = known.bars[day]
            bodies = [{"ticker": bar["T"], "results": [{key: bar[key] for key in "ohlct"}]} for bar in bars]
            lake.put_bodies("daily_bars", day, bodies, len(bodies))
        lake.silver(days[0], days[-1])
        lake.quality(days[0], days[-1], datasets="daily_bars")
        counts = lake.gold(days[0], days[-1])["tables"]
    assert counts["daily_prices"]["days"] == 1
    assert counts["daily_returns"]["days"] == 41
    expected = oracle.returns(after, oracle.prices(after))
    got = lake.table("gold.indices_daily_returns").sort("ticker", "market_date").select(expected.columns)
    assert_frame_equal(got.drop("zscore"), expected.drop("zscore"), **FRAMES)
    assert_frame_equal(got.select("zscore"), expected.select("zscore"), **FRAMES | {"abs_tol": 1e-9})

    def value(ticker: str, at: int, column: str) -> float | None:
        found: float | None = got.filter(ticker=ticker, market_date=DAYS[at])[column].item()
        return found

    assert value("I:FAR", 20, "simple_return") == pytest.approx(72 / 60 - 1)
    assert value("I:TOOFAR", 21, "simple_return") is None
    stale = oracle.returns(before, oracle.prices(before)).filter(ticker="I:FAR").sort("market_date")
    scores = zip(stale["zscore"].to_list()[-3:], got.filter(ticker="I:FAR")["zscore"].to_list()[-3:], strict=True)
    assert [one == pytest.approx(other) for one, other in scores] == [False, True, True]
    leaps = got.filter(pl.col("market_date") == DAYS[30], pl.col("ticker").str.starts_with("I:CALM")).sort("ticker")
    assert [6 < score < 7 for score in leaps["zscore"]] == [True, False]
    assert leaps["is_anomaly"].to_list() == [True, False]
