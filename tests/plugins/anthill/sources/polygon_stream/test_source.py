"""What nobody heard of a stream is asked of the API, by the minute and for each of the list."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import msgspec

from anthill import catalog
from anthill.bronze.commits import Place
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Limits, Transport
from anthill.sources.polygon_stream.source import StreamSource
from anthill.sources.polygon_stream.span import Span
from anthill.sources.source import Around
from tests.scripted_server import Asked, Reply, ScriptedServer, page


def test_a_span_is_asked_for_each_of_the_list() -> None:
    """Only its minutes, a chain a pair; a place without a span is the whole UTC day."""
    stream = catalog.load("crypto").streams["minute_stream"]
    asked: list[str] = []

    def answer(call: Asked) -> Reply:
        asked.append(call.path)
        return page({"status": "OK", "ticker": "X", "results": [{"t": 1781617440000}]})

    span = Span.around(*(dt.datetime(2026, 6, 16, 13, minute, tzinfo=dt.UTC) for minute in (45, 47)))
    with ScriptedServer(answer) as server, ThreadPoolExecutor(1) as fetchers:
        api = PolygonSource(Client(Transport(server.url, "KEY", Limits()), Gate(0), Patience(0.2, 0.01, 0.02)))
        source, around = StreamSource(api), Around(fetchers, threading.Event())
        place = Place.of(stream, "2026-06-16", span.shard)
        pages = list(source.pages(stream, place, "", around))
        whole = list(source.pages(stream, msgspec.structs.replace(place, shard=""), "", around))
    # 13:44:00 to 13:48:59.999 UTC, as `date -d 2026-06-16T13:44Z +%s` gives it.
    ends = "1781617440000/1781617739999"
    pairs = catalog.load("crypto").lists["pair"]
    assert sorted(asked[: len(pairs)]) == sorted(f"/v2/aggs/ticker/{pair}/range/1/minute/{ends}" for pair in pairs)
    assert sorted(asked[len(pairs) :]) == sorted(
        f"/v2/aggs/ticker/{pair}/range/1/minute/1781568000000/1781654399999" for pair in pairs
    )
    assert len(pages) == len(whole) == len(pairs)
