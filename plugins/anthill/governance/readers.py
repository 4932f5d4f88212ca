"""Who may read which table, as it is declared: grants with what is inherited, policies, shares. Nobody is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from anthill.access import Access
from anthill.governance.entries import Entry
from anthill.governance.securables import Securable, principal
from anthill.governance.share import Share

_READ = frozenset({"SELECT", "ALL_PRIVILEGES"})
_USE = frozenset({"USE_SCHEMA", "ALL_PRIVILEGES"})
ALL = "all"


class Reader(msgspec.Struct, frozen=True):
    """That somebody reads a table: what they see of it, by which declaration, and until when where it ends."""

    table: str  # schema.table
    who: str
    sees: str
    by: str
    until: dt.date | None = None


def of(
    tables: Iterable[str],
    securables: Sequence[Securable],
    entries: Iterable[Entry],
    shares: Iterable[Share],
    catalog: str,
    today: dt.date,
) -> list[Reader]:
    """All readers of these tables (schema.table), by table and name."""
    declared = {(each.type, each.name): each for each in securables}
    access = {entry.name: entry.access for entry in entries}
    found: list[Reader] = []
    for table in sorted(set(tables)):
        schema = declared.get(("schema", f"{catalog}.{table.partition('.')[0]}"))
        itself = declared.get(("table", f"{catalog}.{table}"))
        found += _granted(table, itself, schema, access.get(f"{catalog}.{table}", Access()))
    found += [reader for share in shares for reader in _shared(share, catalog, today)]
    return sorted(found, key=lambda each: (each.table, each.who, each.by))


def _granted(table: str, itself: Securable | None, schema: Securable | None, access: Access) -> Iterator[Reader]:
    uses = {who for who, held in (schema.grants if schema else {}).items() if held & _USE}
    for securable in (each for each in (itself, schema) if each):
        for who, held in securable.grants.items():
            if held & _READ and not (securable is schema and itself and itself.grants.get(who, frozenset()) & _READ):
                inherited = "inherited from its schema, " if securable is schema else ""
                sees = _sees(access, who) if who in uses else "nothing: lacks USE_SCHEMA on its schema"
                yield Reader(table, who, sees, f"{inherited}{securable.at(who)}")


def _sees(access: Access, who: str) -> str:
    """What the policies of a table leave of it."""
    exempt = {principal(each) for each in access.exempt}
    parts = []
    if access.rows and who not in {*exempt, *map(principal, access.rows.all_for)}:
        parts.append("no rows" if access.rows.others == "false" else f"rows where {access.rows.others}")
    for column, mask in access.masks.items():
        if who not in {*exempt, *map(principal, mask.plain_for)}:
            parts.append(f"{column} as {mask.others}")
    return ", ".join(parts) or ALL


def _shared(share: Share, catalog: str, today: dt.date) -> Iterator[Reader]:
    """Recipients whose last day is not over; no policy holds for them."""
    for table in share.tables:
        for name, recipient in share.recipients.items():
            if recipient.until >= today:
                who, sees = f"recipient {catalog}__{name}", _parts(table.partitions)
                yield Reader(table.name, who, sees, f"share {share.name}, {share.at(name)}", recipient.until)


def _parts(partitions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(partitions.items())) or ALL
