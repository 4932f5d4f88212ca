"""The main job on one machine: backfill the last market days through Airflow, and tell what came of it."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from anthill import calendars, catalog
from local.airflow_api import AirflowApi
from local.stack import Stack

POLL = 3.0  # seconds between looks
ACTIVE_RUNS = 4
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


def backfill(stack: Stack, api: AirflowApi, dag: str, days: list[dt.date], progress: Progress) -> list[dict[str, Any]]:
    """Run the days through Airflow's own backfill; the runs when all have succeeded, DemoError otherwise."""
    api.wait_for_dag(dag)
    api.patch(f"/dags/{dag}", {"is_paused": False})
    _end_earlier_backfill(api, dag, progress)
    created = api.post(
        "/backfills",
        {
            "dag_id": dag,
            "from_date": f"{days[0]}T00:00:00Z",
            "to_date": f"{days[-1]}T00:00:00Z",
            "max_active_runs": ACTIVE_RUNS,
            "reprocess_behavior": "completed",
        },
    )
    progress.line(
        f"Airflow backfills {dag}: {len(days)} market days from {days[0]} to {days[-1]} (backfill {created['id']})"
    )
    runs = _watch(stack, api, dag, days, created["id"], progress)
    _require(api, dag, runs, days)
    return runs


def _end_earlier_backfill(api: AirflowApi, dag: str, progress: Progress) -> None:
    """A run that was killed leaves its backfill behind, and Airflow runs one a DAG: end it, and the runs it left."""
    for left in api.get("/backfills", dag_id=dag)["backfills"]:
        if left["completed_at"] is None:
            progress.line(f"Healing: ending backfill {left['id']}, which an earlier run left behind")
            api.put(f"/backfills/{left['id']}/cancel")
    for run in api.all(f"/dags/{dag}/dagRuns", "dag_runs", state=["queued", "running"]):
        api.patch(f"/dags/{dag}/dagRuns/{run['dag_run_id']}", {"state": "failed"})


def _watch(
    stack: Stack, api: AirflowApi, dag: str, days: list[dt.date], backfill_id: int, progress: Progress
) -> list[dict[str, Any]]:
    """Follow the runs of a backfill until it is over."""
    while True:
        stack.check()
        runs = _runs(api, dag, days)
        states = Counter(run["state"] for run in runs)
        active = ", ".join(_active(api, dag, runs))
        progress.line(
            f"{states['success']}/{len(days)} days done"
            + (f", {states['failed']} failed" if states["failed"] else "")
            + (f" · {active}" if active else "")
        )
        if len(runs) == len(days) and all(run["state"] in ENDED for run in runs):
            # Airflow notices the end of a backfill up to half a minute late.
            if api.get(f"/backfills/{backfill_id}")["completed_at"] is None:
                api.put(f"/backfills/{backfill_id}/cancel")
            return runs
        time.sleep(POLL)


def _runs(api: AirflowApi, dag: str, days: list[dt.date]) -> list[dict[str, Any]]:
    wanted = {day.isoformat() for day in days}
    found = api.all(
        f"/dags/{dag}/dagRuns",
        "dag_runs",
        logical_date_gte=f"{days[0]}T00:00:00Z",
        logical_date_lte=f"{days[-1]}T00:00:00Z",
    )
    return [run for run in found if (run["logical_date"] or "")[:10] in wanted]


def _active(api: AirflowApi, dag: str, runs: list[dict[str, Any]]) -> Iterator[str]:
    """`2026-06-02 silver` for each day that is at work."""
    day_of = {run["dag_run_id"]: run["logical_date"][:10] for run in runs}
    tasks: dict[str, list[str]] = {}
    for task in api.all(
        f"/dags/{dag}/dagRuns/~/taskInstances", "task_instances", state=["running", "deferred", "up_for_retry"]
    ):
        if task["dag_run_id"] in day_of:
            name = task["task_id"].removeprefix("land.") + (" (again soon)" if task["state"] == "up_for_retry" else "")
            tasks.setdefault(day_of[task["dag_run_id"]], []).append(name)
    for day, names in sorted(tasks.items()):
        yield f"{day[5:]} {'+'.join(sorted(names))}"


def _require(api: AirflowApi, dag: str, runs: list[dict[str, Any]], days: list[dt.date]) -> None:
    """DemoError with each failed task's own words, and with each day that has no run."""
    problems = []
    for run in runs:
        if run["state"] == "failed":
            for task in api.all(
                f"/dags/{dag}/dagRuns/{run['dag_run_id']}/taskInstances", "task_instances", state=["failed"]
            ):
                words = api.last_error(dag, run["dag_run_id"], task["task_id"], task["try_number"])
                problems.append(f"{run['logical_date'][:10]} {task['task_id']} failed: {words}")
    missing = {day.isoformat() for day in days} - {run["logical_date"][:10] for run in runs}
    problems += [f"{day} has no run" for day in sorted(missing)]
    if problems:
        raise DemoError("\n".join(problems))
