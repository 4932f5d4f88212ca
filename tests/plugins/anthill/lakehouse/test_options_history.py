"""Real history: options around a split that everyone knows, from flat files."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse import oracle_options as oracle
from tests.plugins.anthill.lakehouse import simulated_options as simulated
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_options import OptionsMarket, Row

SHARED = Path(__file__).parents[4] / os.environ.get("ANTHILL_SHARED", "../shared")
FILE = SHARED / "market-history" / "options_daily.csv.gz"
BEFORE, SPLIT = dt.date(2014, 6, 6), dt.date(2014, 6, 9)
pytestmark = [
    pytest.mark.skipif(not FILE.is_file(), reason=f"no {FILE}; set ANTHILL_SHARED to the folder of market-history"),
    pytest.mark.parametrize("lake", ["options"], indirect=True),
]


def history() -> OptionsMarket:
    """The bars of the file, and as contracts of a day what trades on it or later and has not expired."""
    with gzip.open(FILE, "rt") as file:
        rows = list(csv.DictReader(file))
    sessions = market_days("XNYS", *(edge(dt.date.fromisoformat(row["date"]) for row in rows) for edge in (min, max)))
    bars: dict[dt.date, list[Row]] = {day: [] for day in sessions}
    contracts: dict[dt.date, list[Row]] = {day: [] for day in sessions}
    for row in rows:
        day = dt.date.fromisoformat(row["date"])
        prices = {key: float(row[name]) for key, name in zip("ohlc", ("open", "high", "low", "close"), strict=True)}
        bars[day].append(simulated.bar(row["ticker"], day, 1.0, float(row["volume"])) | prices)
    for ticker in {row["ticker"] for row in rows}:
        root, date, kind, strike = ticker[2:-15], ticker[-15:-9], ticker[-9], int(ticker[-8:]) / 1000
        expiry = dt.datetime.strptime(date, "%y%m%d").date()  # noqa: DTZ007 a date has no time zone
        for day in sessions:
            if day <= expiry:
                contracts[day].append(simulated.contract(root, expiry, kind == "P", strike))
    return OptionsMarket(sessions, contracts, bars, {})


@pytest.mark.long
def test_a_split_shows_in_strikes_and_not_in_returns(lake: Lake) -> None:
    """AAPL split 7 for 1 on 2014-06-09: Friday's 650 call and Monday's 92.86 call are two contracts."""
    market = history()
    for day in market.sessions:
        simulated.put_day(lake, market, day)
    simulated.run(lake, market.sessions[0], market.sessions[-1])
    prices = lake.table("gold.options_daily_prices").sort("ticker", "market_date")
    assert_frame_equal(prices, oracle.prices(market), check_dtypes=False, rel_tol=1e-12)
    held = {row["ticker"]: row for row in prices.filter(pl.col("underlying") == "AAPL").to_dicts()}
    friday, monday = held["O:AAPL140719C00650000"], held["O:AAPL140719C00092860"]
    assert (friday["market_date"], monday["market_date"]) == (BEFORE, SPLIT)
    assert (friday["strike"], monday["strike"], friday["days_to_expiry"]) == (650.0, 92.86, 43)
    # A contract on seven times the shares at a seventh of the price: AAPL rose by 1.6 %, the call by more.
    assert 1.0 < monday["close"] * 7 / friday["close"] < 1.5

    returns = lake.table("gold.options_daily_returns").join(prices, on=["ticker", "market_date"])
    assert returns.filter(pl.col("underlying") == "AAPL")["simple_return"].count() == 0
    known = returns.filter(pl.col("ticker") == "O:TWX140621C00060000", pl.col("market_date") == BEFORE)
    assert known["simple_return"].to_list() == pytest.approx([11.2 / 11.6 - 1])

    volumes = {row[:2]: row[2:5] for row in lake.table("gold.options_put_call_volume").rows()}
    (market_row,) = lake.table("gold.options_market_put_call_volume").filter(market_date=SPLIT).rows()
    calls, puts = (
        sum(row["v"] for row in market.bars[SPLIT] if row["ticker"][-9] == kind and "AAPL" in row["ticker"])
        for kind in "CP"
    )
    assert volumes[SPLIT, "AAPL"] == market_row[1:4] == pytest.approx((calls, puts, puts / calls))
    assert 0.3 < puts / calls < 1.0
    instruments = lake.table("gold.options_instruments")
    assert instruments.height == prices["ticker"].n_unique()
    assert instruments.filter(pl.col("ticker") == "O:AAPL140606C00645000")["valid_to"].to_list() == [BEFORE]
