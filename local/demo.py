"""Runs of the demo: started through Airflow's API, followed, and told when they fail."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from anthill import calendars, catalog
from local.airflow_api import AirflowApi
from local.stack import Stack

POLL = 3.0  # seconds between looks
ENDED = ("success", "failed")


class DemoError(RuntimeError):
    """The main job did not come out whole; the message says what, and where."""


@dataclass
class Progress:
    """What a backfill has done so far, as lines that a person can follow."""

    say: Callable[[str], None]
    started: float = field(default_factory=time.monotonic)
    last: str = ""

    def line(self, text: str) -> None:
        """Say a line with the time since the start, unless it was just said."""
        if text != self.last:
            self.last = text
            self.say(f"{self.clock()}  {text}")

    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def clock(self) -> str:
        """Minutes and seconds since the start."""
        minutes, seconds = divmod(int(self.seconds()), 60)
        return f"{minutes:02d}:{seconds:02d}"


def days_asked(asset_class: str, first: dt.date | None, last: dt.date, count: int) -> list[dt.date]:
    """The market days from `first`, or the last `count` of them, up to and including `last`."""
    declared = catalog.load(asset_class)
    if first is not None:
        days = calendars.market_days(declared.calendar, max(first, declared.start_date), last)
        if not days:
            raise DemoError(f"there is no {declared.calendar} market day from {first} to {last}")
        return days
    end = calendars.previous_market_day(declared.calendar, last)
    if end is None:
        raise DemoError(f"{last} lies before the {declared.calendar} calendar")
    return calendars.market_days(declared.calendar, calendars.shift(declared.calendar, end, 1 - count), end)


class Job(NamedTuple):
    """A DAG run that the demo has started, and what a person calls it."""

    dag: str
    run: str
    name: str


def backfill(api: AirflowApi, asset_class: str, days: list[dt.date]) -> Job:
    """Start the bulk backfill of these market days."""
    form = {"asset_class": asset_class, "market_date_from": str(days[0]), "market_date_to": str(days[-1])}
    return trigger(api, "market_backfill", form, f"{asset_class} in bulk")


def market_day(api: AirflowApi, asset_class: str, day: dt.date) -> Job:
    """Start the asset class's own DAG for one market day."""
    return trigger(api, asset_class, {"market_date": str(day)}, asset_class)


def watch(stack: Stack, api: AirflowApi, jobs: list[Job], progress: Progress) -> None:
    """Follow runs until all have ended; DemoError with each failed task's own words."""
    while True:
        stack.check()
        states = {job: api.get(f"/dags/{job.dag}/dagRuns/{job.run}")["state"] for job in jobs}
        going = [job for job in jobs if states[job] not in ENDED]
        active = " · ".join(f"{job.name}: {'+'.join(names)}" for job in going if (names := _active(api, job)))
        failed = sum(state == "failed" for state in states.values())
        progress.line(
            f"{len(jobs) - len(going)}/{len(jobs)} runs done"
            + (f", {failed} failed" if failed else "")
            + (f" · {active}" if active else "")
        )
        if not going:
            break
        time.sleep(POLL)
    if problems := [line for job in jobs if states[job] == "failed" for line in _failures(api, job)]:
        raise DemoError("\n".join(problems))


def end_earlier_runs(api: AirflowApi, dags: list[str], progress: Progress) -> None:
    """A demo that was killed leaves runs behind, which would go on beside the ones asked for: end them."""
    for dag in dags:
        api.wait_for_dag(dag)
        for run in api.all(f"/dags/{dag}/dagRuns", "dag_runs", state=["queued", "running"]):
            progress.line(f"Healing: ending {run['dag_run_id']} of {dag}, which an earlier run left behind")
            api.patch(f"/dags/{dag}/dagRuns/{run['dag_run_id']}", {"state": "failed"})
        api.patch(f"/dags/{dag}", {"is_paused": False})


def trigger(api: AirflowApi, dag: str, form: dict[str, Any], name: str) -> Job:
    """Start a run of a DAG with a form."""
    created = api.post(f"/dags/{dag}/dagRuns", {"logical_date": None, "conf": form})
    return Job(dag, created["dag_run_id"], name)


def _active(api: AirflowApi, job: Job) -> list[str]:
    """The tasks of a run that are at work."""
    found = api.all(
        f"/dags/{job.dag}/dagRuns/{job.run}/taskInstances",
        "task_instances",
        state=["running", "deferred", "up_for_retry"],
    )
    again = {"up_for_retry": " (again soon)"}
    return sorted({task["task_id"].rpartition(".")[2] + again.get(task["state"], "") for task in found})


def _failures(api: AirflowApi, job: Job) -> Iterator[str]:
    path = f"/dags/{job.dag}/dagRuns/{job.run}/taskInstances"
    for task in api.all(path, "task_instances", state=["failed"]):
        words = api.last_error(job.dag, job.run, task["task_id"], task["try_number"], task["map_index"])
        yield f"{job.name} {task['task_id']} failed: {words}"
