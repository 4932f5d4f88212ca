"""What has changed in tables, as lines: kind, number, and the values as COPY writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from anthill.sources.postgres.pgoutput import UNCHANGED, Change, Relation, Truncated, Values, decoded

KIND, NUMBER = "_change", "_number"  # before the columns: i, u, d or t; counted from 1 within the cut
_ODD = re.compile(rb"[\\\x08\t\n\x0b\x0c\r]")
_ESCAPED = {
    b"\\": rb"\\",
    b"\x08": rb"\b",
    b"\t": rb"\t",
    b"\n": rb"\n",
    b"\x0b": rb"\v",
    b"\x0c": rb"\f",
    b"\r": rb"\r",
}
_NULL, _AS_IT_WAS = rb"\N", rb"\U"  # the second is ours: no text of COPY has it


class OtherShapeError(Exception):
    """Changes cannot be read on from here: tables have to be read whole again; the text says why."""


class Lines(Protocol):
    """Where the lines of one table go."""

    def write(self, line: bytes) -> object:
        """Take a line."""

    def flush(self) -> None:
        """Hand on what is held."""


class Table:
    """A table's changes on their way to lines; `key` are the places of its declared key."""

    def __init__(self, endpoint: str, columns: Sequence[str], key: Sequence[str], lines: Callable[[], Lines]) -> None:
        self.endpoint, self.columns = endpoint, tuple(columns)
        self.number = 0
        self._key = [self.columns.index(name) for name in key]
        self._open = lines
        self._lines: Lines | None = None

    def take(self, change: Change) -> None:
        """A row that changed; a key that changed is a row gone and another come."""
        new, old = change.new, change.old
        if new is None:
            self._write(b"d", self._only_key(old or ()))
            return
        if old is not None:
            moved = any(old[at] != new[at] for at in self._key if new[at] is not UNCHANGED)
            if change.is_whole:
                new = [old[at] if value is UNCHANGED else value for at, value in enumerate(new)]
            if moved:
                self._write(b"d", self._only_key(old))
                if any(value is UNCHANGED for value in new):
                    said = "has a row with another key now, and a value that is stored apart was not sent again"
                    raise OtherShapeError(f"{self.endpoint} {said} (REPLICA IDENTITY FULL spares this)")
        self._write(change.kind.encode(), new)

    def truncated(self) -> None:
        """All rows are gone."""
        self._write(b"t", [None] * len(self.columns))

    def close(self) -> None:
        """No more comes."""
        if self._lines is not None:
            self._lines.flush()

    def _only_key(self, old: Values) -> Values:
        return [value if at in self._key else None for at, value in enumerate(old)]

    def _write(self, kind: bytes, values: Values) -> None:
        if self._lines is None:
            self._lines = self._open()
        self.number += 1
        fields = [kind, b"%d" % self.number, *map(_field, values)]
        self._lines.write(b"\t".join(fields) + b"\n")


def _field(value: object) -> bytes:
    if value is None:
        return _NULL
    if value is UNCHANGED:
        return _AS_IT_WAS
    assert isinstance(value, bytes)  # noqa: S101 pgoutput has no fourth
    return _ODD.sub(lambda found: _ESCAPED[found[0]], value) if _ODD.search(value) else value


def write(messages: Iterable[bytes | memoryview], tables: Mapping[tuple[str, str], Table]) -> None:
    """Write what messages say of tables, by schema and name; OtherShapeError where one is not as it was."""
    known: dict[int, Table] = {}
    for said in decoded(messages):
        if isinstance(said, Change):
            if table := known.get(said.relation):
                table.take(said)
        elif isinstance(said, Truncated):
            for relation in said.relations:
                if table := known.get(relation):
                    table.truncated()
        else:
            _meet(said, tables, known)


def _meet(relation: Relation, tables: Mapping[tuple[str, str], Table], known: dict[int, Table]) -> None:
    """Know a table by its number from here on; those that nobody declared are passed over."""
    if (table := tables.get((relation.schema, relation.name))) is None:
        return
    if relation.columns != table.columns:
        raise OtherShapeError(f"the columns of {table.endpoint} were changed: they are {', '.join(relation.columns)}")
    known[relation.number] = table
