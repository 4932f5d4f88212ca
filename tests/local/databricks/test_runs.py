"""The life cycle of runs: queue, limits, time-outs, cancel, retries, dependencies, repair, idempotency, restarts."""

from __future__ import annotations

import signal

import pytest

from tests.local.databricks.held import Held
from tests.local.databricks.workspace import Workspace

FAILS_ONCE = (
    "import pathlib; mark = pathlib.Path(dbutils.widgets.get('mark')); again = mark.exists(); mark.touch()",
    "assert again, 'the first time'",
    "dbutils.notebook.exit('done')",
)


def _state(run: dict) -> tuple[str, str]:
    return run["state"]["life_cycle_state"], run["state"]["result_state"]


def test_second_run_is_queued_and_then_runs(workspace: Workspace) -> None:
    """At the job's limit a run waits, and starts when the one before it is over; never both at once."""
    held = Held(workspace, "first of two")
    job = workspace.job("queued", held.path, max_concurrent_runs=1, queue={"enabled": True})
    first, second = workspace.run_now(job), workspace.run_now(job)
    assert workspace.run(second)["state"]["life_cycle_state"] == "QUEUED"
    held.go()
    runs = [workspace.wait(first), workspace.wait(second)]
    assert [_state(run) for run in runs] == [("TERMINATED", "SUCCESS")] * 2
    assert runs[1]["tasks"][0]["start_time"] >= runs[0]["end_time"]


def test_without_a_queue_the_second_run_is_skipped(workspace: Workspace) -> None:
    """At the job's limit, and with no queue, a run is over at once as SKIPPED and says why."""
    job = workspace.job("skipped", workspace.notebook("slow", "import time; time.sleep(1200)"))
    first, second = workspace.run_now(job), workspace.run_now(job)
    skipped = workspace.run(second)
    assert skipped["state"]["life_cycle_state"] == "SKIPPED"
    assert "maximum concurrent runs" in skipped["state"]["state_message"]
    workspace.call("POST", "2.2/jobs/runs/cancel", run_id=first)
    assert _state(workspace.wait(first)) == ("TERMINATED", "CANCELED")


def test_cancel_kills_what_runs(workspace: Workspace) -> None:
    """A cancelled run ends at once, even in the middle of a query, and writes nothing afterwards."""
    held = Held(workspace, "cancelled")
    run_id = workspace.run_now(workspace.job("cancelled", held.path))
    process = held.process()
    workspace.call("POST", "2.2/jobs/runs/cancel", run_id=run_id)
    run = workspace.wait(run_id)
    assert _state(run) == ("TERMINATED", "CANCELED")
    assert _state(run["tasks"][0]) == ("TERMINATED", "CANCELED")
    assert not held.survives(process)


def test_cancel_all_ends_queued_runs_too(workspace: Workspace) -> None:
    """cancel-all of a job leaves none of its runs going."""
    path = workspace.notebook("slow", "import time; time.sleep(1200)")
    job = workspace.job("all", path, queue={"enabled": True})
    runs = [workspace.run_now(job) for _ in range(3)]
    workspace.call("POST", "2.2/jobs/runs/cancel-all", job_id=job)
    assert [_state(workspace.wait(run)) for run in runs] == [("TERMINATED", "CANCELED")] * 3
    assert workspace.call("GET", "2.2/jobs/runs/list", job_id=job, active_only="true") == {}


@pytest.mark.parametrize("level", ["job", "task"])
def test_timeout_ends_the_run(workspace: Workspace, level: str) -> None:
    """A run, or task, over its time is killed and TIMEDOUT."""
    path = workspace.notebook("long", "import time; time.sleep(1200)")
    limit = {"timeout_seconds": 1}
    job = workspace.job(f"late {level}", path, **(limit if level == "job" else {"task": limit}))
    run = workspace.wait(workspace.run_now(job))
    assert run["tasks"][0]["state"]["result_state"] == "TIMEDOUT"
    assert run["state"]["result_state"] == ("TIMEDOUT" if level == "job" else "FAILED")
    assert run["run_duration"] < 1_200_000


def test_task_is_retried(workspace: Workspace) -> None:
    """A failing task is tried again as often as declared; each attempt is listed."""
    path = workspace.notebook("flaky", *FAILS_ONCE)
    base = {"notebook_path": path, "base_parameters": {"mark": str(workspace.folder / "retried")}}
    run = workspace.wait(
        workspace.run_now(workspace.job("retry", path, task={"notebook_task": base, "max_retries": 2}))
    )
    assert _state(run) == ("TERMINATED", "SUCCESS")
    assert [task["attempt_number"] for task in run["tasks"]] == [0, 1]


def test_dependent_tasks(workspace: Workspace) -> None:
    """Tasks run after those they depend on, see their values, and do not run when one of them failed."""
    give = workspace.notebook("give", "dbutils.jobs.taskValues.set('n', 41)")
    take = workspace.notebook("take", "dbutils.notebook.exit(dbutils.jobs.taskValues.get('give', 'n') + 1)")
    fail = workspace.notebook("fail", "raise RuntimeError('no')")

    def run(first: str) -> dict:
        tasks = [
            {"task_key": "take", "depends_on": [{"task_key": "give"}], "notebook_task": {"notebook_path": take}},
            {"task_key": "give", "notebook_task": {"notebook_path": first}},
        ]
        return workspace.wait(workspace.call("POST", "2.2/jobs/runs/submit", tasks=tasks)["run_id"])

    good = run(give)
    assert workspace.output(good)["notebook_output"]["result"] == "42"
    states = {task["task_key"]: task["state"]["result_state"] for task in run(fail)["tasks"]}
    assert states == {"give": "FAILED", "take": "UPSTREAM_FAILED"}


def test_circular_tasks_are_refused(workspace: Workspace) -> None:
    """Tasks that wait for each other are refused when submitted."""
    tasks = [
        {"task_key": key, "depends_on": [{"task_key": other}], "notebook_task": {"notebook_path": "/x"}}
        for key, other in (("a", "b"), ("b", "a"))
    ]
    assert "circle" in workspace.call("POST", "2.2/jobs/runs/submit", status=400, tasks=tasks)["message"]


def test_repair_runs_what_failed(workspace: Workspace) -> None:
    """A repair runs the failed task again in the same run, and its history tells of both; a stale repair is refused."""
    path = workspace.notebook("flaky", *FAILS_ONCE)
    base = {"notebook_path": path, "base_parameters": {"mark": str(workspace.folder / "repaired")}}
    run_id = workspace.run_now(workspace.job("repair", path, task={"notebook_task": base}))
    assert _state(workspace.wait(run_id)) == ("INTERNAL_ERROR", "FAILED")
    repair = {"run_id": run_id, "rerun_all_failed_tasks": True}
    repair_id = workspace.call("POST", "2.2/jobs/runs/repair", **repair)["repair_id"]
    assert _state(workspace.wait(run_id)) == ("TERMINATED", "SUCCESS")
    history = workspace.run(run_id, include_history="true")["repair_history"]
    assert [(item["type"], item["state"]["result_state"]) for item in history] == [
        ("ORIGINAL", "FAILED"),
        ("REPAIR", "SUCCESS"),
    ]
    assert history[1]["id"] == repair_id
    again = workspace.call("POST", "2.2/jobs/runs/repair", status=400, run_id=run_id, rerun_tasks=["main"])
    assert str(repair_id) in again["message"]


def test_idempotency_token_gives_the_run_it_started(workspace: Workspace) -> None:
    """A known token starts nothing, even when its run failed; one that is too long is refused."""
    job = workspace.job("token", workspace.notebook("fail", "raise RuntimeError('no')"), max_concurrent_runs=5)
    first = workspace.run_now(job, idempotency_token="t1")
    workspace.wait(first)
    assert workspace.run_now(job, idempotency_token="t1") == first
    assert workspace.run_now(job, idempotency_token="t2") != first
    refused = workspace.call("POST", "2.2/jobs/run-now", status=400, job_id=job, idempotency_token="x" * 65)
    assert refused["error_code"] == "INVALID_PARAMETER_VALUE"


def test_deleted_run_is_gone(workspace: Workspace) -> None:
    """An active run cannot be deleted; one that is over can, and is then unknown."""
    job = workspace.job("delete", workspace.notebook("slow", "import time; time.sleep(1200)"))
    run_id = workspace.run_now(job, idempotency_token="of the deleted")
    assert "active" in workspace.call("POST", "2.2/jobs/runs/delete", status=400, run_id=run_id)["message"]
    workspace.call("POST", "2.2/jobs/runs/cancel", run_id=run_id)
    workspace.wait(run_id)
    assert workspace.call("POST", "2.2/jobs/runs/delete", run_id=run_id) == {}
    again = {"job_id": job, "idempotency_token": "of the deleted"}
    assert "was deleted" in workspace.call("POST", "2.2/jobs/run-now", status=400, **again)["message"]
    assert "does not exist" in workspace.call("GET", "2.2/jobs/runs/get", status=404, run_id=run_id)["message"]


def test_kill_and_restart(own_workspace: Workspace) -> None:
    """After kill -9 ended runs keep their output, the one that ran has failed and says so, the queued one runs."""
    own_workspace.start()
    quick = own_workspace.job("quick", own_workspace.notebook("quick", "dbutils.notebook.exit('kept')"))
    done = own_workspace.wait(own_workspace.run_now(quick, idempotency_token="once"))
    held = Held(own_workspace, "survives")
    slow = own_workspace.job("slow", held.path, queue={"enabled": True})
    running, queued = own_workspace.run_now(slow), own_workspace.run_now(slow)
    process = held.process()
    own_workspace.stop(signal.SIGKILL)
    assert not held.survives(process), "the notebook outlived its workspace"
    own_workspace.start()
    assert own_workspace.output(own_workspace.run(done["run_id"]))["notebook_output"]["result"] == "kept"
    assert own_workspace.run_now(quick, idempotency_token="once") == done["run_id"]
    lost = own_workspace.run(running)
    assert _state(lost) == ("INTERNAL_ERROR", "FAILED")
    assert "The workspace stopped while this run was active" in lost["state"]["state_message"]
    assert _state(own_workspace.wait(queued)) == ("TERMINATED", "SUCCESS")


STATUS = {
    "SUCCESS": ("pass", {}, "SUCCESS", "SUCCESS"),
    "FAILED": ("raise ValueError", {}, "RUN_EXECUTION_ERROR", "CLIENT_ERROR"),
    "TIMEDOUT": ("import time; time.sleep(1200)", {"timeout_seconds": 1}, "CANCELED", "CLIENT_ERROR"),
}


@pytest.mark.parametrize("result", STATUS)
def test_a_run_has_a_status_beside_its_state(workspace: Workspace, result: str) -> None:
    """Of the run and of its task, with why it ended: codes of the SDK's TerminationCodeCode and TerminationTypeType."""
    code, settings, why, kind = STATUS[result]
    run = workspace.wait(workspace.run_now(workspace.job("told", workspace.notebook(result, code), **settings)))
    assert run["state"]["result_state"] == result
    for told in (run, run["tasks"][0]):
        assert told["status"]["state"] == "TERMINATED"
        assert (told["status"]["termination_details"]["code"], told["status"]["termination_details"]["type"]) == (
            why,
            kind,
        )
        assert told["status"]["termination_details"]["message"] == told["state"]["state_message"]


def test_a_status_says_what_a_run_waits_for(workspace: Workspace) -> None:
    """RUNNING, QUEUED with its reason, and who cancelled: no other words than the SDK's RunLifecycleStateV2State."""
    path = workspace.notebook("slow", "import time; time.sleep(1200)")
    job = workspace.job("waits", path, max_concurrent_runs=1, queue={"enabled": True})
    first, second = workspace.run_now(job), workspace.run_now(job)
    assert workspace.wait(first, "RUNNING")["status"] == {"state": "RUNNING"}
    queued = workspace.run(second)["status"]
    assert (queued["state"], queued["queue_details"]["code"]) == ("QUEUED", "MAX_CONCURRENT_RUNS_REACHED")
    for run in (second, first):
        workspace.call("POST", "2.2/jobs/runs/cancel", run_id=run)
        assert workspace.wait(run)["status"]["termination_details"]["code"] == "USER_CANCELED"
