"""Documents keep what every writer told, however many write at once."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from anthill.coverage.documents import Days, Documents
from anthill.coverage.entry import Entry, of_commits
from anthill.landing.storage import Patience

from .entries import commit

FIRST = dt.date(2026, 1, 1)
KEY = "polygon/stocks/_coverage/days/grouped_daily/2026.json.gz"


def adding(day: dt.date) -> Any:
    """A change that adds a day."""
    return lambda there: Days({**there.days, day: of_commits([commit(day)])})


def test_no_writer_takes_back_what_another_told(s3: Any, bucket: str) -> None:
    """Twelve at once, each with a day of its own: all twelve are there."""
    days = [FIRST + dt.timedelta(days=number) for number in range(12)]

    def write(day: dt.date) -> bool:
        return Documents(s3, bucket).update(KEY, Days, adding(day))

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(write, days))
    assert sorted(Documents(s3, bucket).read(KEY, Days)[0].days) == days


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

    documents = Documents(Lossy(), bucket, Patience(tries=3, first=0.01))
    documents.update(KEY, Days, adding(FIRST))
    assert documents.read(KEY, Days)[0].days == {FIRST: of_commits([commit(FIRST)])}


def test_no_document_is_an_empty_one(s3: Any, bucket: str) -> None:
    """Only a missing bucket is an error."""
    assert Documents(s3, bucket).read(KEY, Days) == (Days(), "")
    with pytest.raises(Exception, match="NoSuchBucket"):
        Documents(s3, "no-such-bucket").read(KEY, Days)


def test_the_form_is_small_and_stays(s3: Any, bucket: str) -> None:
    """A year of one dataset is some kilobytes; what is written is what is read."""
    documents = Documents(s3, bucket)
    year = Days({FIRST + dt.timedelta(days=n): of_commits([commit(FIRST + dt.timedelta(days=n))]) for n in range(252)})
    documents.update(KEY, Days, lambda _: year)
    assert documents.read(KEY, Days)[0] == year
    assert s3.head_object(Bucket=bucket, Key=KEY)["ContentLength"] < 10_000
    assert documents.read(KEY, Days)[0].days[FIRST] != Entry()
