"""The tables of gold that are declared to be read past the catalog, and what a view among them is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from anthill.catalog import DeclarationError
from anthill.governance import entries
from anthill.governance.entries import Entry
from anthill.lakehouse import statements

_BODY = re.compile(r"\nAS (?=SELECT\b|WITH\b)")
_READS = re.compile(r"{(?:any_)?gold}\.(\w+)")


class Declared(msgspec.Struct, frozen=True):
    """One of them: as Athena and Unity Catalog call it, where it is declared, and of a view its query."""

    asset_class: str
    name: str
    full_name: str
    at: str
    select: str = ""


def load(catalog: str, database: str) -> list[Declared]:
    """All of them; DeclarationError where a view reads what is not among them, so that nobody could read it."""
    asked = [entry for entry in entries.load(catalog) if entry.access.consumption]
    names = {_table(entry) for entry in asked}
    return [_declared(entry, catalog, database, names) for entry in asked]


def _declared(entry: Entry, catalog: str, database: str, names: set[str]) -> Declared:
    asset_class, at = entry.file.value["asset_class"], entry.at()
    file = statements.path("gold", asset_class, str(entry.keys[-1]))
    creation = statements.creation(file)
    given = {"asset_class": asset_class, "name": _table(entry), "full_name": entry.name, "at": at}
    if not creation.startswith("CREATE OR REPLACE VIEW"):
        return Declared(**given)
    if lacking := [each for each in _read(creation) if each not in names]:
        raise DeclarationError(
            f"{at}: {_table(entry)} is a view that reads {', '.join(lacking)}: Athena reads files, so each of them "
            f"needs consumption: true as well"
        )
    select = _BODY.split(creation, maxsplit=1)[1]
    return Declared(**given, select=statements.filled(select, file, catalog, gold=database))


def _table(entry: Entry) -> str:
    return entry.name.rpartition(".")[2]


def _read(creation: str) -> Iterator[str]:
    """The tables that a view reads, each once."""
    _, *others = dict.fromkeys(_READS.findall(creation))  # its own name is the first
    yield from others
