"""What gold cannot show of the days asked for: tables without rows, columns without a value, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from anthill.catalog import AssetClass
from anthill.lakehouse import statements
from anthill.warehouse.warehouse import Warehouse

_READS = re.compile(r"\{(silver|gold)\}\.(\w+)")
_NULL = re.compile(r"\bNULL\b.*")  # the part of a column's comment that says when it has no value
_UNTOLD = "no value in these days"
Rows = Mapping[str, Mapping[str, Any]]  # what a layer's tables have of the days


class Blank(NamedTuple):
    """What a table lacks: columns, or all of its rows where it names none."""

    table: str
    columns: tuple[str, ...]
    reason: str


def find(warehouse: Warehouse, declared: AssetClass, silver: Rows, gold: Rows, where: str) -> dict[str, Any]:
    """`empty_tables`, each with its reason, and `empty_columns`, a reason by column and table.

    `where` picks the days in a table that is kept by day. A column's reason is what its comment says of NULL, or the
    empty column that it names. Without either, and for a table, it is what is empty of all that the table reads.
    """
    columns = _empty_columns(warehouse, [name for name, found in gold.items() if found["rows"]], where)
    found = {name: _empty_inputs(declared, name, silver, gold, columns) for name in gold}
    return {
        "empty_tables": {name: found[name] or "no rows in these days" for name in gold if not gold[name]["rows"]},
        "empty_columns": {
            name: {column: _told(comments, column) or found[name] or _UNTOLD for column in comments}
            for name, comments in columns.items()
        },
    }


def lines(numbers: Mapping[str, Any]) -> list[Blank]:
    """What `find` found of an asset class, a line for each table and reason."""
    found = [Blank(name, (), reason) for name, reason in numbers["empty_tables"].items()]
    for name, columns in numbers["empty_columns"].items():
        by_reason = sorted(columns.items(), key=lambda item: item[1])
        for reason, group in groupby(by_reason, key=lambda item: item[1]):
            found.append(Blank(name, tuple(sorted(column for column, _ in group)), reason))
    return sorted(found)


def _empty_columns(warehouse: Warehouse, names: Iterable[str], where: str) -> dict[str, dict[str, str]]:
    """The columns of each table that are NULL in every row of the days, with their comments.

    What is NULL by its own definition (its comment begins with that) is not lacking, nor is an old name.
    """
    comments = {
        table["name"]: {column["name"]: column.get("comment") or "" for column in table["columns"]}
        for table in warehouse.listed("gold")
    }
    asked = []
    for name in names:
        wanted = [column for column, comment in comments[name].items() if not comment.startswith(("NULL", "Old name"))]
        empty = ", ".join(f"CASE WHEN count(`{column}`) = 0 THEN '{column}' END" for column in wanted)
        days = f" WHERE {where}" if "market_date" in comments[name] else ""
        asked.append(f"SELECT '{name}' AS name, concat_ws(',', {empty}) AS columns FROM gold.{name}{days}")
    answers = warehouse.records(" UNION ALL ".join(asked) + " ORDER BY name") if asked else []
    return {
        answer["name"]: {column: comments[answer["name"]][column] for column in answer["columns"].split(",")}
        for answer in answers
        if answer["columns"]
    }


def _empty_inputs(
    declared: AssetClass, name: str, silver: Rows, gold: Rows, columns: Mapping[str, Iterable[str]]
) -> str:
    """Which of the tables that a gold table reads have no rows, or have no value in a column that its SQL names."""
    part = name.removeprefix(f"{declared.asset_class}_")
    sql = statements.code(statements.path("gold", declared.asset_class, part))
    present_only = {dataset.table for dataset in declared.datasets.values() if dataset.present_only}
    found = []
    for layer, table in sorted({*_READS.findall(sql)} - {("gold", name)}):
        rows = (silver if layer == "silver" else gold).get(table)
        if rows is not None and not rows["rows"]:
            why = ", which the source has for the present only" if layer == "silver" and table in present_only else ""
            found.append(f"no rows in {layer}.{table}{why}")
        elif layer == "gold":
            found += [f"no {column} in gold.{table}" for column in _named(columns.get(table, ()), sql)]
    return "; ".join(found)


def _told(comments: Mapping[str, str], column: str) -> str:
    """What the comment of an empty column says of why it is, beside the other empty ones of its table."""
    if found := _NULL.search(comments[column]):
        return found[0]
    return "; ".join(f"no {other}" for other in _named(comments, comments[column]) if other != column)


def _named(columns: Iterable[str], text: str) -> list[str]:
    return [column for column in columns if re.search(rf"\b{column}\b", text)]
