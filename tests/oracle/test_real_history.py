"""The real year of market-history through bronze, silver and gold: gold is what the definitions say, to 1e-9."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill.calendars import market_days, shift
from tests.local.polygon.serving import ROOT, serving
from tests.oracle import wealth
from tests.oracle.scheduled import Environment
from tests.oracle.wealth import Security
from tests.plugins.anthill.lakehouse import oracle_series
from tests.plugins.anthill.lakehouse.bars_gold import FRAMES
from tests.plugins.anthill.lakehouse.lake import Lake

HISTORY = ROOT / os.environ.get("ANTHILL_SHARED", "../shared") / "market-history"
GOOGLE = Path("local/polygon/google_2014")
FIRST, LAST = dt.date(2014, 1, 2), dt.date(2014, 12, 31)
RENAMED = dt.date(2014, 4, 3)
"""Class A goes on as GOOGL, and class C takes GOOG."""


pytestmark = pytest.mark.timeout(3 * 3600)


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one file of history."""
    with gzip.open(HISTORY / f"{name}.csv.gz", "rt") as file:
        yield from csv.DictReader(file)


def securities(sessions: list[dt.date]) -> list[Security]:
    """Every security of the files; Apple's 6.999997 new shares for one are the 7 of its announcement."""
    number = {day: at for at, day in enumerate(sessions)}
    out: dict[str, Security] = defaultdict(lambda: Security(""))

    def bearer(ticker: str, day: dt.date) -> Security:
        name = {"GOOGL": "Google A", "GOOG": "Google A" if day < RENAMED else "Google C"}.get(ticker, ticker)
        out[name].name = name
        return out[name]

    for row in rows("stocks_daily"):
        day, prices = dt.date.fromisoformat(row["date"]), ("open", "high", "low", "close", "volume")
        bar = {"T": row["ticker"]} | {key: float(row[name]) for key, name in zip("ohlcv", prices, strict=True)}
        bearer(row["ticker"], day).bars[number[day]] = bar
    for row in rows("stock_splits"):
        day = shift("XNYS", dt.date.fromisoformat(row["last_day_before"]), 1)
        ratio = round(float(row["new_shares_per_old"]), 5)
        bearer(row["ticker"], day).splits[number[day]] = ratio
    for row in rows("stock_dividends"):
        day = shift("XNYS", dt.date.fromisoformat(row["last_day_before"]), 1)
        own = bearer(row["ticker"], day).cash
        own[number[day]] = own.get(number[day], 0.0) + float(row["cash_amount"])
    return list(out.values())


@pytest.fixture(scope="module")
def year(sail: str, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pl.DataFrame, Lake]]:
    """What the definitions say of every bar, and gold of the whole year in bulk."""
    if not HISTORY.is_dir():
        pytest.skip(f"no market history in {HISTORY}; set ANTHILL_SHARED to the folder that holds market-history")
    s3.create_bucket(Bucket="history")
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    lake.only("daily_prices", "daily_returns", "series", "series_stats", "instruments", datasets=("ticker_events",))
    asked = ("--history", f"{HISTORY},{ROOT / GOOGLE}", "--no-limits", "--clock", "22:30")
    with serving(tmp_path_factory.mktemp("server"), *asked) as server:
        Environment(server, s3, "history", lake).backfill(FIRST, LAST)
    lake.gold(FIRST, LAST)
    sessions = market_days("XNYS", FIRST, LAST)
    yield wealth.gold(securities(sessions), sessions), lake
    lake.close()


def test_securities_are_those_that_everyone_knows(year: tuple[pl.DataFrame, Lake]) -> None:
    """Google's class A before and after, its class C, the lines traded when issued, and one for each other ticker."""
    truth, lake = year
    assert wealth.threads_differ(truth, lake.table("gold.stocks_daily_prices")) == ({}, {})


def test_prices_are_what_the_definitions_say(year: tuple[pl.DataFrame, Lake]) -> None:
    """As traded, adjusted, factors of splits and dividends: no cell differs by more than 1e-9."""
    truth, lake = year
    assert wealth.differences(truth, lake.table("gold.stocks_daily_prices")) == {}


def test_returns_are_what_the_definitions_say(year: tuple[pl.DataFrame, Lake]) -> None:
    """Of the price and of its holder's wealth, volatility, distance and anomalies: none differs by more than 1e-9."""
    truth, lake = year
    assert wealth.differences(truth, lake.table("gold.stocks_daily_returns")) == {}


def test_figures_of_a_year_are_what_the_definitions_say(year: tuple[pl.DataFrame, Lake]) -> None:
    """Means, momentum, drawdown, and beta and correlation to the fund that is the benchmark: none differs by 1e-9."""
    truth, lake = year
    wanted = oracle_series.stats(oracle_series.of_wealth(truth), market_days("XNYS", FIRST, LAST), "SPY")
    held = lake.table("gold.stocks_series_stats").sort("ticker", "market_date").select(wanted.drop("security").columns)
    assert_frame_equal(held, wanted.drop("security"), **FRAMES)
    assert wanted.drop_nulls("drawdown_252d").height > 0


def test_the_truths_that_the_data_tells_of_itself(year: tuple[pl.DataFrame, Lake]) -> None:
    """Its README's two of Apple, and what Google's holders had on the day of the new class."""
    _, lake = year
    prices = {row["market_date"]: row for row in _of(lake, "daily_prices", "AAPL")}
    returns = {row["market_date"]: row for row in _of(lake, "daily_returns", "AAPL")}
    friday, monday, ex_date = dt.date(2014, 6, 6), dt.date(2014, 6, 9), dt.date(2014, 2, 6)
    assert (prices[friday]["close"], prices[monday]["close"]) == (645.57, 93.70)
    assert prices[friday]["adj_close"] == pytest.approx(645.57 / 7, rel=1e-12)
    assert returns[monday]["simple_return"] == pytest.approx(93.70 * 7 / 645.57 - 1, rel=1e-9)
    eve, day = prices[shift("XNYS", ex_date, -1)]["close"], prices[ex_date]["close"]
    assert returns[ex_date]["total_return"] == pytest.approx((day + 3.05) / eve - 1, rel=1e-9)
    google = {name: _of(lake, "daily_returns", name, RENAMED)[0]["simple_return"] for name in ("GOOG", "GOOGL")}
    assert google == {"GOOG": None, "GOOGL": pytest.approx(571.5 * 2 / 1135.1 - 1, rel=1e-9)}


def _of(lake: Lake, table: str, ticker: str, day: dt.date | None = None) -> list[dict[str, Any]]:
    rows = lake.table(f"gold.stocks_{table}").filter(ticker=ticker)
    return (rows.filter(market_date=day) if day else rows).to_dicts()
