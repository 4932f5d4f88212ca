"""Names in gold that were given up, and what bears them now, as include/renamed.yaml says."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from anthill.include import include_dir


class OldTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that was renamed: the tables that have its rows now, and its old columns with their new names."""

    rows_of: tuple[str, ...]
    columns: Mapping[str, str] = {}


class Renamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All old names: tables, and columns by the table that has them."""

    tables: Mapping[str, OldTable] = {}
    columns: Mapping[str, Mapping[str, str]] = {}

    def column(self, table: str, name: str) -> str | None:
        """What a column is called now that a table of gold had, under its old or new name; None for any other."""
        found = self.columns.get(table, {}).get(name)
        for old, each in self.tables.items():
            if table == old or table in each.rows_of:
                found = found or each.columns.get(name)
        return found


def load() -> Renamed:
    """The list."""
    return msgspec.yaml.decode((include_dir() / "renamed.yaml").read_bytes(), type=Renamed)
