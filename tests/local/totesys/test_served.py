"""What the stack gets of ToteSys: two databases by their connections, and a business at work until it is stopped."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from local.service import find, remember, stop
from local.sources import Started
from local.totesys import served


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Its server and its service, both ended afterwards."""
    found = served.start(tmp_path, tmp_path / "run")
    yield found
    stop(list(find(tmp_path / "run").values()))
    for process in found.processes.values():
        process.send_signal(signal.SIGINT)
        process.wait(30)


def rows(started: Started, name: str, query: str) -> int:
    """A number of a database, asked as Airflow's connection says."""
    known = json.loads(started.connections[f"AIRFLOW_CONN_{name}_DEFAULT"])
    connection = psycopg2.connect(host=known["host"], dbname=known["schema"], user=known["login"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return int(cursor.fetchone()[0])
    finally:
        connection.close()


def test_the_business_lives_until_it_is_stopped(started: Started, tmp_path: Path) -> None:
    """Opened once, and at work before anybody looks; a signal of the stack ends it, and nothing is left open."""
    (business,) = started.services
    assert business.name == "totesys"
    assert rows(started, "WAREHOUSE", "SELECT count(*) FROM loads") == 0
    (tmp_path / "run").mkdir(exist_ok=True)
    remember(tmp_path / "run" / "totesys-postgres.json", started.processes["totesys-postgres"])
    business.command = [*business.command, "--every", "0.02", "--seed", "3"]
    business.start()
    end = time.monotonic() + 120
    while rows(started, "TOTESYS", "SELECT count(*) FROM sales_order") < 80:  # more than the first hundred events make
        business.check()
        assert time.monotonic() < end, business.tail()
        time.sleep(0.2)
    assert rows(started, "TOTESYS", "SELECT count(*) FROM staff") >= 20
    process = find(tmp_path / "run")["totesys"]
    os.kill(process.pid, signal.SIGTERM)
    process.wait(10)
    assert "Traceback" not in business.log.read_text()
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'totesys' AND pid <> pg_backend_pid()"
    assert rows(started, "TOTESYS", others) == 0


def test_its_changes_can_be_followed(started: Started) -> None:
    """Whoever declares `mode: changes` finds what the log tells of: all eleven tables."""
    told = "SELECT count(*) FROM pg_publication_tables WHERE pubname = 'anthill_totesys'"
    assert rows(started, "TOTESYS", told) == 11


def test_a_second_start_finds_what_is_there(started: Started, tmp_path: Path) -> None:
    """Nothing is made anew, so that the warehouse keeps its versions."""
    server = served.Server(tmp_path / "totesys")
    server.alter("INSERT INTO loads (target, version, run) VALUES ('totesys', 1, 'r')", served.WAREHOUSE)
    again = served.start(tmp_path, tmp_path / "run")
    assert again.processes == started.processes
    assert rows(again, "WAREHOUSE", "SELECT max(version) FROM loads") == 1
