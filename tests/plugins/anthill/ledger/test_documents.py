"""Documents keep what every writer told, however many write at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from anthill import catalog
from anthill.bronze.storage import Patience, StorageError
from anthill.ledger import documents
from anthill.ledger.documents import Days, Documents
from anthill.ledger.entry import Entry, of_commits

from ..coverage.entries import commit

FIRST = dt.date(2026, 1, 1)
KEY = "polygon/stocks/_coverage/days/grouped_daily/2026.json.gz"


def adding(day: dt.date) -> Any:
    """A change that adds a day."""
    return lambda there: Days({**there.days, str(day): of_commits([commit(day)])})


def test_no_writer_takes_back_what_another_told(s3: Any, bucket: str) -> None:
    """Twelve at once, each with a day of its own: all twelve are there."""
    days = [FIRST + dt.timedelta(days=number) for number in range(12)]

    def write(day: dt.date) -> bool:
        return Documents(s3, bucket).update(KEY, Days, adding(day))

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(write, days))
    assert sorted(Documents(s3, bucket).read(KEY, Days)[0].days) == list(map(str, days))


def test_what_is_known_is_not_written(s3: Any, bucket: str) -> None:
    """The same change again leaves the object as it is."""
    documents = Documents(s3, bucket)
    assert documents.update(KEY, Days, adding(FIRST))
    etag = documents.read(KEY, Days)[1]
    assert not documents.update(KEY, Days, adding(FIRST))
    assert documents.read(KEY, Days)[1] == etag


def test_an_answer_that_was_lost_is_no_second_telling(s3: Any, bucket: str) -> None:
    """S3 took the object and its answer got lost: the change is there once, and the writer ends well."""

    class Lossy:
        lost = False

        def __getattr__(self, name: str) -> Any:
            return getattr(s3, name)

        def put_object(self, **arguments: Any) -> Any:
            answer = s3.put_object(**arguments)
            if not self.lost:
                self.lost = True
                response = {"ResponseMetadata": {"HTTPStatusCode": 500}, "Error": {"Code": "InternalError"}}
                raise ClientError(response, "PutObject")
            return answer

    documents = Documents(Lossy(), bucket, patience=Patience(tries=3, first=0.01))
    documents.update(KEY, Days, adding(FIRST))
    assert documents.read(KEY, Days)[0].days == {str(FIRST): of_commits([commit(FIRST)])}


def test_no_document_is_an_empty_one(s3: Any, bucket: str) -> None:
    """Only a missing bucket is an error."""
    assert Documents(s3, bucket).read(KEY, Days) == (Days(), "")
    with pytest.raises(Exception, match="NoSuchBucket"):
        Documents(s3, "no-such-bucket").read(KEY, Days)


def test_the_form_is_small_and_stays(s3: Any, bucket: str) -> None:
    """A year of one dataset is some kilobytes; what is written is what is read."""
    documents = Documents(s3, bucket)
    days = [FIRST + dt.timedelta(days=n) for n in range(252)]
    year = Days({str(day): of_commits([commit(day)]) for day in days})
    documents.update(KEY, Days, lambda _: year)
    assert documents.read(KEY, Days)[0] == year
    assert s3.head_object(Bucket=bucket, Key=KEY)["ContentLength"] < 10_000
    assert documents.read(KEY, Days)[0].days[str(FIRST)] != Entry()


def test_every_kind_has_its_place() -> None:
    """Ten years of days a document, a year of takings, a month of calls, a year of jobs."""
    stocks = catalog.load("stocks").datasets
    at = dt.datetime(2020, 1, 9, tzinfo=dt.UTC)
    keys = [documents.days_key(stocks["splits"], f"{year}-06-01") for year in (2019, 2020, 2029, 2030)]
    decades = ("2010s", "2020s", "2020s", "2030s")
    assert keys == [f"polygon/stocks/_coverage/days/splits/{decade}.json.gz" for decade in decades]
    assert documents.days_key(stocks["snapshot"], "2020-06-01") == "polygon/stocks/_coverage/days/snapshot/2020.json.gz"
    assert documents.calls_key("stocks", "splits", at) == "polygon/stocks/_coverage/calls/splits/2020-01.json.gz"
    assert documents.jobs_key("stocks", at) == "polygon/stocks/_coverage/jobs/2020.json.gz"
    often = msgspec.structs.replace(stocks["splits"], calendar="PT3M")
    days = [documents.days_key(often, at).split("/")[-1] for at in ("20260601T000300Z", "20260602T000000Z")]
    assert days == ["2026-06-01.json.gz"] * 2
    assert documents.folder("stocks") == "polygon/stocks/_coverage/"


@pytest.mark.parametrize(
    ("name", "years"),
    [("2010s", {2010, 2019}), ("2020", {2020}), ("2020-06-01", {2020}), ("2000s", {2009})],
)
def test_a_document_tells_its_years(name: str, years: set[int]) -> None:
    """Ten of them, one, or a day of one."""
    there = {year for year in range(1990, 2040) if documents.is_of(f"a/b/_coverage/days/c/{name}.json.gz", {year})}
    assert years <= there
    assert len(there) == (10 if name.endswith("s") else 1)


class Racing:
    """An S3 before whose first PUTs somebody else was faster."""

    def __init__(self, s3: Any, times: int, code: str = "PreconditionFailed", status: int = 412) -> None:
        self._s3, self.times, self.puts = s3, times, 0
        self._error = {"ResponseMetadata": {"HTTPStatusCode": status}, "Error": {"Code": code}}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._s3, name)

    def put_object(self, **arguments: Any) -> Any:
        """Lose the race so many times."""
        self.puts += 1
        if self.puts <= self.times:
            raise ClientError(self._error, "PutObject")
        return self._s3.put_object(**arguments)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long a writer would have waited, instead of the waits; each is the longest it may be."""
    slept: list[float] = []
    monkeypatch.setattr(documents, "time", SimpleNamespace(sleep=slept.append))
    monkeypatch.setattr(documents, "random", SimpleNamespace(uniform=lambda low, high: high + low))
    return slept


@pytest.mark.parametrize(("code", "status"), [("PreconditionFailed", 412), ("NoSuchKey", 404), ("404", 404)])
def test_a_race_that_is_lost_is_run_again(s3: Any, bucket: str, waits: list[float], code: str, status: int) -> None:
    """With what the other one wrote; the waits between grow from a twentieth of a second to one."""
    racing = Racing(s3, 8, code, status)
    assert Documents(racing, bucket).update(KEY, Days, adding(FIRST))
    assert racing.puts == 9
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0]


def test_a_race_that_is_always_lost_ends(s3: Any, bucket: str, waits: list[float]) -> None:
    """After a hundred times, with the object's name and what to do."""
    racing = Racing(s3, 10_000)
    said = rf"s3://{bucket}/{KEY}: others always replace the document first\. Retry the task"
    with pytest.raises(StorageError, match=said):
        Documents(racing, bucket).update(KEY, Days, adding(FIRST))
    assert racing.puts == 100


def test_a_fault_of_s3_is_no_race(s3: Any, bucket: str) -> None:
    """It is told as what it is: nobody else was there."""
    racing = Racing(s3, 10_000, "AccessDenied", 403)
    with pytest.raises(StorageError, match="AccessDenied"):
        Documents(racing, bucket).update(KEY, Days, adding(FIRST))
    assert racing.puts == 1


def test_a_fault_that_passes_is_waited_for_five_times(s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As often as the index is worth."""
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))
    racing = Racing(s3, 4, "SlowDown", 503)
    assert Documents(racing, bucket).update(KEY, Days, adding(FIRST))
    assert racing.puts == 5
    with pytest.raises(StorageError, match="SlowDown"):
        Documents(Racing(s3, 5, "SlowDown", 503), bucket).update(KEY, Days, adding(FIRST + dt.timedelta(days=1)))


def test_an_object_is_replaced_only_as_it_was_read(s3: Any, bucket: str) -> None:
    """The first one only where there is none; each says that it is JSON."""
    sent: list[dict[str, Any]] = []

    class Watched(Racing):
        def put_object(self, **arguments: Any) -> Any:
            sent.append(arguments)
            return s3.put_object(**arguments)

    documents = Documents(Watched(s3, 0), bucket)
    documents.update(KEY, Days, adding(FIRST))
    etag = documents.read(KEY, Days)[1]
    documents.update(KEY, Days, adding(FIRST + dt.timedelta(days=1)))
    assert [(put.get("IfNoneMatch"), put.get("IfMatch")) for put in sent] == [("*", None), (None, etag)]
    assert {put["ContentType"] for put in sent} == {"application/json"}
