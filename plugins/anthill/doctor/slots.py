"""Slots of databases: what one keeps its log for, until its disk is full or somebody has read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from contextlib import closing
from typing import Any

from anthill.doctor.checks import Check
from anthill.sources.postgres.slot import Kept, kept

_LONG = dt.timedelta(hours=1)  # many cuts


def slots(asset_class: str, own: str, others: Collection[str], connect: Callable[[], Any]) -> list[Check]:
    """A check a slot of the asset class's database; `own` is its name where changes are followed, else "".

    `others` are those that other asset classes read, which look after themselves.
    """
    try:
        with closing(connect()) as connection, connection.cursor() as cursor:
            found = kept(cursor, own)
    except Exception as error:  # whatever a driver or a network says
        said = f"{type(error).__name__}: {error}".strip()
        return [Check(f"database of {asset_class}", False, said, f"Correct the connection {asset_class}_default")]
    return [_check(slot, asset_class, own) for slot in found if slot.name not in others]


def _check(slot: Kept, asset_class: str, own: str) -> Check:
    said = [f"the database keeps {slot.kept >> 20:,} MiB of its log for it"]
    if slot.unread is not None:
        said.append(f"last read {slot.unread / 60:,.0f} minutes ago")
    if slot.left is not None:
        said.append(f"it is lost after {slot.left >> 20:,} MiB more")
    drop = f"SELECT pg_drop_replication_slot('{slot.name}')"
    name = f"slot {slot.name}"
    if slot.name != own:
        why = f"nobody reads it: no asset class with mode changes has it ({asset_class}_default)"
        return Check(name, False, "; ".join([why, *said]), f"Drop it in the database: {drop}")
    if slot.status == "lost":
        do = f"The next run of {asset_class} makes it anew and reads all tables whole"
        return Check(name, False, "; ".join(["it is lost", *said]), do)
    ok = not slot.is_much and (slot.unread is None or slot.unread < _LONG.total_seconds())
    do = (
        f"Turn the DAG {asset_class} on, or see why its cuts fail; who needs none for longer than the database's disk "
        f"lasts drops the slot: {drop}"
    )
    return Check(name, ok, "; ".join(said), do, dag=asset_class)
