"""What PostgreSQL says becomes an error that says what to do, and whether a retry helps."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from anthill.bronze.commits import Place
from anthill.sources.errors import (
    ConnectionFailedError,
    FatalError,
    NotEntitledError,
    NotFoundError,
    PassingError,
    SourceError,
    UnknownKeyError,
)
from anthill.sources.postgres import errors
from anthill.sources.postgres.declaration import PostgresDataset
from anthill.sources.postgres.source import PostgresSource
from anthill.sources.source import Around

if TYPE_CHECKING:
    from local.totesys.server import Server

PASSWORD = "do-not-tell-me"  # pragma: allowlist secret

LOCKED_OUT = {"user": "locked", "password": "wrong-password"}  # pragma: allowlist secret


@pytest.fixture(scope="module")
def locked(totesys: Server) -> Server:
    """The server, with a user who needs a password."""
    totesys.reset()
    totesys.alter(f"CREATE ROLE locked LOGIN PASSWORD '{PASSWORD}'")
    rules = totesys.folder / "pg_hba.conf"
    rules.write_text(f"local all locked scram-sha-256\n{rules.read_text()}")
    totesys.alter("SELECT pg_reload_conf()")
    return totesys


def asked(server: Server, relation: str = "", **options: Any) -> SourceError:
    """What reading a table of departments comes to."""
    table = PostgresDataset(
        "d", ("department_id",), types={"department_id": "integer"}, relation=relation, asset_class="totesys",
        name="department", source="postgres",
    )  # fmt: skip
    source = PostgresSource(lambda: server.connect(**options), [table], "totesys_default", "postgres://totesys")
    with ThreadPoolExecutor(1) as pool, pytest.raises(SourceError) as caught:
        list(source.pages(table, Place.of(table, "20260601T000000Z"), "", Around(pool, threading.Event())))
    source.close()
    return caught.value


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        (LOCKED_OUT, UnknownKeyError, "Put the right user and password"),
        ({"user": "locked"}, UnknownKeyError, "Put the right user and password"),
        ({"user": "nobody"}, UnknownKeyError, "Put the right user and password"),
        ({"user": "visitor"}, NotEntitledError, "GRANT SELECT on it"),
        ({"database": "elsewhere"}, NotFoundError, "Put the database's name into the connection's schema"),
        ({"relation": "public.absent"}, NotFoundError, "Name the table in include/datasets"),
        ({"host": "/nowhere"}, ConnectionFailedError, "Check the connection's host"),
        ({"sslmode": "require", "host": "127.0.0.1", "port": 9}, ConnectionFailedError, "Check the connection's host"),
    ],
)
def test_a_fault_says_what_to_do(locked: Server, options: dict[str, Any], kind: type[SourceError], said: str) -> None:
    """By the server's own words, and without the password in them."""
    found = asked(locked, **options)
    assert isinstance(found, kind)
    assert isinstance(found, FatalError) != isinstance(found, PassingError)
    assert said in str(found)
    assert "[postgres://totesys" in str(found)
    assert "wrong-password" not in str(found)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('connection to server at "db", port 5432 failed: SSL error: certificate verify failed', FatalError),
        ('root certificate file "/root.crt" does not exist', FatalError),
        ("connection failed: server does not support SSL, but SSL was required", FatalError),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", no encryption', UnknownKeyError),
        ("could not translate host name to address: Name or service not known", ConnectionFailedError),
        ("timeout expired", ConnectionFailedError),
    ],
)
def test_what_libpq_says_of_a_connection(said: str, kind: type[SourceError]) -> None:
    """Texts of libpq 17 that no server of the tests can be made to give: a certificate is never passed over."""
    assert type(errors.of(psycopg2.OperationalError(said), "postgres://db")) is kind


@pytest.mark.parametrize(
    ("state", "kind"),
    [("40001", PassingError), ("57014", PassingError), ("57P01", ConnectionFailedError), ("53300", PassingError),
     ("42703", FatalError), ("28000", UnknownKeyError), ("55P03", PassingError)],
)  # fmt: skip
def test_states_by_their_class(state: str, kind: type[SourceError]) -> None:
    """A conflict with recovery, a time-out, a restart, too many connections: the next try reads all again."""

    class Said(psycopg2.Error):
        pgcode = state

    assert isinstance(errors.of(Said("said"), "postgres://db"), kind)
