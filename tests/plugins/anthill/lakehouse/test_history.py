"""Real history: gold tells the truth about splits and a change of tickers that everyone knows."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import math
import os
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from anthill.calendars import market_days, shift
from local.polygon.markets.clock import Clock
from local.polygon.replayed.stocks import ReplayedStocks
from tests.plugins.anthill.lakehouse.lake import Lake

SHARED = Path(__file__).parents[4] / os.environ.get("ANTHILL_SHARED", "../shared")
HISTORY = SHARED / "market-history"
GOOGLE = Path(__file__).parents[4] / "local" / "polygon" / "google_2014"
FIRST, LAST = dt.date(2014, 5, 5), dt.date(2014, 6, 20)


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one file of history."""
    with gzip.open(HISTORY / f"{name}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def next_session(text: str) -> dt.date:
    """The session after the last one at the old count."""
    return shift("XNYS", dt.date.fromisoformat(text), 1)


@pytest.mark.long
def test_apple_in_june_2014(lake: Lake) -> None:
    """AAPL split 7 for 1 on 2014-06-09 and rose by 1.6 %; nothing is an anomaly because of a split."""
    if not HISTORY.is_dir():
        pytest.skip(f"no market history in {HISTORY}; set ANTHILL_SHARED to the folder that holds market-history")
    bars: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows("stocks_daily"):
        prices = {key: float(row[name]) for key, name in zip("ohlcv", _COLUMNS, strict=True)}
        bars[dt.date.fromisoformat(row["date"])].append({"T": row["ticker"], **prices})
    splits: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows("stock_splits"):
        day = next_session(row["last_day_before"])
        ratio = Fraction(row["new_shares_per_old"]).limit_denominator(20)
        known = {"id": f"{row['ticker']}{day}", "ticker": row["ticker"], "execution_date": str(day)}
        splits[day].append({**known, "split_from": ratio.denominator, "split_to": ratio.numerator})
    dividends: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows("stock_dividends"):
        day = next_session(row["last_day_before"])
        known = {"id": f"{row['ticker']}{day}", "ticker": row["ticker"], "ex_dividend_date": str(day)}
        dividends[day].append({**known, "cash_amount": float(row["cash_amount"]), "currency": "USD"})
    for day in market_days("XNYS", FIRST, LAST):
        lake.put_day(day, bars[day], splits[day], dividends[day])
    lake.only("daily_returns")
    lake.run(FIRST, LAST)

    apple = lake.table("gold.stocks_daily_prices").filter(pl.col("ticker") == "AAPL")
    before = apple.filter(pl.col("market_date") == dt.date(2014, 6, 6)).to_dicts()[0]
    assert before["close"] == 645.57
    assert before["adj_close"] == pytest.approx(645.57 / 7, rel=1e-12)
    assert before["split_factor"] == 7.0
    returns = lake.table("gold.stocks_daily_returns")
    of_split = returns.filter(pl.col("ticker") == "AAPL", pl.col("market_date") == dt.date(2014, 6, 9)).to_dicts()[0]
    assert of_split["simple_return"] == pytest.approx(93.70 * 7 / 645.57 - 1, rel=1e-9)
    assert of_split["log_return"] == pytest.approx(math.log(93.70 * 7 / 645.57), rel=1e-9)
    assert not of_split["is_anomaly"]
    assert returns["simple_return"].abs().max() < 0.3


def test_google_in_april_2014(lake: Lake) -> None:
    """Class A goes on as GOOGL and rises by 0.70 %; GOOG is the new class C, of which no day is known before."""
    if not HISTORY.is_dir():
        pytest.skip(f"no market history in {HISTORY}; set ANTHILL_SHARED to the folder that holds market-history")
    replay = ReplayedStocks((HISTORY, GOOGLE), Clock(dt.date(2014, 7, 1)))
    days = market_days("XNYS", dt.date(2014, 4, 1), dt.date(2014, 4, 4))
    bars: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows("stocks_daily"):
        prices = {key: float(row[name]) for key, name in zip("ohlcv", _COLUMNS, strict=True)}
        bars[dt.date.fromisoformat(row["date"])].append({"T": row["ticker"], **prices})
    for day in days:
        split = {"id": "s", "ticker": "GOOGL", "execution_date": str(day), "split_from": 1, "split_to": 2}
        lake.put_day(day, bars[day], [split] if day == dt.date(2014, 4, 3) else [])
        for shard, active in (("active", True), ("delisted", False)):
            known = replay.tickers(day, active=active)
            lake.put("tickers", day, known.write(np.arange(len(known))), shard=shard)
    lake.only("daily_returns")
    lake.run(days[0], days[-1])
    alphabet = pl.col("ticker").str.starts_with("GOO")
    returns = lake.table("gold.stocks_daily_returns").filter(alphabet, pl.col("market_date") == dt.date(2014, 4, 3))
    assert dict(returns.select("ticker", "simple_return").rows()) == {
        "GOOG": None,
        "GOOGL": pytest.approx(571.5 * 2 / 1135.1 - 1, rel=1e-9),
    }
    prices = lake.table("gold.stocks_daily_prices").filter(alphabet)
    before = prices.filter(ticker="GOOG", market_date=dt.date(2014, 4, 2)).row(0, named=True)
    assert (before["close"], before["adj_close"]) == (1135.1, 567.55)
    bearers = prices.group_by("security").agg(pl.col("ticker").unique().sort())["ticker"].to_list()
    assert sorted(bearers) == [["GOOAV"], ["GOOCV"], ["GOOG"], ["GOOG", "GOOGL"]]


_COLUMNS = ("open", "high", "low", "close", "volume")
