"""Where zips are kept: which version of one is there, and parts of it, resumed where the connection breaks."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import CancelledError

import msgspec

from anthill.sources.errors import ConnectionFailedError, PassingError, RateLimitedError, ReplacedError

log = logging.getLogger(__name__)

PIECE = 1 << 18


class Version(msgspec.Struct, frozen=True):
    """What tells a file from one that replaces it at its URL; `modified` in UTC, `etag` "" where there is none."""

    etag: str
    size: int
    modified: dt.datetime
    media_type: str = ""


class Patience(msgspec.Struct, frozen=True):
    """How often a part is asked for without getting on, and the waits between, which grow, in seconds."""

    tries: int = 6
    first: float = 1.0
    longest: float = 30.0
    progress: int = 1 << 16  # bytes that count as getting on


class Shelf(ABC):
    """Files of one server; safe to share between threads."""

    def __init__(self, base_url: str, patience: Patience) -> None:
        self.base_url = base_url.rstrip("/")
        self._patience = patience

    def url(self, path: str) -> str:
        """Where a file is."""
        return f"{self.base_url}{path}"

    @abstractmethod
    def close(self) -> None:
        """Give back the connections."""

    def version(self, path: str) -> Version:
        """Which version of a file is there; NotReadyError while there is none."""
        failed = 0
        while True:
            try:
                return self._head(path)
            except PassingError as error:
                failed += 1
                self._wait(error, failed, threading.Event())

    def read(self, path: str, version: Version, first: int, last: int, over: threading.Event) -> Iterator[bytes]:
        """These bytes of this version, both ends included; ReplacedError where another version has come.

        What has come is not asked for again. CancelledError once it is over.
        """
        at, failed, known = first, 0, first
        while at <= last:
            try:
                for piece in self._part(path, version, at, last):
                    at += len(piece)
                    yield piece
                    if over.is_set():
                        raise CancelledError
                if at <= last:
                    raise ConnectionFailedError(f"the part ends {last - at + 1:,} bytes too early", self.url(path))
            except PassingError as error:
                if isinstance(error, ReplacedError):
                    raise
                failed = 1 if at - known >= self._patience.progress else failed + 1
                known = at
                self._wait(error, failed, over)

    def _wait(self, error: PassingError, failed: int, over: threading.Event) -> None:
        """Wait a while before the next try; the error itself after the last one."""
        error.tries = failed
        if failed >= self._patience.tries:
            raise error
        seconds = min(self._patience.first * 2 ** (failed - 1), self._patience.longest)
        if isinstance(error, RateLimitedError) and error.retry_after is not None:
            seconds = min(max(seconds, error.retry_after), 10 * self._patience.longest)
        log.warning("Try %d failed, next in %.1f s: %s", failed, seconds, error)
        if over.wait(seconds):
            raise CancelledError

    @abstractmethod
    def _head(self, path: str) -> Version:
        """Which version is there, asked once."""

    @abstractmethod
    def _part(self, path: str, version: Version, first: int, last: int) -> Iterator[bytes]:
        """These bytes of this version, asked once."""
