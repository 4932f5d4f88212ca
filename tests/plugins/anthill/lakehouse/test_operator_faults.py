"""Whatever fails while a run is waited for: the task is red in words, or has its result, and the run is one."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from airflow.sdk._shared.module_loading import import_string
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.lakehouse.job_runs import (
    DAY,
    SECONDS,
    Instance,
    connection,
    context,
    event_of,
    finish,
    job,
    run,
    runs,
    submit,
    task,
    workspace,
)
from tests.plugins.anthill.landing.workers import environment

__all__ = ["connection", "workspace"]

TRIGGER = """
import asyncio, json, sys
from airflow.sdk._shared.module_loading import import_string
path, kwargs = json.loads(sys.argv[1])
print("watching", flush=True)
async def watch():
    async for event in import_string(path)(**kwargs).run():
        print(event.payload, flush=True)
asyncio.run(watch())
"""


RUN_DENIED = "User 0a1b does not have Manage Run or Owner or Admin permissions on job 7"
TABLE_DENIED = "[INSUFFICIENT_PERMISSIONS] User does not have SELECT on Table 'dev.silver.stocks_daily_bars'"


def test_a_right_to_start_a_job_is_named(workspace: Workspace) -> None:
    """The job, what the service says, the right and where it is declared; nothing is asked a second time."""
    job(workspace, "refused", DAY)
    fault = {"path": "jobs/run-now", "status": 403, "error_code": "PERMISSION_DENIED", "message": RUN_DENIED}
    (workspace.folder / "faults.yaml").write_text(yaml.safe_dump([fault]))
    try:
        said = r"^Databricks did not start anthill-refused: .*Manage Run.*CAN_MANAGE_RUN.*bundle"
        with pytest.raises(AirflowException, match=said):
            task("refused").execute(context(Instance("refused")))
    finally:
        (workspace.folder / "faults.yaml").unlink()


def test_a_job_that_may_not_be_seen_is_named(workspace: Workspace) -> None:
    """A principal without any right on a job does not find it."""
    with pytest.raises(AirflowException, match=r"anthill-unseen can not be found\. .*CAN_MANAGE_RUN on the job"):
        task("unseen").execute(context(Instance("unseen")))


def test_a_right_that_a_run_lacks_is_named(workspace: Workspace) -> None:
    """The table in the engine's words, and where the jobs' principal gets its rights."""
    job(workspace, "blind", f"raise PermissionError({TABLE_DENIED!r})")
    with pytest.raises(AirflowException, match=r"SELECT on Table 'dev\.silver\.stocks_daily_bars'.*stack catalog"):
        run("blind", Instance("blind"))


def test_a_notebook_that_cannot_import_says_what_to_deliver(workspace: Workspace) -> None:
    """What it lacks in Python's words, the job, and the next step; a second try would find no more."""
    job(workspace, "wheelless", "from anthill_of_yesterday import gold")
    said = r"wheelless failed: ModuleNotFoundError: .*'anthill_of_yesterday'.*bundle-deploy.*smoke"
    with pytest.raises(AirflowFailException, match=said):
        run("wheelless", Instance("wheelless"))


def test_a_run_over_its_time_is_red(workspace: Workspace) -> None:
    """The job's own limit ends it, and the message says so."""
    job(workspace, "late", SECONDS.format(30), timeout_seconds=1)
    with pytest.raises(AirflowException, match=r"TIMEDOUT|timed out"):
        run("late", Instance("late"))


def test_a_run_cancelled_by_hand_is_red(workspace: Workspace) -> None:
    """Somebody cancels it in the workspace while the task waits."""
    job(workspace, "stopped", SECONDS.format(30))
    instance = Instance("stopped")
    deferred = submit("stopped", instance)
    workspace.call("POST", "2.2/jobs/runs/cancel", run_id=instance.xcoms["run_id"])
    with pytest.raises(AirflowException, match="CANCELED"):
        finish("stopped", instance, deferred)


def test_a_run_queued_beyond_patience_is_cancelled_and_red(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow ends the wait; the run does not stay in the queue, where the retry's would stand behind it."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__JOB_PATIENCE_MINUTES", "45")
    known = job(workspace, "crowded", SECONDS.format(30), max_concurrent_runs=1, queue={"enabled": True})
    ahead = workspace.run_now(known)
    instance = Instance("crowded")
    deferred = submit("crowded", instance)
    assert deferred.timeout is not None
    assert deferred.timeout.total_seconds() == 45 * 60
    with pytest.raises(AirflowException, match=r"anthill-crowded.*run \d+ is QUEUED after 45 minutes.*cancelled.*http"):
        # What the scheduler hands to the task when a trigger's time is over.
        task("crowded").resume_execution("__fail__", {"error": "Trigger timeout"}, context(instance))
    assert workspace.wait(instance.xcoms["run_id"])["state"]["result_state"] == "CANCELED"
    assert workspace.run(ahead)["state"]["life_cycle_state"] == "RUNNING"
    workspace.call("POST", "2.2/jobs/runs/cancel", run_id=ahead)


@pytest.mark.parametrize(
    "faults", [[{"status": 503}, {"status": 500}], [{"status": 429, "retry_after": 0}]], ids=["5xx", "429"]
)
def test_faults_while_polling_cost_nothing(workspace: Workspace, faults: list[dict[str, int]]) -> None:
    """The workspace answers wrongly twice while the run goes on: one run, and its result."""
    name = f"polled{faults[0]['status']}"
    known = job(workspace, name, SECONDS.format(2.5), DAY)
    instance = Instance(name)
    deferred = submit(name, instance)
    rules = [{"path": "runs/get$", "times": 1, **fault} for fault in faults]
    (workspace.folder / "faults.yaml").write_text(yaml.safe_dump(rules))
    assert finish(name, instance, deferred)["day"] == "2026-06-02"
    assert len(runs(workspace, known)) == 1


def test_the_triggerer_is_killed_while_a_run_is_waited_for(workspace: Workspace) -> None:
    """Another triggerer takes the trigger up from what Airflow's database has of it: one run, its result."""
    known = job(workspace, "orphaned", SECONDS.format(4), DAY)
    instance = Instance("orphaned")
    deferred = submit("orphaned", instance)
    command = [sys.executable, "-c", TRIGGER, json.dumps(deferred.trigger.serialize())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "watching\n"
        killed.kill()
    assert killed.returncode == -9
    path, kwargs = deferred.trigger.serialize()
    event = event_of(import_string(path)(**kwargs))
    assert task("orphaned").execute_complete(context(instance), event)["day"] == "2026-06-02"
    assert len(runs(workspace, known)) == 1


def test_the_workspace_dies_and_comes_back(own_workspace_job: tuple[Workspace, int]) -> None:
    """A run that was lost with it is no success: the task is red, and the retry runs it again."""
    workspace, known = own_workspace_job
    first = Instance("lost", 1)
    deferred = submit("lost", first)
    workspace.stop()
    workspace.start()
    with pytest.raises(AirflowException):
        finish("lost", first, deferred)
    (workspace.folder / "go").touch()
    assert run("lost", Instance("lost", 2))["day"] == "2026-06-02"
    assert len(runs(workspace, known)) == 2


@pytest.fixture
def own_workspace_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Workspace, int]]:
    """A workspace that a test may end, with a job that takes long until it may go."""
    own = Workspace(tmp_path).start()
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", own.connection)
    wait = f"import pathlib, time; time.sleep(1 if pathlib.Path('{tmp_path}/go').exists() else 60)"
    yield own, job(own, "lost", wait, DAY)
    with contextlib.suppress(Exception):
        own.stop()
