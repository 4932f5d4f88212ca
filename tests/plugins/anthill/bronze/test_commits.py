"""Keys of bronze, and the commits they hold."""

from __future__ import annotations

import datetime as dt
import hashlib
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anthill import catalog
from anthill.bronze.commits import (
    Commit,
    Place,
    TamperedError,
    newest_key,
    newest_of_all,
    newest_revisions,
    parse,
    read_commit,
)

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
SHARDS = st.text("aZ/.:%=+ é\n\\", max_size=6) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MOMENTS = st.datetimes().map(lambda moment: f"{moment:%Y%m%dT%H%M%SZ}" if moment.year > 999 else str(moment.date()))
PLACES = st.builds(Place, NAMES, NAMES, NAMES, st.dates().map(str) | MOMENTS, SHARDS)
DAY = dt.date(2014, 6, 6)
SPLITS, TICKERS = (catalog.load("stocks").datasets[name] for name in ("splits", "tickers"))


def test_a_key_reads_as_designed() -> None:
    """Asset class, dataset, day and revision, and the shard where there is one."""
    assert (
        Place("polygon", "stocks", "splits", str(DAY)).key(1)
        == "polygon/stocks/splits/date=2014-06-06/r000001.jsonl.gz"
    )
    sharded = Place("polygon", "options", "daily_bars", str(DAY), "O:BRK.B140613C00650000").key(12)
    assert sharded == "polygon/options/daily_bars/date=2014-06-06/O%3ABRK.B140613C00650000/r000012.jsonl.gz"
    cut = Place("postgres", "totesys", "sales_order", "20260601T100300Z")
    assert cut.key(2, "csv") == "postgres/totesys/sales_order/at=20260601T100300Z/r000002.csv.gz"
    assert Place.of(SPLITS, str(DAY)) == Place("polygon", "stocks", "splits", str(DAY))


@given(PLACES, st.integers(1, 10**7))
@example(Place("polygon", "stocks", "splits", str(DAY), "."), 1)
@example(Place("polygon", "stocks", "splits", str(DAY), ".."), 1)
@example(Place("polygon", "stocks", "splits", str(DAY), "\n"), 10**6)
@example(Place("polygon", "stocks", "splits", str(dt.date(1, 1, 1)), "/"), 1)
def test_every_key_is_read_back(place: Place, revision: int) -> None:
    """Whatever the shard holds: slashes, dots, colons, line ends."""
    key = place.key(revision)
    assert parse(key) == (place, revision)
    assert all(part not in {"", ".", ".."} for part in key.split("/"))


@given(st.lists(PLACES, min_size=2, max_size=2, unique=True))
def test_two_places_never_share_a_key(places: list[Place]) -> None:
    """Nor does one lie inside the other's revisions."""
    assert places[0].key(1) != places[1].key(1)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "polygon/stocks/splits/date=2014-06-06/r0.jsonl.gz",
        "polygon/stocks/splits/date=2014-06-06/r000000.jsonl.gz",
        "polygon/stocks/splits/date=2014-06-06/r0000001.jsonl.gz",
        "polygon/stocks/splits/date=2014-06-31/r000001.jsonl.gz",
        "polygon/stocks/splits/at=2014-06-06/r000001.jsonl.gz",
        "polygon/stocks/splits/date=20140606T100300Z/r000001.jsonl.gz",
        "polygon/stocks/splits/at=20140631T100300Z/r000001.jsonl.gz",
        "Polygon/stocks/splits/date=2014-06-06/r000001.jsonl.gz",
        "polygon/stocks/splits/date=2014-06-06/a/b/r000001.jsonl.gz",
        "polygon/stocks/splits/date=2014-06-06/a:b/r000001.jsonl.gz",
        "polygon/stocks/splits/date=2014-06-06/r000001.jsonl.gz.tmp",
        "bronze/polygon/stocks/splits/date=2014-06-06/r000001.jsonl.gz",
    ],
)
def test_other_keys_are_refused(key: str) -> None:
    """What the landing would not have written is no key of bronze."""
    with pytest.raises(ValueError):  # noqa: PT011 the date's own error among them
        parse(key)


def test_the_newest_of_each_shard(s3: Any, bucket: str) -> None:
    """More than a page of listing, other days and a shard whose name begins alike do not confuse it."""
    place, alike = (Place("polygon", "stocks", "tickers", str(DAY), shard) for shard in ("r", "r000009.jsonl.gz"))
    for revision in range(1, 12):
        s3.put_object(Bucket=bucket, Key=place.key(revision))
    s3.put_object(Bucket=bucket, Key=alike.key(1))
    s3.put_object(Bucket=bucket, Key=Place("polygon", "stocks", "tickers", str(dt.date(2014, 6, 7)), "r").key(99))
    for revision in (999_999, 1_000_000):
        s3.put_object(Bucket=bucket, Key=alike.key(revision))
    newest = newest_revisions(s3, bucket, TICKERS, str(DAY))
    assert newest == {"r": place.key(11), "r000009.jsonl.gz": alike.key(1_000_000)}
    assert newest_key(s3, bucket, place) == place.key(11)
    assert newest_key(s3, bucket, Place("polygon", "stocks", "tickers", str(DAY))) is None
    days = newest_of_all(s3, bucket, TICKERS)
    assert (days[str(DAY)], len(days)) == (newest, 2)
    assert newest_revisions(s3, bucket, SPLITS, str(DAY)) == {}


def test_a_foreign_object_is_no_commit(s3: Any, bucket: str) -> None:
    """An object without the metadata is named, with what to do."""
    key = Place("polygon", "stocks", "splits", str(DAY)).key(1)
    s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    with pytest.raises(TamperedError, match=rf"s3://{bucket}/{key} is no commit.*Restore"):
        read_commit(s3, bucket, key)


METADATA = {
    "sha256": hashlib.sha256(b"x").hexdigest(),
    "digest": "0" * 32,
    "rows": "1",
    "pages": "2",
    "asof": "2014-06-06T22:00:00+00:00",
    "run": "stocks%C3%BC/r/land/1",
    "source": "etag%20120",
}


def put(s3: Any, bucket: str, body: bytes = b"x", checksum: str = "SHA256", **changed: str | None) -> str:
    """An object with a commit's metadata, but for what is changed; its key."""
    key = Place("polygon", "stocks", "splits", str(DAY), "a:b").key(7)
    metadata = {name: value for name, value in {**METADATA, **changed}.items() if value is not None}
    s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata=metadata, ChecksumAlgorithm=checksum)
    return key


def test_a_commit_is_read_from_its_object(s3: Any, bucket: str) -> None:
    """Bucket, key and size from where it lies, everything else from the metadata; what has no source is of pages."""
    commit = read_commit(s3, bucket, put(s3, bucket))
    asof = dt.datetime(2014, 6, 6, 22, tzinfo=dt.UTC)
    assert commit == Commit(
        bucket=bucket,
        key="polygon/stocks/splits/date=2014-06-06/a%3Ab/r000007.jsonl.gz",
        shard="a:b",
        revision=7,
        rows=1,
        pages=2,
        size=1,
        sha256=METADATA["sha256"],
        digest="0" * 32,
        asof=asof,
        run="stocksü/r/land/1",
        source="etag 120",
    )
    assert read_commit(s3, bucket, put(s3, bucket, source=None)).source == ""


def test_changed_bytes_are_seen(s3: Any, bucket: str) -> None:
    """Bytes that are not those of the metadata's sha256 are named, with what to do."""
    key = put(s3, bucket, b"y")
    said = rf"s3://{bucket}/{key} was changed after it was landed: .* Restore its earlier version"
    with pytest.raises(TamperedError, match=said):
        read_commit(s3, bucket, key)


@pytest.mark.parametrize("checksum", ["CRC32", "SHA1"])
def test_an_object_that_the_landing_did_not_put_is_told(s3: Any, bucket: str, checksum: str) -> None:
    """Without a sha256 of S3's own nothing says that the bytes are those of the metadata."""
    key = put(s3, bucket, checksum=checksum)
    with pytest.raises(TamperedError, match=rf"s3://{bucket}/{key} has no sha256 .* Restore its earlier version"):
        read_commit(s3, bucket, key)


@pytest.mark.parametrize("name", [name for name in METADATA if name != "source"])
def test_metadata_that_lacks_anything_is_no_commit(s3: Any, bucket: str, name: str) -> None:
    """What is lacking is named."""
    changed: dict[str, str | None] = {name: None}
    with pytest.raises(TamperedError, match=f"is no commit of the landing: its metadata lacks a valid '{name}'"):
        read_commit(s3, bucket, put(s3, bucket, **changed))


@pytest.mark.parametrize("changed", [{"rows": "many"}, {"pages": ""}, {"asof": "yesterday"}])
def test_metadata_that_says_nothing_is_no_commit(s3: Any, bucket: str, changed: dict[str, str | None]) -> None:
    """A number that is none, a moment that is none."""
    with pytest.raises(TamperedError, match="its metadata lacks a valid"):
        read_commit(s3, bucket, put(s3, bucket, **changed))


def test_sharded_and_whole_days_are_places_of_their_own() -> None:
    """Their folders end with a slash; a text for people names the shard where there is one."""
    whole, part = Place("polygon", "stocks", "splits", str(DAY)), Place("polygon", "stocks", "splits", str(DAY), "..")
    assert (whole.prefix, str(whole)) == ("polygon/stocks/splits/date=2014-06-06/", "stocks.splits on 2014-06-06")
    assert (part.prefix, str(part)) == (f"{whole.prefix}%2E%2E/", "stocks.splits (..) on 2014-06-06")
    assert whole.key(1, "csv") == f"{whole.prefix}r000001.csv.gz"
    assert parse(whole.key(3, "csv")) == (whole, 3)


@pytest.mark.parametrize("key", ["x", "polygon/stocks/splits/date=2014-06-06/r0000001.csv.gz"])
def test_a_key_that_is_refused_is_named(key: str) -> None:
    """With how bronze writes keys."""
    with pytest.raises(ValueError, match=rf"'{key}' is .*(r<n>|r000001\.csv\.gz')"):
        parse(key)


def test_the_newest_is_a_matter_of_numbers_and_days_come_apart(s3: Any, bucket: str) -> None:
    """Shards in order; a place's own objects only, of either form; every listing has all its pages."""
    for shard, revision in (("b", 1), ("a", 2), ("a", 10), ("a", 9)):
        s3.put_object(Bucket=bucket, Key=Place("polygon", "stocks", "tickers", str(DAY), shard).key(revision, "csv"))
    whole = Place("polygon", "stocks", "tickers", str(DAY))
    s3.put_object(Bucket=bucket, Key=whole.key(1))
    newest = newest_revisions(s3, bucket, TICKERS, str(DAY))
    assert list(newest.items()) == [
        ("", whole.key(1)),
        ("a", Place("polygon", "stocks", "tickers", str(DAY), "a").key(10, "csv")),
        ("b", Place("polygon", "stocks", "tickers", str(DAY), "b").key(1, "csv")),
    ]
    assert newest_key(s3, bucket, Place("polygon", "stocks", "tickers", str(DAY), "a")) == newest["a"]
    assert newest_key(s3, bucket, whole) == whole.key(1)


def test_a_listing_of_many_pages_is_whole(s3: Any, bucket: str) -> None:
    """Whoever reads one page only takes years for missing."""

    class Paged:
        """An S3 that lists three keys at a time."""

        def get_paginator(self, name: str) -> Any:
            real = s3.get_paginator(name)
            return SimpleNamespace(paginate=lambda **asked: real.paginate(**asked, PaginationConfig={"PageSize": 3}))

    days = [DAY + dt.timedelta(days=number) for number in range(8)]
    for day in days:
        s3.put_object(Bucket=bucket, Key=Place("polygon", "stocks", "splits", str(day)).key(1))
    found = newest_of_all(Paged(), bucket, SPLITS)
    assert found == {str(day): {"": Place("polygon", "stocks", "splits", str(day)).key(1)} for day in days}
