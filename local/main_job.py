"""`make demo` from its start to its summary."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from local import demo, forecasts, memory, sources, summary, whole_file
from local.airflow_api import AirflowApi
from local.polygon_stream import recorded
from local.report import page
from local.stack import Stack


def run(
    stack: Stack,
    classes: list[str],
    first: dt.date | None,
    last: dt.date,
    count: int,
    out: Path,
    *,
    stream: bool = False,
) -> None:
    """Backfill the days in bulk, run the last one by each asset class's own DAG, and report the result.

    Sources that the stack serves beside the market are taken through their own DAGs; where a stream is asked for, a
    part of a day is recorded and settled. Writes summary.json and
    report.html, and stops everything that was started.
    """
    days = {name: demo.days_asked(name, first, last, count) for name in classes}
    out.mkdir(parents=True, exist_ok=True)
    progress = demo.Progress(demo.tell)
    progress.line(f"Starting the local stack in {_near(stack.home)}")
    with stack.lent(ending=lambda: progress.line("Stopping the stack")):
        progress.line(f"All services are up; Airflow's UI while this runs: {stack.addresses.airflow}")
        api = stack.api()
        before = {name: summary.bronze_objects(stack, name) for name in classes}
        with memory.watch(stack.memory) as peak:
            jobs = run_all(stack, api, days, progress) if days else {}
            if days:
                forecasts.make(stack, api, days, progress)
            served = {name: sources.of(name).take(stack, api, progress) for name in stack.options.sources}
            recorded_of = recorded.take(stack, api, progress, days[recorded.NAME][-1]) if stream else None
        progress.line("Counting rows in bronze, silver and gold")
        numbers = summary.collect(stack, api, days, jobs, before, served)
        if recorded_of:
            numbers["missing"] += recorded_of["missing"]
            numbers["stream"] = recorded_of
        numbers["seconds"] = round(progress.seconds(), 1)
        numbers["peak_memory_mb"] = round(peak() / 1e6)
        progress.line("Writing the report")
        page.write(stack.warehouse(), days, numbers, out / "report.html")
    numbers["files"] = {
        "summary": _near(out / "summary.json"),
        "report": _near(out / "report.html"),
        "objects": _near(stack.home / "s3"),
        "logs": _near(stack.run),
    }
    whole_file.write(out / "summary.json", json.dumps(numbers, indent=2) + "\n")
    demo.tell(summary.text(numbers))
    if numbers["missing"]:
        raise demo.DemoError("incomplete:\n" + "\n".join(f"  {line}" for line in numbers["missing"]))


def run_all(
    stack: Stack, api: AirflowApi, days: dict[str, list[dt.date]], progress: demo.Progress
) -> dict[str, demo.Job]:
    """All days but the last in bulk, then the last; the runs of the last day by asset class."""
    demo.end_earlier_runs(api, ["market_backfill", *days], progress)
    if bulk := {name: asked[:-1] for name, asked in days.items() if len(asked) > 1}:
        progress.line(f"Bulk backfill of {', '.join(f'{name} ({len(asked)} days)' for name, asked in bulk.items())}")
        started = progress.seconds()
        demo.watch(stack, api, [demo.backfill(api, name, asked) for name, asked in bulk.items()], progress)
        progress.line(f"The bulk backfill took {progress.seconds() - started:.0f} s")
    progress.line(f"Last market day of {', '.join(days)}, each by its own DAG")
    jobs = {name: demo.market_day(api, name, asked[-1]) for name, asked in days.items()}
    demo.watch(stack, api, list(jobs.values()), progress)
    return jobs


def _near(path: Path) -> str:
    """The path as seen from where the person is."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
