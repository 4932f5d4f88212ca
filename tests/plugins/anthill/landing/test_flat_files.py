"""Flat files from an S3 bucket of the source into bronze: unchanged, once, and again when they are replaced."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from anthill.bronze.commits import Place, newest_key, parse
from anthill.bronze.storage import Patience as S3Patience
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.sources import errors
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.declaration import FlatFile, PolygonDataset
from anthill.sources.polygon.flat_files import FlatFiles
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from tests.scripted_server import Asked, Reply, ScriptedServer, page

DAY = dt.date(2014, 6, 6)
AT = market_day("XNYS", DAY)
KEY = "us_options_opra/day_aggs_v1/2014/06/2014-06-06.csv.gz"
BARS = PolygonDataset(
    "bars",
    ("ticker",),
    {"T": "ticker", "v": "volume"},
    path="/v2/bars/{market_date}",
    flat_file=FlatFile("us_options_opra/day_aggs_v1", {"ticker": "ticker", "volume": "volume"}),
    asset_class="options",
    source="polygon",
    name="daily_bars",
)
FILE = b"ticker,volume\nO:A,1\nO:B,2\n"


@pytest.fixture
def flat_files(s3: Any) -> Iterator[FlatFiles]:
    """An empty bucket of flat files."""
    s3.create_bucket(Bucket="flatfiles")
    yield FlatFiles(s3)
    for entry in s3.list_objects_v2(Bucket="flatfiles").get("Contents", []):
        s3.delete_object(Bucket="flatfiles", Key=entry["Key"])
    s3.delete_bucket(Bucket="flatfiles")


@pytest.fixture
def committer(s3: Any, bucket: str) -> Committer:
    """A committer into the test's bucket."""
    return Committer(s3, bucket, "run", S3Patience(tries=3, first=0.01))


def no_api() -> Client:
    """A client of an address where nobody answers."""
    return Client(Transport("http://127.0.0.1:1", "KEY"), Gate(0), Patience(0, 0.01, 0.01, 0.01))


def put(s3: Any, content: bytes) -> None:
    """Publish a day's file."""
    s3.put_object(Bucket="flatfiles", Key=KEY, Body=gzip.compress(content))


def test_a_file_is_landed_as_it_came_and_read_once(
    s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are bronze's; the same version is not even read again."""
    put(s3, FILE)
    first = land(PolygonSource(no_api(), flat_files), committer, BARS, AT)
    monkeypatch.setattr(flat_files, "page", lambda *_: pytest.fail("the file was read again"))
    second = land(PolygonSource(no_api(), flat_files), committer, BARS, AT)
    assert (first.outcome, first.rows, second.outcome) == ("landed", 2, "unchanged")
    key = first.commits[0].key
    assert key == "polygon/options/daily_bars/date=2014-06-06/r000001.csv.gz"
    assert parse(key) == (Place("polygon", "options", "daily_bars", str(DAY)), 1)
    published = s3.get_object(Bucket="flatfiles", Key=KEY)
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == published["Body"].read()
    assert first.commits[0].source.split()[0] == published["ETag"].strip('"')
    assert first.commits[0].asof == published["LastModified"]


def test_a_replaced_file_is_the_next_revision(
    s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles
) -> None:
    """Other rows are a restatement; the same rows in a new file are not."""
    source = PolygonSource(no_api(), flat_files)
    put(s3, FILE)
    land(source, committer, BARS, AT)
    put(s3, b"ticker,volume\nO:B,2\nO:A,1\n")
    assert land(source, committer, BARS, AT).outcome == "unchanged"
    put(s3, b"ticker,volume\nO:A,1\nO:B,3\n")
    restated = land(source, committer, BARS, AT)
    assert (restated.outcome, restated.commits[0].revision) == ("restated", 2)


def test_a_file_from_the_future_is_not_landed(
    s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its LastModified would hold back whatever replaces it."""
    put(s3, FILE)
    version = flat_files.version(KEY)
    later = msgspec.structs.replace(version, modified=version.modified + dt.timedelta(days=400))
    monkeypatch.setattr(flat_files, "version", lambda _: later)
    said = r"options\.daily_bars on 2014-06-06: the flat file's LastModified is .* over an hour ahead of .* \[GET s3://"
    with pytest.raises(errors.BadAnswerError, match=said):
        land(PolygonSource(no_api(), flat_files), committer, BARS, AT)
    assert newest_key(s3, bucket, Place("polygon", "options", "daily_bars", str(DAY))) is None


def test_pages_landed_before_are_followed_by_the_file(
    s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles
) -> None:
    """A plan that got flat files later goes on counting revisions, whatever the form."""

    def answer(asked: Asked) -> Reply:
        return page({"status": "OK", "resultsCount": 1, "results": [{"T": "O:A", "v": 1}]})

    with ScriptedServer(answer) as server:
        api = Client(Transport(server.url, "KEY"), Gate(0), Patience(0.3, 0.01, 0.05, 0.05))
        land(PolygonSource(api), committer, BARS, AT)
        put(s3, FILE)  # afterwards: an older file would be superseded
        landed = land(PolygonSource(api, flat_files), committer, BARS, AT)
    assert landed.outcome == "restated"
    newest = newest_key(s3, bucket, Place("polygon", "options", "daily_bars", str(DAY)))
    assert newest == "polygon/options/daily_bars/date=2014-06-06/r000002.csv.gz"


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, errors.NotReadyError, "no such file yet"),
        (b"volume,ticker\n1,O:A\n", errors.BadAnswerError, "header is 'volume,ticker', not 'ticker,volume'"),
        (b"", errors.BadAnswerError, "header is ''"),
    ],
    ids=["missing", "other header", "empty"],
)
def test_what_is_no_such_file_is_not_landed(
    s3: Any,
    bucket: str,
    committer: Committer,
    flat_files: FlatFiles,
    content: bytes | None,
    error: type[errors.SourceError],
    message: str,
) -> None:
    """The error names dataset, day and key; nothing is committed."""
    if content is not None:
        put(s3, content)
    with pytest.raises(error, match=message) as caught:
        land(PolygonSource(no_api(), flat_files), committer, BARS, AT)
    assert "options.daily_bars on 2014-06-06" in str(caught.value)
    assert KEY in str(caught.value)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_file_that_is_cut_is_not_landed(s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles) -> None:
    """A gzip that ends early is told from a short day."""
    s3.put_object(Bucket="flatfiles", Key=KEY, Body=gzip.compress(FILE)[:-6])
    with pytest.raises(errors.BadAnswerError, match="gzip"):
        land(PolygonSource(no_api(), flat_files), committer, BARS, AT)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_missing_bucket_says_so(s3: Any, committer: Committer) -> None:
    """The address of the bucket is in the message."""
    with pytest.raises(errors.SourceError, match=f"s3://nowhere/{KEY}"):
        land(PolygonSource(no_api(), FlatFiles(s3, "nowhere")), committer, BARS, AT)
