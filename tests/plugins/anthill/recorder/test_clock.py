"""Another clock than S3's is asked once, and goes on by itself."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from anthill.recorder.clock import told_by
from anthill.recorder.errors import RecorderError
from tests.scripted_server import ScriptedServer, http

NOON = dt.datetime(2026, 6, 16, 12, tzinfo=dt.UTC)


def test_it_goes_as_fast_as_it_says() -> None:
    """Sixty times as fast, from the moment that it told."""
    answers = [http(f'{{"now":"{NOON.isoformat()}","speed":60,"began":1}}'.encode())]
    with ScriptedServer(lambda asked: answers.pop()) as server:
        clock = told_by(f"{server.url}/_clock")
    began, first = time.monotonic(), clock()
    assert NOON <= first < NOON + dt.timedelta(minutes=10)
    time.sleep(0.2)
    gone = (clock() - first).total_seconds()
    assert 0.2 * 60 <= gone <= (time.monotonic() - began) * 60


@pytest.mark.parametrize("body", [b"noon", b'{"now":"noon","speed":1}', b"{}"])
def test_what_tells_no_time_is_named(body: bytes) -> None:
    """With what it must answer."""
    with ScriptedServer(lambda asked: http(body)) as server, pytest.raises(RecorderError, match="now, speed"):
        told_by(f"{server.url}/_clock")
