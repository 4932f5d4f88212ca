"""Calls over time are summed by the hour or by the day."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from anthill.coverage.activity import buckets
from anthill.ledger.documents import Calls

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


def test_all_of_a_bucket_is_added_up() -> None:
    """The slowest call is the slowest, everything else a sum; buckets come in order, whatever the tasks' order."""
    late = ("bars", Calls(NOON + dt.timedelta(hours=1), 5, 0, 0, 2.0, 1.5, 0.5, 1, 7, 100))
    early = [calls(NOON), ("lists", Calls(NOON, 1, 2, 0, 1.1, 0.2, 1.0, 1, 3, 10))]
    first, second = buckets([late, *early], NOON - dt.timedelta(hours=1), NOON + dt.timedelta(hours=2))
    assert (first.at, second.at) == (NOON.replace(minute=0), NOON.replace(hour=13, minute=0))
    assert msgspec.structs.astuple(first)[1:] == (3, 3, 1, 2.0, 0.5, 5.0, 13)
    assert msgspec.structs.astuple(second)[1:] == (5, 0, 0, 2.0, 1.5, 0.5, 7)


@pytest.mark.parametrize(("beyond", "hour"), [(dt.timedelta(), 12), (dt.timedelta(seconds=1), 0)])
def test_four_days_are_still_hours(beyond: dt.timedelta, hour: int) -> None:
    """From there on a bucket is a day."""
    (bucket,) = buckets([calls(NOON)], NOON - dt.timedelta(days=4) - beyond, NOON)
    assert bucket.at == NOON.replace(hour=hour, minute=0)


def test_a_bucket_begins_with_its_hour() -> None:
    """To the microsecond."""
    told = [calls(NOON.replace(minute=59, second=59, microsecond=999_999)), calls(NOON)]
    (bucket,) = buckets(told, NOON, NOON + dt.timedelta(hours=1))
    assert (bucket.at, bucket.calls) == (dt.datetime(2026, 7, 2, 12, tzinfo=dt.UTC), 4)
