"""Kept queries and views on gold's files: DuckDB, which is no Spark, reads what Athena would read."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
import sqlglot
from polars.testing import assert_frame_equal

from anthill import catalog
from anthill.consumption import declared
from tests.kept_queries.conftest import DATABASE, DAY, QUERIES
from tests.plugins.anthill.lakehouse.lake import Lake

READABLE = {"deletionVectors"}  # of the features of Delta's readers, what Athena's has, by its documentation


@pytest.mark.parametrize("name", QUERIES)
def test_a_kept_query_says_on_files_what_gold_says(name: str, lake: Lake, answers: dict[str, pl.DataFrame]) -> None:
    """Row for row; and there are rows."""
    by_gold = pl.from_arrow(lake.spark.sql(QUERIES[name].on(DAY)).toArrow())
    assert isinstance(by_gold, pl.DataFrame)
    assert by_gold.height > 0
    assert_frame_equal(answers[name], by_gold, check_row_order=False, check_dtypes=False, rel_tol=1e-9)


def test_a_view_says_on_files_what_it_says_in_gold(lake: Lake, answers: dict[str, pl.DataFrame]) -> None:
    """Of the same SQL, every row of every day."""
    prices = lake.table("gold.stocks_daily_prices")
    assert prices.height > 1000
    assert_frame_equal(answers["stocks_daily_prices"], prices, check_row_order=False, check_dtypes=False, rel_tol=1e-9)


def test_the_largest_moves_are_the_largest(lake: Lake, answers: dict[str, pl.DataFrame]) -> None:
    """By their definition: of what was traded for more than a million, the hundred that moved most."""
    day = pl.col("market_date") == pl.lit(DAY).str.to_date()
    prices, returns = (lake.table(f"gold.stocks_daily_{each}").filter(day) for each in ("prices", "returns"))
    moved = returns.join(prices.select("ticker", "type", "close", "volume"), on="ticker").filter(
        pl.col("type").is_in(["share", "depositary_receipt", "fund"]),
        pl.col("close") * pl.col("volume") > 1_000_000,
        pl.col("total_return").is_not_null(),
    )
    largest = moved.sort(pl.col("total_return").abs(), descending=True).head(100)["ticker"]
    assert set(answers["stocks_large_moves"]["ticker"]) == set(largest)


def test_no_pair_is_lost(lake: Lake, answers: dict[str, pl.DataFrame]) -> None:
    """Every pair with a price of the day; and every quoted rate of two major currencies."""
    day = pl.col("market_date") == pl.lit(DAY).str.to_date()
    assert set(answers["forex_pairs"]["ticker"]) == set(lake.table("gold.forex_daily_prices").filter(day)["ticker"])
    quoted = lake.table("gold.forex_cross_rates").filter(day, pl.col("quoted_ticker").is_not_null())
    assert answers["forex_quoted_crosses"].height == quoted.height


def test_turnover_adds_up(lake: Lake, answers: dict[str, pl.DataFrame]) -> None:
    """To what the market's summary says of the day."""
    summary = lake.table("gold.stocks_market_summary").filter(pl.col("market_date") == pl.lit(DAY).str.to_date())
    turnover = answers["stocks_turnover"]
    assert turnover["turnover"].sum() == pytest.approx(summary["turnover"][0], rel=1e-12)
    assert turnover["tickers"].sum() == summary["tickers"][0]


def test_athenas_reader_takes_the_files(files: dict[str, Path]) -> None:
    """No table asks its readers for a feature that Athena's has not."""
    for name, folder in files.items():
        lines = [line for log in sorted(folder.glob("_delta_log/*.json")) for line in log.read_text().splitlines()]
        protocols = [action["protocol"] for action in map(json.loads, lines) if "protocol" in action]
        assert protocols, name
        assert protocols[-1]["minReaderVersion"] <= 3
        assert set(protocols[-1].get("readerFeatures") or ()) <= READABLE, name


@pytest.mark.parametrize("name", QUERIES)
def test_a_kept_query_reads_what_is_declared(name: str) -> None:
    """And Athena's own dialect has every word of it."""
    tree = sqlglot.parse_one(QUERIES[name].on(DAY), dialect="athena")
    read = {table.name for table in tree.find_all(sqlglot.exp.Table)}
    assert read <= {each.name for each in declared.load("dev", DATABASE)}
    assert set(catalog.asset_classes()) & {name.partition("_")[0]}


def test_a_view_is_sql_of_athena() -> None:
    """Its text parses there as it stands."""
    for each in declared.load("dev", DATABASE):
        if each.select:
            sqlglot.parse_one(each.select, dialect="athena")
