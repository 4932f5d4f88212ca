"""A small market of every asset class, from the simulated API over HTTP through bronze and silver to gold."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from anthill import catalog
from anthill.calendars import market_days, shift
from anthill.sources.polygon.flat_files import FlatFiles
from anthill.sources.polygon.source import PolygonSource
from local.connections import FLAT_FILES_KEY, FLAT_FILES_SECRET
from tests.local.polygon.serving import Server, serving
from tests.oracle.scheduled import NAMES, Environment
from tests.plugins.anthill.lakehouse.lake import Lake

SILENT = {
    "match": {"path": "/XOM/range/1/minute/"},
    "then": {"set": {"queryCount": 0, "resultsCount": 0, "count": 0, "results": []}},
}
"""A ticker that is asked for and has no minutes, which is a warning."""
BUCKET, EVENING = "small", "22:30"
FIRST, LAST = dt.date(2026, 6, 30), dt.date(2026, 7, 2)
"""The days that have everything, which are those of `make demo`."""
STATEMENTS = ("income_statements", "balance_sheets", "cash_flow_statements")
Stretches = Sequence[tuple[dt.date, dt.date, tuple[str, ...]]]  # first and last day, and what is landed of them
EARLIER: dict[str, Stretches] = {
    "stocks": [
        (dt.date(2026, 5, 7), dt.date(2026, 5, 7), STATEMENTS),
        (dt.date(2026, 6, 12), dt.date(2026, 6, 29), NAMES),
    ],
    "crypto": [(dt.date(2026, 6, 5), dt.date(2026, 6, 29), ("grouped_daily", "tickers"))],
}
"""What is there of days before: reports, prices from before a split and a rename, returns enough to compare them."""
SIZE = (
    "--stocks", "100", "--otc", "5", "--underlyings", "7", "--forex", "12", "--crypto", "6", "--indices", "3",
    "--no-limits", "--late-trades", "--clock", "22:30",
)  # fmt: skip


@contextmanager
def market(folder: Path, s3: Any, remote: str) -> Iterator[Lake]:
    """All of it in gold; bronze is in `folder`/bronze too, as it lies in S3."""
    (folder / "lake").mkdir()
    lake = Lake(remote, folder / "lake")
    fill(lake, folder, s3)
    _copy(s3, folder / "bronze")
    yield lake
    lake.close()


def fill(
    lake: Any, folder: Path, s3: Any, size: Sequence[str] = SIZE, earlier: Mapping[str, Stretches] = EARLIER
) -> None:
    """Land the market in a bucket of its own, and take each step of a lake over it."""
    (folder / "server").mkdir()
    s3.create_bucket(Bucket=BUCKET)
    faults = folder / "faults.json"
    faults.write_text(json.dumps([SILENT]))
    with serving(folder / "server", *size, "--faults", str(faults)) as server:
        environment = Environment(server, s3, BUCKET, lake)
        environment.source = PolygonSource(environment.source.client, FlatFiles(_flat_files(server)))
        for name in sorted(catalog.with_past(), key=lambda name: name == "options"):  # which read splits of stocks
            _load(environment, name, earlier.get(name, ()))


def _load(environment: Environment, asset_class: str, earlier: Stretches) -> None:
    """The days before, then all that is landed once a day, and again the latest of those before that may change."""
    declared, server = catalog.load(asset_class), environment.server
    began = FIRST
    for first, last, names in earlier:
        began = min(first, began)
        server.move(today=str(last), time=EVENING)
        environment.land(market_days(declared.calendar, first, last), asset_class, names)
        _judge(environment, first, last, names)
    server.move(today=str(LAST), time=EVENING)
    days = market_days(declared.calendar, FIRST, LAST)
    flat = [name for name, dataset in declared.daily.items() if dataset.flat_file]
    environment.land(days, asset_class, [name for name in declared.daily if name not in flat])
    if earlier:
        since = shift(declared.calendar, FIRST, -3)
        before = market_days(declared.calendar, since, FIRST - dt.timedelta(days=1))
        environment.land(before, asset_class, [name for name in names if declared.datasets[name].restated_days])
        _judge(environment, before[0], before[-1], names)
    server.move(today=str(LAST + dt.timedelta(days=1)), time="12:00")  # flat files are there the next morning
    environment.land(days, asset_class, flat)
    _judge(environment, FIRST, LAST, declared.historical)
    environment.lake.gold(began, LAST)


def _judge(environment: Environment, first: dt.date, last: dt.date, names: Iterable[str]) -> None:
    environment.lake.silver(first, last)
    environment.lake.quality(first, last, datasets=",".join(names))


def _copy(s3: Any, folder: Path) -> None:
    """Every object of bronze, under its key."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for entry in page["Contents"]:
            file = folder / entry["Key"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read())


def _flat_files(server: Server) -> Any:
    """A client of the source's bucket of flat files."""
    return boto3.client(
        "s3",
        endpoint_url=server.base,
        aws_access_key_id=FLAT_FILES_KEY,
        aws_secret_access_key=FLAT_FILES_SECRET,
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
    )
