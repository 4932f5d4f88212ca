"""Gold of forex against an oracle: Sundays, holes, pairs quoted both ways, triangles that do not close."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.plugins.anthill.lakehouse import oracle_bars as oracle
from tests.plugins.anthill.lakehouse import simulated_bars as simulated
from tests.plugins.anthill.lakehouse.bars_gold import FRAMES, assert_common_gold_is, assert_rows_are
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_bars import BarMarket

pytestmark = pytest.mark.parametrize("lake", ["forex"], indirect=True)

FIRST, LAST = dt.date(2024, 3, 1), dt.date(2024, 4, 12)  # over the change of New York's clocks, not Europe's


def assert_gold_is(lake: Lake, market: BarMarket) -> None:
    """Every gold table of forex equals the oracle's, to 1e-9."""
    majors = pl.col("ticker").str.slice(2, 3).is_in(oracle.MAJORS) & pl.col("ticker").str.slice(5).is_in(oracle.MAJORS)
    joined = assert_common_gold_is(lake, market, majors)
    summary = lake.table("gold.forex_market_summary").sort("market_date")
    expected = oracle.activity(joined)
    assert_frame_equal(summary.select(expected.columns), expected, **FRAMES)
    both = ("market_date", "base_currency", "quote_currency")
    assert_rows_are(lake, "forex_cross_rates", oracle.cross_rates(market), *both)
    assert_rows_are(lake, "forex_triangles", oracle.triangles(market), "market_date", "triangle")


def test_gold_equals_the_oracle_and_again_after_a_restatement(lake: Lake) -> None:
    """Six weeks at once, then other bars for one day of them: prices, returns, crosses, triangles, minutes, pairs."""
    market = simulated.forex(FIRST, LAST)
    wrong = market.sessions[12]
    before: dict[dt.date, Any] = market.bars | {wrong: [bar | {"c": bar["o"]} for bar in market.bars[wrong][1:]]}
    simulated.put(lake, market._replace(bars=before))
    lake.run(market.sessions[0], market.sessions[-1])
    assert_gold_is(lake, market._replace(bars=before))
    lake.put("grouped_daily", wrong, market.bars[wrong])
    lake.run(wrong)
    assert_gold_is(lake, market)
    broken = lake.table("gold.forex_triangles").filter("is_broken")
    day = market.sessions[25]
    assert set(broken.select("market_date", "triangle").rows()) == {(day, "EUR-GBP-JPY"), (day, "GBP-JPY-USD")}
    jump = lake.table("gold.forex_daily_returns").filter("is_anomaly", market_date=market.sessions[20])
    assert {"C:EURUSD", "C:EURGBP"} <= set(jump["ticker"])


def test_a_sunday_is_a_market_day_of_its_own(lake: Lake) -> None:
    """Friday, Sunday and Monday give two returns that add up to the one over the weekend."""
    lake.only("daily_returns", datasets=("tickers", "minute_bars"))
    days = [dt.date(2024, 3, 8), dt.date(2024, 3, 10), dt.date(2024, 3, 11)]
    market = simulated.forex(days[0], days[-1])
    assert market.sessions == days
    simulated.put(lake, market)
    lake.run(days[0], days[-1])
    returns = lake.table("gold.forex_daily_returns").filter(ticker="C:EURUSD").sort("market_date")
    closes = [next(bar["c"] for bar in market.bars[day] if bar["T"] == "C:EURUSD") for day in days]
    assert returns["log_return"][0] is None
    assert returns["log_return"].sum() == pytest.approx(pl.Series(closes).log().diff().sum(), rel=1e-9)


def test_only_the_pairs_quoted_most_make_triangles(lake: Lake) -> None:
    """Of 110 pairs the ten with the fewest quotes are left out, and the rest makes every triangle it can."""
    lake.only("triangles", datasets=("tickers", "minute_bars"))
    day = dt.date(2024, 3, 8)
    codes = [f"{first}{second}X" for first in "ABC" for second in "ABCDE"]
    pairs = [(one, two) for at, one in enumerate(codes) for two in codes[at + 1 :]]
    prices = [
        simulated.Price(f"C:{one}{two}", 1.5 + number / 100, 1000.0 - number, one, two)
        for number, (one, two) in enumerate(pairs)
    ][:110]
    market = simulated.market_of("forex", {day: prices})
    simulated.put(lake, market)
    lake.run(day)
    expected = oracle.triangles(market)
    assert len(expected) < len(oracle.triangles(market, most=110))
    assert_rows_are(lake, "forex_triangles", expected, "market_date", "triangle")


def test_a_triangle_is_broken_by_more_than_20_points(lake: Lake) -> None:
    """A gap of 20.5 basis points is one, 19.5 are none, in either direction."""
    lake.only("triangles", datasets=("tickers", "minute_bars"))
    day = dt.date(2024, 3, 8)
    rates = {"EURUSD": 1.1, "GBPUSD": 1.3, "AUDUSD": 0.65, "NZDUSD": 0.6, "CADUSD": 0.7, "CHFUSD": 1.2}
    gaps = {"EURGBP": 20.5, "AUDNZD": 19.5, "CADCHF": -20.5}
    rates |= {pair: rates[f"{pair[:3]}USD"] / rates[f"{pair[3:]}USD"] * (1 + gap / 1e4) for pair, gap in gaps.items()}
    prices = [simulated.Price(f"C:{pair}", rate, 1000.0, pair[:3], pair[3:]) for pair, rate in rates.items()]
    market = simulated.market_of("forex", {day: prices})
    simulated.put(lake, market)
    lake.run(day)
    broken = dict(lake.table("gold.forex_triangles").select("triangle", "is_broken").rows())
    assert broken == {"EUR-GBP-USD": True, "AUD-NZD-USD": False, "CAD-CHF-USD": True}
    assert_rows_are(lake, "forex_triangles", oracle.triangles(market), "market_date", "triangle")
