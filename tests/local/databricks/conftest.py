"""A workspace that the tests of a file share, and one that a test may kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.databricks.workspace import Workspace


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A running workspace with no bundle."""
    running = Workspace(tmp_path_factory.mktemp("workspace")).start()
    yield running
    running.stop()


@pytest.fixture
def own_workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace of the test's own, not started yet."""
    own = Workspace(tmp_path)
    yield own
    own.stop()


@pytest.fixture
def connection(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of an Airflow connection to the shared workspace."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    return "databricks_default"
