"""What a silver run is to read: the newest commits of some market days, as one immutable object beside bronze."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from anthill.asset_class import AssetClass
from anthill.bronze import commits as bronze
from anthill.bronze import written_once
from anthill.bronze.commits import Commit, S3Client, TamperedError
from anthill.bronze.storage import Outage, Patience, StorageError
from anthill.dataset import Dataset

_THREADS = 16
_FEW = 10  # days; beyond them one listing of the dataset is cheaper than one a day


Found = tuple[str, dt.date, Commit]  # a commit with its dataset and market day
Skip = Callable[[str, dt.date, Exception], None]  # told of an object that cannot be read: dataset, market day, why


def newest(
    s3: S3Client,
    bucket: str,
    datasets: Iterable[Dataset],
    days: Sequence[dt.date],
    skip: Skip | None = None,
) -> list[Found]:
    """The newest commits of these days, in the order of the datasets and days.

    TamperedError or StorageError of the first that cannot be read; with `skip`, only where S3 fails key after key.
    """
    reader = Reader(s3, bucket)
    with ThreadPoolExecutor(_THREADS) as pool:
        keys = [
            (dataset.name, day, key)
            for dataset in datasets
            for day, found in _keys(s3, bucket, dataset, days).items()
            for key in found
        ]
        results = list(pool.map(reader.read, [key for _, _, key in keys]))
    commits: list[Found] = []
    for (dataset, day, _), result in zip(keys, results, strict=True):
        if isinstance(result, Commit):
            commits.append((dataset, day, result))
        elif skip is None or reader.is_down:
            raise result
        else:
            skip(dataset, day, result)
    return commits


class Reader:
    """Reads commits by many threads, until S3 has failed key after key (`is_down`)."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket
        self._patience, self._outage = Patience(), Outage()

    @property
    def is_down(self) -> bool:
        """Whether S3 is asked no more."""
        return self._outage.is_total

    def read(self, key: str) -> Commit | Exception:
        """The commit at a key that was listed, or why it cannot be had."""
        if self.is_down:
            return StorageError(f"s3://{self._bucket}/{key} was not asked for: S3 failed for the keys before it")
        try:
            commit = self._patience.call(lambda: bronze.read_commit(self._s3, self._bucket, key), self._bucket, key)
        except TamperedError as error:
            return error
        except (StorageError, ClientError) as error:
            self._outage.failed()
            gone = StorageError(f"s3://{self._bucket}/{key} was listed and is gone: {error}. Retry the task")
            return error if isinstance(error, StorageError) else gone
        self._outage.worked()
        return commit


def whole(found: Iterable[Found], declared: Mapping[str, Dataset]) -> tuple[list[Found], list[tuple[str, dt.date]]]:
    """The commits of days that have all their shards, and the days of datasets that lack any."""
    shards: dict[tuple[str, dt.date], set[str]] = defaultdict(set)
    known = list(found)
    for dataset, day, commit in known:
        shards[dataset, day].add(commit.shard)
    halves = [(dataset, day) for (dataset, day), there in shards.items() if not declared[dataset].is_whole(there)]
    return [each for each in known if each[:2] not in halves], halves


def write(
    s3: S3Client, bucket: str, declared: AssetClass, found: Iterable[Found], headers: Mapping[str, Sequence[str]] = {}
) -> str:
    """Put the list of commits; its URI, named by its content. `headers` are the columns of files, by their key."""
    lines = [_line(*known, headers.get(known[2].key, ())) for known in found]
    body = json.dumps(lines, separators=(",", ":")).encode()
    key = f"{declared.source}/{declared.asset_class}/_loads/{hashlib.sha256(body).hexdigest()}.json"
    written_once.put(s3, bucket, key, body, Patience())
    return f"s3://{bucket}/{key}"


def _keys(s3: S3Client, bucket: str, dataset: Dataset, days: Sequence[dt.date]) -> dict[dt.date, list[str]]:
    """The newest keys of each day: a listing a day for a few, of the whole dataset for many."""
    if len(days) > _FEW:
        found = bronze.newest_of_all(s3, bucket, dataset)
        return {day: list(found[str(day)].values()) for day in days if str(day) in found}
    return {day: list(bronze.newest_revisions(s3, bucket, dataset, str(day)).values()) for day in days}


def _line(dataset: str, day: dt.date, commit: Commit, columns: Sequence[str]) -> dict[str, Any]:
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
        **({"columns": columns} if columns else {}),
    }
