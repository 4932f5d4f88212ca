"""Years of daily data through `market_backfill` on one machine: the time, the rows, and where the time went.

The stand-in's answers are made before the clock starts, and its limits are off.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import psutil
from botocore.config import Config
from rich.console import Console
from rich.table import Table

from anthill import calendars, catalog
from anthill.sources.polygon.declaration import Call, PolygonDataset
from local import connections, demo, lake, memory
from local.airflow_api import AirflowApi
from local.stack import ROOT, Options, Stack

LAST_DAY = dt.date(2026, 7, 2)  # the day after is off: flat files are there, and the source's present is this day
DATASETS = {
    "stocks": ["grouped_daily", "splits", "dividends"],
    "options": ["contracts", "daily_bars"],
    "forex": ["grouped_daily"],
    "crypto": ["grouped_daily"],
    "indices": ["daily_bars"],
}
DAY = ("land", "silver", "quality", "gold")  # the parts of a market day's own run
STANDINS = {"polygon": "source's CPU", "s3": "S3's CPU"}  # what the machine does beside, that a cloud would not
PARTS = {"chunk.land": "landing", "chunk.silver": "silver", "quality": "quality", "gold": "gold"}


@dataclass
class Result:
    """One asset class: market days, rows landed and in gold, and seconds by part; CPU seconds of the stand-ins."""

    asset_class: str
    days: int
    rows: int
    gold_rows: int
    seconds: float
    parts: dict[str, float]
    day: dict[str, float]  # seconds from the start of the next market day's own run to the end of each part


def main() -> None:
    """Run it and print the table."""
    arguments = parser().parse_args()
    home = ROOT / "var" / "bench-backfill"
    shutil.rmtree(home, ignore_errors=True)
    cache = ROOT / "var" / "polygon-days"
    stack = Stack(Options(home, polygon=("--cache", str(cache))))
    results = []
    with stack.lock():
        try:
            stack.start()
            api = AirflowApi(stack.addresses.airflow)
            api.wait_for_dag("market_backfill")
            api.patch("/dags/market_backfill", {"is_paused": False})
            for name in arguments.asset_classes.split(","):
                api.wait_for_dag(name)
                api.patch(f"/dags/{name}", {"is_paused": False})
                first = max(LAST_DAY - dt.timedelta(days=arguments.years * 365.25), catalog.load(name).start_date)
                days = calendars.market_days(catalog.load(name).calendar, first, LAST_DAY)
                _warm(stack, name, days)
                with memory.watch(stack.memory) as peak:
                    results.append(_measure(stack, api, name, days, arguments.chunk))
                print(f"{name}: {results[-1].seconds:.0f} s, at most {peak() / 1e9:.1f} GB", flush=True)
        finally:
            stack.stop()
    _show(results)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(description=__doc__)
    top.add_argument("--years", type=float, default=5)
    top.add_argument("--chunk", type=int, default=126, help="market days a chunk (126)")
    top.add_argument("--asset-classes", default="stocks", help="parted by commas (stocks)")
    return top


def _warm(stack: Stack, asset_class: str, days: list[dt.date]) -> None:
    """Let the stand-in make its answers."""
    started = time.monotonic()
    declared = catalog.load(asset_class)
    datasets = [declared.datasets[name] for name in DATASETS[asset_class]]
    files = _flat_files(stack)
    asked = [partial(_get, stack, each.call(day)) for each in datasets if not _is_special(each) for day in days]
    asked += [
        partial(files.head_object, Bucket="flatfiles", Key=each.flat_file.key(day))
        for each in datasets
        if each.flat_file
        for day in days
    ]
    with ThreadPoolExecutor(4) as pool:
        for done in pool.map(lambda ask: ask(), asked):
            del done
    print(f"{asset_class}: the stand-in made {len(asked)} answers in {time.monotonic() - started:.0f} s", flush=True)


def _is_special(dataset: PolygonDataset) -> bool:
    return bool(dataset.each or dataset.flat_file)


def _get(stack: Stack, call: Call) -> None:
    request = urllib.request.Request(
        f"{stack.addresses.polygon}{call.path}?{urlencode(call.params)}",
        headers={"Authorization": f"Bearer {connections.POLYGON_KEY}"},
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        answer.read()


def _flat_files(stack: Stack) -> Any:
    """A client of the stand-in's bucket."""
    return boto3.client(
        "s3",
        endpoint_url=stack.addresses.polygon,
        aws_access_key_id=connections.FLAT_FILES_KEY,
        aws_secret_access_key=connections.FLAT_FILES_SECRET,
        region_name=lake.REGION,
        config=Config(s3={"addressing_style": "path"}, read_timeout=120),
    )


def _measure(stack: Stack, api: AirflowApi, asset_class: str, days: list[dt.date], chunk: int) -> Result:
    form = {
        "asset_class": asset_class,
        "datasets": DATASETS[asset_class],
        "market_date_from": str(days[0]),
        "market_date_to": str(days[-2]),
        "chunk": chunk,
    }
    started, before = time.monotonic(), _cpu(stack)
    job = demo.trigger(api, "market_backfill", form, asset_class)
    demo.watch(stack, api, [job], demo.Progress(print))
    seconds, after = time.monotonic() - started, _cpu(stack)
    tasks = api.all(f"/dags/{job.dag}/dagRuns/{job.run}/taskInstances", "task_instances")
    parts = {
        name: _covered([(_time(t["start_date"]), _time(t["end_date"])) for t in tasks if t["task_id"] == task])
        for task, name in PARTS.items()
    }
    every = [(_time(t["start_date"]), _time(t["end_date"])) for t in tasks if t["task_id"] in PARTS]
    parts["Airflow"] = seconds - _covered(every)
    parts |= {name: after[name] - before[name] for name in after}
    landed = api.xcoms(job.dag, job.run, "report")["rows"]
    (gold,) = stack.warehouse().records(f"SELECT count(*) AS n FROM gold.{asset_class}_daily_prices")
    one_day = _one_day(stack, api, asset_class, days[-1])
    return Result(asset_class, len(days) - 1, landed, gold["n"], seconds, parts, one_day)


def _cpu(stack: Stack) -> dict[str, float]:
    """CPU seconds of each stand-in's process so far."""
    running = [(STANDINS[each.name], each.child) for each in stack.services if each.name in STANDINS and each.child]
    return {name: sum(psutil.Process(child.pid).cpu_times()[:2]) for name, child in running}


def _one_day(stack: Stack, api: AirflowApi, asset_class: str, day: dt.date) -> dict[str, float]:
    """Seconds from the start of a market day's own run to the end of each part up to gold, with years before it."""
    job = demo.market_day(api, asset_class, day)
    demo.watch(stack, api, [job], demo.Progress(print))
    started = _time(api.get(f"/dags/{job.dag}/dagRuns/{job.run}")["start_date"])
    tasks = api.all(f"/dags/{job.dag}/dagRuns/{job.run}/taskInstances", "task_instances")
    return {
        part: max(_time(task["end_date"]) for task in tasks if task["task_id"].partition(".")[0] == part) - started
        for part in DAY
    }


def _covered(spans: list[tuple[float, float]]) -> float:
    """Seconds in which at least one of the spans was open."""
    total, until = 0.0, 0.0
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def _time(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


def _show(results: list[Result]) -> None:
    parts = [*PARTS.values(), "Airflow", *STANDINS.values()]
    table = Table("asset class", "market days", "rows landed", "rows in gold", "seconds", *parts, "one day more")
    for result in results:
        numbers = [f"{result.parts[part]:.0f}" for part in parts]
        counts = [f"{result.days:,}", f"{result.rows:,}", f"{result.gold_rows:,}", f"{result.seconds:.0f}"]
        table.add_row(result.asset_class, *counts, *numbers, f"{result.day['gold']:.0f}")
    Console(width=170).print(table)
    for result in results:
        ends = ", ".join(f"{name} {at:.1f}" for name, at in result.day.items())
        print(f"{result.asset_class}, one day more, seconds from its start to the end of each part: {ends}")
    print("Parts run beside each other: a chunk is loaded while the next one lands. Airflow is when none of them runs.")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
    main()
