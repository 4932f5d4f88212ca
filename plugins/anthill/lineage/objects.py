"""The objects of bronze that a load read: read again, byte by byte, and held against what was noted of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec
from botocore.exceptions import ClientError

from anthill.bronze import commits
from anthill.bronze.commits import Place, S3Client, TamperedError
from anthill.bronze.storage import Patience, StorageError
from anthill.dataset import Dataset

_THREADS = 8
_PIECE = 1 << 20  # bytes


class Object(msgspec.Struct, frozen=True):
    """One object: what was asked of the source, when it answered, which task put it there; `broken` says what is wrong.

    `sha256` is that of the bytes as they are now.
    """

    uri: str
    shard: str
    revision: int
    call: str
    broken: str = ""
    sha256: str = ""
    asof: dt.datetime | None = None
    rows: int = 0
    pages: int = 0
    size: int = 0
    run: str = ""


def read(s3: S3Client, bucket: str, dataset: Dataset, day: dt.date, revisions: Mapping[str, int]) -> list[Object]:
    """The objects of a market day in these revisions of its shards, in the order of the shards."""
    places = [(Place.of(dataset, str(day), shard), revisions[shard]) for shard in sorted(revisions)]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(lambda each: _object(s3, bucket, dataset, *each), places))


def of_day(found: list[Object]) -> str:
    """What a load notes of these objects together: the digest of one, or one over all shards' digests."""
    digests = [each.sha256 for each in found]
    return digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _object(s3: S3Client, bucket: str, dataset: Dataset, place: Place, revision: int) -> Object:
    key = place.key(revision)
    named = Object(f"s3://{bucket}/{key}", place.shard, revision, "")
    try:
        key = _key(s3, bucket, place, revision)
        call = dataset.origin(place.market_date, place.shard, as_file=key.endswith(".csv.gz"))
        named = msgspec.structs.replace(named, uri=f"s3://{bucket}/{key}", call=call)
        return Patience(tries=3).call(lambda: _checked(s3, bucket, key, named), bucket, key)
    except ClientError as error:
        return msgspec.structs.replace(named, broken=f"is not there ({error})")
    except (StorageError, TamperedError) as error:
        return msgspec.structs.replace(named, broken=str(error))


def _key(s3: S3Client, bucket: str, place: Place, revision: int) -> str:
    """The key of a revision, in whichever form it is."""
    prefix = place.key(revision).removesuffix("jsonl.gz")
    listed = Patience(tries=3).call(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=prefix), bucket, prefix)
    return next((str(entry["Key"]) for entry in listed.get("Contents", [])), place.key(revision))


def _checked(s3: S3Client, bucket: str, key: str, named: Object) -> Object:
    commit = commits.read_commit(s3, bucket, key)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    digest = hashlib.sha256()
    for piece in body.iter_chunks(_PIECE):
        digest.update(piece)
    found = digest.hexdigest()
    return msgspec.structs.replace(
        named,
        sha256=found,
        broken="" if found == commit.sha256 else f"its bytes are not those that were landed, {commit.sha256}",
        asof=commit.asof,
        rows=commit.rows,
        pages=commit.pages,
        size=commit.size,
        run=commit.run,
    )
