"""Bytes too large to be held: a part of a temporary file, read in pieces."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO

_PIECE = 1 << 18


class Stored:
    """So many bytes of a file that lives as long as any of its parts; safe to share between threads."""

    def __init__(self, file: IO[bytes], offset: int, size: int) -> None:
        self._file = file
        self._offset = offset
        self._size = size

    def __len__(self) -> int:
        return self._size

    def head(self, size: int) -> bytes:
        """The first bytes."""
        return os.pread(self._file.fileno(), min(size, self._size), self._offset)

    def pieces(self) -> Iterator[bytes]:
        """All bytes, in order; OSError if the file does not give them."""
        at, end = self._offset, self._offset + self._size
        while at < end:
            piece = os.pread(self._file.fileno(), min(_PIECE, end - at), at)
            if not piece:
                raise OSError(f"a temporary file ends {end - at:,} bytes too early")
            yield piece
            at += len(piece)


class Joined(Stored):
    """Bodies one behind the other, as one."""

    def __init__(self, parts: Sequence[bytes | Stored]) -> None:
        self._parts = parts
        self._size = sum(map(len, parts))

    def head(self, size: int) -> bytes:
        """The first bytes, of as many parts as these take."""
        found = b""
        for part in self._parts:
            if len(found) < size:
                left = size - len(found)
                found += part.head(left) if isinstance(part, Stored) else part[:left]
        return found

    def pieces(self) -> Iterator[bytes]:
        """All bytes, in order; OSError if a file does not give them."""
        for part in self._parts:
            yield from pieces(part)


class Store:
    """Takes bytes one after the other: into memory up to a bound, beyond it into a temporary file."""

    def __init__(self, in_memory: int) -> None:
        self._in_memory = in_memory
        self._held: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Take a piece; OSError if there is no room for it."""
        self.size += len(piece)
        if self._file is None and self.size > self._in_memory:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 closed with the last of its parts
            for held in self._held:
                self._file.write(held)
            self._held.clear()
        if self._file is None:
            self._held.append(piece)
        else:
            self._file.write(piece)

    def close(self) -> bytes | Stored:
        """What was taken."""
        if self._file is None:
            return self._held[0] if len(self._held) == 1 else b"".join(self._held)
        self._file.flush()
        return Stored(self._file, 0, self.size)


class Spool:
    """Keeps bodies one after the other: in memory up to a bound, all others in one temporary file."""

    def __init__(self, in_memory: int) -> None:
        self._room = in_memory
        self._file: IO[bytes] | None = None

    def keep(self, body: bytes | Stored) -> bytes | Stored:
        """The body, or where it lies from now on; OSError if there is no room for it."""
        if isinstance(body, Stored) or len(body) <= self._room:
            self._room -= 0 if isinstance(body, Stored) else len(body)
            return body
        self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115 closed with the last of its parts
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(body)
        self._file.flush()
        return Stored(self._file, offset, len(body))


def pieces(body: bytes | Stored) -> Iterator[bytes]:
    """All bytes, in order."""
    if isinstance(body, Stored):
        yield from body.pieces()
    elif body:
        yield body
