"""`anthill trace` on the local stack: the seconds that a person waits, and those that the command itself computes.

Beside it, as the least that any answer takes: the command without a question, and one statement of the warehouse.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from local import connections, demo
from local.airflow_api import AirflowApi
from local.stack import ROOT, Options, Stack

DAY, TABLE = "2026-07-01", "gold.stocks_daily_returns"


@dataclass
class Times:
    """Seconds of each repetition."""

    waited: list[float] = field(default_factory=list)
    computed: list[float] = field(default_factory=list)

    def row(self) -> list[str]:
        """The middle and the worst of what was waited, and the middle of what was computed."""
        return [
            f"{statistics.median(self.waited):.2f}",
            f"{max(self.waited):.2f}",
            f"{statistics.median(self.computed):.2f}",
        ]


def main() -> None:
    """Run it and print the table."""
    top = argparse.ArgumentParser(description=__doc__)
    top.add_argument("--times", type=int, default=7, help="how often each is asked (7)")
    asked = top.parse_args()
    home = ROOT / "var" / "bench-trace"
    shutil.rmtree(home, ignore_errors=True)
    stack = Stack(Options(home))
    with stack.lock():
        try:
            stack.start()
            _load(stack)
            (row,) = stack.warehouse().records(f"SELECT max(ticker) AS ticker FROM {TABLE} WHERE market_date = '{DAY}'")
            found = {
                "anthill --help": _times(stack, asked.times, "--help"),
                f"anthill trace {TABLE} {row['ticker']} {DAY}": _times(
                    stack, asked.times, "--url", stack.addresses.airflow, "trace", TABLE, row["ticker"], DAY
                ),
                "one statement": _statement(stack, asked.times),
            }
        finally:
            stack.stop()
    table = Table("", "median s", "worst s", "CPU s of the command")
    for name, times in found.items():
        table.add_row(name, *times.row())
    Console().print(table)


def _load(stack: Stack) -> None:
    """Two market days of stocks in gold."""
    api = AirflowApi(stack.addresses.airflow)
    api.wait_for_dag("market_backfill")
    api.patch("/dags/market_backfill", {"is_paused": False})
    form = {"asset_class": "stocks", "market_date_from": "2026-06-30", "market_date_to": DAY}
    demo.watch(stack, api, [demo.trigger(api, "market_backfill", form, "stocks")], demo.Progress(print))


def _times(stack: Stack, times: int, *arguments: str) -> Times:
    """A process each, as a person starts it."""
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "plugins"),
        "DATABRICKS_HOST": stack.addresses.databricks,
        "DATABRICKS_WAREHOUSE_ID": "local",
        "DATABRICKS_TOKEN": connections.READER,
    }
    found = Times()
    for _ in range(times):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        command = [str(ROOT / ".venv/bin/anthill"), *arguments]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
        found.waited.append(time.monotonic() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.computed.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return found


def _statement(stack: Stack, times: int) -> Times:
    found, warehouse = Times(), stack.warehouse()
    for _ in range(times):
        cpu, started = time.process_time(), time.monotonic()
        warehouse.records(f"SELECT * FROM {TABLE} WHERE market_date = '{DAY}' LIMIT 1")
        found.waited.append(time.monotonic() - started)
        found.computed.append(time.process_time() - cpu)
    return found


if __name__ == "__main__":
    main()
