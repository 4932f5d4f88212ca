"""The tables of a database, or of an edition's files, as they are declared: columns, keys, and what refers to what."""

from __future__ import annotations

from collections.abc import Iterator

from anthill.catalog import AssetClass
from anthill.include import include_dir
from docs.site.graph import Box, svg
from docs.site.tables import Table


def picture(declared: AssetClass) -> str:
    """All tables, those to which nothing refers too; empty where a market's datasets are no schema of anybody's."""
    met = list(references(declared))
    to = {(one, column): f"{column} → {other}" for one, column, other in met}
    boxes = {}
    for each in (each for each in declared.datasets.values() if each.has_versions or each.published):
        own = [*each.key, *(column for column in each.columns if column not in each.key)]
        lines = tuple(to.get((each.name, column), column) for column in own)
        boxes[each.name] = Box(each.table, f"index.html#{each.name}", "silver", lines)
    edges = {(one, other) for one, _, other in met}
    return svg(f"The tables of {declared.asset_class}", boxes, edges, alone=True) if boxes else ""


def references(declared: AssetClass) -> Iterator[tuple[str, str, str]]:
    """A table, its column, and the table whose row that names: by the other's key, or as its SQL file says."""
    datasets = declared.datasets
    keys = {each.key[0]: each.name for each in datasets.values() if len(each.key) == 1}
    for one in datasets.values():
        yield from (
            (one.name, column, keys[column]) for column in one.columns if column in keys and [column] != [*one.key]
        )
        sql = include_dir() / "sql/silver" / declared.asset_class / f"{one.name}.sql"
        yield from ((one.name, own, join.table) for join in Table.read(sql).joins for own, _ in join.columns)
