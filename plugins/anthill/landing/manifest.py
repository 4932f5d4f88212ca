"""What a silver run is to read: the newest commits of some market days, as one immutable object beside bronze."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from anthill.landing import bronze
from anthill.landing.bronze import Commit, S3Client
from anthill.landing.storage import Patience, code

_THREADS = 16
_FEW = 10  # days; beyond them one listing of the dataset is cheaper than one a day


Found = tuple[str, dt.date, Commit]  # a commit with its dataset and market day


def newest(
    s3: S3Client, bucket: str, asset_class: str, datasets: Iterable[str], days: Sequence[dt.date]
) -> list[Found]:
    """The newest commits of these days, in the order of the datasets and days."""

    def read(key: str) -> Commit:
        return patience.call(lambda: bronze.read_commit(s3, bucket, key), bucket, key)

    patience = Patience()
    with ThreadPoolExecutor(_THREADS) as pool:
        keys = [
            (dataset, day, key)
            for dataset in datasets
            for day, found in _keys(s3, bucket, asset_class, dataset, days).items()
            for key in found
        ]
        commits = list(pool.map(read, [key for _, _, key in keys]))
    return [(dataset, day, commit) for (dataset, day, _), commit in zip(keys, commits, strict=True)]


def write(s3: S3Client, bucket: str, asset_class: str, found: Iterable[Found]) -> str:
    """Put the list of commits; its URI, named by its content."""
    lines = [_line(*known) for known in found]
    body = json.dumps(lines, separators=(",", ":")).encode()
    key = f"polygon/{asset_class}/_loads/{hashlib.sha256(body).hexdigest()}.json"
    Patience().call(lambda: _put(s3, bucket, key, body), bucket, key)
    return f"s3://{bucket}/{key}"


def _keys(
    s3: S3Client, bucket: str, asset_class: str, dataset: str, days: Sequence[dt.date]
) -> dict[dt.date, list[str]]:
    """The newest keys of each day: a listing a day for a few, of the whole dataset for many."""
    if len(days) > _FEW:
        found = bronze.newest_of_days(s3, bucket, asset_class, dataset)
        return {day: list(found[day].values()) for day in days if day in found}
    return {day: list(bronze.newest_revisions(s3, bucket, asset_class, dataset, day).values()) for day in days}


def _put(s3: S3Client, bucket: str, key: str, body: bytes) -> None:
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ContentType="application/json")
    except ClientError as error:
        if code(error) != "PreconditionFailed":
            raise


def _line(dataset: str, day: dt.date, commit: Commit) -> dict[str, str | int]:
    """What the silver notebook is told of a commit."""
    return {
        "dataset": dataset,
        "market_date": day.isoformat(),
        "shard": commit.shard,
        "key": commit.key,
        "uri": f"s3://{commit.bucket}/{commit.key}",
        "rows": commit.rows,
        "pages": commit.pages,
        "sha256": commit.sha256,
        "revision": commit.revision,
        "asof": commit.asof.isoformat(),
    }
