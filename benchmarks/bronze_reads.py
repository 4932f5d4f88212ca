"""`make bench-bronze`: bronze's objects read at once and one by one, on Apache Spark and on Sail."""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from anthill.lakehouse import bronze_rows
from anthill.lakehouse.commits import Commit, Day
from tests.plugins.anthill.lakehouse.lake import sail
from tests.spark.server import spark

_ROWS = 200  # of each object
Known = Sequence[tuple[Day, Commit]]


def put(folder: Path, objects: int) -> Known:
    """So many objects of bronze, a day each."""
    row = {"T": "AAA", "o": 1.0, "h": 2.0, "l": 1.0, "c": 1.5, "v": 100, "vw": 1.25, "n": 3}
    page = gzip.compress(json.dumps({"results": [row] * _ROWS}).encode() + b"\n")
    known = []
    for at in range(objects):
        day = dt.date(2024, 1, 1) + dt.timedelta(days=at)
        key = f"polygon/stocks/grouped_daily/date={day}/r000001.jsonl.gz"
        (folder / key).parent.mkdir(parents=True)
        (folder / key).write_bytes(page)
        facts: dict[str, Any] = {"rows": _ROWS, "pages": 1, "sha256": "", "revision": 1, "asof": "2026-01-02T03:04:05Z"}
        commit = Commit("grouped_daily", day, "", key, f"file://{folder / key}", **facts)
        known.append((Day(day, (commit,)), commit))
    return known


def timed(remote: str, known: Known, read: Callable[[Any, Known], Any]) -> float:
    """Seconds that one reading takes, its lines counted by day."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.remote(remote).create()
    read(session, known[:1]).count()  # what is loaded once
    began = time.perf_counter()
    counted = read(session, known).groupBy("market_date").count().collect()
    took = time.perf_counter() - began
    assert [row["count"] for row in counted] == [1] * len(known)
    session.stop()
    return took


def measure(engine: str, server: AbstractContextManager[str], known: Known, most: int) -> None:
    """Print both ways for a few numbers of objects; one by one for so many at most."""
    with server as remote:
        for objects in (8, 32, 126, 504):
            some = known[:objects]
            together = timed(remote, some, bronze_rows.lines)
            one_by_one = timed(remote, some, bronze_rows.lines_one_by_one) if objects <= most else None
            told = f"{one_by_one:8.2f} s one by one, {one_by_one / together:5.1f} times" if one_by_one else ""
            print(f"{engine:6} {objects:4} objects {together:8.2f} s as the product reads them {told}", flush=True)


def main() -> None:
    """Measure on both engines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=126, help="objects that are read one by one at most")
    most = parser.parse_args().most
    with tempfile.TemporaryDirectory() as folder:
        known = put(Path(folder), 504)
        measure("Spark", spark(Path(folder)), known, most)
        measure("Sail", sail(), known, most)


if __name__ == "__main__":
    main()
