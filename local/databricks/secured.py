"""What one reader sees of the tables that row filters and column masks are on.

As the service does it (docs.databricks.com, "Row filter and column mask policy evaluation and runtime behavior"): a
policy counts for who is in TO and not in EXCEPT, where its conditions hold of the table's tags, inherited ones too, and
of at least one column's each; what cannot be enforced is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache

from local.databricks import conditions, routine
from local.databricks.routine import Reader
from local.databricks.store import Document

Columns = Mapping[str, str]  # name → type as SQL writes it


class PolicyError(Exception):
    """A table's policies cannot be enforced, so that nobody to whom they apply reads it."""


def lies_in(table: str, policy: Document) -> bool:
    """Whether a table, by its full name, lies in what a policy is on."""
    return f"{table}.".startswith(f"{policy['on_securable_fullname']}.")


class Secured:
    """Of one reader; `policies` are those that name them, `columns` tells those of a table by its full name."""

    def __init__(self, told: Document, columns: Callable[[str], Columns]) -> None:
        self._policies, self._tags, self._functions = told["policies"], told["tags"], told["functions"]
        self._reader = Reader(told["name"], frozenset(told["groups"]))
        self._columns = columns
        self.held_back = cache(self._held_back)

    def _held_back(self, table: str) -> tuple[str, dict[str, str]] | None:
        """The filter of its rows, and the masks of its columns, as SQL; None where the reader sees all of it."""
        filters: set[str] = set()
        masks: dict[str, set[str]] = {}
        for policy in self._policies:
            if lies_in(table, policy) and conditions.holds(policy.get("when_condition") or "true", self._of(table)):
                self._apply(policy, table, filters, masks)
        for what, texts in (
            ("row filter", filters),
            *((f"mask of {column}", found) for column, found in masks.items()),
        ):
            if len(texts) > 1:
                raise PolicyError(f"More than one {what} applies to {table} for {self._reader.name}.")
        if not filters and not masks:
            return None
        return next(iter(filters), ""), {column: texts.pop() for column, texts in masks.items()}

    def select(self, table: str, source: str) -> str | None:
        """A query of `source`, which holds the table, for what is seen of it; None where that is all."""
        if (found := self.held_back(table)) is None:
            return None
        rows, masks = found
        shown = [
            f"CAST({masks[name]} AS {kind}) AS `{name}`" if name in masks else f"`{name}`"
            for name, kind in self._columns(table).items()
        ]
        return f"SELECT {', '.join(shown)} FROM {source}{f' WHERE {rows}' if rows else ''}"

    def _of(self, table: str) -> dict[str, str]:
        """A table's tags, with those that it inherits."""
        parts = table.split(".")
        found: dict[str, str] = {}
        for depth, kind in enumerate(("catalogs", "schemas", "tables"), start=1):
            found |= self._tags.get(f"{kind} {'.'.join(parts[:depth])}", {})
        return found

    def _apply(self, policy: Document, table: str, filters: set[str], masks: dict[str, set[str]]) -> None:
        matched = {
            column.get("alias") or str(number): [
                name
                for name in self._columns(table)
                if conditions.holds(column["condition"], self._tags.get(f"columns {table}.{name}", {}))
            ]
            for number, column in enumerate(policy.get("match_columns") or [])
        }
        if not all(matched.values()):
            return
        if mask := policy.get("column_mask"):
            for column in matched[mask["on_column"]]:
                masks.setdefault(column, set()).add(self._call(mask, matched, table, f"`{column}`"))
        else:
            filters.add(self._call(policy["row_filter"], matched, table))

    def _call(self, asked: Document, matched: dict[str, list[str]], table: str, *first: str) -> str:
        arguments = [*first]
        for each in asked.get("using") or []:
            found = [str(each["constant"])] if "constant" in each else [f"`{name}`" for name in matched[each["alias"]]]
            if len(found) != 1:
                raise PolicyError(f"{len(found)} columns of {table} are {each['alias']}, of which a policy takes one.")
            arguments += found
        if (function := self._functions.get(asked["function_name"])) is None:
            raise PolicyError(f"The function {asked['function_name']} of a policy on {table} does not exist.")
        try:
            return routine.call(function, arguments, self._reader)
        except routine.RoutineError as error:
            raise PolicyError(str(error)) from error


def columns_of(catalog: str, tables: Mapping[str, str], options: Mapping[str, str]) -> Callable[[str], Columns]:
    """Tells the columns of a table by its full name, from its own log; `tables` are schema.table → location."""
    from deltalake import DeltaTable
    from pyspark.sql.types import StructType

    def told(full: str) -> Columns:
        table = DeltaTable(tables[full.removeprefix(f"{catalog}.")], storage_options=dict(options))
        fields = StructType.fromJson(json.loads(table.schema().to_json())).fields
        return {field.name: field.dataType.simpleString() for field in fields}

    return cache(told)
