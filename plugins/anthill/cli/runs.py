"""Runs of DAGs that a command starts, and waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anthill.cli.airflow import wait
from anthill.cli.session import Session, fail

_NOTE = "From the command line"


def start(
    session: Session,
    dag: str,
    conf: dict[str, Any],
    *,
    wait_for_it: bool,
    said: list[str] | None = None,
    why: Callable[[str], str] = lambda run: "",
) -> dict[str, Any]:
    """Trigger a run; a run that fails ends the command with its failed tasks.

    `said` keeps the lines of its note that were shown while it ran; without it the note is shown at the end. `why` says
    of a run that has ended what was refused in it.
    """
    airflow = session.airflow
    if airflow.call("GET", f"/dags/{dag}")["is_paused"]:
        session.say(f"{dag} is turned off in Airflow; turning it on.")
        airflow.call("PATCH", f"/dags/{dag}", {"update_mask": "is_paused"}, {"is_paused": False})
    body = {"logical_date": None, "conf": conf, "note": _NOTE}
    run = str(airflow.call("POST", f"/dags/{dag}/dagRuns", body=body)["dag_run_id"])
    session.say(f"Started {dag} {run}")
    if not wait_for_it:
        return {"dag": dag, "run": run, "state": "queued"}

    def tell(note: str) -> None:
        for line in note.replace(_NOTE, "").splitlines():
            if said is not None and line not in said:
                said.append(line)
                session.say(line)

    state = wait(airflow, dag, run, tell)
    note = str(airflow.call("GET", f"/dags/{dag}/dagRuns/{run}").get("note") or "").replace(_NOTE, "")
    session.say(f"{dag} ended: {state}" + (f"\n{note}" if note and said is None else ""))
    refused = why(run)
    if state == "failed":
        tasks = airflow.call("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances", {"state": "failed"})["task_instances"]
        names = ", ".join(sorted({task["task_id"] for task in tasks}))
        reason = refused or "look at the task's log in Airflow"
        fail(f"{dag} {run} failed in {names or 'no task'}: {reason}")
    if refused:
        session.say(refused)
    return {"dag": dag, "run": run, "state": state, "note": note, **({"reason": refused} if refused else {})}


def result(session: Session, dag: str, run: str, task: str) -> Any:
    """What a task of a run returned."""
    path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value"
    return session.airflow.call("GET", path, {"deserialize": "true"})["value"]
