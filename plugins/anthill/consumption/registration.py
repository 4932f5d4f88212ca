"""What Glue is to hold of the declared tables, compared with what it holds."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from anthill.consumption import declared as declarations
from anthill.consumption import glue, glue_entry, unity_catalog
from anthill.consumption.glue import Change, Database
from anthill.governance.permissions import Api


class Plan(msgspec.Struct, frozen=True):
    """The changes of entries, how many are as they should be, and the tables that do not exist."""

    changes: tuple[Change, ...]
    unchanged: int
    absent: tuple[str, ...] = ()


def plan(hook: Api, database: Database, catalog: str, asset_classes: Collection[str] = ()) -> Plan:
    """Of these asset classes, or all; what no asset class declares any more goes, whichever it was of."""
    every = declarations.load(catalog, database.name)
    wanted, absent = {}, []
    for each in every:
        if asset_classes and each.asset_class not in asset_classes:
            continue
        if table := unity_catalog.read(hook, each.full_name):
            wanted[each.name] = glue_entry.of(each, table, database.name)
        else:
            absent.append(f"{each.full_name}, declared in {each.at}, does not exist")
    found = glue.changes(wanted, database.held(), {each.name for each in every})
    written = sum(change.wanted is not None for change in found)
    return Plan(tuple(found), len(wanted) - written, tuple(absent))
