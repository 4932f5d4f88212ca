"""The content of a member while it is inflated: its CRC and size, its header, its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import xxhash
from isal import isal_zlib
from isal.igzip_lib import IsalError

from anthill.sources.files.archive import Member
from anthill.sources.files.errors import RefusedZipError, UnknownHeaderError

GZIP_HEADER = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255))  # deflate, no flags, no time, from an unknown system
_RAW = -15  # zlib's wbits for deflate without a header
_PIECE = 1 << 18
_LONGEST = 1 << 20  # bytes of a header
_NAMED = 10  # columns that a message names


class Content:
    """Takes a member's packed bytes and inflates them once; `lines` are told whole, some at a time."""

    def __init__(self, member: Member, url: str, lines: Lines) -> None:
        self._member, self._url, self._lines = member, url, lines
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
        self._lines.end()
        return self._crc.to_bytes(4, "little") + (self.size % (1 << 32)).to_bytes(4, "little")

    def _take(self, part: bytes) -> None:
        self.size += len(part)
        if self.size > self._member.size:
            raise self._bad(f"inflates beyond the {self._member.size:,} bytes that the zip says")
        self._crc = isal_zlib.crc32(part, self._crc)
        self._lines.feed(part)

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
        if came in map(tuple, self._headers.values()):
            return came
        name, nearest = min(self._headers.items(), key=lambda known: len(set(known[1]) ^ set(came)))
        known = ", ".join(f"{known!r} ({len(columns)} columns)" for known, columns in self._headers.items())
        said = f"its header of {len(came)} columns is none of {known}: beside {name!r} it {_differs(came, nearest)}"
        raise UnknownHeaderError(said, self._url)


def _differs(came: Sequence[str], known: Sequence[str]) -> str:
    """How a header is another one."""
    gone, new = ([column for column in a if column not in b][:_NAMED] for a, b in ((known, came), (came, known)))
    if gone or new:
        said = (f"{verb} {', '.join(names)}" for verb, names in (("lacks", gone), ("has", new)) if names)
        return " and ".join(said)
    if len(came) != len(known):
        return "has a column twice"
    at = next(at for at, (one, other) in enumerate(zip(came, known, strict=True)) if one != other)
    return f"has its columns in another order, from {came[at]} on"
