"""`make demo` from its start to its summary."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from local import demo, memory, report, summary
from local.airflow_api import AirflowApi
from local.stack import Stack

DAG = "stocks"


def run(stack: Stack, first: dt.date | None, last: dt.date, count: int, out: Path) -> None:
    """Backfill the days, write summary.json and report.html, and stop all that was started."""
    days = demo.days_asked(DAG, first, last, count)
    out.mkdir(parents=True, exist_ok=True)
    progress = demo.Progress(print)
    with stack.lock():
        progress.line(f"Starting the stack over {_near(stack.home)}")
        try:
            stack.start()
            progress.line(f"All services answer; Airflow's UI for as long as this runs: {stack.addresses.airflow}")
            api = AirflowApi(stack.addresses.airflow)
            before = summary.bronze_objects(stack, DAG)
            with memory.watch(stack.memory) as peak:
                runs = demo.backfill(stack, api, DAG, days, progress)
            progress.line("Counting what is in bronze, silver and gold")
            numbers = summary.collect(stack, api, DAG, days, runs, before)
            numbers["seconds"] = round(progress.seconds(), 1)
            numbers["peak_memory_mb"] = round(peak() / 1e6)
            progress.line("Drawing the report")
            report.write(stack.warehouse(), DAG, days, numbers, out / "report.html")
        finally:
            progress.line("Stopping the stack")
            stack.stop()
    numbers["files"] = {
        "summary": _near(out / "summary.json"),
        "report": _near(out / "report.html"),
        "objects": _near(stack.home / "s3"),
        "logs": _near(stack.run),
    }
    (out / "summary.json").write_text(json.dumps(numbers, indent=2) + "\n")
    print(summary.text(numbers))
    if numbers["missing"]:
        raise demo.DemoError("not whole:\n" + "\n".join(f"  {line}" for line in numbers["missing"]))


def _near(path: Path) -> str:
    """The path as seen from where the person is."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
