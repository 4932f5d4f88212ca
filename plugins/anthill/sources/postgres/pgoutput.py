"""What PostgreSQL's plugin `pgoutput` says, version 1 of its protocol: rows that changed, in the order of commits.

Layouts are those of PostgreSQL's documentation, "Logical Replication Message Formats".
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from anthill.sources.errors import FatalError

UNCHANGED = object()  # a value that is stored apart from its row and that an update has left as it was
Values = Sequence[object]  # by column: text as bytes, None for NULL, or UNCHANGED
_RELATION = struct.Struct("!I")
_COLUMN = struct.Struct("!Ii")  # type and modifier
_SHORT = struct.Struct("!H")
_LONG = struct.Struct("!I")
_SILENT = frozenset(b"BCOYM")  # where a transaction begins, ends and came from, types, messages of an application


class Relation(NamedTuple):
    """A table as the rows after it are written, sent before the first of them and after each change of it."""

    number: int
    schema: str
    name: str
    columns: tuple[str, ...]


class Change(NamedTuple):
    """A row that is there now, or is gone (`new` is None).

    `old` is the former row, where that is sent: its key alone, or all of it where the table's replica identity is FULL.
    """

    relation: int
    kind: str  # i, u, d
    old: Values | None
    is_whole: bool  # the former row
    new: Values | None


class Truncated(NamedTuple):
    """Tables that are empty from here on."""

    relations: tuple[int, ...]


class UnknownMessageError(FatalError):
    """The database says what version 1 of the protocol has not."""

    advice = "Nothing was committed. Declare `mode: snapshot`, and report this with the version of the server."


def decoded(messages: Iterable[bytes | memoryview]) -> Iterator[Relation | Change | Truncated]:
    """What messages say of tables and rows."""
    for message in messages:
        body = bytes(message)
        kind = body[0]
        if kind in b"IUD":
            yield _change(chr(kind).lower(), body)
        elif kind in b"R":
            yield _relation(body)
        elif kind in b"T":
            (many,) = _LONG.unpack_from(body, 1)
            yield Truncated(struct.unpack_from(f"!{many}I", body, 6))  # after a byte of options
        elif kind not in _SILENT:
            raise UnknownMessageError(f"pgoutput sent a message of the kind {chr(kind)!r}")


def _relation(body: bytes) -> Relation:
    (number,) = _RELATION.unpack_from(body, 1)
    schema, name, rest = body[5:].split(b"\0", 2)
    (many,) = _SHORT.unpack_from(rest, 1)  # after the replica identity
    at, columns = 3, []
    for _ in range(many):
        end = rest.index(b"\0", at + 1)  # after a byte that says whether it is of the key
        columns.append(rest[at + 1 : end].decode())
        at = end + 1 + _COLUMN.size
    return Relation(number, schema.decode() or "pg_catalog", name.decode(), tuple(columns))


def _change(kind: str, body: bytes) -> Change:
    (relation,) = _RELATION.unpack_from(body, 1)
    old, new, at = None, None, 5
    is_whole = body[at] == ord("O")
    if body[at] in b"KO":
        old, at = _values(body, at + 1)
    if kind != "d":
        new, at = _values(body, at + 1)
    return Change(relation, kind, old, is_whole, new)


def _values(body: bytes, at: int) -> tuple[Values, int]:
    """The values of a row, and where they end."""
    (many,) = _SHORT.unpack_from(body, at)
    at += 2
    values: list[object] = []
    for _ in range(many):
        kind = body[at]
        at += 1
        if kind == 0x74:  # t: text, its length before it
            (length,) = _LONG.unpack_from(body, at)
            values.append(body[at + 4 : at + 4 + length])
            at += 4 + length
        elif kind == 0x6E:  # n: NULL
            values.append(None)
        elif kind == 0x75:  # u: not sent again
            values.append(UNCHANGED)
        else:
            raise UnknownMessageError(f"pgoutput sent a value of the kind {chr(kind)!r}")
    return values, at
