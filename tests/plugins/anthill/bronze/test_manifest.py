"""The list of what silver is to read, whatever S3 does meanwhile."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from typing import Any
from urllib.parse import unquote

import pytest

from anthill import catalog
from anthill.bronze import manifest
from anthill.bronze.commits import Place, TamperedError, newest_of_all, read_commit
from anthill.bronze.storage import StorageFatalError
from anthill.landing.commit import Committer
from anthill.landing.content import Content

from ..landing.s3 import s3_at
from ..landing.s3_faults import Fault, S3Proxy
from ..landing.test_content import page

DAYS = [dt.date(2014, 6, 5), dt.date(2014, 6, 6)]
SPLITS = catalog.load("stocks").datasets["splits"]
SLOW = Fault(503, "SlowDown")


@pytest.fixture
def landed(s3: Any, bucket: str) -> list[int]:
    """Two days of splits in bronze; their rows."""
    for number, day in enumerate(DAYS):
        with Content.of([page(list(range(number + 1)))]) as content:
            Committer(s3, bucket, "run").commit(Place("polygon", "stocks", "splits", str(day)), content)
    return [1, 2]


def write(s3: Any, bucket: str) -> list[dict[str, Any]]:
    """The manifest of both days as the notebook reads it."""
    uri = manifest.write(
        s3,
        bucket,
        catalog.load("stocks"),
        manifest.newest(s3, bucket, [SPLITS], DAYS),
    )
    key = uri.removeprefix(f"s3://{bucket}/")
    found: list[dict[str, Any]] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return found


def test_a_line_is_what_silver_asks_for(s3: Any, bucket: str, landed: list[int]) -> None:
    """Each commit by the names that the notebook takes: where it is, what it is of, and what it must hold."""
    line = write(s3, bucket)[1]
    key = "polygon/stocks/splits/date=2014-06-06/r000001.jsonl.gz"
    stored = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    assert line == {
        "dataset": "splits",
        "market_date": "2014-06-06",
        "shard": "",
        "key": key,
        "uri": f"s3://{bucket}/{key}",
        "rows": landed[1],
        "pages": 1,
        "sha256": base64.b64decode(stored["ChecksumSHA256"]).hex(),
        "revision": 1,
        "asof": line["asof"],
    }
    assert dt.datetime.fromisoformat(line["asof"]).utcoffset() == dt.timedelta()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_a_fault_that_passes_leaves_no_commit_out(
    s3_url: str, s3: Any, bucket: str, landed: list[int], method: str
) -> None:
    """Listing, looking and writing are each tried again; every commit is on the list once."""
    with S3Proxy(s3_url, {method: [SLOW, Fault(), Fault(500, "InternalError")]}) as proxy:
        lines = write(s3_at(proxy.url), bucket)
    assert [line["rows"] for line in lines] == landed
    assert lines == write(s3, bucket)


def test_a_listing_of_all_days_is_tried_again(s3_url: str, bucket: str, landed: list[int]) -> None:
    """A backfill that takes a failed listing for an empty bronze would fetch years again."""
    with S3Proxy(s3_url, {"GET": [SLOW, Fault()]}) as proxy:
        found = newest_of_all(s3_at(proxy.url), bucket, SPLITS)
    assert list(found) == list(map(str, DAYS))


@pytest.mark.parametrize(
    ("method", "fault", "says"),
    [
        ("GET", Fault(403, "AccessDenied"), "AccessDenied: .*put, get and list"),
        ("HEAD", Fault(403, ""), "AccessDenied: .*put, get and list"),
        ("HEAD", Fault(400, ""), "Renew the credentials"),
        ("GET", Fault(400, "ExpiredToken"), "ExpiredToken: .*Renew the credentials"),
    ],
)
def test_what_no_retry_mends_says_what_to_do(
    s3_url: str, bucket: str, landed: list[int], method: str, fault: Fault, says: str
) -> None:
    """Bucket, key or prefix, and the advice; there is no list."""
    with S3Proxy(s3_url, always={method: fault}) as proxy:
        client = s3_at(proxy.url)
        with pytest.raises(StorageFatalError, match=rf"s3://{bucket}/polygon/stocks/splits/.*: .*{says}"):
            manifest.newest(client, bucket, [SPLITS], DAYS)
        assert proxy.puts() == 0


def test_a_line_says_all_that_silver_needs(s3: Any, bucket: str, landed: list[int]) -> None:
    """Under a name that is its content's: the same commits are the same object, others another."""
    found = manifest.newest(s3, bucket, [SPLITS], DAYS[:1])
    uri = manifest.write(s3, bucket, catalog.load("stocks"), found)
    key = uri.removeprefix(f"s3://{bucket}/")
    stored = s3.get_object(Bucket=bucket, Key=key)
    body = stored["Body"].read()
    assert key == f"polygon/stocks/_loads/{hashlib.sha256(body).hexdigest()}.json"
    assert stored["ContentType"] == "application/json"
    commit = read_commit(s3, bucket, Place("polygon", "stocks", "splits", str(DAYS[0])).key(1))
    assert json.loads(body) == [
        {
            "dataset": "splits",
            "market_date": "2014-06-05",
            "shard": "",
            "key": "polygon/stocks/splits/date=2014-06-05/r000001.jsonl.gz",
            "uri": f"s3://{bucket}/polygon/stocks/splits/date=2014-06-05/r000001.jsonl.gz",
            "rows": 1,
            "pages": 1,
            "sha256": commit.sha256,
            "revision": 1,
            "asof": commit.asof.isoformat(),
        }
    ]
    assert manifest.write(s3, bucket, catalog.load("stocks"), found) == uri
    assert manifest.write(s3, bucket, catalog.load("stocks"), []) != uri


@pytest.mark.parametrize(("number", "listings"), [(10, 10), (11, 1)])
def test_many_days_are_listed_at_once(
    s3: Any, s3_url: str, bucket: str, landed: list[int], number: int, listings: int
) -> None:
    """Beyond ten a listing of the dataset is cheaper than one a day; the same commits are found, in order."""
    days = [DAYS[0] + dt.timedelta(days=n) for n in range(number)]
    with S3Proxy(s3_url) as proxy:
        found = manifest.newest(
            s3_at(proxy.url),
            bucket,
            [catalog.load("stocks").datasets["dividends"], SPLITS],
            days,
        )
        assert sum(method == "GET" for method, _ in proxy.seen) == 2 * listings
    assert [(dataset, day, commit.rows) for dataset, day, commit in found] == [
        ("splits", DAYS[0], 1),
        ("splits", DAYS[1], 2),
    ]


def test_days_not_asked_for_are_not_on_the_list(s3: Any, bucket: str, landed: list[int]) -> None:
    """However many are."""
    days = [DAYS[1] + dt.timedelta(days=n) for n in range(12)]
    assert [day for _, day, _ in manifest.newest(s3, bucket, [SPLITS], days)] == [DAYS[1]]


def test_what_cannot_be_read_is_skipped_and_told(s3: Any, s3_url: str, bucket: str, landed: list[int]) -> None:
    """A changed object and one that S3 does not tell of; who does not want to skip them gets the first as an error."""
    days = [DAYS[0] - dt.timedelta(days=1), *DAYS]
    changed, denied = (Place("polygon", "stocks", "splits", str(day)).key(1) for day in days[:2])
    s3.put_object(Bucket=bucket, Key=changed, Body=b"x")
    skipped: list[tuple[str, dt.date, str]] = []
    with S3Proxy(s3_url) as proxy:
        proxy.choose = lambda method, path, _: Fault(403, "") if method == "HEAD" and denied in unquote(path) else None
        client = s3_at(proxy.url)
        found = manifest.newest(client, bucket, [SPLITS], days, lambda *what: skipped.append((*what[:2], str(what[2]))))
        with pytest.raises(TamperedError, match=changed):
            manifest.newest(client, bucket, [SPLITS], days)
    assert [(day, commit.rows) for _, day, commit in found] == [(DAYS[1], 2)]
    assert [what[:2] for what in skipped] == [("splits", days[0]), ("splits", days[1])]
    assert changed in skipped[0][2]
    assert "AccessDenied" in skipped[1][2]


def test_an_s3_that_fails_for_every_key_is_no_list_of_bad_objects(
    s3_url: str, s3: Any, bucket: str, landed: list[int]
) -> None:
    """It is not asked for each of hundreds of objects: after a few it is S3 that is out."""
    body = s3.get_object(Bucket=bucket, Key=Place("polygon", "stocks", "splits", str(DAYS[0])).key(1))
    days = [DAYS[0] + dt.timedelta(days=number) for number in range(200)]
    for day in days[2:]:
        s3.put_object(
            Bucket=bucket, Key=Place("polygon", "stocks", "splits", str(day)).key(1), Metadata=body["Metadata"]
        )
    with S3Proxy(s3_url, always={"HEAD": Fault(403, "")}) as proxy:
        with pytest.raises(StorageFatalError, match="AccessDenied"):
            manifest.newest(s3_at(proxy.url), bucket, [SPLITS], days, lambda *_: None)
        assert sum(method == "HEAD" for method, _ in proxy.seen) < 40


def test_half_a_day_is_none(s3: Any, bucket: str) -> None:
    """A day that lacks a shard is left out whole and named; a taking is a shard of its own, and no half of anything."""
    stocks = catalog.load("stocks").datasets
    for name, day, shard in (
        ("tickers", DAYS[0], "active"), ("tickers", DAYS[0], "delisted"),
        ("tickers", DAYS[1], "delisted"), ("snapshot", DAYS[1], "1330"),
    ):  # fmt: skip
        place = Place.of(stocks[name], str(day), shard)
        with Content.of([page([1])]) as content:
            Committer(s3, bucket, "run").commit(place, content)
    found = manifest.newest(s3, bucket, [stocks["tickers"], stocks["snapshot"]], DAYS)
    kept, halves = manifest.whole(found, stocks)
    assert halves == [("tickers", DAYS[1])]
    assert [(dataset, day, commit.shard) for dataset, day, commit in kept] == [
        ("tickers", DAYS[0], "active"), ("tickers", DAYS[0], "delisted"), ("snapshot", DAYS[1], "1330")
    ]  # fmt: skip
