"""Who fetches: this project, the official client, urllib3 bare. Each in a process of its own, and says what it took."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import pathlib
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import boto3

from benchmarks.pages import MINUTE_DAY, days, tickers

KEY = "benchmark-key"
THREADS = 16
GROUPED = "/v2/aggs/grouped/locale/us/market/stocks/{}?adjusted=false&include_otc=false"
MINUTES = f"/v2/aggs/ticker/{{}}/range/1/minute/{MINUTE_DAY}/{MINUTE_DAY}?adjusted=false&sort=asc&limit=50000"


def s3_client(url: str) -> Any:
    """A client of the S3 at an address, set up as the landing's tasks have theirs."""
    from anthill.bronze.storage import client_config

    return boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
        config=client_config(THREADS, 1, s3={"addressing_style": "path"}),
    )


def anthill(work: str, api: str, s3: Any, bucket: str, count: int, rate: int = 0) -> None:
    """The project's own landing: a day an object, or all symbols' minutes of a day as one."""
    import msgspec

    from anthill import catalog
    from anthill.intervals import of_days
    from anthill.landing.commit import Committer
    from anthill.landing.land import land_all
    from anthill.ledger.results import Landed
    from anthill.sources.polygon.client import Client
    from anthill.sources.polygon.rate_limit import Gate
    from anthill.sources.polygon.source import PolygonSource
    from anthill.sources.polygon.transport import Transport

    source = PolygonSource(Client(Transport(api, KEY), Gate(rate)))
    datasets = catalog.load("stocks").datasets
    if work == "grouped":
        dataset, asked = datasets["grouped_daily"], days(count)
    else:
        dataset, asked = msgspec.structs.replace(datasets["minute_bars"], listed=tuple(tickers(count))), [MINUTE_DAY]
    for result in land_all(source, Committer(s3, bucket, "benchmark"), dataset, of_days(dataset.calendar, asked)):
        if not isinstance(result, Landed):
            raise result.reason


def anthill_in_a_plan(work: str, api: str, s3: Any, bucket: str, count: int) -> None:
    """The same at the rate of a plan of 100 requests a second."""
    anthill(work, api, s3, bucket, count, rate=6_000)


def thrown_away(work: str, api: str, s3: Any, bucket: str, count: int) -> None:
    """The floor: the same bytes fetched, and nothing done with them."""
    for _ in _bodies(work, api, count):
        pass


def written_unchecked(work: str, api: str, s3: Any, bucket: str, count: int) -> None:
    """The same bytes fetched and written as they come: a day an object, or one object of all."""
    if work == "grouped":

        def put(known: tuple[dt.date, bytes]) -> None:
            s3.put_object(Bucket=bucket, Key=f"{known[0]}.json.gz", Body=known[1])

        with ThreadPoolExecutor(THREADS) as pool:
            _drain(pool.map(put, zip(days(count), _bodies(work, api, count), strict=True)))
        return
    with tempfile.TemporaryFile() as file:
        for body in _bodies(work, api, count):
            file.write(body)
        file.seek(0)
        s3.put_object(Bucket=bucket, Key="minutes.json.gz", Body=file)


def massive_raw(work: str, api: str, s3: Any, bucket: str, count: int) -> None:
    """The official client with raw=True, which inflates; its bytes compressed again."""
    from massive import RESTClient

    client = RESTClient(KEY, base=api)
    for name in _names(work, count):
        answer = (
            client.get_grouped_daily_aggs(name, adjusted=False, raw=True)
            if work == "grouped"
            else client.get_aggs(name, 1, "minute", MINUTE_DAY, MINUTE_DAY, adjusted=False, limit=50_000, raw=True)
        )
        s3.put_object(Bucket=bucket, Key=f"{name}.json.gz", Body=gzip.compress(answer.data))


def massive_objects(work: str, api: str, s3: Any, bucket: str, count: int) -> None:
    """The official client's objects, written as JSON."""
    from massive import RESTClient

    client = RESTClient(KEY, base=api)
    for name in _names(work, count):
        found = (
            client.get_grouped_daily_aggs(name, adjusted=False)
            if work == "grouped"
            else client.list_aggs(name, 1, "minute", MINUTE_DAY, MINUTE_DAY, adjusted=False, limit=50_000)
        )
        rows = [vars(row) for row in found]
        s3.put_object(Bucket=bucket, Key=f"{name}.json.gz", Body=gzip.compress(json.dumps(rows).encode()))


SIDES: dict[str, Callable[[str, str, Any, str, int], None]] = {
    "anthill": anthill,
    "anthill, 100 a second": anthill_in_a_plan,
    "urllib3, thrown away": thrown_away,
    "urllib3, written unchecked": written_unchecked,
    "massive raw=True": massive_raw,
    "massive objects": massive_objects,
}


def _names(work: str, count: int) -> list[Any]:
    return days(count) if work == "grouped" else tickers(count)


def _bodies(work: str, api: str, count: int) -> Iterator[bytes]:
    """Every body as received, in order, 16 on the way."""
    import urllib3

    pool = urllib3.PoolManager(maxsize=THREADS, retries=False)
    path = GROUPED if work == "grouped" else MINUTES
    headers = {"Authorization": f"Bearer {KEY}", "Accept-Encoding": "gzip"}

    def fetch(name: object) -> bytes:
        response = pool.request("GET", api + path.format(name), headers=headers, preload_content=False)
        body = response.read(decode_content=False)
        response.release_conn()
        return body

    names = iter(_names(work, count))
    with ThreadPoolExecutor(THREADS) as executor:
        while portion := list(islice(names, 4 * THREADS)):  # bounded, as the landing is
            yield from executor.map(fetch, portion)


def _drain(results: Iterable[object]) -> None:
    for _ in results:
        pass


def _peak_mb() -> float:
    """The most that this process held; the kernel's own maxrss begins with the parent's."""
    with pathlib.Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main(side: str, work: str, api: str, s3_url: str, bucket: str, count: str) -> None:
    """Run one side and print what it took, as JSON."""
    s3 = s3_client(s3_url)
    s3.create_bucket(Bucket=f"{bucket}-warm")
    SIDES[side](work, api, s3, f"{bucket}-warm", 1)  # imports and declarations are a start's, not a page's
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    SIDES[side](work, api, s3, bucket, int(count))
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"wall": wall, "cpu": cpu, "rss_mb": _peak_mb()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
