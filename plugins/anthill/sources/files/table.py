"""The content of a member while it is inflated: its CRC and size, its header, its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import xxhash
from isal import isal_zlib
from isal.igzip_lib import IsalError

from anthill import header, spreadsheet
from anthill.sources.errors import BadAnswerError
from anthill.sources.files.archive import Member
from anthill.sources.files.errors import RefusedZipError, UnknownHeaderError

GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255))  # deflate, no flags, no time, from an unknown system
_RAW = -15  # zlib's wbits for deflate without a header
_PIECE = 1 << 18
_LONGEST = 1 << 20  # bytes of a header
_MOST_SHEET = 64 << 20


class Rows(Protocol):
    """Takes the inflated bytes; knows the table's columns and rows once all have come."""

    header: tuple[str, ...]
    rows: int

    @property
    def digest(self) -> int:
        """Of the rows."""

    def feed(self, part: bytes) -> None:
        """Take the next bytes."""

    def end(self) -> None:
        """All has come."""


class Content:
    """Takes a member's packed bytes and inflates them once; `rows` are told of them, some at a time."""

    def __init__(self, member: Member, url: str, rows: Rows) -> None:
        self._member, self._url, self._rows = member, url, rows
        self._inflater = isal_zlib.decompressobj(wbits=_RAW)
        self._crc = self.size = 0

    def feed(self, packed: bytes) -> None:
        """Take the next bytes; RefusedZipError as soon as they are no member of the directory's size."""
        rest = packed
        while True:
            try:
                part = self._inflater.decompress(rest, _PIECE)
            except IsalError as error:  # type: ignore[misc] # isal's stubs call it an instance
                raise self._bad(f"is no deflate: {error}") from error
            self._take(part)
            if self._inflater.eof:
                if self._inflater.unused_data:
                    raise self._bad("ends before its last byte")
                return
            rest = self._inflater.unconsumed_tail
            if not rest and len(part) < _PIECE:
                return

    def end(self) -> bytes:
        """The end of a gzip member that has the same packed bytes, once all of them are as the directory says."""
        if not self._inflater.eof:
            raise self._bad("goes on behind its last byte")
        if self.size != self._member.size:
            raise self._bad(f"inflates to {self.size:,} bytes, the zip says {self._member.size:,}")
        if self._crc != self._member.crc:
            raise self._bad(f"has the CRC-32 {self._crc:08x}, the zip says {self._member.crc:08x}")
        self._rows.end()
        return self._crc.to_bytes(4, "little") + (self.size % (1 << 32)).to_bytes(4, "little")

    def _take(self, part: bytes) -> None:
        self.size += len(part)
        if self.size > self._member.size:
            raise self._bad(f"inflates beyond the {self._member.size:,} bytes that the zip says")
        self._crc = isal_zlib.crc32(part, self._crc)
        self._rows.feed(part)

    def _bad(self, what: str) -> RefusedZipError:
        return RefusedZipError(f"the member {self._member.name!r} {what}", self._url)


class Lines:
    """Counts the rows of a table and takes the digest of their bytes; its first line must be one of the headers."""

    def __init__(self, headers: Mapping[str, Sequence[str]], encoding: str, delimiter: str, url: str) -> None:
        self._headers, self._encoding, self._delimiter, self._url = headers, encoding, delimiter, url
        self._first = b""
        self._is_open = False  # whether the last line has no end yet
        self._hash = xxhash.xxh3_128()
        self.header: tuple[str, ...] = ()
        self.rows = 0

    @property
    def digest(self) -> int:
        """Of the rows in their order: a hash a row would cost more than inflating them."""
        return int.from_bytes(self._hash.digest(), "big")

    def feed(self, part: bytes) -> None:
        """Take the next bytes."""
        if not self.header:
            self._first += part
            line, end, part = self._first.partition(b"\n")
            if len(line) > _LONGEST:
                raise UnknownHeaderError(f"the table's first line has more than {_LONGEST:,} bytes", self._url)
            if not end:
                return
            self.header = self._known(line)
        self._hash.update(part)
        self.rows += part.count(b"\n")
        if part:
            self._is_open = not part.endswith(b"\n")

    def end(self) -> None:
        """All has come."""
        if not self.header:
            self.header = self._known(self._first)
        self.rows += self._is_open

    def _known(self, line: bytes) -> tuple[str, ...]:
        """The columns of the first line; UnknownHeaderError with what is new or gone where nobody has declared them."""
        came = tuple(line.rstrip(b"\r").decode(self._encoding, "replace").removeprefix("\ufeff").split(self._delimiter))
        if said := header.problem(came, self._headers):
            raise UnknownHeaderError(said, self._url)
        return came


class Sheet:
    """The rows of a spreadsheet, which is small: it is read whole."""

    def __init__(self, columns: Sequence[str], form: spreadsheet.Form, url: str) -> None:
        self.header = tuple(columns)
        self._form, self._url = form, url
        self._data = bytearray()
        self.rows = self.digest = 0

    def feed(self, part: bytes) -> None:
        """Take the next bytes."""
        self._data += part
        if len(self._data) > _MOST_SHEET:
            raise RefusedZipError(f"the spreadsheet has more than {_MOST_SHEET >> 20} MiB", self._url)

    def end(self) -> None:
        """All has come."""
        try:
            self.rows = sum(1 for _ in spreadsheet.rows(bytes(self._data), self.header, self._form))
        except spreadsheet.SpreadsheetError as error:
            raise BadAnswerError(str(error), self._url) from error
        self.digest = int.from_bytes(xxhash.xxh3_128(self._data).digest(), "big")
