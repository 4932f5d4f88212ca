"""ToteSys in the stack: its server with the business at work, a warehouse beside it, and the demo's cuts of it."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anthill import catalog, intervals
from anthill.bronze.cuts import Cuts
from local import demo, lake, sources
from local.airflow_api import AirflowApi
from local.job import Job
from local.service import Service, clean_environment
from local.stack import ROOT, Stack
from local.totesys.server import DATABASE, WAREHOUSE, Server

NAME = "totesys"
CUT, LOAD = DAGS = (NAME, f"{NAME}_warehouse")
QUERY = "SELECT * FROM gold.totesys_fact_sales_order ORDER BY sales_record_id DESC LIMIT 20"
CUTS = 3
GOAL = 60  # seconds from a cut's beginning to its change in the warehouse
_LOOK = 0.5  # seconds between two looks at a task
_BY_VERSION = """
    SELECT version, count(*) FROM (
        SELECT row_number() OVER (PARTITION BY sales_order_id ORDER BY seen_from) AS version FROM fact_sales_order
    ) AS numbered GROUP BY version ORDER BY version"""


def start(home: Path, run: Path) -> sources.Started:
    """A server over a folder of the home, with both databases; the business is a service."""
    server = Server(home / NAME)
    server.publish()  # for `mode: changes`; nothing is kept until a slot is made
    server.warehouse()
    connections = {
        f"AIRFLOW_CONN_{name}_DEFAULT": json.dumps(server.airflow(database))
        for name, database in (("TOTESYS", DATABASE), ("WAREHOUSE", WAREHOUSE))
    }
    command = [sys.executable, "-m", "local.totesys", "--folder", str(home / NAME)]
    business = Service(NAME, command, clean_environment(), run, ROOT)
    return sources.Started(connections, [business], {f"{NAME}-postgres": server.process})


def take(stack: Stack, api: AirflowApi, progress: demo.Progress) -> dict[str, Any]:
    """Some cuts while the business goes on, each of them to the warehouse."""
    demo.end_earlier_runs(api, list(DAGS), progress)
    looks = [_look(stack, api, progress, number) for number in range(1, CUTS + 1)]
    star, found = held(stack), sources.tables(stack.warehouse(), NAME)
    return {
        "tables": {**found, "warehouse": star["tables"]},
        "cuts": looks,
        "orders_by_version": star["by_version"],
        "warehouse_version": star["version"],
        "seconds_to_the_warehouse": max((each["seconds"] for each in looks if each["seconds"]), default=None),
        "missing": lacking(star["tables"], found["gold"]),
    }


def held(stack: Stack) -> dict[str, Any]:
    """What the warehouse has: rows by table, the version of the star, and orders by their version."""
    with Server(stack.home / NAME).connect(WAREHOUSE) as connection, connection.cursor() as cursor:
        tables = {name: _one(cursor, f"SELECT count(*) FROM {name}") for name in catalog.load(NAME).warehouse}
        version = _one(cursor, "SELECT max(version) FROM loads")
        cursor.execute(_BY_VERSION)
        by_version = {str(number): count for number, count in cursor.fetchall()}
    return {"tables": tables, "version": version, "by_version": by_version}


def lacking(warehouse: Mapping[str, int], gold: Mapping[str, int]) -> list[str]:
    """What the warehouse has otherwise than gold."""
    rows = {name: (many, gold.get(f"{NAME}_{name}", 0)) for name, many in warehouse.items()}
    return [f"warehouse {name}: {there:,} rows, gold has {of:,}" for name, (there, of) in rows.items() if there != of]


def lines(numbers: Mapping[str, Any]) -> list[str]:
    """The cuts, the star by version, and how long a change took."""
    cuts = [each for each in numbers["cuts"] if each["changed"]]
    changed = "; ".join(f"{len(each['changed'])} tables" for each in cuts) or "nothing"
    versions = ", ".join(f"{rows:,} of version {number}" for number, rows in numbers["orders_by_version"].items())
    seconds = [f"{each['seconds']:.0f} s" for each in cuts]
    return [
        f"{len(numbers['cuts'])} looks at the database made {len(cuts)} cuts, in which changed: {changed}",
        f"Rows of fact_sales_order: {versions}; the warehouse has version {numbers['warehouse_version']} of the star",
        f"From a cut's beginning to its change in the warehouse: {', '.join(seconds) or 'no change'} (goal {GOAL} s)",
    ]


def _look(stack: Stack, api: AirflowApi, progress: demo.Progress, number: int) -> dict[str, Any]:
    """One run of the database's DAG, and of the warehouse's as soon as gold is written."""
    progress.line(f"ToteSys: look {number} of {CUTS}, while the business goes on")
    interval = _next(stack)
    cut = demo.trigger(api, CUT, {}, NAME, interval)
    jobs = [cut]
    # Where the schedule is on, Airflow does this by gold's assets; in a demo runs are started by hand.
    if _ended(stack, api, cut, "gold") == "success":
        jobs.append(demo.trigger(api, LOAD, {}, LOAD))
    demo.watch(stack, api, jobs, progress)
    landed = api.xcoms(CUT, cut.run, "land") or {}
    begun = _task(api, cut, "land")["start_date"]
    done = _task(api, jobs[-1], "load")["end_date"] if len(jobs) > 1 else None
    return {
        "at": interval.label,
        "changed": landed.get("changed", []),
        "seconds": round((_moment(done) - _moment(begun)).total_seconds(), 1) if done else None,
    }


def _next(stack: Stack) -> intervals.Interval:
    """The interval after the last cut's, or the last that has ended: a demo does not wait for the next to end."""
    declared, now = catalog.load(NAME), dt.datetime.now(dt.UTC)
    ended = intervals.ending(declared.calendar, now)
    span = intervals.span_of(declared.calendar) or dt.timedelta()
    newest = Cuts(stack.s3(), lake.BRONZE, declared).newest(now)
    after = intervals.ending(declared.calendar, intervals.moment_of(newest.label) + span) if newest else ended
    return max(ended, after)


def _ended(stack: Stack, api: AirflowApi, job: Job, task: str) -> str:
    """How a task has ended, or its run before it."""
    while (state := _task(api, job, task)["state"]) in (None, *demo.UNFINISHED):
        if demo.state(api, job) in demo.ENDED:
            return ""
        stack.check()
        time.sleep(_LOOK)
    return str(state)


def _task(api: AirflowApi, job: Job, task: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/dags/{job.dag}/dagRuns/{job.run}/taskInstances/{task}")
    return found


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _one(cursor: Any, query: str) -> Any:
    cursor.execute(query)
    return cursor.fetchone()[0]
