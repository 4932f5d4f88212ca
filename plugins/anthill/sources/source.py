"""What the landing asks of a source, of whatever kind."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Protocol

import msgspec

from anthill.bronze.commits import Place
from anthill.bronze.cuts import Position
from anthill.bronze.editions import File
from anthill.dataset import Dataset
from anthill.sources.clocks import Clocks
from anthill.sources.meter import Meter
from anthill.sources.page import Page

Landed = Callable[[Place], Iterator[bytes] | None]  # the pages of a place as bronze has them, None where it has none


class Holiday(msgspec.Struct, frozen=True):
    """A day on which an exchange is closed or closes early; `close` is the time of an early close."""

    date: dt.date
    exchange: str
    status: str
    name: str = ""
    close: dt.datetime | None = None


class Around(msgspec.Struct, frozen=True):
    """What a landing gives a source to work with.

    `fetchers` may run ahead, `over` is set when nobody has use for a page any more, and `landed` gives what other
    datasets have in bronze, so that nobody asks for it again.
    """

    fetchers: Executor
    over: threading.Event
    landed: Landed = lambda _: None


class Source(Protocol):
    """A source that is ready to be asked; safe to share between threads.

    Its pages are whole, or one SourceError says what failed; CancelledError comes instead of the next page once it is
    over.
    """

    conn_id: str  # the connection that it was opened by
    meter: Meter
    clocks: Clocks

    @property
    def threads(self) -> int:
        """How many of its shards may be under way at once."""

    @property
    def in_memory(self) -> int:
        """How much of an interval's pages is held before they go to the disk, in bytes."""

    def now(self) -> dt.datetime:
        """The source's own clock (UTC)."""

    def closures(self) -> list[Holiday]:
        """What exchanges have announced, where the source tells."""

    def version(self, dataset: Dataset, place: Place) -> str:
        """What tells the file of a place from one that replaces it later, "" where it is no file."""

    def pages(self, dataset: Dataset, place: Place, version: str, around: Around) -> Iterator[Page]:
        """All pages of a place, in an order that is the same each time; of this version where it is a file."""

    def close(self) -> None:
        """Give back what it holds of the source; who asks again opens it again."""


class Published(Source, Protocol):
    """A source of files that others publish, several tables in one."""

    def file(self, dataset: Dataset, place: Place) -> tuple[File, str]:
        """The file of a place as it is there, and which member of it the table is."""


class Database(Source, Protocol):
    """A source whose tables are all read as of one moment."""

    why: str  # tables are read whole where changes were to be read, "" where that is as it should be

    def follow(self, before: Position | None) -> Position | None:
        """Read from here on what has changed since a position: where that leads to; None where tables are read whole.

        A table without changes has no page then. Where nothing has changed at all, the position is the one before.
        """

    def confirm(self, position: Position) -> None:
        """What was read up to a position is kept: the database need not keep it any more."""
