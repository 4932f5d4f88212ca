"""What a table must be for its changes to be read, and a digest of that: where it differs, changes are missing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from anthill.sources.errors import FatalError, NotFoundError
from anthill.sources.postgres.declaration import PostgresDataset

# Views of the catalog have columns more from version to version: what a server has not is NULL here.
_PUBLICATION = """
    SELECT oid, pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication WHERE pubname = %s
"""
_TABLES = """
    SELECT n.nspname, c.relname, c.oid, c.relkind, c.relreplident, c.relpersistence, r.oid,
        (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (c.relreplident = 'f' OR EXISTS (
                SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey)
                AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END))),
        (SELECT array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        (SELECT array_agg(a.attname ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        to_jsonb(t) -> 'attnames', to_jsonb(t) ->> 'rowfilter', t.tablename IS NOT NULL
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_publication_tables t ON (t.pubname, t.schemaname, t.tablename) = (%s, n.nspname, c.relname)
    LEFT JOIN pg_publication_rel r ON r.prrelid = c.oid AND r.prpubid = %s
    WHERE (n.nspname, c.relname) IN %s
"""


class UnfollowableError(FatalError):
    """A table's changes do not say all that has to be known of them."""


class Shape(NamedTuple):
    """A table whose changes can be read: the columns of its rows, and the digest of what they hang on."""

    columns: tuple[str, ...]
    digest: str


def shapes(cursor: Any, tables: Sequence[PostgresDataset], publication: str) -> Mapping[str, Shape]:
    """The tables by dataset; SourceError where one of them cannot be followed, or is not there."""
    cursor.execute(_PUBLICATION, (publication,))
    found = cursor.fetchone()
    names = ", ".join(f'"{schema}"."{name}"' for schema, name in (table.qualified for table in tables))
    if found is None:
        advice = f'Its owner makes it: CREATE PUBLICATION "{publication}" FOR TABLE {names}'
        raise NotFoundError(f"the database has no publication {publication!r}", publication, advice)
    number, everything = found
    if not everything:
        advice = f"ALTER PUBLICATION \"{publication}\" SET (publish = 'insert, update, delete, truncate')"
        raise UnfollowableError(f"the publication {publication!r} leaves out a kind of change", publication, advice)
    cursor.execute(_TABLES, (publication, number, tuple(table.qualified for table in tables)))
    rows = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
    return {table.name: _shape(table, rows.get(table.qualified), publication, number) for table in tables}


def _shape(table: PostgresDataset, row: Sequence[Any] | None, publication: str, number: int) -> Shape:
    name = '"{}"."{}"'.format(*table.qualified)
    if row is None:
        advice = "Name the table in include/datasets as the database does, or take it out."
        raise NotFoundError("there is no such table", table.endpoint, advice)
    oid, kind, identity, lasting, member, of_identity, types, every, published, only, is_published = row
    columns = tuple(published or every)
    problem = advice = ""
    if (kind, lasting) != ("r", "p"):
        problem, advice = "it is no plain table that the log has", "Declare `mode: snapshot` for its asset class."
    elif not is_published:
        problem = f"it is not in the publication {publication!r}"
        advice = f'Its owner adds it: ALTER PUBLICATION "{publication}" ADD TABLE {name}'
    elif only:
        problem, advice = "the publication leaves out rows", f'ALTER PUBLICATION "{publication}" SET TABLE … {name}'
    elif missing := [column for column in table.types if column in every and column not in columns]:
        problem = f"the publication leaves out {', '.join(missing)}"
        advice = f'ALTER PUBLICATION "{publication}" SET TABLE …, with all columns of {name}'
    elif missing := [column for column in table.key if column not in (of_identity or ())]:
        problem = f"its changes do not name {', '.join(missing)} of a row that is changed or deleted"
        advice = f"ALTER TABLE {name} REPLICA IDENTITY FULL, or give it the declared key as its primary key."
    if problem:
        error = UnfollowableError(problem, table.endpoint, advice)
        error.subject = f"{table.asset_class}.{table.name}"
        raise error
    facts = [number, oid, member, identity, types, columns, dict(table.types), table.key]
    return Shape(columns, hashlib.sha256(repr(facts).encode()).hexdigest()[:16])
