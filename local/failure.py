"""What a person is told when runs fail or stand still: the last lines name one task, its reason and its log."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from local.airflow_api import AirflowApi
from local.job import Job
from local.stack import Stack


class Log(NamedTuple):
    """The file that a try of a task writes to, and how much is there."""

    path: Path
    size: int


def text(stack: Stack, api: AirflowApi, jobs: list[Job]) -> str:
    """Every task that failed in these runs, the first of them last."""
    failed = [
        (job, task)
        for job in jobs
        for task in api.all(f"/dags/{job.dag}/dagRuns/{job.run}/taskInstances", "task_instances", state=["failed"])
    ]
    if not failed:
        names = ", ".join(f"{job.name} ({job.run})" for job in jobs)
        return f"{names}: no task failed, the run itself was ended\nLog           {stack.run / 'scheduler.log'}"
    failed.sort(key=lambda each: each[1]["end_date"] or "")
    reasons = [
        api.reason(job.dag, job.run, task["task_id"], task["try_number"], task["map_index"]) for job, task in failed
    ]
    lines = [f"{_name(*each)}: {reason}" for each, reason in zip(failed, reasons, strict=True)]
    return "\n".join(
        [
            *(["", "Failed after it", *lines[1:], ""] if lines[1:] else []),
            f"First failed  {_name(*failed[0])}",
            f"Reason        {reasons[0]}",
            f"Log           {_shown(stack, log(stack, *failed[0]))}",
        ]
    )


def standing_still(stack: Stack, tasks: dict[Job, list[dict[str, Any]]], seconds: float) -> str:
    """The runs that do not go on, and the task that has not for the longest time."""
    waiting = sorted(
        ((job, task) for job, found in tasks.items() for task in found), key=lambda each: each[1]["start_date"] or "~"
    )
    lines = [f"{_name(*each)} is {each[1]['state']}" for each in waiting]
    first = _shown(stack, log(stack, *waiting[0])) if waiting else stack.run / "scheduler.log"
    return "\n".join(
        [
            f"for {seconds:.0f} s no task has changed or written, nor has what works for them used CPU: all is ended",
            *(lines or [f"{job.name} waits for its first task" for job in tasks]),
            *(f"{name} was stopped by a signal" for name in stack.stopped()),
            f"Log           {first}",
        ]
    )


def log(stack: Stack, job: Job, task: dict[str, Any]) -> Log:
    """Where a task's try writes, as Airflow lays its logs out."""
    parts = [f"dag_id={job.dag}", f"run_id={job.run}", f"task_id={task['task_id']}"]
    if task["map_index"] >= 0:
        parts.append(f"map_index={task['map_index']}")
    path = stack.home.joinpath("airflow", "logs", *parts, f"attempt={task['try_number']}.log")
    return Log(path, path.stat().st_size if path.exists() else -1)


def _shown(stack: Stack, found: Log) -> Path:
    """The log, or the scheduler's where a task had none of its own."""
    return found.path if found.size >= 0 else stack.run / "scheduler.log"


def _name(job: Job, task: dict[str, Any]) -> str:
    place = f" {task['map_index']}" if task["map_index"] >= 0 else ""
    return f"{job.name}, task {task['task_id']}{place}, try {task['try_number']}"
