"""Airflow's database on one machine: its tables come from a template, which the lock decides over."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import pytest

from local import airflow, postgres
from local.service import stop


class Parts:
    """Migrates by making one table; counts how often."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, 0

    def finish(self, part: str, log: Path) -> None:
        """What `airflow db migrate` does to an empty database, and to one of an earlier version."""
        assert part == "migrate"
        self.asked += 1
        query(
            self.folder,
            f"CREATE TABLE made_{self.asked} (version TEXT); INSERT INTO made_{self.asked} VALUES ('it''s')",
        )


def query(folder: Path, statement: str) -> str:
    """Psql's answer from Airflow's database."""
    return str(postgres.server(folder).psql(f"\\connect {postgres.DATABASE}\n{statement};"))


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the database's own user may enter: another pytest of root's takes that of `tmp_path` away."""
    with tempfile.TemporaryDirectory(prefix="anthill-") as folder:
        yield Path(folder)


@pytest.fixture
def prepared(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Parts]]:
    """Prepares the database of a home by name, with a lock and a place for templates of the test's own."""
    monkeypatch.setattr(airflow, "TEMPLATES", place / "templates")
    monkeypatch.setattr(airflow, "LOCK", place / "uv.lock")
    airflow.LOCK.write_text("one")
    running: dict[str, psutil.Process] = {}

    def prepare(name: str) -> Parts:
        home = place / name
        database = postgres.start(home / "postgres")
        running[name] = database.process
        parts: Any = Parts(home / "postgres")
        airflow.prepare(home, parts, database, home)
        return parts

    yield prepare
    stop(list(running.values()))


def test_a_second_home_has_the_first_ones_tables(prepared: Callable[[str], Parts]) -> None:
    """It migrates nothing itself, and what is in the tables is there; another start changes nothing."""
    assert prepared("first").asked == 1
    second = prepared("second")
    assert second.asked == 0
    assert "it's" in query(second.folder, "SELECT version FROM made_1")
    assert prepared("second").asked == 0


def test_another_lock_makes_another_template(prepared: Callable[[str], Parts]) -> None:
    """The one before goes."""
    prepared("first")
    (before,) = airflow.TEMPLATES.iterdir()
    airflow.LOCK.write_text("two")
    assert prepared("second").asked == 1
    (after,) = airflow.TEMPLATES.iterdir()
    assert after != before


def test_a_database_of_another_version_is_migrated_where_it_is(prepared: Callable[[str], Parts]) -> None:
    """Its rows stay, and no template is made of what is not empty."""
    home = prepared("first").folder
    (home / "migrated").write_text("3.0.0")
    (template,) = airflow.TEMPLATES.iterdir()
    template.unlink()
    query(home, "CREATE TABLE kept (n INT); INSERT INTO kept VALUES (7)")
    again = prepared("first")
    assert again.asked == 1
    assert "7" in query(home, "SELECT n FROM kept")
    assert not list(airflow.TEMPLATES.iterdir())
    assert (home / "migrated").read_text() == version("apache-airflow")
