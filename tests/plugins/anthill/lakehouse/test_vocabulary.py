"""The words of gold: one name is one thing, in every asset class."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from anthill import catalog, renamed
from anthill.lakehouse import statements

VIEWS_ONLY = ""  # a view has the types of its query
TWO_TYPES = {"month"}  # of dim_date its number, as calendars have it; of what is put together by months its first day


def declared() -> dict[str, dict[str, tuple[str, str]]]:
    """Of every table and view of gold its columns, each with its type and comment; old names left out."""
    found = {}
    for asset_class in (*catalog.asset_classes(), "star"):
        names = (
            [file.stem for file in statements.path("gold", "star", "x").parent.glob("*.sql")]
            if asset_class == "star"
            else catalog.load(asset_class).gold
        )
        for name in names:
            text = statements.code(statements.path("gold", asset_class, name)).split("\n)")[0]
            columns = re.findall(r"^  (\w+) (?:(\S.*?)(?: NOT NULL)? )?COMMENT '(.*)',?$", text, re.MULTILINE)
            table = f"{asset_class}_{name}"
            old = renamed.load().columns.get(table, {})
            found[table] = {column: (kind, comment) for column, kind, comment in columns if column not in old}
    return found


def scale(comment: str) -> str:
    """Of which length of time a fraction is; "" where it is of none."""
    found = re.search(r"fraction a (day|session|year)", comment)
    return {"session": "day"}.get(found[1], found[1]) if found else ""


def test_a_name_has_one_type_and_one_scale() -> None:
    """Wherever it stands."""
    kinds, scales = defaultdict(set), defaultdict(set)
    for columns in declared().values():
        for name, (kind, comment) in columns.items():
            kinds[name].add(kind)
            scales[name].add(scale(comment))
    assert {name: found for name, found in kinds.items() if len(found - {VIEWS_ONLY}) > 1}.keys() == TWO_TYPES
    assert {name: found for name, found in scales.items() if len(found) > 1} == {}


def test_what_is_of_a_day_has_that_of_a_year_beside_it() -> None:
    """Under the same name and `_annualised`, which nothing else is called."""
    tables = {table: columns for table, columns in declared().items() if any("volatility" in name for name in columns)}
    assert len(tables) > 9
    for table, columns in tables.items():
        for name, (_, comment) in columns.items():
            if scale(comment) == "day":
                assert scale(columns[f"{name}_annualised"][1]) == "year", (table, name)
            assert not name.endswith("_annualised") or scale(comment) == "year"
            assert "annualised" not in name or name.endswith("_annualised")


def priced(asset_class: str) -> bool:
    """Whether it has prices, and with them a market."""
    return "daily_prices" in catalog.load(asset_class).gold


@pytest.mark.parametrize("asset_class", [name for name in catalog.asset_classes() if priced(name)])
def test_tables_of_one_kind_are_called_the_same(asset_class: str) -> None:
    """What a day's prices, returns, minutes and instruments are called in one asset class they are in all."""
    shared = {"daily_prices", "daily_returns", "market_summary", "instruments"}
    shared |= {"intraday_stats"} if "minute_bars" in catalog.load(asset_class).datasets else set()
    assert shared <= set(catalog.load(asset_class).gold)


def test_words_of_the_source_stay_in_silver() -> None:
    """Gold has one of its own for each, wherever the thing is told of."""
    names = {name for columns in declared().values() for name in columns}
    assert {"average_volume", "cash_dividend", "trades"} <= names
    assert not {"window_start", "avg_daily_volume", "average_daily_volume", "transactions"} & names


@pytest.mark.parametrize("table", declared())
def test_what_ends_a_span_says_whether_it_belongs_to_it(table: str) -> None:
    """The last day is `valid_to` or `known_to` behind `valid_from` or `known_from`, the first behind it `until`."""
    text = statements.path("gold", *table.split("_", 1)).read_text()
    for first, word, last in re.findall(r"^-- Key: .*?(\w+) (to|before) (\w+)$", text, re.MULTILINE):
        assert (first, last) in (
            {("valid_from", "valid_to"), ("known_from", "known_to")} if word == "to" else {("since", "until")}
        )
