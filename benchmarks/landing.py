"""Landing grouped days: this project against the official client's objects + json.dumps + gzip + boto3.

`python -m benchmarks.landing --days 250` serves the same pages to both sides, each in a process of its own, and
prints raw MB/s, CPU seconds a GB of raw JSON (of that process alone), peak memory, and the ratios.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import gzip
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3

from benchmarks.pages import ROWS, days, document

KEY = "benchmark-key"
ROOT = Path(__file__).parent.parent
SIDES = ("anthill", "massive objects")


def s3_client(url: str) -> Any:
    """A client of the S3 at an address."""
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
        config=Config(max_pool_connections=16, s3={"addressing_style": "path"}),
    )


def land_ours(api: str, s3: Any, bucket: str, asked: list[dt.date]) -> None:
    """Every day by the project's own landing, 16 threads."""
    from anthill import catalog
    from anthill.landing.commit import Committer
    from anthill.landing.land import Landed, land_days
    from anthill.landing.source import Source
    from anthill.polygon.client import Client
    from anthill.polygon.rate_limit import Gate
    from anthill.polygon.transport import Transport

    source = Source(Client(Transport(api, KEY), Gate(0)))
    dataset = catalog.load("stocks").datasets["grouped_daily"]
    for result in land_days(source, Committer(s3, bucket, "benchmark"), dataset, asked):
        if not isinstance(result, Landed):
            raise result.reason


def land_theirs(api: str, s3: Any, bucket: str, asked: list[dt.date]) -> None:
    """Every day by the official client's objects."""
    from massive import RESTClient

    client = RESTClient(KEY, base=api)
    for day in asked:
        rows = [vars(row) for row in client.get_grouped_daily_aggs(day, adjusted=False)]
        s3.put_object(Bucket=bucket, Key=f"{day}.json.gz", Body=gzip.compress(json.dumps(rows).encode()))


def run_side(side: str, api: str, s3_url: str, bucket: str, count: int) -> None:
    """Land everything and print what it took, as JSON."""
    s3 = s3_client(s3_url)
    work: Callable[..., None] = land_ours if side == SIDES[0] else land_theirs
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    work(api, s3, bucket, days(count))
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "rss_mb": after.ru_maxrss / 1024}))


def check_ours(s3: Any, bucket: str, asked: list[dt.date]) -> int:
    """Each object of bronze inflates to the very bytes that were served; how many they are."""
    total = 0
    for day in asked:
        key = f"polygon/stocks/grouped_daily/date={day}/r000001.jsonl.gz"
        stored, served = s3.get_object(Bucket=bucket, Key=key), document(day)
        if gzip.decompress(stored["Body"].read()) != served or stored["Metadata"]["rows"] != str(ROWS):
            raise SystemExit(f"{key} is not what was served")
        total += len(served)
    return total


def check_theirs(s3: Any, bucket: str, asked: list[dt.date]) -> int:
    """Each object holds every row that was served; how many bytes they were."""
    total = 0
    for day in asked:
        rows = json.loads(gzip.decompress(s3.get_object(Bucket=bucket, Key=f"{day}.json.gz")["Body"].read()))
        served = document(day)
        if [(row["ticker"], row["close"]) for row in rows] != [
            (row["T"], row["c"]) for row in json.loads(served)["results"]
        ]:
            raise SystemExit(f"{day}.json.gz is not what was served")
        total += len(served)
    return total


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
    """The address of an S3 in a process of its own, objects in memory."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = Path(sys.executable).with_name("ministack")
    settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "S3_PERSIST": "0", "PERSIST_STATE": "0"}
    with tempfile.TemporaryDirectory() as state, process(str(command), **settings, STATE_DIR=state) as child:
        assert child.stdout is not None
        child.stdout.close()
        for _ in range(300):
            with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
                break
            time.sleep(0.1)
        yield url


def main() -> None:
    """Run both sides and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=250)
    parser.add_argument("--side", nargs=4, metavar=("SIDE", "API", "S3", "BUCKET"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        run_side(*options.side, options.days)
        return
    asked = days(options.days)
    results = {}
    gigabytes = 0.0
    python_path = os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])
    with object_store() as s3_url, process(sys.executable, "-m", "benchmarks.pages", str(options.days)) as pages:
        assert pages.stdout is not None
        api = f"http://127.0.0.1:{pages.stdout.readline().strip()}"
        s3 = s3_client(s3_url)
        for side, check in zip(SIDES, (check_ours, check_theirs), strict=True):
            bucket = side.replace(" ", "-")
            s3.create_bucket(Bucket=bucket)
            command = [sys.executable, "-m", "benchmarks.landing", "--days", str(options.days)]
            command += ["--side", side, api, s3_url, bucket]
            environment = {**os.environ, "PYTHONPATH": python_path}
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
            gigabytes = check(s3, bucket, asked) / 1e9
            results[side] = json.loads(done.stdout)
    print(f"{len(asked)} grouped days, {len(asked) * ROWS:,} rows, {gigabytes * 1e3:.0f} MB of JSON")
    _print(results, gigabytes)


def _print(results: dict[str, dict[str, float]], gigabytes: float) -> None:
    print(f"\n{'':16} {'MB/s raw':>9} {'CPU s/GB':>9} {'RSS MB':>7} {'wall s':>7}")
    for side, result in results.items():
        speed, cpu = gigabytes * 1e3 / result["wall"], result["cpu"] / gigabytes
        print(f"{side:16} {speed:9.1f} {cpu:9.1f} {result['rss_mb']:7.0f} {result['wall']:7.1f}")
    ours, theirs = (results[side] for side in SIDES)
    faster, cheaper = theirs["wall"] / ours["wall"], theirs["cpu"] / ours["cpu"]
    print(f"\n{faster:.1f} times the MB/s (goal 20), 1/{cheaper:.1f} of the CPU seconds a GB (goal 1/10)")
    print("What both sides landed is what was served.")


if __name__ == "__main__":
    main()
