"""How the API was called over time: calls, their latency, errors and waits, by hour or by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from anthill.ledger.documents import Calls

_HOURLY = dt.timedelta(days=4)  # up to here a bucket is an hour


class Bucket(msgspec.Struct):
    """An hour or a day (UTC), with the tasks that ended in it; seconds are of all their calls together."""

    at: dt.datetime
    calls: int = 0
    failed: int = 0
    limited: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    waited: float = 0.0
    rows: int = 0


def buckets(calls: Iterable[tuple[str, Calls]], since: dt.datetime, now: dt.datetime) -> list[Bucket]:
    """The buckets in which anything was called, the oldest first."""
    found: dict[dt.datetime, Bucket] = {}
    for _, task in calls:
        at = task.at.replace(minute=0, second=0, microsecond=0)
        at = at if now - since <= _HOURLY else at.replace(hour=0)
        bucket = found.setdefault(at, Bucket(at))
        bucket.calls += task.calls
        bucket.failed += task.failed
        bucket.limited += task.limited
        bucket.seconds += task.seconds
        bucket.slowest = max(bucket.slowest, task.slowest)
        bucket.waited += task.waited
        bucket.rows += task.rows
    return [found[at] for at in sorted(found)]
