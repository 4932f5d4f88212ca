"""A chunk whose process is killed goes on where it was: what is in bronze is not asked for again."""

from __future__ import annotations

import datetime as dt
import random
import threading
from typing import Any

from anthill.backfill.land_chunk import land_chunk
from anthill.calendars import market_days
from anthill.intervals import of_days
from anthill.landing.commit import Committer
from anthill.sources.polygon.client import Client
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from tests.plugins.anthill.landing.s3 import s3_at
from tests.plugins.anthill.landing.workers import Workers
from tests.scripted_server import Asked, Reply, ScriptedServer, page

from .lacking import lacking

DAYS = market_days("XNYS", dt.date(2014, 1, 2), dt.date(2014, 12, 31))
BARS = PolygonDataset(
    "bars", ("T",), {"T": "t"}, path="/v2/{market_date}", asset_class="stocks", source="polygon", name="bars"
)
LONGEST = 16  # requests at once, so many days may be asked for and not yet in bronze when the end comes


class Bars:
    """One row a day; `reached` is set when so many days have been asked for."""

    def __init__(self) -> None:
        self.reached, self._left, self._lock = threading.Event(), 0, threading.Lock()

    def after(self, asked: int) -> None:
        """Count from here."""
        self.reached.clear()
        self._left = asked

    def __call__(self, asked: Asked) -> Reply:
        """The day's row."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.reached.set()
        return page({"status": "OK", "resultsCount": 1, "results": [{"T": asked.path}]})


def land(api: str, s3_url: str, bucket: str) -> str:
    """Land what is missing of DAYS, as a task of the bulk backfill does."""
    s3 = s3_at(s3_url)
    source = PolygonSource(Client(Transport(api, "KEY"), Gate(0)))
    land_chunk(
        source,
        Committer(s3, bucket, "run"),
        [(BARS, of_days("XNYS", lacking(s3, bucket, BARS, DAYS)))],
        lambda *_: None,
    )
    return "ended"


def test_only_what_is_missing_is_fetched(s3: Any, s3_url: str, bucket: str) -> None:
    """Killed three times, at any moment: each restart leaves out the days that are there, and all are there at last."""
    moments, bars = random.Random(1), Bars()
    with ScriptedServer(bars) as server, Workers(f"{__name__}:land") as workers:
        for _ in range(3):
            bars.after(moments.randint(1, len(DAYS) // 4))
            pid = workers.start(server.url, s3_url, bucket)
            bars.reached.wait()
            assert workers.kill(pid)
        held = set(DAYS) - set(lacking(s3, bucket, BARS, DAYS))
        before = len(server.asked)
        workers.start(server.url, s3_url, bucket)
        assert workers.result() == "ended"
        asked = [dt.date.fromisoformat(each.path.rpartition("/")[2]) for each in server.asked]
    assert lacking(s3, bucket, BARS, DAYS) == []
    assert not set(asked[before:]) & held, "a day in bronze was asked for"
    assert len(asked) <= len(DAYS) + 3 * LONGEST, "no kill costs more than what was on its way"
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert len(listed) == len(DAYS), "each day is one revision"
