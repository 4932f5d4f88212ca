"""What gold has in common for forex, crypto and indices, compared with the oracle."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.plugins.anthill.lakehouse import oracle_bars as oracle
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_bars import BarMarket

FRAMES: dict[str, Any] = {"check_dtypes": False, "rel_tol": 1e-9, "abs_tol": 1e-12}


def assert_common_gold_is(lake: Lake, market: BarMarket, may_lead: pl.Expr) -> pl.DataFrame:
    """Prices, returns, summary, intraday stats and instruments equal the oracle's; its prices and returns joined.

    `may_lead` tells which of the joined rows may be among the movers.
    """
    name = market.asset_class
    prices = oracle.prices(market)
    returns = oracle.returns(market, prices)
    held = lake.table(f"gold.{name}_daily_prices").sort("ticker", "market_date")
    assert_frame_equal(held.select(prices.columns), prices, **FRAMES)
    got = lake.table(f"gold.{name}_daily_returns").sort("ticker", "market_date").select(returns.columns)
    assert_frame_equal(got.drop("zscore"), returns.drop("zscore"), **FRAMES)
    # A score divides by a deviation that may be small: its own rounding is 1e-9 of what it is made of.
    assert_frame_equal(got.select("zscore"), returns.select("zscore"), **FRAMES | {"abs_tol": 1e-9})
    joined = prices.join(returns, on=["ticker", "market_date"])
    summary = lake.table(f"gold.{name}_market_summary").sort("market_date")
    expected = oracle.summary(joined)
    assert_frame_equal(summary.select(expected.columns), expected, **FRAMES)
    for column, best in (("top_gainers", True), ("top_losers", False)):
        leaders = oracle.movers(joined.filter(may_lead), best)
        for row in summary.to_dicts():
            assert [mover["ticker"] for mover in row[column]] == leaders.get(row["market_date"], [])
    _assert_intraday_is(lake, market)
    _assert_minutes_are(lake, market)
    known = lake.table(f"gold.{name}_instruments")
    columns = ("currency", "valid_from", "valid_to", "last_seen", "delisted_on")
    assert dict(zip(known["ticker"], known.select(columns).rows(), strict=True)) == oracle.instruments(market)
    assert known["identity"].to_list() == known["ticker"].to_list()
    assert known["instrument_key"].n_unique() == known.height
    return joined


def assert_rows_are(lake: Lake, table: str, expected: dict[Any, tuple[Any, ...]], *key: str) -> None:
    """The rows of a gold table by their key, numbers to 1e-9; its key is unique."""
    frame = lake.table(f"gold.{table}")
    rows = {row[: len(key)]: row[len(key) :] for row in frame.select(*key, pl.exclude(key)).rows()}
    assert len(rows) == frame.height
    assert rows.keys() == expected.keys()
    for where, values in expected.items():
        for got, value in zip(rows[where], values, strict=True):
            # Basis points are differences of numbers near 1: 1e-9 of those is 1e-5 of a point.
            assert got == (pytest.approx(value, rel=1e-9, abs=1e-8) if isinstance(value, float) else value), where


def _assert_intraday_is(lake: Lake, market: BarMarket) -> None:
    table = lake.table(f"gold.{market.asset_class}_intraday_stats")
    rows = {(row["ticker"], row["market_date"]): row for row in table.to_dicts()}
    expected = oracle.intraday(market)
    assert rows.keys() == expected.keys()
    for key, row in rows.items():
        for column in row.keys() - {"ticker", "market_date"}:
            value = expected[key][column]
            assert row[column] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value), (key, column)


def _assert_minutes_are(lake: Lake, market: BarMarket) -> None:
    """Every minute as the source gave it."""
    names = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume", "vw": "vwap"}
    names |= {"n": "trades"} if market.asset_class == "crypto" else {}
    expected = [
        {"ticker": ticker, "market_date": day, "bar_start": dt.datetime.fromtimestamp(row["t"] / 1000, dt.UTC)}
        | {f"minute_{name}": row[key] for key, name in names.items() if key in row}
        for day, tickers in market.minutes.items()
        for ticker, rows in tickers.items()
        for row in rows
    ]
    held = lake.table(f"gold.{market.asset_class}_minute_bars").sort("ticker", "bar_start")
    assert held.height == len(expected)
    if expected:  # a frame of no rows has no columns to compare
        wanted = pl.DataFrame(expected).sort("ticker", "bar_start").select(held.columns)
        assert_frame_equal(held, wanted.with_columns(pl.col("bar_start").cast(held["bar_start"].dtype)))
