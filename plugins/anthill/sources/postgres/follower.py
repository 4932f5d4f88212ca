"""A database's tables by what has changed in them since the cut before, as its log says; whole where a slot begins."""

from __future__ import annotations

import datetime as dt
import io
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from typing import Any

from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from anthill.bronze.commits import Place
from anthill.bronze.cuts import Position
from anthill.dataset import Dataset
from anthill.sources.page import Page
from anthill.sources.postgres import changes, shape
from anthill.sources.postgres.changes import KIND, NUMBER, OtherShapeError
from anthill.sources.postgres.declaration import PostgresDataset
from anthill.sources.postgres.rows import Rows
from anthill.sources.postgres.shape import Shape
from anthill.sources.postgres.slot import PREFIX, Slot, State, number
from anthill.sources.postgres.snapshot import Snapshot, say_alike
from anthill.sources.postgres.source import PostgresSource
from anthill.sources.source import Around
from anthill.sources.stored import Store

log = logging.getLogger(__name__)

_FAR = 64 << 20  # bytes of log about other tables, after which a cut says how far it was read


class Follower(PostgresSource):
    """The tables of one cut: their changes up to now, in the order of commits, a table without any has no page."""

    def __init__(
        self,
        connect: Callable[..., Any],
        tables: Sequence[PostgresDataset],
        conn_id: str,
        where: str,
        slot: str = "",
    ) -> None:
        super().__init__(connect, tables, conn_id, where)
        publication = PREFIX + tables[0].asset_class
        self.slot = Slot(connect, slot or publication, publication)
        self._over = threading.Event()  # of a reading that nobody can end: it comes before any table is asked for
        self._maker: Any = None  # the connection that a new slot's snapshot lives as long as
        self._written: dict[str, tuple[Rows, tuple[str, ...]]] | None = None
        self._asof: dt.datetime | None = None

    def now(self) -> dt.datetime:
        """The server's clock, when reading began."""
        with self._lock, self._asked():
            if self._asof is None:
                with self._connect() as connection, connection.cursor() as cursor:
                    cursor.execute("SELECT clock_timestamp()")
                    self._asof = cursor.fetchone()[0].astimezone(dt.UTC)
                connection.close()
            return self._asof

    def follow(self, before: Position | None) -> Position | None:
        """Read all changes since a position, or begin anew: loudly, where there was one."""
        self.why = ""
        with self._lock, self._asked():
            self._connection = self._connect()
            self._connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
            with self._connection.cursor() as cursor:
                say_alike(cursor)
                cursor.execute("SELECT transaction_timestamp()")
                self._asof = cursor.fetchone()[0].astimezone(dt.UTC)
                shapes = shape.shapes(cursor, self._tables, self.slot.publication)
                state = self.slot.state(cursor)
                cursor.execute("SELECT pg_current_wal_flush_lsn()::text")
                (upto,) = cursor.fetchone()
                self.why = self._lost(before, state, shapes, upto) if before else ""
                if before and state and not self.why:
                    if number(state.confirmed) < number(before.lsn):
                        self.slot.advance(cursor, before.lsn)  # somebody died between the cut and this
                    try:
                        return self._read(before, upto, shapes)
                    except OtherShapeError as error:
                        self.why = str(error)
            return self._begin(shapes, there=state is not None)

    def _lost(self, before: Position, state: State | None, shapes: Mapping[str, Shape], upto: str) -> str:
        """Why changes are missing since a position; "" where all of them can be read."""
        if before.slot != self.slot.name:
            return f"the cut before was read by the slot {before.slot!r}, and not by {self.slot.name!r}"
        if state is None:
            return f"the database has no slot {self.slot.name!r} any more: it was dropped, or this is another server"
        if state.status == "lost":
            return f"the database has let go of the log that the slot {self.slot.name!r} needs (wal_status: lost)"
        if number(state.confirmed) > number(before.lsn):
            return (
                f"somebody else has read the slot {self.slot.name!r}, or made it anew: it begins at {state.confirmed}"
            )
        if number(upto) < number(before.lsn):
            return f"the log ends at {upto}, and {before.lsn} was read already: this is another server"
        other = [name for name, each in shapes.items() if before.shapes.get(name) != each.digest]
        return f"{', '.join(other)} changed, or what is published of it" if other else ""

    def _read(self, before: Position, upto: str, shapes: Mapping[str, Shape]) -> Position:
        """The changes of all tables as lines; the position before where there is none, and not much else."""
        written: dict[str, tuple[Rows, tuple[str, ...]]] = {}
        tables = {}
        for table in self._tables:
            columns = shapes[table.name].columns

            def opened(name: str = table.name, columns: tuple[str, ...] = columns) -> io.BufferedWriter:
                rows = Rows(Store(self.in_memory // len(self._tables)), self._over)
                written[name] = rows, (KIND, NUMBER, *columns)
                return io.BufferedWriter(rows, 1 << 16)  # type: ignore[arg-type] # its write takes any buffer

            tables[table.qualified] = changes.Table(table.endpoint, columns, table.key, opened)
        with self.meter.call():
            changes.write(self.slot.peek(self._connection, upto), tables)
            for each in tables.values():
                each.close()
        self._written = written
        if not written and number(upto) - number(before.lsn) < _FAR:
            return before
        return Position(self.slot.name, upto, before.shapes)

    def _begin(self, shapes: Mapping[str, Shape], *, there: bool) -> Position:
        """A new slot, and the tables as of its very beginning."""
        if self.why:
            log.error(
                "CHANGES ARE LOST: %s. All tables are read whole, and what is kept of changes begins anew", self.why
            )
        if self._connection is not None:
            self._connection.close()
        self._connection = self._connect()
        begun: list[str] = []

        def exported() -> str:
            self._maker, begin, snapshot = self.slot.make(there)
            begun.append(begin)
            return snapshot

        self._snapshot = Snapshot(self._connection, self._tables, exported)
        self._asof = self._snapshot.asof
        return Position(self.slot.name, begun[0], {name: each.digest for name, each in shapes.items()})

    def pages(self, dataset: Dataset, place: Place, version: str, around: Around) -> Iterator[Page]:
        """A table's changes as one page, none where it has none; the whole table where a slot has just begun."""
        if self._written is None:
            yield from super().pages(dataset, place, version, around)
            return
        if around.over.is_set():
            raise CancelledError
        if dataset.name in self._written:
            rows, columns = self._written.pop(dataset.name)
            assert self._asof is not None  # noqa: S101 what was read has its moment
            yield rows.page(f"{self._where}/{dataset.endpoint}", self._asof, columns, "changes")

    def confirm(self, position: Position) -> None:
        """Let the server throw away the log up to here; where it does not answer, the next look says it again."""
        with self._lock, self._asked():
            connection = self._connect()
            connection.autocommit = True
            with connection.cursor() as cursor:
                state = self.slot.state(cursor)
                if state and number(state.confirmed) < number(position.lsn):
                    self.slot.advance(cursor, position.lsn)
            connection.close()

    def close(self) -> None:
        """The same, and the slot is free for whoever comes next."""
        super().close()
        if self._maker is not None:
            self._maker.close()
            self._maker = None
