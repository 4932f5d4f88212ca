"""Joins that the catalogue offers: no name of a price or volume stands for two values in the rows of one."""

from __future__ import annotations

from collections.abc import Iterator

from anthill import renamed
from docs.site.gold import Gold
from docs.site.joins import joins
from docs.site.tables import Table

GOLD = Gold({})
TABLES = {table.name: (folder, table) for folder, tables in GOLD.tables.items() for table in tables}
MEASURES = ("open", "high", "low", "close", "vwap", "volume", "turnover", "price", "trades", "return", "factor")

# Tables that have prices of the same day of the same security as traded, or what is computed of nothing else.
AS_TRADED = {"stocks_traded_prices", "stocks_daily_prices", "stocks_series", "stocks_announced_actions"}
FACTORS = {"stocks_adjustment_factors", "stocks_daily_prices", "stocks_series"}
# What is summed over all rows of a day is of the market; its tables have a row a day, and their names say so.
OF_THE_MARKET = "_market_"
# Two instruments in a row: all their columns have the same names, and each is told by its table's.
TWO_INSTRUMENTS = {("options_daily_prices", "stocks_daily_prices")}


def names(table: Table) -> set[str]:
    """The columns of prices and volumes that a table has under the names of today, keys left out."""
    keys = {column for key in table.keys for column in key.names}
    old = set(renamed.load().columns.get(table.name, {}))
    return {name for name in table.names - keys - old if any(word in name.split("_") for word in MEASURES)}


def meetings() -> Iterator[tuple[str, str, set[str]]]:
    """Every two tables that a join is offered of, and the names that both have."""
    for name, (folder, table) in TABLES.items():
        for other, _ in joins(table, [*GOLD.tables[folder], *GOLD.tables["star"]]):
            if both := names(table) & names(TABLES[other][1]):
                yield name, other, both


def is_one_value(one: str, other: str, both: set[str]) -> bool:
    """Whether the names are those of the same value by definition, or cannot be taken for one another."""
    if {one, other} <= AS_TRADED or (one, other) in TWO_INSTRUMENTS:
        return True
    return ({one, other} <= FACTORS and all("factor" in name for name in both)) or OF_THE_MARKET in one + other


def test_a_name_in_a_join_is_one_value() -> None:
    """Whoever joins prices with what minutes, returns or short sales tell needs no table's name before a column's."""
    assert [meeting for meeting in meetings() if not is_one_value(*meeting)] == []


def test_what_is_allowed_is_there() -> None:
    """Each table and pair that is named here meets another one so."""
    found = {(one, other) for one, other, _ in meetings()}
    assert found >= TWO_INSTRUMENTS
    assert {name for pair in found for name in pair} >= AS_TRADED | FACTORS
    assert any(OF_THE_MARKET in other for _, other in found)
