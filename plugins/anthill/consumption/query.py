"""Kept queries: include/sql/consumption/<asset class>/<name>.sql, each run once a load of a market day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from anthill.include import include_dir
from anthill.lakehouse import statements

_DAY = "{market_date}"


class Query(msgspec.Struct, frozen=True):
    """One of them; its name is that of the asset class and of its file."""

    name: str
    sql: str

    def on(self, day: str) -> str:
        """Its SQL of one market day."""
        return self.sql.replace(_DAY, f"'{day}'")

    def unload(self, day: str, place: str) -> str:
        """What makes Athena write its rows of a market day as Parquet into an empty folder."""
        return f"UNLOAD (\n{self.on(day)}\n)\nTO '{place}'\nWITH (format = 'PARQUET')"

    def load(self, day: str, loads: Mapping[str, str]) -> str:
        """What identifies its rows of a market day, SHA-256: its SQL, and the loads of gold's tables by their names."""
        facts = [self.on(day), *(f"{table} {load}" for table, load in sorted(loads.items()))]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def names(asset_class: str) -> list[str]:
    """The names of the files of an asset class."""
    return sorted(file.stem for file in (include_dir() / "sql/consumption" / asset_class).glob("*.sql"))


def read(asset_class: str, name: str) -> Query:
    """One query, without its comments."""
    file = statements.path("consumption", asset_class, name)
    return Query(f"{asset_class}_{name}", statements.code(file).strip().removesuffix(";"))
