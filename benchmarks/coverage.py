"""The coverage index: what a view of 40 datasets over five years costs, and what a landing's note costs.

An S3 of its own is started on this machine; each figure is the median of several tries.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import msgspec

from anthill import calendars, catalog
from anthill.bronze.commits import Commit, Place
from anthill.catalog import AssetClass
from anthill.coverage import view
from anthill.coverage.freshness import freshness
from anthill.coverage.reader import Reader
from anthill.intervals import market_day
from anthill.ledger.documents import Documents
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Landed
from local import lake
from local.service import Service, find, free_port, stop

BUCKET, NOW = "bronze", dt.datetime(2026, 7, 3, 22, tzinfo=dt.UTC)
LAST = NOW.date()


def main() -> None:
    """Fill an index, and look at it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=40)
    parser.add_argument("--years", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        port = str(free_port())
        environment = {**os.environ, **lake.emulator_environment(Path(home), port)}
        command = [str(Path(sys.executable).with_name("ministack"))]
        address = f"http://127.0.0.1:{port}"
        service = Service("s3", command, environment, Path(home), Path.cwd(), f"{address}/_ministack/health")
        service.start()
        try:
            service.wait()
            keys = {"aws_access_key_id": lake.KEY, "aws_secret_access_key": lake.KEY, "region_name": lake.REGION}
            measure(boto3.client("s3", endpoint_url=address, **keys), asked.datasets, asked.years)
        finally:
            stop(list(find(Path(home)).values()))


def measure(s3: Any, datasets: int, years: int) -> None:
    """Print a line a figure."""
    s3.create_bucket(Bucket=BUCKET)
    declared = many(datasets)
    first = LAST - dt.timedelta(days=years * 366)
    days = calendars.market_days(declared.calendar, first, LAST)
    recorder = Recorder(Documents(s3, BUCKET), "market_backfill/run/chunk.land/0/1")
    for dataset in declared.datasets.values():
        for day in days:
            recorder.note(dataset, landed(dataset.name, day))
    line("write all of it", timed(recorder.write, 1))
    kept = Reader(Documents(s3, BUCKET), BUCKET)
    line("first view of a web server", timed(lambda: look(Reader(Documents(s3, BUCKET), BUCKET), declared, first), 3))
    line("each view after that", timed(lambda: look(kept, declared, first), 9))

    def note_one() -> None:
        one = Recorder(Documents(s3, BUCKET), f"stocks/run{time.monotonic_ns()}/land/1")
        one.note(declared.datasets["d00"], landed("d00", days[-1]))
        one.write()

    line("what one landed day costs its task", timed(note_one, 9))
    line("a view after a landing", timed(lambda: look(kept, declared, first), 1))
    line("freshness", timed(lambda: freshness(kept, declared, NOW), 3))
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    objects = [entry["Size"] for page in pages for entry in page["Contents"]]
    cells = len(days) * datasets
    print(f"{cells:,} cells in {len(objects):,} objects, {sum(objects) / 1e6:.1f} MB")


def look(reader: Reader, declared: AssetClass, first: dt.date) -> bytes:
    """A view, as the web app answers it."""
    return msgspec.json.encode(view.heat_map(reader, [declared], first, LAST, NOW))


def many(count: int) -> AssetClass:
    """Stocks with so many datasets."""
    stocks = catalog.load("stocks")
    bars = stocks.datasets["grouped_daily"]
    copies = {f"d{at:02d}": msgspec.structs.replace(bars, name=f"d{at:02d}") for at in range(count)}
    return msgspec.structs.replace(stocks, datasets=copies)


def landed(dataset: str, day: dt.date) -> Landed:
    """A landing of one day."""
    place = Place("polygon", "stocks", dataset, str(day))
    commit = Commit(
        bucket=BUCKET,
        key=place.key(1),
        shard="",
        revision=1,
        rows=10_000 + day.toordinal() % 997,
        pages=1,
        size=400_000 + day.toordinal() % 9973,
        sha256="00" * 32,
        digest="d",
        asof=dt.datetime.combine(day, dt.time(22), dt.UTC),
        run="market_backfill/manual__2026-07-03T20:00:00+00:00/chunk.land/0/1",
    )
    return Landed("stocks", dataset, market_day("XNYS", day), "landed", commit.rows, 1, 1_000_000, 0.5, [commit])


def timed(work: Callable[[], object], tries: int) -> tuple[float, float]:
    """Seconds, the median: by the clock, and of this process's CPU."""
    times = []
    for _ in range(tries):
        started = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    return statistics.median(each for each, _ in times), statistics.median(each for _, each in times)


def line(what: str, seconds: tuple[float, float]) -> None:
    """One figure; on a machine that others use the CPU's is the steadier one."""
    wall, cpu = (each * 1000 for each in seconds)
    print(f"{what:<36} {wall:8,.0f} ms, CPU {cpu:8,.0f} ms", flush=True)


if __name__ == "__main__":
    main()
