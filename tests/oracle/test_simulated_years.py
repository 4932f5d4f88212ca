"""Five simulated years with all that is hard in them: gold is what the definitions say, to 1e-9."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill.calendars import market_days
from tests.local.polygon.serving import serving
from tests.oracle import simulator, wealth
from tests.oracle.scheduled import Environment
from tests.plugins.anthill.lakehouse import oracle_series
from tests.plugins.anthill.lakehouse.bars_gold import FRAMES
from tests.plugins.anthill.lakehouse.lake import Lake

STOCKS, OTC = 120, 5
FIRST, BULK, LAST = dt.date(2021, 6, 1), dt.date(2026, 3, 27), dt.date(2026, 5, 29)
SIZE = ("--stocks", str(STOCKS), "--otc", str(OTC), "--underlyings", "1", "--crypto", "1", "--indices", "1")
TRAPS = (
    "NEWCO", "OLDCO", "RECYC", "AGAIN", "BEFOR", "HIVES", "HIVEA", "HIVEW", "DUALA", "DUALB", "DUALC", "QRTET",
    "QRTTT", "LEFTS", "RIGHT", "LATER", "TARDY", "TRDYX", "WRONG", "CIKAA", "CIKAB", "NONEA", "NONEB", "FALLS",
    "UPLST", "HALTS", "ZEROV", "AUCTN", "PARNT", "CHILD", "LATSP", "LATDV", "CORSP", "CORDV", "WDRSP", "WDRDV",
    "DBLSP", "DBLDV", "TWORA", "SPCDV", "OFFSP", "OFFDV", "MOVSP", "FLKSP", "YOYOS", "CADDV", "EURDV", "CLPDV",
    "CSHSP",
)  # fmt: skip
"""Every example of a security with a script in local/polygon/README.md that trades on an exchange."""
FOREIGN = dt.date(2026, 4, 9)
"""The ex-date of dividends in other currencies, of which the rates of the days before count."""


pytestmark = pytest.mark.timeout(3 * 3600)


def landed(sail: str, s3: Any, folder: Path, first: dt.date = FIRST) -> tuple[pl.DataFrame, Lake]:
    """What the definitions say of every bar, and gold of a past in bulk and two months of nights, by Fridays."""
    s3.create_bucket(Bucket="simulated")
    for name in ("lake", "server"):
        (folder / name).mkdir()
    lake, sessions = Lake(sail, folder / "lake"), market_days("XNYS", first, LAST)
    with serving(folder / "server", *SIZE, "--no-limits", "--clock", "22:30") as server:
        environment = Environment(server, s3, "simulated", lake)
        lake.only("daily_prices", "daily_returns", "series", "series_stats", "instruments", datasets=("ticker_events",))
        environment.backfill(first, BULK)
        lake.gold(first, BULK)
        since = LAST
        for day in [day for day in sessions if day > BULK]:
            if day == FOREIGN:
                environment.backfill(dt.date(2026, 4, 6), dt.date(2026, 4, 8), "forex", ["grouped_daily"])
            since = min(since, environment.night(day))
            if day.weekday() == 4 or day == LAST:
                lake.run(since, day)
                since = LAST
        truth = wealth.gold(simulator.securities(server, STOCKS, OTC, sessions), sessions)
    return truth, lake


@pytest.fixture(scope="module")
def years(sail: str, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[pl.DataFrame, Lake]]:
    """The five years."""
    truth, lake = landed(sail, s3, tmp_path_factory.mktemp("years"))
    yield truth, lake
    lake.close()


def test_every_trap_is_among_them(years: tuple[pl.DataFrame, Lake]) -> None:
    """The sample holds the tickers that are scripted, and most bars are of others."""
    truth, _ = years
    assert set(TRAPS) <= set(truth["ticker"])
    assert truth["market_date"].n_unique() == len(market_days("XNYS", FIRST, LAST))
    assert truth.filter(~pl.col("ticker").is_in(TRAPS)).height > truth.height / 2


def test_securities_are_those_of_the_script(years: tuple[pl.DataFrame, Lake]) -> None:
    """Each thread of the simulator is one security of gold, and each security one thread."""
    truth, lake = years
    assert wealth.threads_differ(truth, lake.table("gold.stocks_daily_prices")) == ({}, {})


def test_prices_are_what_the_definitions_say(years: tuple[pl.DataFrame, Lake]) -> None:
    """As traded, adjusted, factors of splits and dividends: no cell differs by more than 1e-9."""
    truth, lake = years
    assert wealth.differences(truth, lake.table("gold.stocks_daily_prices")) == {}


def test_returns_are_what_the_definitions_say(years: tuple[pl.DataFrame, Lake]) -> None:
    """Of the price and of its holder's wealth, volatility, distance and anomalies: none differs by more than 1e-9."""
    truth, lake = years
    assert wealth.differences(truth, lake.table("gold.stocks_daily_returns")) == {}


def test_figures_are_what_the_definitions_say(years: tuple[pl.DataFrame, Lake]) -> None:
    """Means, momentum, drawdown, and beta and correlation to the fund that is the benchmark: none differs by 1e-9."""
    truth, lake = years
    wanted = oracle_series.stats(oracle_series.of_wealth(truth), market_days("XNYS", FIRST, LAST), "SPY")
    held = lake.table("gold.stocks_series_stats").sort("ticker", "market_date").select(wanted.drop("security").columns)
    assert_frame_equal(held, wanted.drop("security"), **FRAMES)
    assert wanted.drop_nulls("beta_250d").height > truth.height / 3


def test_a_symbol_is_the_ticker_borne_last(years: tuple[pl.DataFrame, Lake]) -> None:
    """A series has all rows of its thread, and that of a ticker which is still borne is named by it."""
    truth, lake = years
    series = lake.table("gold.stocks_series").select("ticker", "market_date", "symbol")
    rows = truth.join(series, on=["ticker", "market_date"]).sort("market_date")
    by_thread = rows.group_by("thread").agg(pl.col("symbol").unique(), pl.col("ticker").last())
    assert by_thread.filter(pl.col("symbol").list.len() != 1).rows() == []
    assert by_thread["symbol"].explode().n_unique() == by_thread.height
    last = rows.group_by("ticker").agg(pl.col("thread").last(), pl.col("market_date").max())
    borne = last.filter(pl.col("market_date") == LAST).join(by_thread, on="thread")
    assert borne.filter(pl.col("symbol").list.first() != pl.col("ticker")).rows() == []
