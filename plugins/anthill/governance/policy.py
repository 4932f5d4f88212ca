"""A row filter or a column mask of one table: as an entry declares it, and as Unity Catalog tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from anthill.access import EVERYONE, JOBS
from anthill.governance import functions
from anthill.governance.entries import Entry
from anthill.governance.securables import principal

COLUMN_TAG = "anthill_column"  # by which a policy finds its columns: its value is the column's own name
_ROWS, _MASK = "anthill rows", "anthill mask of "
_TYPES = {"row_filter": "POLICY_TYPE_ROW_FILTER", "column_mask": "POLICY_TYPE_COLUMN_MASK"}


class Policy(msgspec.Struct, frozen=True):
    """Everyone but for some principals sees the rows of which `sql` holds, or `sql` in the place of `column`."""

    table: str
    sql: str
    of: tuple[str, ...]  # the columns that the SQL speaks of
    but_for: tuple[str, ...]
    column: str = ""  # of a mask; "" where it is a filter of rows
    at: str = ""

    @property
    def name(self) -> str:
        """What Unity Catalog calls it: one of a kind on a table and a column."""
        return f"{_MASK}{self.column}" if self.column else _ROWS

    @property
    def what(self) -> str:
        """Its canonical text, for a plan."""
        seen = f"{self.column} as {self.sql}" if self.column else f"rows where {self.sql} (of {', '.join(self.of)})"
        return f"{seen} but for {', '.join(self.but_for)}"

    def function(self, types: Mapping[str, str]) -> tuple[str, str, Mapping[str, str]]:
        """The function that it calls: its full name, what it returns and its parameters, of the columns' types."""
        parameters = {each: types[each] for each in self.of}
        purpose = f"{self.column}_mask" if self.column else "rows"
        returns = types[self.column] if self.column else "BOOLEAN"
        return functions.name(self.table, purpose, self.sql, parameters), returns, parameters

    def body(self, function: str) -> dict[str, Any]:
        """What is sent to Unity Catalog, with the name of the function."""
        options: dict[str, Any] = {"function_name": function}
        if self.column:
            kind, options["on_column"] = "column_mask", self.column
        else:
            kind, options["using"] = "row_filter", [{"alias": each} for each in self.of]
        condition = f"has_tag_value('{COLUMN_TAG}', '{{}}')"
        return {
            "name": self.name,
            "on_securable_type": "TABLE",
            "on_securable_fullname": self.table,
            "for_securable_type": "TABLE",
            "policy_type": _TYPES[kind],
            "to_principals": [EVERYONE],
            "except_principals": list(self.but_for),
            "match_columns": [{"alias": each, "condition": condition.format(each)} for each in self.of],
            kind: options,
            "comment": "Declared in include/datasets; governance writes it.",
        }


def declared(entry: Entry, jobs: str) -> Iterator[Policy]:
    """Those that an entry declares; `jobs` is the principal that the jobs run as."""
    exempt = {jobs if who == JOBS else principal(who) for who in entry.access.exempt}
    if rows := entry.access.rows:
        but_for = tuple(sorted({*exempt, *map(principal, rows.all_for)}))
        yield Policy(entry.name, rows.others, rows.of, but_for, at=entry.at("rows"))
    for column, mask in entry.access.masks.items():
        but_for = tuple(sorted({*exempt, *map(principal, mask.plain_for)}))
        yield Policy(entry.name, mask.others, (column,), but_for, column, at=entry.at("masks", column))


def function_of(told: Mapping[str, Any]) -> str:
    """The function that a policy calls."""
    return str((told.get("row_filter") or told.get("column_mask") or {}).get("function_name", ""))


def held(told: Mapping[str, Any], sql: str) -> Policy:
    """One as Unity Catalog tells it, with its function's body; of another shape than ours it equals none of ours."""
    options = told.get("row_filter") or told.get("column_mask") or {}
    matched = {each.get("alias"): str(each.get("condition")) for each in told.get("match_columns") or []}
    ours = all(condition == f"has_tag_value('{COLUMN_TAG}', '{alias}')" for alias, condition in matched.items())
    asis = ours and not told.get("when_condition") and told.get("to_principals") == [EVERYONE]
    if not asis:
        to, when = ", ".join(told.get("to_principals") or []), told.get("when_condition") or "true"
        sql += f" [for {to} when {when} matching {'; '.join(matched.values()) or 'no column'}]"
    of = tuple(str(each.get("alias", each.get("constant"))) for each in options.get("using") or [])
    column = str(options.get("on_column", ""))
    but_for = tuple(sorted(principal(who) for who in told.get("except_principals") or []))
    return Policy(str(told["on_securable_fullname"]), sql, (column,) if column else of, but_for, column)
