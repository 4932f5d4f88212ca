"""Tables as of one moment: one read-only transaction, into which no change of a table can reach."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import IO, Any

from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from anthill.sources.errors import FatalError
from anthill.sources.postgres.declaration import PostgresDataset

log = logging.getLogger(__name__)

Connection = Any  # psycopg2's, which has no types

# The same text whatever server, role and database are set to.
_SAME_TEXT = {
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "client_encoding": "UTF8",
}
_LOCKED_AT_MOST = "30s"
_COLUMNS = """
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE (n.nspname, c.relname) IN %s AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attnum
"""


class ChangedTableError(FatalError):
    """A table lacks a declared column, or it has another type."""

    advice = "Change the dataset's 'types' in include/datasets, and its silver SQL. Nothing was committed."


class Snapshot:
    """An open transaction on these tables; `asof` is the server's clock when it began (UTC).

    Locks come before the snapshot, its own or one that is `exported` to it then: without them a table that is truncated
    or rewritten meanwhile would read as empty.
    """

    def __init__(
        self, connection: Connection, tables: Sequence[PostgresDataset], exported: Callable[[], str] | None = None
    ) -> None:
        self._connection = connection
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            say_alike(cursor)
            names = sql.SQL(", ").join(sql.Identifier(*table.qualified) for table in tables)
            cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))
            if exported:
                cursor.execute("SET TRANSACTION SNAPSHOT %s", (exported(),))
            cursor.execute("SELECT transaction_timestamp()")
            self.asof: dt.datetime = cursor.fetchone()[0].astimezone(dt.UTC)
            cursor.execute(_COLUMNS, (tuple(table.qualified for table in tables),))
            found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
            for schema, name, column, type_ in cursor.fetchall():
                found[schema, name][column] = type_
        self._columns = {table.name: _checked(table, found[table.qualified]) for table in tables}

    def columns(self, table: PostgresDataset) -> tuple[str, ...]:
        """All columns of a table, the database's order; there may be more of them than are declared."""
        return self._columns[table.name]

    def copy(self, table: PostgresDataset, to: IO[bytes]) -> None:
        """Write the table's rows by key: a line each, tabs between values, backslashes before what would break it."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns(table)))
        by = sql.SQL(", ").join(map(sql.Identifier, table.key))
        query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT (FORMAT text)")
        with self._connection.cursor() as cursor:
            whole = query.format(columns, sql.Identifier(*table.qualified), by)
            cursor.copy_expert(whole.as_string(cursor), to, 1 << 16)


def say_alike(cursor: Any) -> None:
    """Values come as the same text from here on to the end of the transaction, which waits for no lock without end."""
    for name, value in {**_SAME_TEXT, "lock_timeout": _LOCKED_AT_MOST}.items():
        cursor.execute(sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), sql.Literal(value)))


def _checked(table: PostgresDataset, found: dict[str, str]) -> tuple[str, ...]:
    """The columns there are; ChangedTableError where they are not those that are declared."""
    wrong = [f"has no column {name!r}" for name in table.types if name not in found]
    wrong += [
        f"has {name!r} as {found[name]}, declared is {declared}"
        for name, declared in table.types.items()
        if name in found and found[name] != declared
    ]
    if wrong:
        error = ChangedTableError(f"the table {table.endpoint} " + " and ".join(wrong), table.endpoint)
        error.subject = f"{table.asset_class}.{table.name}"
        raise error
    for name in found.keys() - table.types.keys():
        log.warning("%s.%s has the new column %r: bronze keeps it", table.asset_class, table.name, name)
    return tuple(found)
