"""Shares as include/shares/*.yaml declares them: tables for somebody outside, until a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from anthill import shape
from anthill.catalog import DeclarationError
from anthill.governance import declared_tables
from anthill.include import include_dir
from anthill.nearest import asked
from anthill.yaml_file import Fault, Keys, YamlError, YamlFile


class SharedTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the catalog in a share: all of it, or the partitions whose values are as given (% is anything)."""

    name: str  # schema.table
    partitions: Mapping[str, str] = {}


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who reads a share: with a token until its day is over, or another workspace by its metastore."""

    until: dt.date
    metastore: str = ""  # cloud:region:uuid, as the other workspace tells it


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file; its name is the share's, in every environment with the catalog's name before it."""

    description: str
    tables: tuple[SharedTable, ...]
    recipients: Mapping[str, Recipient]
    name: str = ""
    places: Mapping[str, str] = {}  # file:line of each table and recipient

    def at(self, what: str) -> str:
        """Where something of it is declared."""
        return self.places[what]


_GIVEN = ("name", "places")


def load(folder: Path | None = None) -> list[Share]:
    """All that are declared; DeclarationError where a file is wrong, or two say other things of a recipient."""
    found = [_read(path) for path in sorted((folder or include_dir() / "shares").glob("*.yaml"))]
    known: dict[str, tuple[Share, Recipient]] = {}
    for share in found:
        for name, recipient in share.recipients.items():
            other, same = known.setdefault(name, (share, recipient))
            if same != recipient:
                said = f"{share.at(name)}: {name} is declared otherwise in {other.at(name)}"
                raise DeclarationError(f"{said}: a recipient has one token and one last day. Write both alike.")
    return found


def _read(path: Path) -> Share:
    try:
        file = YamlFile(path)
    except YamlError as error:
        raise DeclarationError(f"{path}:{error.line}: not YAML: {error}") from error
    if not isinstance(file.value, dict):
        raise DeclarationError(f"{path}: must map keys to values: description, tables, recipients")
    share, faults = shape.read(file.value, Share, hidden=_GIVEN)
    faults = [*file.twice(), *faults, *(_problems(share) if share else ())]
    if faults or share is None:
        lines = [f"{path}:{file.line(keys)}: key '{'.'.join(map(str, keys))}' {problem}" for keys, problem in faults]
        raise DeclarationError("\n".join(lines))
    places: dict[str, Keys] = {table.name: ("tables", place) for place, table in enumerate(share.tables)}
    places |= {name: ("recipients", name) for name in share.recipients}
    told = {what: f"{path}:{file.line(keys)}" for what, keys in places.items()}
    return msgspec.structs.replace(share, name=path.stem, places=told)


_NOT_PARTED = (
    "is no partition column of {}, which has {}: Databricks shares whole files, by the columns that part them. For a "
    "range of {} make a view of gold that has those rows, and share it"
)


def _problems(share: Share) -> Iterator[Fault]:
    known = sorted(declared_tables.names())
    names = [table.name for table in share.tables]
    for place, name in enumerate(names):
        at: Keys = ("tables", place, "name")
        if name not in known:
            yield at, f"is {name!r}, which nothing makes{asked(name, known)}"
        elif not name.startswith("gold."):
            yield at, f"is {name!r}: only gold is shared, silver has rows as the source gave them"
        if name in names[:place]:
            yield at, f"has {name} twice"
        parted = declared_tables.partitions(name)
        for column in (each for each in share.tables[place].partitions if each not in parted):
            yield ("tables", place, "partitions", column), _NOT_PARTED.format(name, ", ".join(parted) or "none", column)
    for name, kind in (("tables", share.tables), ("recipients", share.recipients)):
        if not kind:
            yield (name,), "is empty: a share without it is none"


def objects(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tables of a share as Unity Catalog tells it."""
    return list(told.get("objects") or [])
