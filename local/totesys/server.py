"""ToteSys' own PostgreSQL server; it listens on a Unix socket only, so TLS is not tried here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import psycopg2

from local import postgres

DATABASE = "totesys"
WAREHOUSE = "warehouse"
_SCHEMA = Path(__file__).with_name("schema.sql")
_STAR = Path(__file__).with_name("warehouse.sql")
PUBLICATION = "anthill_totesys"  # what of the database is told to whoever follows its changes
_SETTINGS = ("wal_level = logical", "max_slot_wal_keep_size = 1GB")  # a slot that nobody reads does not fill the disk
_ANEW = "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC;"


class Server:
    """A running server with the eleven tables, made where they are not there yet; it outlives this process."""

    def __init__(self, folder: Path) -> None:
        self._server = postgres.server(folder, _SETTINGS)
        self.folder = folder
        if self._is_new(DATABASE):
            self.alter(_SCHEMA.read_text())

    @property
    def process(self) -> psutil.Process:
        """The server's first process."""
        return psutil.Process(self._server.get_postmaster_info().pid)

    def uri(self, database: str = DATABASE) -> str:
        """Where a database is, for libpq."""
        return str(self._server.get_uri(database))

    def connect(self, database: str = DATABASE, **options: Any) -> Any:
        """A connection as the server's owner, or with other options of libpq."""
        return psycopg2.connect(self.uri(database), **{"connect_timeout": 60, **options})

    def airflow(self, database: str = DATABASE) -> dict[str, Any]:
        """The same as fields of Airflow's connection."""
        told = psycopg2.extensions.parse_dsn(self.uri(database))
        return {"conn_type": "postgres", "host": told["host"], "schema": database, "login": told["user"]}

    def alter(self, statements: str, database: str = DATABASE) -> None:
        """Run some statements in one transaction."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(statements)

    def reset(self) -> None:
        """Make the tables anew, without rows."""
        self.alter(_ANEW + _SCHEMA.read_text())

    def publish(self) -> None:
        """Tell of changes in all tables from here on."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'")
            (tables,) = cursor.fetchone()
        self.alter(f"DROP PUBLICATION IF EXISTS {PUBLICATION}; CREATE PUBLICATION {PUBLICATION} FOR TABLE {tables};")

    def warehouse(self) -> None:
        """Make the warehouse's tables, in a database of their own, where they are not there yet."""
        if self._is_new(WAREHOUSE):
            self.alter(_STAR.read_text(), WAREHOUSE)

    def reset_warehouse(self) -> None:
        """Make the warehouse's tables anew, without rows."""
        self._is_new(WAREHOUSE)
        self.alter(_ANEW + _STAR.read_text(), WAREHOUSE)

    def _is_new(self, database: str) -> bool:
        """Make a database where there is none or one without a table; whether that is so."""
        if database not in self._server.psql("SELECT datname FROM pg_database;").split():
            self._server.psql(f"CREATE DATABASE {database};")
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            return not cursor.fetchone()[0]

    def stop(self) -> None:
        """End it; open transactions are rolled back."""
        self._server.cleanup()
