"""Which tables of gold meet, by their keys: a row of one meets at most one row of the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anthill.lakehouse.keys import Key
from docs.site.tables import Table

DAY = "market_date"


def joins(table: Table, others: Iterable[Table]) -> list[tuple[str, str]]:
    """The tables whose whole key this one has, each with the condition in SQL; first those that the SQL file names."""
    by_name = {other.name: other for other in others}
    found: dict[tuple[str, str], None] = {}
    for declared in table.joins:
        found[declared.table, _condition(table, declared.table, declared.columns)] = None
    for other in by_name.values():
        for key in other.keys:
            if other.name != table.name and (condition := _by_key(table, other, key)):
                found[other.name, condition] = None
                break
    return list(found)


def _by_key(table: Table, other: Table, key: Key) -> str:
    """How a row meets its one of the other table; empty where a column of the key is missing."""
    elsewhere = dict(key.elsewhere)
    pairs = [(elsewhere.get(name, name), name) for name in key.columns]
    if not pairs or not {own for own, _ in pairs} <= table.names:
        return ""
    if not key.days:
        return _condition(table, other.name, pairs)
    if DAY not in table.names:
        return ""
    first, last = (f"{other.name}.{name}" for name in key.days)
    day = f"{table.name}.{DAY}"
    within = f"{day} >= {first} AND {day} < {last}" if key.ends_before else f"{day} BETWEEN {first} AND {last}"
    return " AND ".join(["ON " + _equal(table, other.name, pairs), within])


def _condition(table: Table, other: str, pairs: Sequence[tuple[str, str]]) -> str:
    if all(own == theirs for own, theirs in pairs):
        return f"USING ({', '.join(own for own, _ in pairs)})"
    return "ON " + _equal(table, other, pairs)


def _equal(table: Table, other: str, pairs: Sequence[tuple[str, str]]) -> str:
    return " AND ".join(f"{table.name}.{own} = {other}.{theirs}" for own, theirs in pairs)
