"""A database's tables as pages, one a table, all of them as of the same moment."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager

import psycopg2

from anthill.bronze.commits import Place
from anthill.bronze.cuts import Position
from anthill.dataset import Dataset
from anthill.sources.clocks import Clocks
from anthill.sources.meter import Meter
from anthill.sources.page import Page
from anthill.sources.postgres import errors
from anthill.sources.postgres.declaration import PostgresDataset
from anthill.sources.postgres.rows import Rows
from anthill.sources.postgres.snapshot import Connection, Snapshot
from anthill.sources.source import Around, Holiday
from anthill.sources.stored import Store

_AT_ONCE = 1 << 20  # bytes of rows: the client hands them on one by one


class PostgresSource:
    """The tables of one cut: the first that is asked for opens the snapshot which all of them are read in."""

    threads = 1  # a transaction has one
    in_memory = 4 << 20
    why = ""

    def __init__(
        self, connect: Callable[..., Connection], tables: Sequence[PostgresDataset], conn_id: str, where: str
    ) -> None:
        self._connect = connect
        self._tables = tables
        self._where = where
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._snapshot: Snapshot | None = None
        self.conn_id = conn_id
        self.meter = Meter()
        self.clocks = Clocks()

    def now(self) -> dt.datetime:
        """The server's clock, when the snapshot began."""
        with self._lock, self._asked():
            return self._opened().asof

    def closures(self) -> list[Holiday]:
        """A database has no holidays."""
        return []

    def version(self, dataset: Dataset, place: Place) -> str:
        """A table is no file."""
        return ""

    def pages(self, dataset: Dataset, place: Place, version: str, around: Around) -> Iterator[Page]:
        """The whole table as one page, however large: its bytes are on the disk."""
        assert isinstance(dataset, PostgresDataset)  # noqa: S101 its kind is what brought it here
        if around.over.is_set():
            raise CancelledError
        with self._lock, self._asked(dataset.endpoint), self.meter.call():
            snapshot = self._opened()
            rows = Rows(Store(self.in_memory), around.over)
            with io.BufferedWriter(rows, _AT_ONCE) as buffered:  # type: ignore[type-var] # its write takes any buffer
                snapshot.copy(dataset, buffered)
            page = rows.page(f"{self._where}/{dataset.endpoint}", snapshot.asof, snapshot.columns(dataset))
        yield page

    def follow(self, before: Position | None) -> Position | None:
        """Nothing is followed: each cut has all tables whole."""
        return None

    def confirm(self, position: Position) -> None:
        """The database keeps nothing for whoever reads it whole."""

    def close(self) -> None:
        """End the transaction: tables may be changed again, and whoever asks next sees another moment."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = self._snapshot = None

    def _opened(self) -> Snapshot:
        if self._snapshot is None:
            self._connection = self._connect()
            self._snapshot = Snapshot(self._connection, self._tables)
        return self._snapshot

    @contextmanager
    def _asked(self, table: str = "") -> Iterator[None]:
        """The client's errors as the house's."""
        try:
            yield
        except psycopg2.Error as error:
            raise errors.of(error, f"{self._where}/{table}" if table else self._where) from None
