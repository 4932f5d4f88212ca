"""A lake that an earlier version wrote, with fewer columns, is brought up to date by the day's own jobs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tests.plugins.anthill.lakehouse.lake import Lake, bar

pytestmark = pytest.mark.long
ONE, TWO = dt.date(2024, 1, 2), dt.date(2024, 1, 3)
LACKING = {  # columns that the earlier version did not have
    "quality.loads": ["replaces", "withdrawn"],
    "quality.quarantine": ["key"],
    "quality.results": ["sha256", "logic", "judged_by"],
    "quality.published": ["loads", "bearers"],
    "silver.stocks_grouped_daily": ["vwap", "trades"],
    "gold.stocks_traded_prices": ["vwap"],
    "gold.stocks_adjustment_factors": ["security"],
    "gold.stocks_corporate_actions": ["security"],
    "gold.stocks_daily_returns": ["zscore", "security", "total_return"],
    "silver.stocks_splits": ["withdrawn"],
    "silver.stocks_dividends": ["withdrawn"],
    "gold.stocks_instruments": [
        "currency",
        "underlying",
        "security",
        "ticker_before",
        "ticker_after",
        "since",
        "until",
    ],
    "gold.dim_date": ["iso_week"],
}
REQUIRED = {"quality.loads": "changed_rows", "quality.published": "row_count"}  # columns that could not be NULL


@pytest.fixture(scope="module")
def template(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A market day as the earlier version left it, by its own SQL, and the next day in bronze."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    lake.put_day(ONE, [bar("AAA", 10.0), bar("BBB", 20.0)])
    lake.run(ONE)
    lake.spark.sql("UPDATE dev.quality.loads SET logic = 'earlier' WHERE dataset = 'grouped_daily'")
    lake.spark.sql("UPDATE dev.quality.results SET logic = 'earlier' WHERE dataset = 'grouped_daily'")
    lake.spark.sql("UPDATE dev.quality.published SET logic = 'earlier'")
    for name, columns in LACKING.items():
        table = lake.root / "dev" / name.replace(".", "/")
        rows = pl.read_delta(str(table)).drop(columns)
        description = DeltaTable(str(table)).metadata().description
        there = rows.with_columns(pl.col(REQUIRED[name]).fill_null(0) if name in REQUIRED else []).to_arrow()
        required = [field.with_nullable(field.name != REQUIRED.get(name)) for field in there.schema]
        there = there.cast(pa.schema(required))
        write_deltalake(str(table), there, mode="overwrite", schema_mode="overwrite", description=description)
    lake.put_day(TWO, [bar("AAA", 11.0), bar("BBB", 19.0)])
    yield lake
    lake.close()


def columns(lake: Lake) -> dict[str, set[str]]:
    """What the tables have."""
    return {name: set(lake.table(name).columns) for name in LACKING}


def test_a_market_day_runs_over_it(copied: Lake) -> None:
    """The days asked for are computed again with all columns; the table is the same one, with its earlier commits."""
    lacking = columns(copied)
    commits = {name: DeltaTable(str(copied.root / "dev" / name.replace(".", "/"))).version() for name in LACKING}
    copied.run(ONE, TWO)
    there = columns(copied)
    without = {name: there[name] - lacking[name] for name in LACKING if name != "gold.dim_date"}
    assert without == {name: set(names) for name, names in LACKING.items() if name != "gold.dim_date"}
    prices = copied.table("gold.stocks_daily_prices").sort("market_date", "ticker")
    assert prices.select("market_date", "ticker", "close", "vwap").rows() == [
        (ONE, "AAA", 10.0, 10.0),
        (ONE, "BBB", 20.0, 20.0),
        (TWO, "AAA", 11.0, 11.0),
        (TWO, "BBB", 19.0, 19.0),
    ]
    assert copied.table("silver.stocks_grouped_daily")["trades"].to_list() == [10] * 4
    over_all = copied.table("quality.published").filter(pl.col("gold_table").str.contains("^(dim|fact)_"))
    names = ("dim_date", "dim_instrument", "fact_daily_price")
    assert set(over_all.select("gold_table", "market_date").rows()) == {(name, TWO) for name in names}
    assert over_all.height == len(names)
    assert copied.table("gold.stocks_instruments")["currency"].to_list() == [None, None]
    for name, before in commits.items():
        told = DeltaTable(str(copied.root / "dev" / name.replace(".", "/")))
        assert told.version() > before or name == "gold.dim_date"
        assert len(told.history()) == told.version() + 1


def test_gold_takes_verdicts_from_before_they_named_their_load(copied: Lake) -> None:
    """They stand for the loads that ended before them; a column that silver has no value of yet is NULL."""
    copied.silver(ONE, commits=[])
    done = copied.gold(ONE)
    assert "held_back" not in done
    assert done["tables"]["traded_prices"]["days"] == 1
    assert copied.table("gold.stocks_traded_prices")["vwap"].to_list() == [None, None]
