"""Landings tell the index, and no landing fails for it; what was not told is found in bronze."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from anthill import catalog
from anthill.bronze.commits import Place
from anthill.coverage.reader import Reader
from anthill.coverage.rebuild import rebuild
from anthill.coverage.states import State
from anthill.intervals import market_day
from anthill.ledger import documents
from anthill.ledger.documents import Documents, Month
from anthill.ledger.entry import Attempt
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Refused
from anthill.sources.errors import (
    NotEntitledError,
    OutsideHistoryError,
    RateLimitedError,
    ServerFailedError,
    UnknownKeyError,
)
from anthill.sources.meter import Cost, Meter

from ..coverage.entries import BARS, commit, landed

DAY, NEXT = dt.date(2026, 6, 30), dt.date(2026, 7, 1)
STOCKS = catalog.load("stocks")


def put(s3: Any, bucket: str, day: dt.date, revision: int = 1, rows: int = 7) -> None:
    """A commit in bronze that nobody told the index of."""
    metadata = {
        "rows": rows,
        "pages": 1,
        "sha256": hashlib.sha256(b"x").hexdigest(),
        "digest": "d",
        "asof": f"{day + dt.timedelta(days=1)}T22:00:00+00:00",
        "run": "r",
    }
    s3.put_object(
        Bucket=bucket,
        Key=Place("polygon", "stocks", "grouped_daily", str(day)).key(revision),
        Body=io.BytesIO(b"x"),
        ChecksumAlgorithm="SHA256",
        Metadata={name: str(value) for name, value in metadata.items()},
    )


def test_landed_and_refused_days_are_told_apart(s3: Any, bucket: str) -> None:
    """With the reason, and whether it is the plan's."""
    recorder = Recorder(Documents(s3, bucket), "stocks/run/land/1")
    recorder.note(BARS, landed(commit(DAY), day=DAY))
    recorder.note(BARS, Refused(market_day("XNYS", NEXT), NotEntitledError("your plan has no bars", "http://api/v2")))
    recorder.save()
    reader = Reader(Documents(s3, bucket), bucket)
    told = reader.told("stocks", {"grouped_daily": BARS}, [2026])
    assert told == {"grouped_daily": {DAY: State.LANDED, NEXT: State.REFUSED}}
    entry = reader.entries("stocks", {"grouped_daily": BARS}, [2026])["grouped_daily"][str(NEXT)]
    assert entry.attempt
    assert (entry.attempt.reason, entry.attempt.by_plan) == ("your plan has no bars", True)


def test_a_refused_key_is_told_with_what_mends_it(s3: Any, bucket: str) -> None:
    """And with the connection, in whole sentences, however long the URL; it is not the plan's doing."""
    error = UnknownKeyError("the API answered 401 ERROR: Unknown API Key", f"http://api/v2?{'x' * 900}")
    error.connection = "polygon_default"
    recorder = Recorder(Documents(s3, bucket), "stocks/run/land/1")
    recorder.note(BARS, Refused(market_day("XNYS", DAY), error))
    recorder.save()
    entry = Reader(Documents(s3, bucket), bucket).entries("stocks", {"grouped_daily": BARS}, [2026])["grouped_daily"][
        str(DAY)
    ]
    assert entry.attempt
    assert (entry.attempt.by_key, entry.attempt.by_plan) == (True, False)
    assert entry.attempt.reason == (
        "the API answered 401 ERROR: Unknown API Key. Put a valid API key into the connection's password. "
        "(connection polygon_default)"
    )


def test_an_attempt_of_before_keys_were_told_apart_is_read() -> None:
    """A document of an earlier version has five fields."""
    known = msgspec.json.decode(b'["2026-07-01T00:00:00Z","run","refused","no plan",true]', type=Attempt)
    assert (known.by_plan, known.by_key) == (True, False)


def test_a_reader_sees_what_is_written_after_it_has_read(s3: Any, bucket: str) -> None:
    """A kept document is fetched again when it has changed, and only then."""
    reader, recorder = Reader(Documents(s3, bucket), bucket), Recorder(Documents(s3, bucket), "run")
    for day in (DAY, NEXT):
        recorder.note(BARS, landed(commit(day), day=day))
        recorder.save()
        assert day in reader.told("stocks", {"grouped_daily": BARS}, [2026])["grouped_daily"]
    kept = reader.entries("stocks", {"grouped_daily": BARS}, [2026])["grouped_daily"][str(DAY)]
    assert reader.entries("stocks", {"grouped_daily": BARS}, [2026])["grouped_daily"][str(DAY)] is kept


def test_calls_are_counted_for_the_dataset_that_made_them(s3: Any, bucket: str) -> None:
    """Answered, failed, refused for their rate, and waited for; a second writing is no second count."""
    meter = Meter()
    recorder = Recorder(Documents(s3, bucket), "run", meter)
    with meter.call():
        pass
    for error in (RateLimitedError("429"), ServerFailedError("500")):
        with pytest.raises(type(error)), meter.call():
            raise error
    meter.waited(3.0)
    recorder.note(BARS, landed(commit(DAY), day=DAY))
    recorder.save()
    recorder.save()
    key = documents.calls_key("stocks", "grouped_daily", dt.datetime.now(dt.UTC))
    (calls,) = Documents(s3, bucket).read(key, Month)[0].tasks.values()
    assert (calls.calls, calls.failed, calls.limited, calls.waited, calls.days) == (1, 2, 1, 3.0, 1)
    assert Reader(Documents(s3, bucket), bucket).calls("stocks", calls.at - dt.timedelta(days=40)) == [
        ("grouped_daily", calls)
    ]
    assert Reader(Documents(s3, bucket), bucket).calls("stocks", calls.at + dt.timedelta(seconds=1)) == []


class Bill:
    """A meter that has the costs of each result ready."""

    def __init__(self, *costs: Cost) -> None:
        self._costs = iter(costs)

    def take(self) -> Cost:
        """The next."""
        return next(self._costs)


def test_what_results_cost_is_added_up(s3: Any, bucket: str) -> None:
    """To the millisecond; rows and bytes as well; refused days count as days, and bring no rows."""
    last = Cost(4, 0, 0, 2.0004, 2.0004, 0.0004)
    meter: Any = Bill(Cost(2, 1, 1, 1.5, 1.25, 3.0), Cost(1, 0, 0, 0.5, 0.5, 0.25), last)
    recorder = Recorder(Documents(s3, bucket), "run", meter)
    recorder.note(BARS, landed(commit(DAY), day=DAY))
    recorder.note(BARS, Refused(market_day("XNYS", NEXT), ServerFailedError("500")))
    recorder.note(BARS, landed(commit(NEXT, rows=7), day=NEXT))
    assert recorder.waited == 3.2  # of 3.25, to a tenth
    recorder.save()
    ((_, calls),) = Reader(Documents(s3, bucket), bucket).calls("stocks", dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    counts = (calls.calls, calls.failed, calls.limited, calls.seconds, calls.slowest, calls.waited)
    assert counts == (7, 1, 1, 4.0, 2.0, 3.25)
    assert (calls.days, calls.rows, calls.raw_bytes) == (3, 17, 2000)


def test_a_long_landing_is_told_now_and_then(s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than half a minute after the last writing the next result is written with those before it."""
    now = 1000.0
    monkeypatch.setattr("anthill.ledger.recorder.time", SimpleNamespace(monotonic=lambda: now))
    recorder = Recorder(Documents(s3, bucket), "run")
    told = []
    for day, passed in ((DAY, 30.0), (NEXT, 0.5), (dt.date(2026, 7, 2), 30.0), (dt.date(2026, 7, 6), 1.0)):
        now += passed
        recorder.note(BARS, landed(commit(day), day=day))
        told.append(
            len(
                Reader(Documents(s3, bucket), bucket).entries("stocks", {"grouped_daily": BARS}, [2026])[
                    "grouped_daily"
                ]
            )
        )
    assert told == [0, 2, 2, 4]


def test_a_long_reason_is_cut(s3: Any, bucket: str) -> None:
    """What the source says at length is kept with 600 characters; a day before the plan's history is the plan's."""
    recorder = Recorder(Documents(s3, bucket), "stocks/run/land/2")
    recorder.note(BARS, Refused(market_day("XNYS", DAY), ServerFailedError("x" * 700)))
    recorder.note(BARS, Refused(market_day("XNYS", NEXT), OutsideHistoryError("too old")))
    recorder.save()
    entries = Reader(Documents(s3, bucket), bucket).entries("stocks", {"grouped_daily": BARS}, [2026])["grouped_daily"]
    long, old = (entries[str(day)].attempt for day in (DAY, NEXT))
    assert long is not None
    assert old is not None
    assert (long.reason, long.run, long.outcome, long.by_plan) == (
        "x" * 598 + " …",
        "stocks/run/land/2",
        "refused",
        False,
    )
    assert (old.reason, old.by_plan) == ("too old", True)


def test_an_index_that_cannot_be_written_fails_no_landing(s3: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A line in the log says what mends it."""
    recorder = Recorder(Documents(s3, "no-such-bucket"), "run")
    recorder.note(BARS, landed(commit(DAY), day=DAY))
    with caplog.at_level(logging.WARNING):
        recorder.save()
    assert "NoSuchBucket" in caplog.text
    assert "anthill coverage --rebuild" in caplog.text


def test_the_index_is_rebuilt_from_what_bronze_holds(s3: Any, bucket: str) -> None:
    """Days and revisions it does not know are mended, refusals stay; the second time there is nothing."""
    for day, revision in ((DAY, 1), (NEXT, 1), (NEXT, 2)):
        put(s3, bucket, day, revision)
    recorder = Recorder(Documents(s3, bucket), "run")
    refused = dt.date(2026, 6, 29)
    recorder.note(BARS, Refused(market_day("XNYS", refused), NotEntitledError("no")))
    recorder.save()
    results = {
        each.dataset: (each.days, each.mended) for each in rebuild(s3, bucket, Documents(s3, bucket), STOCKS, "run")
    }
    assert results["grouped_daily"] == (2, 2)
    assert results["splits"] == (0, 0)
    told = Reader(Documents(s3, bucket), bucket).told("stocks", STOCKS.datasets, [2026])["grouped_daily"]
    assert told == {refused: State.REFUSED, DAY: State.LANDED, NEXT: State.RESTATED}
    assert all(each.mended == 0 for each in rebuild(s3, bucket, Documents(s3, bucket), STOCKS, "run"))
