"""Runs of the demo: started through Airflow's API, followed, and reported when they fail."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from anthill import calendars, catalog
from anthill.cli.terminal import shown
from anthill.intervals import Interval
from local import connections, failure, patience
from local.airflow_api import AirflowApi
from local.job import Job
from local.stack import Stack
from local.standstill import Standstill

POLL = 3.0  # seconds between looks
IDLE = 0.02  # of a core: what waits for others asks now and then whether they have done it
ENDED = ("success", "failed")
_MOST_TASKS = 1000  # of all runs that are followed
UNFINISHED = ("scheduled", "queued", "running", "restarting", "deferred", "up_for_retry", "up_for_reschedule")


class DemoError(RuntimeError):
    """The main job is incomplete; the message says what is missing, and where."""


def tell(text: str) -> None:
    """Print a line; that nobody reads any more ends nothing."""
    with contextlib.suppress(OSError):
        print(shown(text), flush=True)


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


def backfill(api: AirflowApi, asset_class: str, days: list[dt.date]) -> Job:
    """Start the bulk backfill of these market days."""
    form = {"asset_class": asset_class, "market_date_from": str(days[0]), "market_date_to": str(days[-1])}
    return trigger(api, "market_backfill", form, f"{asset_class} in bulk")


def market_day(api: AirflowApi, asset_class: str, day: dt.date) -> Job:
    """Start the asset class's own DAG for one market day."""
    return trigger(api, asset_class, {"market_date": str(day)}, asset_class)


def watch(stack: Stack, api: AirflowApi, jobs: list[Job], progress: Progress) -> None:
    """Follow runs until all have ended; DemoError that names the task which failed first, or where all stands still."""
    still = Standstill(stack.workers, idle=IDLE)
    states = dict.fromkeys(jobs, "running")
    while True:
        stack.check()
        found = _unfinished(api, [job for job in jobs if states[job] not in ENDED])
        states |= {job: state(api, job) for job, unfinished in found.items() if not unfinished}
        going = [job for job in jobs if states[job] not in ENDED]
        tasks = {job: found[job] for job in going}
        active = " · ".join(f"{job.name}: {'+'.join(names)}" for job in going if (names := _active(tasks[job])))
        failed = sum(state == "failed" for state in states.values())
        progress.line(
            f"{len(jobs) - len(going)}/{len(jobs)} runs done"
            + (f", {failed} failed" if failed else "")
            + (f" · {active}" if active else "")
        )
        if not going:
            break
        if (seconds := still.seconds(_sign(stack, tasks))) > patience.STANDSTILL:
            raise DemoError(failure.standing_still(stack, tasks, seconds))
        time.sleep(POLL)
    if lost := [job for job in jobs if states[job] == "failed"]:
        raise DemoError(failure.text(stack, api, lost))


def end_earlier_runs(api: AirflowApi, dags: list[str], progress: Progress) -> None:
    """A demo that was killed leaves runs behind, which would go on beside the ones asked for: end them."""
    for dag in dags:
        api.wait_for_dag(dag)
        for run in api.all(f"/dags/{dag}/dagRuns", "dag_runs", state=["queued", "running"]):
            progress.line(f"Healing: ending {run['dag_run_id']} of {dag}, which an earlier run left behind")
            api.patch(f"/dags/{dag}/dagRuns/{run['dag_run_id']}", {"state": "failed"})
        api.patch(f"/dags/{dag}", {"is_paused": False})


def trigger(api: AirflowApi, dag: str, form: dict[str, Any], name: str, interval: Interval | None = None) -> Job:
    """Start a run of a DAG with a form, or of an interval of its calendar."""
    # With an id of its own a call whose answer was lost can be made again.
    run = f"manual__{dt.datetime.now(dt.UTC).isoformat()}_{secrets.token_hex(4)}"
    body: dict[str, Any] = {"dag_run_id": run, "logical_date": None, "conf": form}
    if interval:
        ends = {"data_interval_start": interval.start.isoformat(), "data_interval_end": interval.end.isoformat()}
        body |= {"logical_date": dt.datetime.now(dt.UTC).isoformat(), **ends}
    created = api.post(f"/dags/{dag}/dagRuns", body)
    return Job(dag, created["dag_run_id"], name)


def state(api: AirflowApi, job: Job) -> str:
    """How a run stands."""
    return str(api.get(f"/dags/{job.dag}/dagRuns/{job.run}")["state"])


def _unfinished(api: AirflowApi, jobs: list[Job]) -> dict[Job, list[dict[str, Any]]]:
    """The tasks of each run that have begun or are about to, and have not ended."""
    asked = {"dag_ids": sorted({job.dag for job in jobs}), "dag_run_ids": [job.run for job in jobs]}
    body = {**asked, "state": UNFINISHED, "page_limit": _MOST_TASKS}
    found = api.post("/dags/~/dagRuns/~/taskInstances/list", body)["task_instances"] if jobs else []
    return {job: [task for task in found if (task["dag_id"], task["dag_run_id"]) == (job.dag, job.run)] for job in jobs}


def _active(tasks: list[dict[str, Any]]) -> list[str]:
    """Those of them that are at work."""
    words = {"running": "", "deferred": "", "up_for_retry": " (again soon)"}
    return sorted(
        {task["task_id"].rpartition(".")[2] + words[task["state"]] for task in tasks if task["state"] in words}
    )


def _sign(stack: Stack, tasks: dict[Job, list[dict[str, Any]]]) -> object:
    """What changes where runs go on: their tasks' states, and what these write."""
    every = [(job, task) for job, found in tasks.items() for task in found]
    if connections.brought() or any(task["state"] == "up_for_retry" for _, task in every):
        return object()  # what works elsewhere, and what waits for its next try, goes on unseen
    kept = ("task_id", "map_index", "state", "try_number")
    return [(job, [task[name] for name in kept], failure.log(stack, job, task).size) for job, task in every]
