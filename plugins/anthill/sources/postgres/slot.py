"""A replication slot: what keeps a database's log until it was read, over plain SQL but for its making."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import psycopg2
from psycopg2 import sql
from psycopg2.extras import LogicalReplicationConnection

from anthill.sources.errors import FatalError, PassingError

log = logging.getLogger(__name__)

PLUGIN = "pgoutput"
PREFIX = "anthill_"  # of a slot and a publication, before the asset class
_MUCH = 1 << 30  # bytes of log that are kept for a slot
_OPEN_AT_MOST = "30s"  # transactions that were open before a slot
_AT_ONCE = 100  # messages that are held, each with a whole row
_STATE = """
    SELECT plugin, database, database = current_database(), confirmed_flush_lsn::text, wal_status,
        coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, safe_wal_size
    FROM pg_replication_slots WHERE slot_name = %s
"""
# PostgreSQL 17 says since when nobody has read a slot; a column that is not there is no error in JSON.
_KEPT = """
    SELECT slot_name, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, wal_status,
        safe_wal_size, extract(epoch FROM now() - (to_jsonb(found) ->> 'inactive_since')::timestamptz)::float
    FROM pg_replication_slots AS found
    WHERE database = current_database() AND plugin = %s AND (slot_name = %s OR starts_with(slot_name, %s))
    ORDER BY slot_name
"""
_PEEK = """
    SELECT data FROM pg_logical_slot_peek_binary_changes(
        %s, %s, NULL, 'proto_version', '1', 'publication_names', %s)
"""


class State(NamedTuple):
    """A slot as the server has it; `confirmed` is up to where the log is let go of."""

    plugin: str
    database: str
    ours: bool
    confirmed: str
    status: str
    kept: int
    left: int | None


class Kept(NamedTuple):
    """A slot for which a database keeps its log, in bytes; `unread` in seconds, None while it is read or not known."""

    name: str
    kept: int
    status: str
    left: int | None  # bytes until it is lost
    unread: float | None

    @property
    def is_much(self) -> bool:
        """Whether it is a danger to the disk, or to itself."""
        return self.kept > _MUCH or (self.left is not None and self.left < _MUCH >> 2)


def kept(cursor: Any, name: str) -> list[Kept]:
    """The slots of ours in a database: one by its name, and any that has our prefix."""
    cursor.execute(_KEPT, (PLUGIN, name, PREFIX))
    return [Kept(*row) for row in cursor.fetchall()]


def number(lsn: str) -> int:
    """A place in the log as a number, to compare it with others."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


class Slot:
    """The slot of one asset class, and the publication whose tables it tells of."""

    def __init__(self, connect: Callable[..., Any], name: str, publication: str) -> None:
        self._connect, self.name, self.publication = connect, name, publication

    def state(self, cursor: Any) -> State | None:
        """As it is now, None where there is none; FatalError where it is somebody else's."""
        cursor.execute(_STATE, (self.name,))
        row = cursor.fetchone()
        if row is None:
            return None
        state = State(*row)
        if state.plugin != PLUGIN or not state.ours:
            raise FatalError(
                f"the slot {self.name!r} is of the database {state.database!r} and the plugin {state.plugin!r}",
                self.name,
                "Name another in the connection's extra: slot.",
            )
        if state.kept > _MUCH or (state.left is not None and state.left < _MUCH >> 2):
            left = "" if state.left is None else f"; it is lost after {state.left >> 20:,} MiB more"
            log.warning(
                "The database keeps %s MiB of its log for the slot %s%s: a transaction that stays open, or cuts that "
                "fail, keep it",
                f"{state.kept >> 20:,}",
                self.name,
                left,
            )
        return state

    def make(self, there: bool) -> tuple[Any, str, str]:
        """A slot that begins here, in the place of one that is `there`: connection, place in the log, and snapshot.

        The snapshot is what the changes follow on, exactly, as long as nothing else is asked over that connection.
        """
        connection = self._connect(connection_factory=LogicalReplicationConnection)
        name = sql.Identifier(self.name).as_string(connection)
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{_OPEN_AT_MOST}'")
            if there:
                cursor.execute(f"DROP_REPLICATION_SLOT {name}")
            try:
                cursor.execute(f"CREATE_REPLICATION_SLOT {name} LOGICAL {PLUGIN} (SNAPSHOT 'export')")
            except psycopg2.errors.LockNotAvailable as error:
                raise PassingError(
                    f"a transaction that was open before the slot is open since more than {_OPEN_AT_MOST}",
                    self.name,
                    "A slot begins when those have ended (pg_stat_activity). The task's next retry tries again.",
                ) from error
            _, begin, snapshot, _ = cursor.fetchone()
        return connection, begin, snapshot

    def peek(self, connection: Any, upto: str) -> Iterator[memoryview]:
        """Each message of the transactions that ended between what is confirmed and a place; none is held here."""
        with connection.cursor("changes") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(_PEEK, (self.name, upto, sql_list(self.publication)))
            for (message,) in cursor:
                yield message

    def advance(self, cursor: Any, upto: str) -> None:
        """Let the log go up to a place."""
        cursor.execute("SELECT pg_replication_slot_advance(%s, %s)", (self.name, upto))


def sql_list(name: str) -> str:
    """A name as one in a list of identifiers, which `pgoutput` takes."""
    return '"{}"'.format(name.replace('"', '""'))
