"""Every table, verdict and quarantined row of a small market is the same on Apache Spark as on Sail."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from tests.plugins.anthill.lakehouse.lake import Lake
from tests.spark import traps
from tests.spark.twins import Twins


@pytest.fixture(params=["sail", "spark"])
def lake(request: pytest.FixtureRequest, twins: Twins) -> Lake:
    """Each of the two."""
    lake: Lake = getattr(twins, request.param)
    return lake


def test_every_row_is_the_same(twins: Twins) -> None:
    """Of each table and view of silver, quality and gold, to 1e-9 of each number; when a step ran is another matter."""
    told = {table: twins.difference(table) for table in twins.tables()}
    assert {table: difference for table, difference in told.items() if difference} == {}
    rows = {table: twins.spark.table(table).height for table in told}
    print(
        f"{len(rows)} tables, {sum(rows.values()):,} rows; empty: {[name for name, many in rows.items() if not many]}"
    )


def test_what_only_delta_takes(twins: Twins) -> None:
    """Is no more than this; Spark has parsed what is SQL of its own."""
    taken = twins.spark.copies.taken
    print(f"Over Parquet copies, not by Delta: {dict(taken)}")
    assert set(taken) <= {
        "USING delta",
        "INSERT … REPLACE WHERE",
        "INSERT INTO",
        "DELETE",
        "UPDATE",
        "DESCRIBE HISTORY",
        "VERSION AS OF",
    }


def test_what_is_no_value_is_quarantined(lake: Lake) -> None:
    """With the text that the source wrote, whatever the engine would make of it."""
    bars = _of(lake, "quality.quarantine", "grouped_daily")
    assert {*bars["row"]} == {traps.bar_text(ticker) for ticker in traps.BARS}
    assert {*bars["key"]} == {*traps.BARS, None} - {"HUGE"}  # no decoder reads a row with such a number
    splits = _of(lake, "quality.quarantine", "splits")
    assert {key.split()[0] for key in splits["key"]} == set(traps.DATES)
    assert _on(lake.table("silver.stocks_grouped_daily"), traps.DAY)["ticker"].to_list() == ["FINE"]


def test_a_coin_that_stands_still_correlates_with_none(lake: Lake) -> None:
    """And ends nobody's job."""
    pairs = _on(lake.table("gold.crypto_correlations"), traps.COINS[-1])
    still = (pl.col("first_ticker") == traps.STILL) | (pl.col("second_ticker") == traps.STILL)
    assert pairs.filter(still)["correlation_30d"].null_count() == pairs.filter(still).height > 0
    assert pairs.filter(~still)["correlation_30d"].null_count() == 0 < pairs.filter(~still).height


def _of(lake: Lake, table: str, dataset: str) -> pl.DataFrame:
    return _on(lake.table(table), traps.DAY).filter(pl.col("dataset") == dataset)


def _on(frame: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    return frame.filter(pl.col("market_date") == day)
