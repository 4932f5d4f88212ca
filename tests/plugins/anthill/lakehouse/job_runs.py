"""Tasks that run jobs of a workspace, step by step: submitted, waited for as the triggerer does, taken up."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import TaskDeferred

from anthill.lakehouse.operator import RunJob
from tests.local.databricks.workspace import Workspace

PARAMETERS = [{"name": n, "default": ""} for n in ("catalog", "asset_class", "market_date_from", "market_date_to")]

SECONDS = "import time; time.sleep({})"

DAY = """
import json
asset_class, first, last = map(dbutils.widgets.get, ("asset_class", "market_date_from", "market_date_to"))
dbutils.notebook.exit(json.dumps({"asset_class": asset_class, "from": first, "to": last, "day": first}))
"""


@dataclass
class Instance:
    """A task instance as far as a task uses it: who it is, and its XComs, which a deferral keeps."""

    run_id: str
    try_number: int = 1
    dag_id: str = "stocks"
    task_id: str = "probe"
    map_index: int = -1
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    xcoms: dict[str, Any] = field(default_factory=dict)

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep a value."""
        self.xcoms[key] = value

    def xcom_pull(self, task_ids: str, key: str, map_indexes: int = -1) -> Any:
        """The value kept."""
        assert (task_ids, map_indexes) == (self.task_id, self.map_index)
        return self.xcoms.get(key)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with a script of faults."""
    folder = tmp_path_factory.mktemp("workspace")
    running = Workspace(folder, ["--faults", str(folder / "faults.yaml")]).start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def connection(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow's connection to it, asked often."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setenv("AIRFLOW__ANTHILL__JOB_POLL_SECONDS", "1")


def context(instance: Instance) -> dict[str, Any]:
    """What a running task is given."""
    known = {"ti": instance, "params": {"market_date": "2026-06-02"}, "dag_run": SimpleNamespace(run_type="manual")}
    return {**known, "task": SimpleNamespace(outlets=[]), "outlet_events": {}}


def task(name: str) -> RunJob:
    """The task that runs a job."""
    return RunJob(task_id="probe", job=name, asset_class="stocks", databricks_retry_delay=0.1)


def job(workspace: Workspace, name: str, *cells: str, **settings: Any) -> int:
    """A job as the bundle would have it."""
    path = workspace.notebook(name, *cells)
    return workspace.job(f"anthill-{name}", path, parameters=PARAMETERS, **settings)


def submit(name: str, instance: Instance) -> TaskDeferred:
    """Execute the task until it waits."""
    with pytest.raises(TaskDeferred) as deferred:
        task(name).execute(context(instance))
    return deferred.value


def event_of(trigger: Any) -> dict[str, Any]:
    """What a trigger fires."""

    async def first() -> dict[str, Any]:
        async for event in trigger.run():
            return dict(event.payload)
        raise AssertionError("the trigger ended without an event")

    return asyncio.run(asyncio.wait_for(first(), 60))


def finish(name: str, instance: Instance, deferred: TaskDeferred) -> dict[str, Any]:
    """Wait as the triggerer does, and take the run up."""
    result: dict[str, Any] = task(name).execute_complete(context(instance), event_of(deferred.trigger))
    return result


def run(name: str, instance: Instance) -> dict[str, Any]:
    """The whole task: submitted, waited for where it is not over at once, taken up."""
    try:
        result: dict[str, Any] = task(name).execute(context(instance))
    except TaskDeferred as deferred:
        return finish(name, instance, deferred)
    return result


def runs(workspace: Workspace, job_id: int) -> list[dict[str, Any]]:
    """Every run of a job."""
    found: list[dict[str, Any]] = workspace.call("GET", "2.2/jobs/runs/list", job_id=job_id).get("runs", [])
    return found
