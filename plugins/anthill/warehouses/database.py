"""A warehouse in PostgreSQL: a version is in it whole or not at all, newer ones after older ones, by one at a time."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg2
from psycopg2 import sql

from anthill.sources.postgres import errors
from anthill.warehouses.errors import RefusedError

if TYPE_CHECKING:
    import pyarrow as pa

    from anthill.warehouses.versions import Part, Version

_WAITED_AT_MOST = "10min"  # for another loader
_NOTHING = "Nothing was loaded."
_ADVICE = errors.Advice(
    rights="GRANT SELECT, INSERT, UPDATE and DELETE on the star's tables and on loads, and TEMP on the database, to the"
    " connection's user.",
    relation="Make the table there, as gold has it; loads has the columns target, version, run and loaded_at.",
    statement="Compare the warehouse's tables with gold's.",
    held=f"Another loader, or somebody who changes the tables, has held them for {_WAITED_AT_MOST}. {_NOTHING}",
    later=f"{_NOTHING} The task's next retry loads the newest version.",
)
_BROKEN = ("21", "22", "23")  # classes of SQLSTATE: a key twice, or a value or row that the tables' rules refuse


class Loaded(msgspec.Struct, frozen=True):
    """What a load came to: the version that the warehouse has now, and what it changed of each table."""

    number: int
    written: bool
    rows: dict[str, int]
    changed: dict[str, int]


class Database:
    """One star's tables in a warehouse; `where` names it in messages."""

    def __init__(self, connect: Callable[[], Any], target: str, where: str) -> None:
        self._connect, self._target, self._where = connect, target, where

    def load(self, version: Version, keys: Mapping[str, Sequence[str]], rows: Callable[[Part], pa.Table]) -> Loaded:
        """Make the tables hold exactly this version's rows, in one transaction; nothing where they are as new."""
        with self._asked():
            connection = self._connect()
            try:
                with connection, connection.cursor() as cursor:  # commits, or rolls back
                    return self._load(cursor, version, keys, rows)
            finally:
                connection.close()

    def _load(
        self, cursor: Any, version: Version, keys: Mapping[str, Sequence[str]], rows: Callable[[Part], pa.Table]
    ) -> Loaded:
        counts = {name: part.rows for name, part in version.tables.items()}
        cursor.execute("SET LOCAL lock_timeout = %s", (_WAITED_AT_MOST,))
        cursor.execute("SET LOCAL timezone = 'UTC'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (self._target,))
        cursor.execute("SELECT max(version) FROM loads WHERE target = %s", (self._target,))
        held = cursor.fetchone()[0]
        if held is not None and held >= version.number:
            return Loaded(held, False, counts, {})
        changed = {}
        for name, part in version.tables.items():
            changed[name] = self._stage(cursor, name, keys[name], rows(part))
        for name in reversed(version.tables):  # what refers to others goes first
            changed[name] += self._remove(cursor, name, keys[name])
        cursor.execute(
            "INSERT INTO loads (target, version, run) VALUES (%s, %s, %s)", (self._target, version.number, version.run)
        )
        return Loaded(version.number, True, counts, changed)

    def _stage(self, cursor: Any, name: str, key: Sequence[str], rows: pa.Table) -> int:
        """Put the rows beside the table, then those that are new or other into it; how many these are."""
        from pyarrow import csv

        self._refuse_lacking(cursor, name, rows.column_names)
        table, stage = sql.Identifier(name), sql.Identifier(f"stage_{name}")
        columns = sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                stage, columns, table
            )
        )
        text = io.BytesIO()
        csv.write_csv(rows, text, csv.WriteOptions(include_header=False))  # texts in quotes, NULL is nothing
        text.seek(0)
        copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(stage, columns)
        cursor.copy_expert(copy.as_string(cursor), text)
        if cursor.rowcount != rows.num_rows:
            raise RefusedError(
                f"{self._target}.{name}: {cursor.rowcount:,} rows arrived of {rows.num_rows:,}", self._where, _NOTHING
            )
        return self._merge(cursor, name, key, rows.column_names)

    def _merge(self, cursor: Any, name: str, key: Sequence[str], columns: Sequence[str]) -> int:
        """Insert what is new and update what is other, told by its key; how many rows."""
        others = [sql.Identifier(each) for each in columns if each not in key]
        listed = sql.SQL(", ").join
        insert = "INSERT INTO {table} AS old ({columns}) SELECT {columns} FROM {stage} ON CONFLICT ({key}) "
        update = "DO UPDATE SET ({others}) = ROW({new}) WHERE ({were}) IS DISTINCT FROM ({new})"
        statement = sql.SQL(insert + (update if others else "DO NOTHING")).format(
            table=sql.Identifier(name),
            columns=listed(map(sql.Identifier, columns)),
            stage=sql.Identifier(f"stage_{name}"),
            key=listed(map(sql.Identifier, key)),
            others=listed(others),
            new=listed(sql.SQL("excluded.{}").format(each) for each in others),
            were=listed(sql.SQL("old.{}").format(each) for each in others),
        )
        cursor.execute(statement)
        return int(cursor.rowcount)

    def _remove(self, cursor: Any, name: str, key: Sequence[str]) -> int:
        """Take out what the version has not; how many rows."""
        same = sql.SQL(" AND ").join(sql.SQL("new.{0} = old.{0}").format(sql.Identifier(each)) for each in key)
        gone = sql.SQL("DELETE FROM {} AS old WHERE NOT EXISTS (SELECT 1 FROM {} AS new WHERE {})")
        cursor.execute(gone.format(sql.Identifier(name), sql.Identifier(f"stage_{name}"), same))
        return int(cursor.rowcount)

    def _refuse_lacking(self, cursor: Any, name: str, columns: Sequence[str]) -> None:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(%s))"
            " AND attnum > 0 AND NOT attisdropped",
            (name,),
        )
        there = {row[0] for row in cursor.fetchall()}
        if not there:
            said = f"the warehouse has no table {name}"
            raise RefusedError(f"{self._target}: {said}", self._where, f"Make it there. {_NOTHING}")
        if lacking := [each for each in columns if each not in there]:
            said = f"the warehouse's table lacks {', '.join(lacking)}"
            raise RefusedError(f"{self._target}.{name}: {said}", self._where, f"Add what it lacks. {_NOTHING}")

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """The client's errors as the house's."""
        try:
            yield
        except psycopg2.Error as error:
            if (error.pgcode or "")[:2] in _BROKEN:
                said = f"{self._target}: PostgreSQL says {error.pgcode}: {str(error).splitlines()[0]}"
                raise RefusedError(said, self._where, f"Compare gold with the warehouse's rules. {_NOTHING}") from None
            raise errors.of(error, self._where, _ADVICE) from None
