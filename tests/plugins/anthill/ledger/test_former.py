"""Documents that an earlier version left in bronze's bucket are read there, and taken along by the first write."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from anthill import catalog
from anthill.alerts.alert import Alert
from anthill.alerts.told import Told
from anthill.backfill.land_chunk import missing
from anthill.bronze import manifest
from anthill.coverage import view
from anthill.coverage.reader import Reader
from anthill.intervals import of_days
from anthill.landing import fields
from anthill.ledger import jobs
from anthill.ledger.documents import Days, Documents, Job
from anthill.ledger.recorder import Recorder

from ..coverage.entries import BARS, commit, landed

DAY, NEXT = dt.date(2026, 1, 2), dt.date(2026, 1, 5)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
FAILURE = Alert("failure", "stocks", DAY, "silver failed", "look", "link")
# What a bucket of that version holds, byte for byte but for the gzip around it.
LEFT = {
    "days/grouped_daily/2020s": b'{"days":{"2026-01-02":[[["",1,"jsonl",10,2,100,"2026-07-03T22:01:00Z",'
    b'"stocks/run1/land/1",null,null]],null]}}',
    "calls/grouped_daily/2026-01": b'{"tasks":{"r":["2026-01-03T00:00:00Z",1,0,0,0.1,0.1,0,1,3,100]}}',
    "jobs/2026": b'{"tasks":{"r":{"job":"silver","market_date_from":"2026-01-02","market_date_to":"2026-01-02",'
    b'"at":"2026-01-03T00:00:00Z","page":"http://page","ok":true,"message":"","facts":{}}}}',
    "told/2026": f'{{"days":{{"2026-01-02":{{"failure":"{FAILURE.digest}"}}}}}}'.encode(),
    "fields/grouped_daily": b'{"fields":{"T":"2026-01-02","c":"2026-01-02"}}',
}
DAYS_KEY = "polygon/stocks/_coverage/days/grouped_daily/2020s.json.gz"


@pytest.fixture
def former(s3: Any, bucket: str) -> str:
    """Bronze's bucket as the earlier version left it."""
    for name, body in LEFT.items():
        key = f"polygon/stocks/_coverage/{name}.json.gz"
        s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(body), IfNoneMatch="*")
    return bucket


@pytest.fixture
def documents(s3: Any, former: str) -> Documents:
    """The documents of this version, before anything was written."""
    name = f"documents-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return Documents(s3, name, former)


def everything(documents: Documents) -> dict[str, Any]:
    """All that this version knows of the asset class: days, calls, runs, what was told, fields."""
    reader, said = Reader(documents, "bronze"), list[Alert]()
    return {
        "days": sorted(reader.entries("stocks", {"grouped_daily": BARS}, [2026])["grouped_daily"]),
        "calls": len(reader.calls("stocks", LONG_AGO)),
        "jobs": sorted(reader.jobs("stocks", LONG_AGO)),
        "open": Told(documents, "stocks").is_open(DAY),
        "told again": Told(documents, "stocks").once(FAILURE, said.append),
        "new fields": fields.unseen(documents, BARS, str(NEXT), ["T", "c"]),
    }


KNOWN = {"days": [str(DAY)], "calls": 1, "jobs": ["r"], "open": True, "told again": False, "new fields": []}


def objects(s3: Any, bucket: str) -> dict[str, str]:
    """What a bucket holds, with the ETags."""
    return {entry["Key"]: entry["ETag"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_what_was_known_is_known(s3: Any, documents: Documents) -> None:
    """Every kind of document is read where it lay; that something was told or seen is news to nobody."""
    assert everything(documents) == KNOWN
    assert objects(s3, documents.bucket) == {}


def test_the_first_write_takes_everything_along(s3: Any, documents: Documents, former: str) -> None:
    """Each kind is whole in its own bucket from then on, with what came; bronze is left as it is."""
    there = objects(s3, former)
    for _ in range(2):  # the second time changes nothing
        recorder = Recorder(documents, "r2")
        recorder.note(BARS, landed(commit(NEXT), day=NEXT))
        recorder.write()
        jobs.record(documents, "stocks", "r2", Job("gold", DAY, NEXT, LONG_AGO.replace(year=2026), "http://page", True))
        told = Told(documents, "stocks")
        told.once(Alert("quality", "stocks", NEXT, "few rows", "look", "link"), lambda _: None)
        fields.unseen(documents, BARS, str(NEXT), ["T", "c", "vw"])
        alone = everything(Documents(s3, documents.bucket))
        assert alone == {**KNOWN, "days": [str(DAY), str(NEXT)], "jobs": ["r", "r2"], "calls": alone["calls"]}
        assert everything(documents) == {**alone, "calls": len(Reader(documents, "").calls("stocks", LONG_AGO))}
        assert fields.unseen(documents, BARS, str(NEXT), ["vw"]) == []
    assert objects(s3, former) == there
    assert len(Reader(documents, "").calls("stocks", LONG_AGO)) == 2


def test_writers_that_come_first_at_once_lose_nothing(documents: Documents) -> None:
    """Twelve of them, none of whom finds the document in its own bucket: all days are there, the old one too."""
    days = [NEXT + dt.timedelta(days=number) for number in range(12)]

    def write(day: dt.date) -> None:
        recorder = Recorder(documents, f"r{day}")
        recorder.note(BARS, landed(commit(day), day=day))
        recorder.write()

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(write, days))
    assert sorted(documents.read(DAYS_KEY, Days)[0].days) == list(map(str, [DAY, *days]))


def test_what_lies_in_both_is_what_was_written_last(documents: Documents) -> None:
    """A document that was taken along hides the one it came from, in a listing as in a read."""
    before = documents.etags("polygon/stocks/_coverage/days/")
    documents.update(DAYS_KEY, Days, lambda there: Days({**there.days, str(NEXT): there.days[str(DAY)]}))
    after = documents.etags("polygon/stocks/_coverage/days/")
    assert before.keys() == after.keys() == {DAYS_KEY}
    assert after[DAYS_KEY] == documents.read(DAYS_KEY, Days)[1] != before[DAYS_KEY]


def test_one_bucket_for_both_is_asked_once(s3: Any, former: str) -> None:
    """Who keeps documents in bronze's bucket has nothing to take along, and pays no second call."""
    asked: list[str] = []

    class Counted:
        def __getattr__(self, name: str) -> Any:
            asked.append(name)
            return getattr(s3, name)

    documents = Documents(Counted(), former, former)
    assert documents.etags("polygon/stocks/_coverage/days/").keys() == {DAYS_KEY}
    assert documents.read("polygon/stocks/_coverage/days/none/2020s.json.gz", Days) == (Days(), "")
    assert asked == ["get_paginator", "get_object"]
    documents.update(DAYS_KEY, Days, lambda there: Days({**there.days, str(NEXT): there.days[str(DAY)]}))
    assert sorted(documents.read(DAYS_KEY, Days)[0].days) == [str(DAY), str(NEXT)]


def test_a_bucket_of_before_is_bronze(s3: Any, documents: Documents, former: str) -> None:
    """Keys, metadata and index of an earlier version: silver's list, a backfill and the page find the day."""
    body = gzip.compress(b'{"results":[]}')
    key, sha256 = "polygon/stocks/grouped_daily/date=2026-01-02/r000001.jsonl.gz", hashlib.sha256(body).hexdigest()
    metadata = {"sha256": sha256, "digest": "d", "rows": "10", "pages": "2"}
    metadata |= {"asof": "2026-07-03T22:01:00+00:00", "run": "stocks/run1/land/1"}
    s3.put_object(Bucket=former, Key=key, Body=body, Metadata=metadata, ChecksumAlgorithm="SHA256")
    days = [DAY, NEXT]
    assert [(day, commit.key) for _, day, commit in manifest.newest(s3, former, [BARS], days)] == [(DAY, key)]
    assert [each.day for each in missing(s3, former, documents, BARS, of_days("XNYS", days))] == [NEXT]
    shown = view.cell(Reader(documents, former), catalog.load("stocks"), BARS, DAY, LONG_AGO.replace(year=2027))
    assert (shown.state, shown.rows, [each.uri for each in shown.objects]) == ("L", 10, [f"s3://{former}/{key}"])
