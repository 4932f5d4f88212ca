"""A reader of the index sees all years asked for, and fetches what has changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from anthill import catalog
from anthill.coverage.reader import Reader
from anthill.coverage.states import State
from anthill.ledger import documents
from anthill.ledger.documents import Calls, Documents, Job, Jobs, Month
from anthill.ledger.recorder import Recorder

from .entries import commit, landed

STOCKS = catalog.load("stocks").datasets
DAYS = [dt.date(2009, 12, 31), dt.date(2010, 1, 4), dt.date(2020, 1, 2)]
NEW_YEAR = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


class Counted:
    """An S3 that counts what is read of it."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self.read: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def get_object(self, **asked: Any) -> Any:
        """Read an object."""
        self.read.append(asked["Key"])
        return self._s3.get_object(**asked)


def land(s3: Any, bucket: str, name: str, days: list[dt.date]) -> None:
    """Days of a dataset in the index."""
    recorder = Recorder(Documents(s3, bucket), "run")
    for day in days:
        recorder.note(STOCKS[name], landed(commit(day, dataset=name), dataset=name, day=day))
    recorder.write()


def test_years_are_read_with_those_that_share_their_document(s3: Any, bucket: str) -> None:
    """Ten of most datasets; every dataset asked for is in the answer, one that was not is not."""
    land(s3, bucket, "splits", DAYS)
    land(s3, bucket, "snapshot", DAYS)
    land(s3, bucket, "dividends", DAYS)
    asked = {name: STOCKS[name] for name in ("splits", "snapshot", "tickers")}
    reader = Reader(Documents(s3, bucket), bucket)
    found = reader.entries("stocks", asked, [2010])
    assert {name: sorted(days) for name, days in found.items()} == {
        "splits": [str(DAYS[1])],
        "snapshot": [str(DAYS[1])],
        "tickers": [],
    }
    assert sorted(reader.entries("stocks", asked, [2005])["splits"]) == [str(DAYS[0])]
    assert sorted(reader.entries("stocks", asked, [2005])["snapshot"]) == []

    def days_of(read: Any) -> list[Any]:
        return DAYS if read == reader.told else list(map(str, DAYS))

    for read in (reader.entries, reader.told):
        found = read("stocks", asked, [2020, 2009, 2010])
        assert {name: sorted(days) for name, days in found.items()} == {
            "splits": days_of(read),
            "snapshot": days_of(read),
            "tickers": [],
        }
    assert reader.told("stocks", asked, [2020])["splits"] == {DAYS[2]: State.LANDED}


def test_a_document_is_read_again_when_it_has_changed(s3: Any, bucket: str) -> None:
    """Whoever asks; and only then."""
    land(s3, bucket, "splits", DAYS[:1])
    counted = Counted(s3)
    reader = Reader(Documents(counted, bucket), bucket)
    asked = {"splits": STOCKS["splits"]}
    for _ in range(2):
        reader.entries("stocks", asked, [2009, 2010])
        told = reader.told("stocks", asked, [2009])["splits"]
        assert told == {DAYS[0]: State.LANDED}
        assert len(counted.read) == 1
    recorder = Recorder(Documents(s3, bucket), "run")
    recorder.note(STOCKS["splits"], landed(commit(DAYS[0], 2, dataset="splits"), dataset="splits", day=DAYS[0]))
    recorder.write()
    for _ in range(2):
        assert reader.told("stocks", asked, [2009])["splits"] == {DAYS[0]: State.RESTATED}
        assert len(counted.read) == 2


def job(at: dt.datetime) -> Job:
    """A run that ended then."""
    return Job("gold", DAYS[0], DAYS[0], at, "", True)


def test_jobs_since_a_moment_come_in_the_order_of_their_ends(s3: Any, bucket: str) -> None:
    """Over New Year; that moment is included; documents of years before are not even read."""
    moments = {"b": NEW_YEAR + SECOND, "a": NEW_YEAR, "c": NEW_YEAR - SECOND, "d": NEW_YEAR.replace(year=2024)}
    for run, at in moments.items():
        key = documents.jobs_key("stocks", at)
        Documents(s3, bucket).update(key, Jobs, lambda there, run=run, at=at: Jobs({**there.tasks, run: job(at)}))
    counted = Counted(s3)
    reader = Reader(Documents(counted, bucket), bucket)
    assert list(reader.jobs("stocks", NEW_YEAR)) == ["a", "b"]
    assert [key.rpartition("/")[2] for key in counted.read] == ["2026.json.gz"]
    assert list(reader.jobs("stocks", NEW_YEAR + SECOND)) == ["b"]
    assert list(reader.jobs("stocks", NEW_YEAR - SECOND)) == ["c", "a", "b"]
    assert list(reader.jobs("stocks", NEW_YEAR.replace(year=2020))) == ["d", "c", "a", "b"]
    assert reader.jobs("forex", NEW_YEAR.replace(year=2020)) == {}


def test_months_of_calls_are_put_together(s3: Any, bucket: str) -> None:
    """Of all datasets, in the order of their ends; a month that ended before is not read."""
    calls = Calls(NEW_YEAR, 1, 0, 0, 0.1, 0.1, 0.0, 1, 1, 1)
    told = {
        ("splits", "2026-01"): NEW_YEAR + SECOND,
        ("bars", "2026-01"): NEW_YEAR,
        ("splits", "2025-12"): NEW_YEAR - SECOND,
        ("splits", "2025-11"): NEW_YEAR - dt.timedelta(days=40),
    }
    for (name, _), at in told.items():
        month = Month({"run": msgspec.structs.replace(calls, at=at)})
        Documents(s3, bucket).update(documents.calls_key("stocks", name, at), Month, lambda _, month=month: month)
    counted = Counted(s3)
    reader = Reader(Documents(counted, bucket), bucket)
    assert [(name, task.at) for name, task in reader.calls("stocks", NEW_YEAR)] == [
        ("bars", NEW_YEAR),
        ("splits", NEW_YEAR + SECOND),
    ]
    assert {key.rpartition("/")[2] for key in counted.read} == {"2026-01.json.gz"}
    assert [name for name, _ in reader.calls("stocks", NEW_YEAR + SECOND)] == ["splits"]
    assert [name for name, _ in reader.calls("stocks", NEW_YEAR - SECOND)] == ["splits", "bars", "splits"]
    assert len(reader.calls("stocks", NEW_YEAR - dt.timedelta(days=40))) == 4
