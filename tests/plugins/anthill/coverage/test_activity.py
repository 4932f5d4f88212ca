"""Calls over time are summed by the hour or by the day."""

from __future__ import annotations

import datetime as dt

from anthill.coverage.activity import buckets
from anthill.coverage.documents import Calls

NOON = dt.datetime(2026, 7, 2, 12, 30, tzinfo=dt.UTC)


def calls(at: dt.datetime) -> tuple[str, Calls]:
    """Three calls, one of them refused for its rate."""
    return "bars", Calls(at, 2, 1, 1, 0.9, 0.5, 4.0, 1, 10, 100)


def test_days_or_hours() -> None:
    """Nothing is lost between them: an hour and a day later are buckets of their own only where the span is short."""
    told = [calls(NOON), calls(NOON + dt.timedelta(minutes=20)), calls(NOON + dt.timedelta(hours=1))]
    now = NOON + dt.timedelta(hours=2)
    hours = buckets(told, now - dt.timedelta(days=1), now)
    assert [(bucket.at.hour, bucket.calls, bucket.waited) for bucket in hours] == [(12, 4, 8.0), (13, 2, 4.0)]
    (day,) = buckets(told, now - dt.timedelta(days=30), now)
    assert (day.at.hour, day.calls, day.failed, day.limited, day.slowest, day.rows) == (0, 6, 3, 3, 0.5, 30)
