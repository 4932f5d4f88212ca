"""Objects below bronze's prefixes that the landing did not put there: named once, passed over in every listing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from anthill import catalog
from anthill.backfill.land_chunk import missing
from anthill.bronze import commits as bronze
from anthill.bronze import manifest
from anthill.bronze.commits import Place
from anthill.coverage.reader import Reader
from anthill.coverage.rebuild import rebuild
from anthill.intervals import of_days
from anthill.landing.commit import Committer
from anthill.landing.content import Content
from anthill.ledger import documents
from anthill.ledger.documents import Calls, Documents, Job, Jobs, Month

from ..landing.test_content import page

DAY = dt.date(2014, 6, 6)
DAYS = [DAY + dt.timedelta(days=number) for number in range(12)]
PLACE = Place("polygon", "stocks", "splits", str(DAY))
STOCKS = catalog.load("stocks")
SPLITS = STOCKS.datasets["splits"]
FOREIGN = (
    "polygon/stocks/splits/",
    "polygon/stocks/splits/date=2014-06-06/",
    "polygon/stocks/splits/date=2014-06-06/notes.txt",
    "polygon/stocks/splits/date=2014-06-06/readme.md",
    "polygon/stocks/splits/date=2014-06-06/r000002.jsonl.gz.tmp",
    "polygon/stocks/splits/date=2014-02-31/r000001.jsonl.gz",
    "polygon/stocks/splits/date=2014-06-06/a/b/c ü.txt",
)


@pytest.fixture
def littered(s3: Any, bucket: str) -> str:
    """One commit of one row among foreign objects."""
    for key in FOREIGN:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    over = dt.datetime(2014, 6, 9, tzinfo=dt.UTC)
    with Content.of([msgspec.structs.replace(page([1]), asof=over)]) as content:
        assert Committer(s3, bucket, "run").commit(PLACE, content).outcome == "landed"
    return bucket


def test_every_listing_of_commits_finds_the_commit_alone(s3: Any, littered: str) -> None:
    """A day's, all days', a place's, an asset class's, a manifest's of few and many days, a backfill's, a rebuild's."""
    key = PLACE.key(1)
    assert bronze.newest_revisions(s3, littered, SPLITS, str(DAY)) == {"": key}
    assert bronze.newest_of_all(s3, littered, SPLITS) == {str(DAY): {"": key}}
    assert bronze.newest_key(s3, littered, PLACE) == key
    assert bronze.commit_keys(s3, littered, SPLITS) == {key}
    for days in (DAYS[:1], DAYS):
        found = manifest.newest(s3, littered, [SPLITS], days)
        assert [(day, commit.key) for _, day, commit in found] == [(DAY, key)]
    assert missing(s3, littered, Documents(s3, littered), SPLITS, of_days("XNYS", DAYS)) == of_days("XNYS", DAYS[1:])
    assert [each for each in rebuild(s3, littered, Documents(s3, littered), STOCKS, "rebuild") if each.days] == [
        ("splits", 1, 1)
    ]


def test_a_restatement_follows_among_them(s3: Any, littered: str) -> None:
    """Whoever commits looks for the newest revision of the place, and foreign objects are none."""
    later = dt.datetime(2014, 6, 10, tzinfo=dt.UTC)
    with Content.of([msgspec.structs.replace(page([1, 2], 1), asof=later)]) as content:
        assert Committer(s3, littered, "run").commit(PLACE, content).commit.key == PLACE.key(2)


def test_each_is_named_once(s3: Any, littered: str, caplog: pytest.LogCaptureFixture) -> None:
    """With its bucket, however often it is listed; what lies beside bronze by design is not named."""
    s3.put_object(Bucket=littered, Key="polygon/stocks/_loads/x.json", Body=b"")
    for _ in range(3):
        bronze.newest_of_all(s3, littered, SPLITS)
        bronze.newest_revisions(s3, littered, SPLITS, str(DAY))
    (line,) = [record.getMessage() for record in caplog.records]
    assert littered in line
    assert all(repr(key) in line for key in FOREIGN)
    bronze.commit_keys(s3, littered, SPLITS)
    assert "_loads" not in caplog.text


def test_a_thousand_are_told_by_their_number(caplog: pytest.LogCaptureFixture) -> None:
    """The first ten by name."""
    bronze.name_foreign("bronze", [f"k{number:04d}" for number in range(1000)])
    assert "'k0009' and 990 more" in caplog.text
    assert "k0010" not in caplog.text


def test_the_index_is_read_among_them(s3: Any, bucket: str, caplog: pytest.LogCaptureFixture) -> None:
    """Folder markers and notes beside its documents, under names that sort behind them."""
    at = dt.datetime(2014, 6, 6, tzinfo=dt.UTC)
    month = Month({"run": Calls(at, 1, 0, 0, 0.1, 0.1, 0.0, 1, 1, 1)})
    Documents(s3, bucket).update(documents.calls_key("stocks", "splits", at), Month, lambda _: month)
    jobs = Jobs({"run": Job("gold", DAY, DAY, at, "", True)})
    Documents(s3, bucket).update(documents.jobs_key("stocks", at), Jobs, lambda _: jobs)
    foreign = [
        f"polygon/stocks/_coverage/{name}"
        for name in (
            "jobs/",
            "jobs/notes.txt",
            "jobs/2014_old.json.gz",
            "calls/",
            "calls/splits/",
            "calls/splits/x.txt",
        )
    ]
    for key in foreign:
        s3.put_object(Bucket=bucket, Key=key, Body=b"no document")
    reader = Reader(Documents(s3, bucket), bucket)
    assert list(reader.jobs("stocks", at)) == ["run"]
    assert [name for name, _ in reader.calls("stocks", at)] == ["splits"]
    assert reader.entries("stocks", {"splits": SPLITS}, [2014]) == {"splits": {}}
    assert all(repr(key) in caplog.text for key in foreign)


def test_every_document_of_the_index_is_one_of_ours(s3: Any, bucket: str) -> None:
    """Of any dataset and year: a name that the recorder writes is never passed over."""
    moment = dt.datetime(2003, 12, 1, tzinfo=dt.UTC)
    keys = {documents.jobs_key("stocks", moment)}
    for name, dataset in STOCKS.datasets.items():
        keys |= {documents.days_key(dataset, "2003-01-01"), documents.calls_key("stocks", name, moment)}
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert Documents(s3, bucket).etags(documents.folder("stocks")).keys() == keys
