"""What a landing holds is bounded by a setting, whatever the source's pages are."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from anthill.bronze.commits import Commit, Place
from anthill.intervals import of_days
from anthill.landing.commit import Committer
from anthill.landing.content import Content
from anthill.landing.land import land_all
from anthill.ledger.results import Landed
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Limits, Transport
from anthill.sources.source import Around
from tests.scripted_server import Reply, ScriptedServer, http

MEMORY = 8 << 20
BARS = PolygonDataset(
    "bars", ("T",), {"T": "t"}, path="/v2/{market_date}", asset_class="stocks", source="polygon", name="bars"
)
DAYS = [dt.date(2014, 6, 2) + dt.timedelta(days=number) for number in range(6)]
ROW = {"v": 7500000.5, "vw": 12.3456, "o": 12.1, "c": 12.2, "h": 12.9, "l": 11.8, "t": 1402084800000}


def packed(content: bytes) -> Reply:
    """A gzip answer."""
    return http(gzip.compress(content, 1, mtime=0), headers={"Content-Encoding": "gzip"})


def api(server: ScriptedServer) -> PolygonSource:
    """The API within the limit."""
    return PolygonSource(
        Client(Transport(server.url, "KEY", Limits(memory=MEMORY)), Gate(0), Patience(0.2, 0.01, 0.02))
    )


class Sink(Committer):
    """Takes commits and keeps nothing: an S3 in this process would keep them in the memory that is measured."""

    def __init__(self) -> None:
        super().__init__(None, "bronze", "run")

    def _put(self, place: Place, revision: int, content: Content) -> Commit:
        assert content.asof
        known = {"rows": content.rows, "pages": content.pages, "size": content.size, "digest": content.digest}
        made = {"bucket": "bronze", "key": place.key(revision), "shard": "", "revision": 1, "run": "run"}
        return Commit(**known, **made, sha256=content.sha256, asof=content.asof)  # type: ignore[arg-type]


@contextmanager
def most() -> Iterator[list[int]]:
    """The most that was allocated within the block, in bytes."""
    found: list[int] = []
    tracemalloc.start()
    try:
        yield found
        found.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def large() -> bytes:
    """A page of 4 MB."""
    rows = [{"T": f"S{number:06d}", **ROW, "n": number * 7919 % 9000} for number in range(36_000)]
    return json.dumps({"status": "OK", "resultsCount": len(rows), "results": rows}).encode()


def test_large_days_at_once_are_landed_within_the_limit(large: bytes) -> None:
    """Six pages of 4 MB come at the same moment; 8 MB are enough, the server's and the client's own parts included."""
    assert len(large) > 4_000_000
    together = threading.Barrier(len(DAYS))
    answer = packed(large)

    def at_once(_: Any) -> Reply:
        together.wait(30)
        return answer

    with ScriptedServer(at_once) as server, most() as peak:
        results = list(land_all(api(server), Sink(), BARS, of_days("XNYS", DAYS)))
    landed = {result.interval.day: result.rows for result in results if isinstance(result, Landed)}
    assert landed == dict.fromkeys(DAYS, 36_000)
    assert {result.commits[0].sha256 for result in results if isinstance(result, Landed)} == {
        hashlib.sha256(gzip.compress(large, 1, mtime=0)).hexdigest()
    }
    assert peak[0] < MEMORY


def test_tiny_items_are_counted_without_being_made() -> None:
    """A small body of 300,000 items: as objects they would take 20 MB."""
    count = 300_000
    answer = packed(b'{"status":"OK","count":%d,"results":[' % count + b"0," * (count - 1) + b"0]}")
    with ScriptedServer(lambda _: answer) as server, most() as peak:
        (result,) = land_all(api(server), Sink(), BARS, of_days("XNYS", DAYS[:1]))
    assert isinstance(result, Landed)
    assert result.rows == count
    assert peak[0] < MEMORY


def test_chains_ahead_of_their_turn_wait_on_the_disk() -> None:
    """Beyond the first pages of a chain, whatever they are; they are landed in the order of the chains all the same."""
    chains = PolygonDataset(
        "chains",
        ("T",),
        {"T": "t"},
        path="/{symbol}",
        each="symbol",
        listed=("A", "B"),
        asset_class="stocks",
        name="chains",
    )

    def answer(asked: Any) -> Reply:
        symbol, number = asked.path[1], int(asked.params.get("page", 0))
        rows = [{"T": f"{symbol}{number}{n * n * 7919:x}"} for n in range(900)]
        more = {"next_url": f"{server.url}/{symbol}?page={number + 1}"} if number < 9 else {}
        return packed(json.dumps({"status": "OK", "results": rows, **more}).encode())

    with ScriptedServer(answer) as server, ThreadPoolExecutor(2) as pool:
        found = list(
            api(server).pages(
                chains, Place("polygon", "stocks", "chains", str(DAYS[0])), "", Around(pool, threading.Event())
            )
        )
    held = sum(len(page.member) for page in found if isinstance(page.member, bytes))
    assert 0 < held <= 2 * (MEMORY >> 9) < sum(len(page.member) for page in found)
    with Content.of(found) as content:
        content.file.seek(0)
        lines = gzip.decompress(content.file.read()).splitlines()
    starts = [json.loads(line)["results"][0]["T"][:2] for line in lines]
    assert starts == [f"{symbol}{number}" for symbol in "AB" for number in range(10)]
