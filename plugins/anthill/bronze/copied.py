"""Lines of a table as PostgreSQL copies it, or of what changed in it: a value's text, and whose a line is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence

_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_LETTERS = {b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_NO_VALUES = (rb"\N", rb"\U")  # NULL, and in changes what was not sent again


def text(field: bytes) -> str | None:
    """What a field holds; None where it says nothing."""
    if field in _NO_VALUES:
        return None
    if b"\\" in field:
        field = _ESCAPED.sub(lambda found: _LETTERS.get(found[1], found[1]), field)
    return field.decode("utf-8", "surrogateescape")


def digest(value: str) -> str:
    """What a value is known by where it may not stand: its SHA-256."""
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()


class Line:
    """Finds lines by a column: those whose value has one of some digests."""

    def __init__(self, columns: Sequence[str], column: str, digests: Collection[str]) -> None:
        self._many, self._at, self._digests = len(columns), columns.index(column), frozenset(digests)

    def field(self, line: bytes, at: int | None = None) -> str | None:
        """A value of a line, of its own column where none is named; ValueError where it is another table's line."""
        fields = line.rstrip(b"\n").split(b"\t")
        if len(fields) != self._many:
            raise ValueError(f"a line has {len(fields)} values, its table {self._many} columns")
        return text(fields[self._at if at is None else at])

    def is_theirs(self, line: bytes) -> bool:
        """Whether it is somebody's who is looked for."""
        value = self.field(line)
        return value is not None and digest(value) in self._digests
