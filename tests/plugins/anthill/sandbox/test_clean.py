"""The sandbox is cleaned: real runs of the DAG against a workspace, a week and a month apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.models.xcom import XComModel
from airflow.utils.session import create_session
from sqlalchemy import delete

from anthill import settings
from anthill.alerts import topics
from anthill.alerts.alert import Alert
from anthill.sandbox.dag import sandbox_dag
from tests.local.databricks.workspace import Workspace

TABLES = "2.1/unity-catalog/tables?catalog_name=dev&schema_name=sandbox"


@pytest.fixture
def workspace(
    airflow_database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Workspace]:
    """A workspace with these schemas; a sandbox has two tables and a view, made today."""
    names = getattr(request, "param", ("gold", "sandbox"))
    running = Workspace(tmp_path, schemas={name: str(tmp_path / "lake" / name) for name in names}).start()
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", running.connection)
    running.sql("CREATE TABLE dev.gold.kept (n INT) USING delta")
    if "sandbox" in names:
        for name in ("one", "two"):
            running.sql(f"CREATE TABLE dev.sandbox.{name} (n INT) USING delta")
    with create_session() as session:  # what the runs of other tests have told
        session.execute(delete(XComModel).where(XComModel.dag_id == "sandbox"))
    yield running
    running.stop()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Alert]:
    """The messages."""
    found: list[Alert] = []
    monkeypatch.setattr(topics, "publish", lambda alert, _: found.append(alert))
    return found


def run(monkeypatch: pytest.MonkeyPatch, days: int) -> str:
    """A run so many days from now; how it ended."""
    now = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    monkeypatch.setattr(settings, "now", lambda: now)
    dag = sandbox_dag(None)
    for task in dag.tasks:
        task.retries = 0
    ended = dag.test(logical_date=now)
    (task,) = ended.get_task_instances()
    return str(task.state)


def there(workspace: Workspace) -> list[str]:
    """The tables in the sandbox."""
    return sorted(table["name"] for table in workspace.call("GET", TABLES).get("tables", []))


def test_owners_hear_of_it_a_week_before_and_once(
    workspace: Workspace, sent: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing on day 22, a message on 23 and none on 24; both tables are there until day 30, and gone then."""
    today = dt.datetime.now(dt.UTC).date()
    assert run(monkeypatch, 22) == "success"
    assert sent == []
    assert run(monkeypatch, 24) == "success"
    assert run(monkeypatch, 25) == "success"
    (alert,) = sent
    assert (alert.kind, alert.severity) == ("sandbox", "notice")
    assert alert.summary == "2 tables are dropped in a week"
    last = today + dt.timedelta(days=31)
    assert all(f"dev.sandbox.{name} ({last})" in alert.text for name in ("one", "two"))
    assert run(monkeypatch, 30) == "success"
    assert there(workspace) == ["one", "two"]
    assert run(monkeypatch, 31) == "success"
    assert there(workspace) == []
    assert workspace.call("GET", "2.1/unity-catalog/tables/dev.gold.kept")["name"] == "kept"
    assert len(sent) == 1


def test_after_a_pause_nothing_goes_that_nobody_was_told_of(
    workspace: Workspace, sent: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run after months tells; the next, a week later, drops."""
    assert run(monkeypatch, 100) == "success"
    assert (len(sent), there(workspace)) == (1, ["one", "two"])
    assert run(monkeypatch, 107) == "success"
    assert there(workspace) == []


def test_one_that_cannot_be_dropped_is_red_and_the_others_go(
    workspace: Workspace, sent: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named; what was told is remembered."""
    from anthill.sandbox import tables

    drop = tables.drop

    def dropping(hook: Any, table: Any) -> None:
        if table.name == "dev.sandbox.one":
            raise RuntimeError("it is held")
        drop(hook, table)

    monkeypatch.setattr(tables, "drop", dropping)
    assert [run(monkeypatch, 24), run(monkeypatch, 31)] == ["success", "failed"]
    assert there(workspace) == ["one"]
    monkeypatch.setattr(tables, "drop", drop)
    assert run(monkeypatch, 32) == "success"
    assert (there(workspace), len(sent)) == ([], 1)


@pytest.mark.parametrize("workspace", [("gold",)], indirect=True)
def test_an_environment_without_a_sandbox_has_nothing_to_clean(
    workspace: Workspace, sent: list[Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As prod: skipped, not red."""
    assert (run(monkeypatch, 40), sent) == ("skipped", [])
