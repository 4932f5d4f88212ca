"""How much of a plan's rate a bulk landing uses, and that it never goes beyond: 5 calls a minute, and 100 a second.

`python -m benchmarks.rate` lands grouped days by the tasks' own code from the connection's plan on, from a server that
notes when each call came. It takes three minutes: 5 calls a minute are slow.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.landing import object_store, s3_client

BODY = json.dumps({"status": "OK", "resultsCount": 1, "results": [{"T": "AAPL", "v": 1, "c": 1}]}).encode()
PLANS = {"basic": (15, 5, 60.0), "starter": (3_000, 100, 1.0)}  # days to land, and calls in so many seconds


@contextmanager
def clocked_server() -> Iterator[tuple[str, list[float]]]:
    """The address of a server of one-row days, and the moments at which it was called."""
    moments: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            moments.append(time.monotonic())
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

        def log_message(self, *_: object) -> None:
            """The moments are the log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", moments
    server.shutdown()


def land(plan: str, api: str, s3_url: str, count: int) -> None:
    """Land so many grouped days of stocks with a connection of this plan."""
    from anthill import catalog
    from anthill.backfill.land_chunk import land_chunk
    from anthill.calendars import market_days
    from anthill.landing.commit import Committer
    from anthill.sources.polygon.hook import PolygonHook
    from anthill.sources.polygon.source import PolygonSource

    os.environ["AIRFLOW_CONN_POLYGON_DEFAULT"] = json.dumps(
        {"conn_type": "polygon", "host": api, "password": "benchmark-key", "extra": {"plan": plan}}
    )
    s3 = s3_client(s3_url)
    s3.create_bucket(Bucket=plan)
    days = market_days("XNYS", dt.date(2014, 6, 2), dt.date(2026, 7, 2))[:count]
    dataset = catalog.load("stocks").datasets["grouped_daily"]
    chunk = land_chunk(
        PolygonSource(PolygonHook().client()), Committer(s3, plan, "benchmark"), [(dataset, days)], lambda *_: None
    )
    if chunk.landed != count:
        raise SystemExit(f"{plan}: {chunk.landed} of {count} days landed: {chunk.refused}")


def most_in(moments: list[float], seconds: float) -> int:
    """The most calls that came within so many seconds, of sorted moments."""
    return max(bisect_left(moments, first + seconds) - place for place, first in enumerate(moments))


def main() -> None:
    """Land with each plan and print what it used."""
    print(f"{'plan':9} {'calls':>6} {'seconds':>8} {'allowed':>16} {'most seen':>10} {'used':>6}")
    with object_store() as s3_url:
        for plan, (count, allowed, window) in PLANS.items():
            with clocked_server() as (api, moments):
                land(plan, api, s3_url, count)
            moments.sort()
            taken = moments[-1] - moments[0]
            # The first window's calls may go at once: from then on each has to wait for one to leave the window.
            used = (count - allowed) / taken * window / allowed
            text = f"{allowed} in {window:.0f} s"
            print(f"{plan:9} {count:6,} {taken:8.1f} {text:>16} {most_in(moments, window):10} {used:6.1%}", flush=True)
    print("Goal: never more than allowed, and at least 95 % of it while there is work.")


if __name__ == "__main__":
    main()
