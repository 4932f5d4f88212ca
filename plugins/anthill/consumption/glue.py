"""Glue's entries of one database: what is there and ours, what is to change, and the calls for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from anthill.consumption import glue_entry
from anthill.consumption.glue_entry import OWNER, Entry


class GlueError(RuntimeError):
    """Glue does not hold or change an entry as is declared; the message names it and says what to do."""


class Change(msgspec.Struct, frozen=True):
    """One entry to write or, without `wanted`, to remove; `why` are the keys that differ."""

    name: str
    wanted: Entry | None = None
    why: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """For a person."""
        sign = "~" if self.why else "+" if self.wanted else "-"
        keys = ", ".join(self.why)
        return f"{sign}{self.name}{keys and f' ({keys})'}"


def changes(wanted: Mapping[str, Entry], held: Mapping[str, Entry], declared: Collection[str]) -> list[Change]:
    """What makes the entries held those that are wanted; one of ours that no asset class declares any more goes."""
    found = [Change(name, entry) for name, entry in wanted.items() if name not in held]
    for name, entry in wanted.items():
        if name in held and (why := glue_entry.differences(entry, held[name])):
            found.append(Change(name, entry, tuple(why)))
    return [*found, *(Change(name) for name in held if name not in declared)]


class Database:
    """One database of Glue."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self.name = client, name

    def held(self) -> dict[str, Entry]:
        """The entries that were written here; GlueError where the database cannot be read."""
        return {entry["Name"]: entry for entry in self._all() if entry.get("Owner") == OWNER}

    def apply(self, change: Change) -> None:
        """Write or remove one entry; GlueError where Glue refuses."""
        at = {"DatabaseName": self.name}
        try:
            if change.wanted is None:
                self._client.delete_table(**at, Name=change.name)
            elif change.why:
                self._client.update_table(**at, TableInput=change.wanted)
            else:
                self._client.create_table(**at, TableInput=change.wanted)
        except ClientError as error:
            if not (change.wanted is None and _code(error) == "EntityNotFoundException"):  # another run removed it
                raise GlueError(f"{self.name}.{change.name}: {error}. {_step(_code(error))}") from error

    def _all(self) -> Iterator[Entry]:
        try:
            for page in self._client.get_paginator("get_tables").paginate(DatabaseName=self.name):
                yield from page["TableList"]
        except ClientError as error:
            raise GlueError(f"{self.name}: {error}. {_step(_code(error))}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _step(code: str) -> str:
    """What to do about a refusal."""
    if code == "AlreadyExistsException":
        return f"Somebody else made an entry of that name (its owner is not {OWNER}): delete it, or rename the table"
    return "The role of aws_consumption, the database and its rights are the stack consumption's: apply it"
