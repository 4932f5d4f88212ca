"""The rows of a body that comes in pieces: taken out while it comes, so that no more than a piece is held."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

import msgspec

from anthill.sources.polygon.readable import readable

_HEAD = 1 << 16  # bytes within which the array of rows begins
_TRIES = 8  # places to cut a piece at, from its end
_MOST_KEPT = 1 << 18  # commas of what is not taken out: a row each, at most
_ENDS = (b"},{", b"}, {", b",")
_ARRAYS = {
    "results": re.compile(rb'"results"\s*:\s*\['),
    "tickers": re.compile(rb'"tickers"\s*:\s*\['),
    "body": re.compile(rb"\s*\["),
    "object": re.compile(rb"(?!)"),  # one row is not taken apart
    "": re.compile(rb'\A\s*\[|"(?:results|tickers)"\s*:\s*\['),
}
_list = msgspec.json.Decoder(list[msgspec.Raw])

Take = Callable[[list[msgspec.Raw]], None]


class ScanError(ValueError):
    """The rows are in no list that can be taken apart, and too large to be held."""


class Scanner:
    """Hands the rows of a body to `take`, some at a time; `rest` is the body without them.

    What is no array of rows where one is expected stays in the rest, whatever it is: who decodes it says what is wrong.
    """

    def __init__(self, rows_in: str, piece: int, take: Take) -> None:
        self._longest = 16 * piece  # a row
        self._most = 64 * piece  # of what is not taken out
        self._array = _ARRAYS[rows_in]
        self._piece = piece
        self._take = take
        self._head = b""
        self._buffer = bytearray()
        self._reach = piece  # of the buffer, from which on it is worth a try
        self._wanted = True
        self._mark = b'"' + secrets.token_hex(16).encode() + b'"'
        self.taken = 0

    def feed(self, piece: bytes | memoryview) -> None:
        """Take the next piece of the body; ScanError where too much of it would have to be held."""
        self._buffer += piece
        if self._wanted and not self._head and len(self._buffer) >= _HEAD:
            self._begin()
        while self._wanted and self._head and len(self._buffer) >= self._reach:
            self._cut()
        if len(self._buffer) > self._most:
            raise ScanError

    def end(self) -> bytes:
        """The rest of the body, once it is whole; ScanError where it has more rows than may be held."""
        if len(self._buffer) > self._longest and self._buffer.count(b",") > _MOST_KEPT:
            raise ScanError
        return self.rest

    @property
    def rest(self) -> bytes:
        """The body without what was taken; a mark stands in its place as a row."""
        if not self.taken:
            return self._head + bytes(self._buffer)
        return b"".join((self._head, self._mark, b",", self._buffer))

    def without_mark(self, rows: list[msgspec.Raw]) -> list[msgspec.Raw] | None:
        """The rows of the decoded rest; None where those that were taken are not of the same array."""
        if not self.taken:
            return rows
        return rows[1:] if rows and bytes(rows[0]) == self._mark else None

    def _begin(self) -> None:
        found = self._array.search(self._buffer, 0, _HEAD)
        self._wanted = found is not None
        if found:
            self._head = bytes(self._buffer[: found.end()])
            del self._buffer[: found.end()]

    def _cut(self) -> None:
        """Take the rows before one of the last commas that part two of them.

        What begins with a row and decodes as a list ends behind a row, too: a comma within one leaves it open.
        """
        for end in _ENDS:
            if self._cut_at(end, bytes, _TRIES):
                return
        if self._reach == self._piece and self._cut_at(_ENDS[0], readable, 4):  # one bad row costs no page
            return
        self._reach *= 2  # one row may be as long
        self._wanted = self._reach <= self._longest

    def _cut_at(self, end: bytes, whole: Callable[[bytes], bytes], tries: int) -> bool:
        at = self._reach
        for _ in range(tries):
            if (at := self._buffer.rfind(end, 0, at)) < 0:
                return False
            stop = at + len(end.rstrip(b", {"))
            try:
                rows = _list.decode(whole(self._as_list(stop)))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            if not rows:
                return False
            self._take(rows)
            self.taken += len(rows)
            del self._buffer[: self._buffer.index(b",", stop) + 1]
            self._reach = self._piece
            return True
        return False

    def _as_list(self, stop: int) -> bytes:
        """The buffer up to there, copied once."""
        with memoryview(self._buffer) as view:
            return b"".join((b"[", view[:stop], b"]"))
