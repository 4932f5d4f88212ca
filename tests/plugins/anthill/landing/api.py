"""The API of landing tests, its datasets, and what is in bronze after."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

from anthill.intervals import market_day
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Limits, Transport
from tests.scripted_server import Asked, Reply, ScriptedServer, page

DAY = dt.date(2014, 6, 6)
AT = market_day("XNYS", DAY)
KEY = "KEY-marked-55"
PAGES = [[{"id": 50 * number + row} for row in range(50)] for number in range(6)]
ROWS = PolygonDataset(
    "rows",
    ("id",),
    {"id": "id"},
    path="/v3/rows",
    params={"day": "{market_date}"},
    asset_class="stocks",
    source="polygon",
    name="rows",
)
GROUPED = PolygonDataset(
    "bars",
    ("T",),
    {"T": "t"},
    path="/v2/{market_date}",
    empty="refused",
    asset_class="stocks",
    source="polygon",
    name="bars",
)
LIMITS = Limits(received=1 << 20, inflated=4 << 20)


def client(server: ScriptedServer, limits: Limits = LIMITS, patience: float = 0.3) -> PolygonSource:
    """The API with little patience."""
    return PolygonSource(Client(Transport(server.url, KEY, limits), Gate(0), Patience(patience, 0.05, 0.1, 0.05)))


def everything(s3: Any, bucket: str) -> dict[str, list[Any]]:
    """The rows of each object."""
    objects = {}
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        lines = gzip.decompress(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()).splitlines()
        objects[entry["Key"]] = [row for line in lines for row in json.loads(line)["results"]]
    return objects


def by_day(answers: Mapping[str, Reply]) -> Callable[[Asked], Reply]:
    """A script that answers by the day in the path."""
    return lambda asked: answers[asked.path.rpartition("/")[2]]


def bars(number: int) -> Reply:
    """A day of so many bars."""
    return page({"status": "OK", "resultsCount": number, "results": [{"T": f"T{row}"} for row in range(number)]})


CHAINS = PolygonDataset(
    "bars",
    ("ticker",),
    {"c": "close"},
    path="/v2/ticker/{ticker}/{market_date}",
    page_fields={"ticker": "ticker"},
    each="ticker",
    asset_class="stocks",
    source="polygon",
    name="minutes",
)
