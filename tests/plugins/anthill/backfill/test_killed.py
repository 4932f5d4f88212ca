"""A chunk whose process is killed goes on where it was: what is in bronze is not asked for again."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from anthill.backfill.land_chunk import missing_days
from anthill.calendars import market_days
from anthill.dataset import Dataset
from tests.plugins.anthill.landing.s3 import s3_at
from tests.scripted_server import Asked, Reply, ScriptedServer, page

ROOT = Path(__file__).parents[4]
DAYS = market_days("XNYS", dt.date(2014, 1, 2), dt.date(2014, 12, 31))
BARS = Dataset("bars", "/v2/{market_date}", ("T",), {"T": "t"}, asset_class="stocks", name="bars")
LONGEST = 16  # requests at once, so many days may be asked for and not yet in bronze when the end comes


def bar(asked: Asked) -> Reply:
    """One row a day, after a moment."""
    time.sleep(0.02)
    return page({"status": "OK", "resultsCount": 1, "results": [{"T": asked.path}]})


def land(api: str, s3_url: str, bucket: str) -> None:
    """Land what is missing of DAYS, as a task of the bulk backfill does."""
    from anthill.backfill.land_chunk import land_chunk
    from anthill.landing.commit import Committer
    from anthill.landing.source import Source
    from anthill.polygon.client import Client
    from anthill.polygon.rate_limit import Gate
    from anthill.polygon.transport import Transport

    s3 = s3_at(s3_url)
    source = Source(Client(Transport(api, "KEY"), Gate(0)))
    print("begins", flush=True)
    land_chunk(source, Committer(s3, bucket, "run"), [(BARS, missing_days(s3, bucket, BARS, DAYS))], lambda *_: None)


def started(server: ScriptedServer, s3_url: str, bucket: str) -> subprocess.Popen[str]:
    """A process that has begun to land."""
    command = [sys.executable, "-c", f"from {__name__} import land; land({server.url!r}, {s3_url!r}, {bucket!r})"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    return process


def test_only_what_is_missing_is_fetched(s3: Any, s3_url: str, bucket: str) -> None:
    """Killed three times, at any moment: each restart leaves out the days that are there, and all are there at last."""
    moments = random.Random(1)
    with ScriptedServer(bar) as server:
        for _ in range(3):
            process = started(server, s3_url, bucket)
            time.sleep(moments.uniform(0, 0.6))
            process.kill()
            process.wait()
        held = set(DAYS) - set(missing_days(s3, bucket, BARS, DAYS))
        before = len(server.asked)
        last = started(server, s3_url, bucket)
        assert last.wait(60) == 0
        asked = [dt.date.fromisoformat(each.path.rpartition("/")[2]) for each in server.asked]
    assert missing_days(s3, bucket, BARS, DAYS) == []
    assert set(asked[before:]) == set(DAYS) - held, "a day in bronze was asked for, or one that is not was left out"
    assert len(asked) <= len(DAYS) + 3 * LONGEST, "no kill costs more than what was on its way"
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert len(listed) == len(DAYS), "each day is one revision"
