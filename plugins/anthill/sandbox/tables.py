"""The tables of the sandbox: which are to be dropped, which their owners are to hear of, and the calls for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from urllib.parse import quote

import msgspec

from anthill.governance.listing import AT, everything
from anthill.governance.permissions import Api
from anthill.lakehouse.sandbox import SCHEMA

KEPT = dt.timedelta(days=30)
WARNED = dt.timedelta(days=7)  # before it is dropped
Told = Mapping[str, dt.datetime]  # a table's key -> when its owner heard of it


class Table(msgspec.Struct, frozen=True):
    """One table or view: its full name, whose it is, and when it was made."""

    name: str
    owner: str
    made: dt.datetime

    @property
    def key(self) -> str:
        """What tells it from another one of its name."""
        return f"{self.name} of {self.made.isoformat()}"


def of(hook: Api, catalog: str) -> list[Table] | None:
    """All that is in the sandbox; None where the environment has none."""
    if not any(schema["name"] == SCHEMA for schema in everything(hook, "schemas", catalog_name=catalog)):
        return None
    found = everything(hook, "tables", catalog_name=catalog, schema_name=SCHEMA)
    return [
        Table(
            each["full_name"],
            each.get("owner") or "nobody",
            dt.datetime.fromtimestamp(each["created_at"] / 1000, dt.UTC),
        )
        for each in found
        if each.get("created_at")  # of what has no date nobody knows that it is old
    ]


def drop(hook: Api, table: Table) -> None:
    """Drop one."""
    hook._do_api_call(("DELETE", f"{AT}/tables/{quote(table.name, safe='')}"))


def to_drop(tables: Iterable[Table], told: Told, now: dt.datetime) -> list[Table]:
    """Those that are old enough, and whose owners have known it for a week."""
    return [
        table for table in tables if now - table.made >= KEPT and table.key in told and now - told[table.key] >= WARNED
    ]


def to_tell(tables: Iterable[Table], told: Told, now: dt.datetime) -> list[Table]:
    """Those that are dropped within a week and whose owners have not heard of it."""
    return [table for table in tables if now - table.made >= KEPT - WARNED and table.key not in told]


def dropped_on(table: Table, now: dt.datetime) -> dt.date:
    """The day on which a table is dropped whose owner hears of it now."""
    return max(table.made + KEPT, now + WARNED).date()
