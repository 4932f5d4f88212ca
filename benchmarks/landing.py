"""Landing side by side in one run: this project, the official client, dlt, and the same bytes with nothing done.

Two works, each side in a process of its own: grouped days of 11,000 rows, and one day's minute bars in pages of 5,000.
Printed are raw MB/s, CPU seconds a GB of raw JSON (of that process alone), peak memory, and ratios to this project.
The slow sides do a part of the work: what counts is CPU a GB. What each side wrote is compared with what was served.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.pages import days, document, minutes, tickers
from benchmarks.sides import GROUPED, MINUTES, s3_client
from local.service import free_port

ROOT = Path(__file__).parent.parent
OURS, IN_A_PLAN, DLT = "anthill", "anthill, 100 a second", "dlt rest_api, filesystem"
FLOOR, UNCHECKED = "urllib3, thrown away", "urllib3, written unchecked"
FAST = (OURS, IN_A_PLAN, FLOOR, UNCHECKED)
SLOW = ("massive raw=True", "massive objects", DLT)
WORKS = {"grouped": "grouped days of 11,000 rows", "minutes": "pages of 5,000 minute bars, one market day"}


@dataclass
class Result:
    """What a side took for so many days or pages and bytes of JSON."""

    count: int
    raw: int
    wall: float
    cpu: float
    rss_mb: float

    @property
    def cpu_of_gb(self) -> float:
        """CPU seconds a GB of raw JSON."""
        return self.cpu / self.raw * 1e9


class Bench:
    """The servers, and the sides run against them one after the other."""

    def __init__(self, api: str, s3_url: str) -> None:
        self.api = api
        self.s3_url = s3_url
        self.s3 = s3_client(s3_url)
        self._buckets = 0

    def run(self, side: str, work: str, count: int) -> Result:
        """One side in a process of its own; what it wrote is checked and deleted."""
        if side == DLT:
            return self._dlt(work, count)
        self._buckets += 1
        bucket = f"side-{self._buckets}"
        self.s3.create_bucket(Bucket=bucket)
        command = [sys.executable, "-m", "benchmarks.sides", side, work, self.api, self.s3_url, bucket, str(count)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
        served = _served(work, count)
        if side != FLOOR:
            self._check(side, work, bucket, served)
        return Result(count, sum(map(len, served.values())), **json.loads(done.stdout))

    def parts(self) -> dict[str, float]:
        """CPU seconds a GB of each step of landing grouped days."""
        self.s3.create_bucket(Bucket="parts")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
        command = [sys.executable, "-m", "benchmarks.parts", self.s3_url, "parts"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
        found: dict[str, float] = json.loads(done.stdout)
        return found

    def _check(self, side: str, work: str, bucket: str, served: dict[str, bytes]) -> None:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = sorted(entry["Key"] for page in pages for entry in page.get("Contents", []))
        stored = (self.s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys)
        if side.startswith("massive"):
            found = [_rows(json.loads(gzip.decompress(body))) for body in stored]
            same = found == [_rows(json.loads(body)["results"]) for body in served.values()]
        else:  # whole bytes, parted by line ends where there are many in one object
            same = _sha256(piece for body in stored for piece in _inflated(body)) == _sha256(served.values())
        if not same:
            raise SystemExit(f"{side}, {work}: what it wrote is not what was served")
        for key in keys:
            self.s3.delete_object(Bucket=bucket, Key=key)

    def _dlt(self, work: str, count: int) -> Result:
        python = _dlt_python()
        served = _served(work, count)
        path = GROUPED if work == "grouped" else MINUTES
        names = days(count) if work == "grouped" else tickers(count)
        with tempfile.TemporaryDirectory() as folder:
            command = [str(python), "-m", "benchmarks.dlt_side", self.api, folder]
            asked = json.dumps([path.format(name) for name in names])
            done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
            files = Path(folder).rglob("bars/*.jsonl*")
            texts = [
                gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in files
            ]
            rows = sum(len(text.splitlines()) for text in texts)
        if rows != (expected := sum(len(json.loads(body)["results"]) for body in served.values())):
            raise SystemExit(f"{DLT}, {work}: wrote {rows:,} rows, served were {expected:,}")
        return Result(count, sum(map(len, served.values())), **json.loads(done.stdout.splitlines()[-1]))


def _inflated(body: bytes) -> Iterator[bytes]:
    """A gzip body in pieces: a day of minute bars is a gigabyte."""
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
        yield from iter(lambda: file.read(1 << 20), b"")


def _sha256(pieces: Iterable[bytes]) -> str:
    """Of the pieces one after the other, without line ends."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece.replace(b"\n", b""))
    return digest.hexdigest()


@functools.cache
def _served(work: str, count: int) -> dict[str, bytes]:
    """Every page of a work by its name, in order."""
    if work == "grouped":
        with ProcessPoolExecutor(2) as pool:
            return {str(day): body for day, body in zip(days(count), pool.map(document, days(count)), strict=True)}
    different = {ticker: minutes(ticker) for ticker in tickers(min(count, 40))}
    known = list(different.values())
    return {ticker: known[number % len(known)] for number, ticker in enumerate(tickers(count))}


def _rows(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What both names of a field say: the client renames them."""
    return [(row.get("close", row.get("c")), row.get("timestamp", row.get("t"))) for row in _plain(rows)]


def _plain(rows: Any) -> list[dict[str, Any]]:
    return rows["results"] if isinstance(rows, dict) else rows


def _dlt_python() -> Path:
    """The interpreter of dlt's own environment, made where it is not there yet."""
    home, needs = ROOT / "var" / "bench-dlt", ROOT / "benchmarks" / "dlt-requirements.txt"
    python, mark = home / "bin" / "python", home / ".ready"
    if not mark.exists() or mark.stat().st_mtime < needs.stat().st_mtime:
        uv = os.environ.get("UV", "uv")
        subprocess.run(
            [uv, "venv", "--no-config", "--quiet", "--clear", "--python", sys.executable, str(home)], check=True
        )
        subprocess.run(
            [uv, "pip", "install", "--no-config", "--quiet", "--python", str(python), "-r", str(needs)], check=True
        )
        mark.touch()
    return python


@contextlib.contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """A process that ends with the block."""
    child = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        yield child
    finally:
        child.terminate()
        child.wait()


@contextlib.contextmanager
def object_store() -> Iterator[str]:
    """The address of an S3 in a process of its own, objects in memory: moto, as MiniStack needs a minute for 60 MB."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process(sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)) as child:
        assert child.stdout is not None
        child.stdout.close()
        for _ in range(600):
            with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
                break
            time.sleep(0.1)
        yield url


def main() -> None:
    """Run every side on both works and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=250, help="grouped days (250)")
    parser.add_argument("--pages", type=int, default=2_000, help="pages of minute bars (2,000)")
    parser.add_argument("--part", type=float, default=0.1, help="what part of the work the slow sides do (0.1)")
    parser.add_argument("--without-dlt", action="store_true", help="leave out the side that needs an install")
    options = parser.parse_args()
    slow = [side for side in SLOW if not (options.without_dlt and side == DLT)]
    with object_store() as s3_url, process(sys.executable, "-m", "benchmarks.pages", str(options.days)) as pages:
        assert pages.stdout is not None
        bench = Bench(f"http://127.0.0.1:{pages.stdout.readline().strip()}", s3_url)
        for work, count in {"grouped": options.days, "minutes": options.pages}.items():
            part = max(2, round(count * options.part))
            results = {side: bench.run(side, work, count) for side in FAST}
            results |= {side: bench.run(side, work, part) for side in slow}
            _print(work, results)
            if work == "grouped":
                _print_parts(bench.parts())
    print("\nWhat every side wrote is what was served.")


def _print(work: str, results: dict[str, Result]) -> None:
    ours = results[OURS]
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"\n{ours.count:,} {WORKS[work]}, {ours.raw / 1e6:,.0f} MB of JSON; load average {load}")
    print(
        f"{'':26} {'count':>6} {'MB/s raw':>9} {'CPU s':>7} {'CPU s/GB':>9} {'of ours':>8} {'RSS MB':>7} {'wall s':>7}"
    )
    for side, each in results.items():
        ratio = each.cpu_of_gb / ours.cpu_of_gb
        numbers = (
            f"{each.count:6,} {each.raw / 1e6 / each.wall:9.1f} {each.cpu:7.1f} {each.cpu_of_gb:9.1f} {ratio:8.2f}"
        )
        print(f"{side:26} {numbers} {each.rss_mb:7.0f} {each.wall:7.1f}", flush=True)
    plan = results[IN_A_PLAN]
    goal = " (goal 6.4)" if work == "grouped" else ""
    unchecked = results[UNCHECKED].cpu_of_gb
    print(f"With every check {ours.cpu_of_gb:.1f} CPU s/GB{goal}, the same bytes unchecked {unchecked:.1f}")
    print(f"CPU: {ours.cpu_of_gb / unchecked:.2f} times the bytes written unchecked (goal 1.6)", end="")
    if DLT in results:
        goal = 40 if work == "grouped" else 30
        print(f", 1/{results[DLT].cpu_of_gb / ours.cpu_of_gb:.0f} of dlt's (goal 1/{goal})", end="")
    print(f", 1/{results['massive objects'].cpu_of_gb / ours.cpu_of_gb:.1f} of the official client's objects")
    print(f"At 100 requests a second: {plan.count / plan.wall:.0f} a second, {plan.cpu / plan.wall:.2f} cores (goal 1)")


def _print_parts(parts: dict[str, float]) -> None:
    print("Of a grouped day, CPU s/GB by itself: " + ", ".join(f"{name} {each:.2f}" for name, each in parts.items()))


if __name__ == "__main__":
    main()
