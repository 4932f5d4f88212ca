"""What the catalogue tells of gold holds in a small market: its sample rows, its keys and its joins."""

from __future__ import annotations

import os

import polars as pl
import pytest

from docs.site import samples
from docs.site.gold import Gold
from docs.site.joins import joins
from docs.site.tables import Table
from tests.oracle.bronze import Bronze
from tests.oracle.sampled import of_markets, sampled
from tests.plugins.anthill.lakehouse.lake import Lake

GOLD = Gold({})
FOLDERS = {table.name: folder for folder, tables in GOLD.tables.items() for table in tables}
TABLES = {table.name: (FOLDERS[table.name], table) for table in of_markets()}


@pytest.fixture(scope="module")
def lake(small: tuple[Lake, Bronze]) -> Lake:
    """The small market's tables."""
    return small[0]


def test_samples_are_those_of_the_small_market(lake: Lake) -> None:
    """Every table has one; `make samples` writes them."""
    text = samples.written(sampled(lake))
    if os.environ.get("ANTHILL_SAMPLES"):
        samples.FILE.write_text(text)
    assert samples.FILE.read_text() == text, "the rows of the catalogue are not those of gold any more: make samples"


@pytest.mark.parametrize("name", TABLES)
def test_a_key_is_unique(lake: Lake, name: str) -> None:
    """Two rows never have the same key; where it has days, no day belongs to two of them."""
    table = TABLES[name][1]
    frame = lake.table(f"gold.{name}")
    assert (frame.height > 0) == bool(samples.read()[name].row)  # no price of it is strange
    for key in table.keys:
        if not key.names:
            assert frame.height == 1
            continue
        assert frame.select(key.names).is_duplicated().sum() == 0
        if key.days:
            first, last = key.days
            follows = pl.col(first).shift(-1).over(key.columns) if key.columns else pl.col(first).shift(-1)
            early = follows < pl.col(last) if key.ends_before else follows <= pl.col(last)
            assert frame.sort(*key.columns, first).filter(early).select(key.names).rows() == []


@pytest.mark.parametrize("name", TABLES)
def test_what_is_never_null_never_is(lake: Lake, name: str) -> None:
    """Columns that are declared so, and those of a view's key."""
    table: Table = TABLES[name][1]
    frame = lake.table(f"gold.{name}")
    assert [
        column.name for column in table.columns if table.never_null(column) and frame[column.name].null_count()
    ] == []


@pytest.mark.parametrize("name", TABLES)
def test_no_join_of_the_catalogue_doubles_a_row(lake: Lake, name: str) -> None:
    """Each runs as it is written, and gives as many rows as there were."""
    folder, table = TABLES[name]
    rows = lake.table(f"gold.{name}").height
    others = [*GOLD.tables[folder], *GOLD.tables["star"]]
    for other, condition in joins(table, others):
        sql = f"SELECT count(*) AS n FROM dev.gold.{name} AS {name} LEFT JOIN dev.gold.{other} AS {other} {condition}"
        assert lake.spark.sql(sql).collect()[0]["n"] == rows, (other, condition)
