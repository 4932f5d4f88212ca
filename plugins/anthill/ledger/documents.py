"""What is replaced in S3: a few small documents in a bucket of their own, replaced only by who has read them."""

from __future__ import annotations

import datetime as dt
import gzip
import random
import re
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Literal, TypeVar

import msgspec
from botocore.exceptions import ClientError

from anthill import catalog, intervals
from anthill.bronze.commits import S3Client, name_foreign
from anthill.bronze.storage import Patience, StorageError, code
from anthill.dataset import Dataset
from anthill.ledger.entry import Entry

_DATED = re.compile(
    r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*/_coverage/(?:(?:days|gold)/[a-z][a-z0-9_]*/(?:\d{3,4}s?|\d{4}-\d\d-\d\d)"
    r"|calls/[a-z][a-z0-9_]*/\d{4}-\d\d|jobs/\d{4})\.json\.gz"
)
_TRIES = 100  # lost races for one document
_T = TypeVar("_T", bound=msgspec.Struct)


class Days(msgspec.Struct):
    """Some time of one dataset: what is known of each interval, by its label."""

    days: dict[str, Entry] = {}


class Calls(msgspec.Struct, frozen=True, array_like=True):
    """What one task asked of the API: calls that were answered and that failed, seconds, bytes; `at` its end (UTC)."""

    at: dt.datetime
    calls: int
    failed: int
    limited: int  # of the failed ones, those answered with 429
    seconds: float  # from a call's start to its answer, all calls together
    slowest: float
    waited: float  # for the plan's rate, and as long as the API said
    days: int
    rows: int
    raw_bytes: int


class Month(msgspec.Struct):
    """A month, by the clock, of one dataset's calls: a record a task and try."""

    tasks: dict[str, Calls] = {}


class Job(msgspec.Struct, frozen=True):
    """One Databricks run, ended: which market days it was about, what came of it, and its page."""

    job: str
    market_date_from: dt.date
    market_date_to: dt.date
    at: dt.datetime
    page: str
    ok: bool
    message: str = ""
    facts: dict[str, Any] = {}


class GoldDay(msgspec.Struct, frozen=True, array_like=True):
    """How a market day of a gold table stands, since when (UTC), and who told: a task's try."""

    state: Literal["published", "outdated", "held back"]
    at: dt.datetime
    run: str
    why: str = ""


class GoldDays(msgspec.Struct):
    """Ten years of a gold table: the datasets that it waits for, and its days."""

    reads: tuple[str, ...] = ()
    days: dict[dt.date, GoldDay] = {}


class Jobs(msgspec.Struct):
    """A year, by the clock, of an asset class's Databricks runs: a record a task and try."""

    tasks: dict[str, Job] = {}


def folder(asset_class: str, kind: str = "") -> str:
    """Where an asset class's documents lie, below its source: of all kinds, or of `days`, `gold`, `calls` or `jobs`."""
    return f"{catalog.load(asset_class).source}/{asset_class}/_coverage/" + (f"{kind}/" if kind else "")


def days_key(dataset: Dataset, interval: str) -> str:
    """The document that has an interval.

    Ten years of market days are one, a year where a day has many takings, a day where it has many intervals.
    """
    year = interval[:4]
    span = f"{year[:3]}0s" if not dataset.every else year
    if intervals.span_of(dataset.calendar):
        span = str(intervals.day_of(interval))
    return f"{folder(dataset.asset_class, 'days')}{dataset.name}/{span}.json.gz"


def gold_key(asset_class: str, table: str, year: int) -> str:
    """The document that has a year's market days of a gold table."""
    return f"{folder(asset_class, 'gold')}{table}/{year // 10}0s.json.gz"


def is_of(key: str, years: Collection[int]) -> bool:
    """Whether a document has intervals of these years."""
    span = key.rpartition("/")[2].removesuffix(".json.gz")
    return int(span[:4]) in years if not span.endswith("s") else any(year // 10 == int(span[:3]) for year in years)


def calls_key(asset_class: str, dataset: str, at: dt.datetime) -> str:
    """The document of a month of calls."""
    return f"{folder(asset_class, 'calls')}{dataset}/{at:%Y-%m}.json.gz"


def jobs_key(asset_class: str, at: dt.datetime) -> str:
    """The document of a year of Databricks runs."""
    return f"{folder(asset_class, 'jobs')}{at:%Y}.json.gz"


def decode(body: bytes, kind: type[_T]) -> _T:
    """A document from its bytes."""
    return msgspec.json.decode(gzip.decompress(body), type=kind)


class Documents:
    """Reads and replaces documents; safe to share between threads and with other writers anywhere.

    A document that is not in its bucket yet is read in `former`, where documents lay before, and written here from
    then on.
    """

    def __init__(self, s3: S3Client, bucket: str, former: str = "", patience: Patience | None = None) -> None:
        self.s3 = s3
        self.bucket = bucket
        self._former = [former] if former not in ("", bucket) else []
        self._patience = patience or Patience(tries=5)

    def read(self, key: str, kind: type[_T]) -> tuple[_T, str]:
        """A document and its ETag; an empty one and "" where there is none."""
        document, etag, _ = self._read(key, kind)
        return document, etag

    def etags(self, prefix: str) -> dict[str, str]:
        """The dated documents below a prefix with their ETags; what else lies there is named once and passed over."""
        found: dict[str, str] = {}
        for bucket in (*self._former, self.bucket):
            there = self._patience.call(partial(self._listed, bucket, prefix), bucket, prefix)
            if foreign := [key for key in there if not _DATED.fullmatch(key)]:
                name_foreign(bucket, foreign)
            found |= {key: etag for key, etag in there.items() if key not in foreign}
        return found

    def update(self, key: str, kind: type[_T], change: Callable[[_T], _T]) -> bool:
        """Replace a document by what `change` makes of it, again where another was faster; False where it is the same.

        `change` must do no harm when it is called twice: an answer that was lost looks like another writer.
        """
        for number in range(_TRIES):
            document, etag, bucket = self._read(key, kind)
            body = msgspec.json.encode(document)
            changed = msgspec.json.encode(change(document))
            if changed == body:
                return False
            if self._put(key, gzip.compress(changed, mtime=0), etag if bucket == self.bucket else ""):
                return True
            time.sleep(random.uniform(0, min(0.05 * 2**number, 1.0)))  # noqa: S311 no secret
        raise StorageError(f"s3://{self.bucket}/{key}: others always replace the document first. Retry the task")

    def _read(self, key: str, kind: type[_T]) -> tuple[_T, str, str]:
        """A document, its ETag, and the bucket that has it."""
        for bucket in (self.bucket, *self._former):
            try:
                body, etag = self._patience.call(partial(self._get, bucket, key), bucket, key)
            except ClientError as error:
                if code(error) in {"NoSuchKey", "404"}:
                    continue
                raise
            return decode(body, kind), etag, bucket
        return kind(), "", self.bucket

    def _get(self, bucket: str, key: str) -> tuple[bytes, str]:
        answer = self.s3.get_object(Bucket=bucket, Key=key)
        return answer["Body"].read(), answer["ETag"]

    def _listed(self, bucket: str, prefix: str) -> dict[str, str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {entry["Key"]: entry["ETag"] for page in pages for entry in page.get("Contents", [])}

    def _put(self, key: str, body: bytes, etag: str) -> bool:
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}

        def put() -> None:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType="application/json", **condition)

        try:
            self._patience.call(put, self.bucket, key)
        except ClientError as error:
            if code(error) in {"PreconditionFailed", "NoSuchKey", "404"}:
                return False
            raise
        return True


def documents(s3: S3Client, bronze: str = "") -> Documents:
    """The environment's documents; those that still lie in bronze's bucket are read there."""
    from anthill import settings  # Airflow's configuration: who gives the buckets itself needs none

    return Documents(s3, settings.documents_bucket(), bronze or settings.bronze_bucket())
