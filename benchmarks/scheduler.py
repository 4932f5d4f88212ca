"""What the scheduler does with its time when nothing is due: an empty history beside 2,000 runs of every task.

The runs are written into the database as the scheduler would have left them. Printed are its CPU seconds a second, and
how long a run takes that is started then.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from typing import Any

import psutil
import psycopg2

from local import airflow
from local.airflow_api import AirflowApi
from local.stack import ROOT, Options, Stack

PARTS = ("postgres", *airflow.PARTS)
DAG = "stocks"
MARK = "history"
_WATCHED = 30.0  # seconds


def main() -> None:
    """Measure, fill the history, measure again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="runs in the history (2,000)")
    options = parser.parse_args()
    home = ROOT / "var" / "bench-scheduler"
    shutil.rmtree(home, ignore_errors=True)
    stack = Stack(Options(home))
    with stack.lock():
        try:
            stack.start(PARTS)
            api = AirflowApi(stack.addresses.airflow)
            api.wait_for_dag(DAG)
            run = api.post(f"/dags/{DAG}/dagRuns", {"dag_run_id": MARK, "logical_date": "2003-09-10T00:00:00Z"})
            api.patch(f"/dags/{DAG}/dagRuns/{run['dag_run_id']}", {"state": "success"})
            before = _measure(stack, api)
            tasks = _fill(stack.addresses.database, options.runs)
            after = _measure(stack, api)
        finally:
            stack.stop()
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"Every part of Airflow, nothing due; {_WATCHED:.0f} s each; load average {load}\n")
    print(f"{'':34} {'scheduler, cores':>17} {'list of runs, ms':>17}")
    for name, (cores, listing) in {
        "an empty history": before,
        f"{options.runs:,} runs, {tasks:,} tasks": after,
    }.items():
        print(f"{name:34} {cores:17.3f} {listing * 1e3:17.0f}")


def _measure(stack: Stack, api: AirflowApi) -> tuple[float, float]:
    """Cores that the scheduler takes, and the seconds of a page of the DAG's runs."""
    scheduler = stack.running()["scheduler"]
    began = _cpu(scheduler)
    time.sleep(_WATCHED)
    cores = (_cpu(scheduler) - began) / _WATCHED
    started = time.perf_counter()
    for _ in range(5):
        api.get(f"/dags/{DAG}/dagRuns", limit=25, order_by="-run_after")
    return cores, (time.perf_counter() - started) / 5


def _cpu(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in family)


def _fill(database: str, runs: int) -> int:
    """Copy the marked run and its task instances, a day apart; how many task instances there are then."""
    with (
        psycopg2.connect(database.replace("postgresql+psycopg2", "postgresql")) as connection,
        connection.cursor() as cursor,
    ):
        given = {
            "dag_run": {
                "run_id": f"'{MARK}-' || n",
                "logical_date": "logical_date + n * interval '1 day'",
                "run_after": "run_after - n * interval '1 minute'",
            },
            "task_instance": {"id": "gen_random_uuid()", "run_id": f"'{MARK}-' || n"},
        }
        for table, changed in given.items():
            names = [name for name in _columns(cursor, table) if table != "dag_run" or name != "id"]
            values = ", ".join(changed.get(name, f'"{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table}, generate_series(1, {runs}) n "
                f"WHERE dag_id = '{DAG}' AND run_id = '{MARK}'"
            )
        cursor.execute("SELECT count(*) FROM task_instance")
        (found,) = cursor.fetchone() or (0,)
    return int(found)


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


if __name__ == "__main__":
    main()
