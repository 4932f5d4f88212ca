"""Keys of bronze, and the commits they hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.landing.bronze import (
    Place,
    TamperedError,
    newest_key,
    newest_of_days,
    newest_revisions,
    parse,
    read_commit,
)

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
SHARDS = st.text("aZ/.:%=+ é\n\\", max_size=6) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PLACES = st.builds(Place, NAMES, NAMES, st.dates(), SHARDS)
DAY = dt.date(2014, 6, 6)


def test_a_key_reads_as_designed() -> None:
    """Asset class, dataset, day and revision, and the shard where there is one."""
    assert Place("stocks", "splits", DAY).key(1) == "polygon/stocks/splits/date=2014-06-06/r000001.jsonl.gz"
    sharded = Place("options", "daily_bars", DAY, "O:BRK.B140613C00650000").key(12)
    assert sharded == "polygon/options/daily_bars/date=2014-06-06/O%3ABRK.B140613C00650000/r000012.jsonl.gz"


@given(PLACES, st.integers(1, 10**7))
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
    place, alike = (Place("stocks", "tickers", DAY, shard) for shard in ("r", "r000009.jsonl.gz"))
    for revision in range(1, 12):
        s3.put_object(Bucket=bucket, Key=place.key(revision))
    s3.put_object(Bucket=bucket, Key=alike.key(1))
    s3.put_object(Bucket=bucket, Key=Place("stocks", "tickers", dt.date(2014, 6, 7), "r").key(99))
    for revision in (999_999, 1_000_000):
        s3.put_object(Bucket=bucket, Key=alike.key(revision))
    newest = newest_revisions(s3, bucket, "stocks", "tickers", DAY)
    assert newest == {"r": place.key(11), "r000009.jsonl.gz": alike.key(1_000_000)}
    assert newest_key(s3, bucket, place) == place.key(11)
    assert newest_key(s3, bucket, Place("stocks", "tickers", DAY)) is None
    days = newest_of_days(s3, bucket, "stocks", "tickers")
    assert (days[DAY], len(days)) == (newest, 2)
    assert newest_revisions(s3, bucket, "stocks", "splits", DAY) == {}


def test_a_foreign_object_is_no_commit(s3: Any, bucket: str) -> None:
    """An object without the metadata is named, with what to do."""
    key = Place("stocks", "splits", DAY).key(1)
    s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    with pytest.raises(TamperedError, match=rf"s3://{bucket}/{key} is no commit.*Restore"):
        read_commit(s3, bucket, key)


def test_changed_bytes_are_seen(s3: Any, bucket: str) -> None:
    """Bytes that are not those of the metadata's sha256 are named."""
    key = Place("stocks", "splits", DAY).key(1)
    metadata = {"sha256": "00" * 32, "digest": "0" * 32, "rows": "1", "pages": "1", "run": "r"}
    metadata["asof"] = "2014-06-06T22:00:00+00:00"
    s3.put_object(Bucket=bucket, Key=key, Body=b"x", Metadata=metadata, ChecksumAlgorithm="SHA256")
    with pytest.raises(TamperedError, match="was changed after it was landed"):
        read_commit(s3, bucket, key)
