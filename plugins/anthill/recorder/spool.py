"""What was received and S3 does not have yet, on the disk: a process that is killed loses a second of it."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec
from isal import igzip, isal_zlib
from isal.igzip_lib import IsalError

from anthill.bronze.commits import Place
from anthill.recorder.errors import RecorderError, SpoolFullError

KILLED = "killed"  # why a segment ended that its process did not end
_OPEN, _ENDED, _HEAD = ".open", ".jsonl.gz", ".json"
_AT_ONCE = 1 << 20  # bytes read at once


class Head(msgspec.Struct, kw_only=True):
    """What is known of a segment beside its frames; times in UTC."""

    place: Place
    connection: str
    confirmed: tuple[str, ...]
    began: dt.datetime
    over: dt.datetime | None = None  # None while it is open, or where its process was killed
    ended: str = KILLED


class Segment:
    """One that is being written: each call appends a gzip member with the second that it was received in."""

    def __init__(self, spool: Spool, name: str, head: Head) -> None:
        self._spool = spool
        self._name = name
        self.head = head
        self.frames = 0
        self._file = (spool.folder / f"{name}{_OPEN}").open("xb")

    def write(self, frames: Sequence[bytes], at: dt.datetime) -> None:
        """Keep frames, a line each; SpoolFullError or OSError where the disk does not take them."""
        if not frames:
            return
        # A newline in JSON is white space outside of strings, and stands in none.
        lines = b"".join(frame.replace(b"\n", b" ") + b"\n" for frame in frames)
        member = igzip.compress(lines, mtime=int(at.timestamp()))
        self._spool.take(len(member))
        self._file.write(member)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.frames += len(frames)

    def end(self, why: str, at: dt.datetime) -> None:
        """Nothing more comes: it may be committed."""
        self._file.close()
        self.head.over, self.head.ended = at, why
        self._spool.keep(self._name, self.head)
        (self._spool.folder / f"{self._name}{_OPEN}").rename(self._spool.folder / f"{self._name}{_ENDED}")


class Spool:
    """A folder of segments that one process at a time writes; `most` bytes of it are ever held."""

    def __init__(self, folder: Path, most: int = 10 << 30) -> None:
        self.folder = folder
        self.most = most
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RecorderError(f"{folder} is another recorder's: give each a folder of its own") from error
        for path in folder.glob(f"*{_OPEN}"):
            _cut_to_whole_members(path)
            path.rename(path.with_suffix("").with_name(path.name.removesuffix(_OPEN) + _ENDED))
        self.held = sum(path.stat().st_size for path in folder.glob(f"*{_ENDED}"))

    def begin(self, head: Head) -> Segment:
        """A segment that is open."""
        name = f"{head.began:%Y%m%dT%H%M%S}-{head.connection}"
        self.keep(name, head)
        return Segment(self, name, head)

    def waiting(self) -> list[tuple[Head, Path]]:
        """Those that have ended and are not in S3 yet, the oldest first."""
        ended = sorted(self.folder.glob(f"*{_ENDED}"))
        return [(msgspec.json.decode(_head_of(path).read_bytes(), type=Head), path) for path in ended]

    def forget(self, path: Path) -> None:
        """S3 has it."""
        self.held -= path.stat().st_size
        path.unlink()
        _head_of(path).unlink()

    def take(self, size: int) -> None:
        """Count what is about to be written."""
        if self.held + size > self.most:
            raise SpoolFullError(
                f"{self.folder} holds {self.held >> 20} MiB that S3 has not taken, and may hold no more: "
                "see why nothing is committed, or give it more (--spool-mib)"
            )
        self.held += size

    def keep(self, name: str, head: Head) -> None:
        """What is known of a segment, whole or not at all."""
        path = self.folder / f"{name}{_HEAD}"
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(msgspec.json.encode(head))
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)

    def close(self) -> None:
        """Let another process have the folder."""
        self._lock.close()


def members(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """The whole gzip members of a file: where each ends, the second it was made in, and what it holds."""
    at, rest = 0, b""
    while True:
        packed, unpacked, read = isal_zlib.decompressobj(31), [], bytearray()
        while not packed.eof:
            piece = rest or file.read(_AT_ONCE)
            if not piece:
                return
            try:
                unpacked.append(packed.decompress(piece))
            except IsalError:  # type: ignore[misc] # isal's stubs call it an instance
                return
            rest = packed.unused_data
            read += piece[: len(piece) - len(rest)]
        at += len(read)
        yield at, int.from_bytes(read[4:8], "little"), b"".join(unpacked)


def _cut_to_whole_members(path: Path) -> None:
    """A member that its writer did not finish is what the last second held."""
    with path.open("r+b") as file:
        file.truncate(max((end for end, _, _ in members(file)), default=0))


def _head_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(_ENDED) + _HEAD)
