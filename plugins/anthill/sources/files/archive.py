"""A zip somewhere else: its directory by one or two parts of it, and where a member's bytes lie."""

from __future__ import annotations

import io
import posixpath
import struct
import threading
import zipfile

import msgspec

from anthill.nearest import asked
from anthill.sources.errors import BadAnswerError
from anthill.sources.files.errors import MissingMemberError, RefusedZipError
from anthill.sources.files.shelf import Shelf, Version

_TAIL = 1 << 17  # holds the directory of some hundred members, which all of ENEM's have
_MOST_DIRECTORY = 16 << 20
_LOCAL = struct.Struct("<4s2B4HL2L2H")  # a member's own header
_DEFLATED = 8
_METHODS = {0: "none", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "xz"}
_MOST_RATIO = 1032  # what deflate can make of a byte
_ENCRYPTED = 0x1


class Member(msgspec.Struct, frozen=True):
    """A member whose bytes are deflated: where its own header is, and what it must inflate to."""

    name: str
    offset: int
    packed: int  # bytes as they lie in the zip
    size: int
    crc: int

    @property
    def version(self) -> str:
        """What tells its content from another one's, whichever zip it is packed into."""
        return f"{self.crc:08x} {self.size}"


class Archive:
    """One version of a zip; what it says of itself is believed only as far as it can be checked."""

    def __init__(self, shelf: Shelf, path: str, over: threading.Event) -> None:
        self._shelf, self.path = shelf, path
        self.url = shelf.url(path)
        self.version = shelf.version(path)
        try:
            with zipfile.ZipFile(_Ranged(shelf, path, self.version, over)) as found:
                self._directory = found.infolist()
                self._begins = found.start_dir
        except (zipfile.BadZipFile, struct.error, NotImplementedError, UnicodeDecodeError, ValueError) as error:
            kind = f", of the type {self.version.media_type}," if self.version.media_type else ""
            raise BadAnswerError(f"the file{kind} is no zip: {error}", self.url) from error
        if odd := [name for name in map(_name, self._directory) if _is_odd(name)]:
            raise RefusedZipError(f"the zip has members of such names as {odd[0]!r}", self.url)

    @property
    def names(self) -> tuple[str, ...]:
        """All members."""
        return tuple(_name(entry) for entry in self._directory if not entry.is_dir())

    def member(self, name: str) -> Member:
        """A member that may be taken."""
        found = [entry for entry in self._directory if _name(entry) == name]
        if not found:
            said = f"the zip has no member {name!r}; it has {', '.join(self.names[:20])}{asked(name, self.names)}"
            raise MissingMemberError(said, self.url)
        if len(found) > 1:
            raise RefusedZipError(f"the zip has {len(found)} members of the name {name!r}", self.url)
        if problem := self._problem(found[0]):
            raise RefusedZipError(f"the member {name!r} {problem}", self.url)
        entry = found[0]
        return Member(name, entry.header_offset, entry.compress_size, entry.file_size, entry.CRC)

    def _problem(self, entry: zipfile.ZipInfo) -> str:
        if entry.flag_bits & _ENCRYPTED:
            return "is encrypted"
        if entry.compress_type != _DEFLATED:
            method = _METHODS.get(entry.compress_type, "unknown")
            return f"is packed by method {entry.compress_type} ({method}): only 8 (deflate) is taken"
        if entry.header_offset + _LOCAL.size + entry.compress_size > self._begins or not entry.compress_size:
            return "does not lie before the directory"
        if entry.file_size > entry.compress_size * _MOST_RATIO:
            return f"has {entry.compress_size:,} bytes, which cannot inflate to {entry.file_size:,}"
        return ""

    def begins(self, member: Member, over: threading.Event) -> int:
        """Where a member's packed bytes begin: behind its own header, which may be longer than the directory says."""
        parts = self._shelf.read(self.path, self.version, member.offset, member.offset + _LOCAL.size - 1, over)
        mark, _, _, _, method, *_, name, extra = _LOCAL.unpack(b"".join(parts))
        if mark != b"PK\x03\x04" or method != _DEFLATED:
            raise RefusedZipError(f"the member {member.name!r} is not where the directory has it", self.url)
        return member.offset + _LOCAL.size + int(name) + int(extra)


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as it stands in the zip: zipfile's own ends at a NUL."""
    return entry.orig_filename


def _is_odd(name: str) -> bool:
    """Whether a name leads out of the folder that a zip is unpacked into, or into the dark."""
    parts = name.replace("\\", "/").split("/")
    return posixpath.isabs(name) or ".." in parts or "\\" in name or ":" in parts[0] or not name.isprintable()


class _Ranged(io.RawIOBase):
    """A file of which zipfile reads the end: its tail is asked for once."""

    def __init__(self, shelf: Shelf, path: str, version: Version, over: threading.Event) -> None:
        self._shelf, self._path, self._version, self._over = shelf, path, version, over
        self._at = 0
        self._tail_at = max(version.size - _TAIL, 0)
        self._tail = self._bytes(self._tail_at, version.size)

    def seekable(self) -> bool:
        """It can be read anywhere."""
        return True

    def readable(self) -> bool:
        """It is read from."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._version.size}[whence]
        if base + offset < 0:
            raise ValueError(f"{offset} lies before its first byte")
        self._at = base + offset
        return self._at

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that follow."""
        end = self._version.size if size < 0 else min(self._at + size, self._version.size)
        if end - self._at > _MOST_DIRECTORY:
            raise ValueError(f"a directory of more than {_MOST_DIRECTORY >> 20} MiB")
        begin, self._at = self._at, max(end, self._at)
        if begin >= self._tail_at:
            return self._tail[begin - self._tail_at : end - self._tail_at]
        return self._bytes(begin, end)

    def _bytes(self, begin: int, end: int) -> bytes:
        if begin >= end:
            return b""
        return b"".join(self._shelf.read(self._path, self._version, begin, end - 1, self._over))
