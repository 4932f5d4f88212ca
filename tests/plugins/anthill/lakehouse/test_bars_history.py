"""Real history of currencies and of bitcoin through silver and gold: it equals the oracle, and tells what is known."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import math
import os
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse import oracle_bars as oracle
from tests.plugins.anthill.lakehouse import simulated_bars as simulated
from tests.plugins.anthill.lakehouse.bars_gold import assert_common_gold_is, assert_rows_are
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_bars import BarMarket, Price, listing

pytestmark = pytest.mark.long
HISTORY = Path(__file__).parents[4] / os.environ.get("ANTHILL_SHARED", "../shared") / "market-history"


def history(asset_class: str, first: dt.date, last: dt.date) -> BarMarket:
    """The real bars between two days, of every market day; the reference data lists the tickers that they have."""
    if not HISTORY.is_dir():
        pytest.skip(f"no market history in {HISTORY}; set ANTHILL_SHARED to the folder that holds market-history")
    days = market_days({"forex": "forex", "crypto": "24/7"}[asset_class], first, last)
    bars: dict[dt.date, list[dict[str, Any]]] = {day: [] for day in days}
    with gzip.open(HISTORY / f"{asset_class}_daily.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            if (day := dt.date.fromisoformat(row["date"])) in bars:
                prices = {name[0]: float(row[name]) for name in ("open", "high", "low", "close", "volume")}
                bars[day].append({"T": row["ticker"], **prices})
    names = sorted({bar["T"] for rows in bars.values() for bar in rows})
    listed = [listing(Price(name, 0, 0, name[2:5], name[5:])) for name in names]
    return BarMarket(asset_class, days, bars, {}, dict.fromkeys(days, listed), {day: [] for day in days})


@pytest.mark.parametrize("lake", ["forex"], indirect=True)
def test_currencies_in_the_autumn_of_2014(lake: Lake) -> None:
    """The euro fell by 1.7 % when the rate was cut, Sundays move little, and real triangles close within 6 points."""
    market = history("forex", dt.date(2014, 8, 1), dt.date(2014, 10, 17))
    assert all(len(bars) == 4 for bars in market.bars.values()), "every market day, Sundays too, has all four pairs"
    simulated.put(lake, market)
    lake.run(market.sessions[0], market.sessions[-1])
    assert_common_gold_is(lake, market, pl.lit(True))
    assert_rows_are(lake, "forex_triangles", oracle.triangles(market), "market_date", "triangle")
    euro = lake.table("gold.forex_daily_returns").filter(ticker="C:EURUSD").drop_nulls("log_return")
    worst = euro.sort("log_return").row(0, named=True)
    assert (worst["market_date"], worst["is_anomaly"]) == (dt.date(2014, 9, 4), True)
    assert worst["log_return"] == pytest.approx(math.log(1.293005 / 1.314835), rel=1e-9)
    moves = euro.group_by(pl.col("market_date").dt.weekday() == 7).agg(pl.col("log_return").std())
    moved = dict(moves.iter_rows())
    assert moved[True] < moved[False] / 2
    triangles = lake.table("gold.forex_triangles")
    assert triangles["triangle"].unique().to_list() == ["EUR-GBP-USD"]
    assert triangles.height == len(market.sessions)
    assert triangles["gap_bps"].abs().max() < 6
    assert not triangles["is_broken"].any()


@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
def test_bitcoin_in_the_summer_of_2015(lake: Lake) -> None:
    """Bitcoin fell from 257 to 222 USD on 18 August, which no day of the month before could have told."""
    market = history("crypto", dt.date(2015, 7, 1), dt.date(2015, 9, 15))
    simulated.put(lake, market)
    lake.run(market.sessions[0], market.sessions[-1])
    turnover = pl.col("close") * pl.col("volume")
    assert_common_gold_is(lake, market, turnover >= 1_000_000)
    returns = lake.table("gold.crypto_daily_returns").drop_nulls("log_return")
    worst = returns.sort("log_return").row(0, named=True)
    assert worst["market_date"] == dt.date(2015, 8, 18)
    assert worst["log_return"] == pytest.approx(-0.147649, abs=1e-6)
    assert worst["zscore"] < -4
    summary = lake.table("gold.crypto_market_summary").filter(market_date=dt.date(2015, 8, 18)).row(0, named=True)
    assert [mover["ticker"] for mover in summary["top_losers"]] == ["X:BTCUSD"]
    assert summary["turnover"] == pytest.approx(221.99 * 11541.797295, rel=1e-6)
    assert 0.2 < returns["volatility_20d_annualised"].max() < 1.5
