"""Market days in portions, so that memory does not grow with the years asked for."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.lakehouse import tables
from tests.plugins.anthill.lakehouse.lake import Lake


@given(
    rows=st.dictionaries(st.dates(), st.integers(0, 50), max_size=30),
    more=st.sets(st.dates(), max_size=5),
    room=st.integers(1, 100),
)
def test_portions_keep_every_day_and_the_room(rows: dict[dt.date, int], more: set[dt.date], room: int) -> None:
    """All days in order; none holds too many rows unless it is one day, and none could have taken the next day."""
    days = sorted({*rows, *more})
    found = tables.portions(days, rows, room)
    assert [day for portion in found for day in portion] == days
    sizes = [sum(rows.get(day, 0) for day in portion) for portion in found]
    assert all(portion for portion in found)
    assert all(size <= room or len(portion) == 1 for size, portion in zip(sizes, found, strict=True))
    for size, following in zip(sizes, found[1:], strict=False):
        assert size + rows.get(following[0], 0) > room


def test_neighbouring_market_days_are_one_range() -> None:
    """A weekend parts nothing; what parts days is left out, and other columns are asked for as well."""
    tuesday, friday, monday = dt.date(2024, 1, 2), dt.date(2024, 1, 5), dt.date(2024, 1, 8)
    weekend = "market_date BETWEEN DATE'2024-01-05' AND DATE'2024-01-08'"
    assert tables.on_days("XNYS", [friday, monday]) == weekend
    both = f"(market_date BETWEEN DATE'2024-01-02' AND DATE'2024-01-02' OR {weekend})"
    assert tables.on_days("XNYS", [tuesday, friday, monday]) == both
    named = f"asset_class = 'stocks' AND dataset = 'splits' AND {both}"
    assert tables.on_days("XNYS", [tuesday, friday, monday], asset_class="stocks", dataset="splits") == named


def test_rows_take_the_place_of_those_that_match_and_must_have_the_columns_of_the_table(lake: Lake) -> None:
    """Others stay; columns go by position, so that others, or in another order, are refused by name."""
    lake.spark.sql("CREATE TABLE dev.silver.some (n INT, s STRING NOT NULL) USING delta")
    tables.replace_values(lake.spark, "dev.silver.some", "true", [(1, "a"), (2, "b")])
    tables.replace_values(lake.spark, "dev.silver.some", "n = 2", [(2, "c"), (2, "d")])
    assert sorted(lake.table("silver.some").rows()) == [(1, "a"), (2, "c"), (2, "d")]
    message = "dev.silver.some: has the columns n, s, but its SQL gives s, n"
    with pytest.raises(ValueError, match=message):
        tables.replace(lake.spark, "dev.silver.some", "true", lake.spark.sql("SELECT 'x' AS s, 3 AS n"))
