"""Flat files of whole markets, larger than anything that is held: each is read through once, for all that is listed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from itertools import groupby

import msgspec

from anthill.sources import digest
from anthill.sources.errors import BadAnswerError
from anthill.sources.inflate import InflateError, deflate, inflated
from anthill.sources.page import Counted, Page
from anthill.sources.polygon.flat_files import FlatFiles, Version
from anthill.sources.stored import Joined, Spool, Stored

_LARGEST = 1 << 42  # bytes inflated: a day of all quotes has some hundred GB
_LONGEST = 1 << 20  # bytes of a line
_MOST = 16  # files that are kept until all that is listed was asked for
_SAMPLE = 50

Apart = dict[str, Page]  # by the value of a row's first column


class MarketFiles:
    """The rows of listed tickers of files in the bucket, each ticker's apart; safe to share between threads."""

    def __init__(self, files: FlatFiles) -> None:
        self._files = files
        self._read: OrderedDict[tuple[str, Version], Future[Apart]] = OrderedDict()
        self._lock = threading.Lock()

    def page(
        self, key: str, version: Version, header: str, listed: Collection[str], asked: str, over: threading.Event
    ) -> Page:
        """The rows of one that is listed, as they are in this version of a file; CancelledError once it is over.

        Who asks first reads it for all of them, and they for whom it was read in vain fail alike.
        """
        while True:
            with self._lock:
                is_first = (key, version) not in self._read
                reading = self._read.setdefault((key, version), Future())
                while len(self._read) > _MOST:
                    self._read.popitem(last=False)
            if is_first:
                try:
                    received = _until(over, self._files.received(key, version))
                    reading.set_result(_apart(received, self._files, key, version, header, listed))
                except BaseException as error:
                    reading.set_exception(error)
                    raise
            found = reading.result()
            with self._lock:
                page = found.pop(asked, None)
                if not found or page is None:
                    self._read.pop((key, version), None)
            if page is not None:
                return page


def _until(over: threading.Event, received: Iterable[bytes]) -> Iterator[bytes]:
    for piece in received:
        if over.is_set():
            raise CancelledError
        yield piece


def _apart(
    received: Iterable[bytes], files: FlatFiles, key: str, version: Version, header: str, listed: Collection[str]
) -> Apart:
    url, spool = files.url(key), Spool(files.limits.held)
    room = min(max(files.limits.whole * 16 // len(listed), files.limits.piece), 1 << 20)
    kept = {value: _Rows(spool, room) for value in listed}
    wanted = {value.encode(): rows for value, rows in kept.items()}
    number = -1
    try:
        for lines in _lines(received, files.limits.piece):
            if number < 0:
                if (found := lines.pop(0)) != header.encode():
                    said = found[:200].decode("utf-8", "replace")
                    raise BadAnswerError(f"the flat file's header is {said!r}, not {header!r}", url)
                number = 0
            number += len(lines)
            ours = [line for line in lines if line[: line.find(b",")] in wanted]
            for value, some in groupby(ours, _first):
                wanted[value].add(list(some))
    except InflateError as error:
        raise BadAnswerError(f"the flat file is {error}", url) from error
    if number < 0:
        raise BadAnswerError(f"the flat file's header is '', not {header!r}", url)
    left_out = number - sum(rows.number for rows in kept.values())
    about = {"etag": version.etag, "file-size": str(version.size), "left-out": str(left_out)}
    return {value: rows.page(url, header, version, about) for value, rows in kept.items()}


def _lines(received: Iterable[bytes], piece: int) -> Iterator[list[bytes]]:
    """The lines of a file without their ends, some at a time; the last one may lack its own."""
    rest = b""
    for part in inflated(received, _LARGEST, piece):
        *lines, rest = (rest + part).split(b"\n")
        if lines:
            yield lines
        elif len(rest) > _LONGEST:
            raise InflateError(f"one line of more than {_LONGEST:,} bytes")
    if rest:
        yield [rest]


def _first(line: bytes) -> bytes:
    return line[: line.find(b",")]


class _Rows:
    """The rows of one that is listed: packed whenever there are some, out of the way of those that come."""

    def __init__(self, spool: Spool, room: int) -> None:
        self._spool, self._room = spool, room
        self._waiting: list[bytes] = []
        self._held = self._size = self.number = self._digest = 0
        self._packed: list[bytes | Stored] = []
        self._sample: list[msgspec.Raw] = []

    def add(self, lines: list[bytes]) -> None:
        """Keep lines; OSError if there is no room for them."""
        self.number += len(lines)
        self._digest = digest.joined(self._digest, digest.of_rows(lines))
        self._sample += map(msgspec.Raw, lines[: _SAMPLE - len(self._sample)])
        self._waiting += lines
        self._held += sum(map(len, lines)) + len(lines)
        if self._held >= self._room:
            self._pack()

    def _pack(self) -> None:
        self._packed.append(self._spool.keep(deflate(b"\n".join([*self._waiting, b""]))))
        self._size += self._held
        self._waiting, self._held = [], 0

    def page(self, url: str, header: str, version: Version, about: dict[str, str]) -> Page:
        """All of them, below the file's header."""
        if self._waiting:
            self._pack()
        head = f"{header}\n".encode()
        return Page(
            url=url,
            member=Joined([deflate(head), *self._packed]),
            size=len(head) + self._size,
            rows=Counted(self._sample, self.number),
            digest=self._digest,
            asof=version.modified,
            form="csv",
            about=about,
        )
