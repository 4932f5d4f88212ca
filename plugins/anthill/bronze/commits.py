"""Where bronze lies: keys built and read, and the commits of an interval."""

from __future__ import annotations

import base64
import datetime as dt
import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Self, TypeAlias, cast
from urllib.parse import quote, unquote

import msgspec

from anthill import intervals
from anthill.bronze.storage import Patience
from anthill.dataset import Dataset

log = logging.getLogger(__name__)

S3Client = Any  # boto3 makes its clients at run time
# Pages of JSON, one a line; a flat file; a table as PostgreSQL copies it, or what has changed in it; a spreadsheet.
Form = Literal["jsonl", "csv", "copy", "changes", "xlsx"]
_Revision: TypeAlias = "tuple[Place, int, str]"  # and its key

_KEY = re.compile(
    r"(?P<source>[a-z][a-z0-9_]*)/(?P<asset_class>[a-z][a-z0-9_]*)/(?P<dataset>[a-z][a-z0-9_]*)"
    r"/(?:date=(?P<date>\d{4}-\d\d-\d\d)|at=(?P<at>\d{8}T\d{6}Z))"
    r"(?:/(?P<shard>[^/]+))?/r(?P<revision>\d{6,})\.(?P<form>jsonl|csv|copy|changes|xlsx)\.gz"
)
_BESIDE = re.compile(r"[^/]*/[^/]*/_")  # coverage, lists of loads: none of bronze's, and known
_MOST = 10  # names in a line about foreign objects
_named: set[tuple[str, str]] = set()  # those that this process has named


class Place(msgspec.Struct, frozen=True):
    """What one chain of pages is about: a dataset, an interval's label, and the shard, "" where that is one chain."""

    source: str  # the kind of it
    asset_class: str
    dataset: str
    interval: str
    shard: str = ""

    @classmethod
    def of(cls, dataset: Dataset, interval: str, shard: str = "") -> Self:
        """The place of a dataset's interval."""
        return cls(dataset.source, dataset.asset_class, dataset.name, interval, shard)

    @property
    def market_date(self) -> dt.date:
        """Its market day; ValueError where its intervals are none."""
        return dt.date.fromisoformat(self.interval)

    @property
    def prefix(self) -> str:
        """The folder of its revisions, with a slash at its end."""
        shard = f"{quoted(self.shard)}/" if self.shard else ""
        word = "at" if intervals.MOMENT.fullmatch(self.interval) else "date"
        return f"{self.source}/{self.asset_class}/{self.dataset}/{word}={self.interval}/{shard}"

    def key(self, revision: int, form: Form = "jsonl") -> str:
        """The key of one revision, counted from 1."""
        return f"{self.prefix}r{revision:06d}.{form}.gz"

    def __str__(self) -> str:
        shard = f" ({self.shard})" if self.shard else ""
        return f"{self.asset_class}.{self.dataset}{shard} on {self.interval}"


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """One object of bronze; `sha256` of its bytes, `digest` of its rows in any order, `asof` the API's clock in UTC."""

    bucket: str
    key: str
    shard: str
    revision: int
    rows: int
    pages: int
    size: int  # bytes as stored
    sha256: str
    digest: str
    asof: dt.datetime
    run: str
    source: str = ""  # what tells a flat file from its later versions, "" for pages


class TamperedError(RuntimeError):
    """An object of bronze is not what its writer put there."""


def dataset_folder(dataset: Dataset) -> str:
    """The folder of all intervals of a dataset, with a slash at its end."""
    return f"{dataset.source}/{dataset.asset_class}/{dataset.name}/"


def parse(key: str) -> tuple[Place, int]:
    """Place and revision of a key; ValueError if it is none of bronze's."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise ValueError(
            f"{key!r} is no key of bronze: <source>/<asset class>/<dataset>/date=<day>[/<shard>]/r<n>.<form>.gz, "
            "or at=<moment> for the day; a form is jsonl, csv, copy, changes or xlsx"
        )
    shard = unquote(match["shard"] or "")
    interval = match["date"] or match["at"]
    intervals.day_of(interval)
    place = Place(match["source"], match["asset_class"], match["dataset"], interval, shard)
    revision = int(match["revision"])
    form = form_of(key)
    if revision < 1 or place.key(revision, form) != key:
        raise ValueError(f"{key!r} is not written as bronze writes keys: {place.key(max(revision, 1), form)!r}")
    return place, revision


def form_of(key: str) -> Form:
    """What the rows of an object of bronze are written in."""
    return cast("Form", key.rsplit(".", 2)[1])


def newest_revisions(s3: S3Client, bucket: str, dataset: Dataset, interval: str) -> dict[str, str]:
    """The key of the newest revision of each shard of an interval; empty if it was never landed."""
    found = _listed(s3, bucket, Place.of(dataset, interval).prefix)
    return dict(sorted(_newest_of(found).get(interval, {}).items()))


def newest_of_all(s3: S3Client, bucket: str, dataset: Dataset) -> dict[str, dict[str, str]]:
    """The same for every interval that was ever landed."""
    return _newest_of(_listed(s3, bucket, dataset_folder(dataset)))


def all_revisions(s3: S3Client, bucket: str, dataset: Dataset) -> dict[tuple[str, str], list[str]]:
    """The keys of all revisions by interval and shard, the newest first."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for place, revision, key in _listed(s3, bucket, dataset_folder(dataset)):
        found.setdefault((place.interval, place.shard), []).append((revision, key))
    return {at: [key for _, key in sorted(keys, reverse=True)] for at, keys in sorted(found.items())}


def newest_key(s3: S3Client, bucket: str, place: Place) -> str | None:
    """The key of a place's newest revision, None if there is none."""
    found = _revisions(s3, bucket, f"{place.prefix}r")
    return max(((revision, key) for at, revision, key in found if at == place), default=(0, None))[1]


def commit_keys(s3: S3Client, bucket: str, dataset: Dataset) -> set[str]:
    """The keys of all revisions of a dataset."""
    return {key for _, _, key in _listed(s3, bucket, dataset_folder(dataset))}


def read_commit(s3: S3Client, bucket: str, key: str) -> Commit:
    """The commit at a key, from its metadata; TamperedError if that is not whole or not of these bytes."""
    head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    place, revision = parse(key)
    try:
        metadata = head["Metadata"]
        commit = Commit(
            bucket=bucket,
            key=key,
            shard=place.shard,
            revision=revision,
            rows=int(metadata["rows"]),
            pages=int(metadata["pages"]),
            size=head["ContentLength"],
            sha256=metadata["sha256"],
            digest=metadata["digest"],
            asof=dt.datetime.fromisoformat(metadata["asof"]),
            run=unquote(metadata["run"]),
            source=unquote(metadata.get("source", "")),
        )
    except (KeyError, ValueError) as error:
        raise _tampered(bucket, key, f"is no commit of the landing: its metadata lacks a valid {error}") from error
    stored = head.get("ChecksumSHA256")
    expected = metadata.get("parts", base64_sha256(commit.sha256))
    if stored is None:  # whoever may write could else put other bytes under the metadata of the first ones
        raise _tampered(bucket, key, "has no sha256 that S3 has checked: the landing did not put it there")
    if stored.partition("-")[0] != expected.partition("-")[0]:  # moto leaves out the number of parts
        raise _tampered(bucket, key, "was changed after it was landed: its sha256 is not the one in its metadata")
    return commit


def base64_sha256(sha256: str) -> str:
    """A hexadecimal sha256 as S3 writes it."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def _tampered(bucket: str, key: str, what: str) -> TamperedError:
    return TamperedError(f"s3://{bucket}/{key} {what}. Restore its earlier version from the bucket's versioning")


def _newest_of(found: Iterable[_Revision]) -> dict[str, dict[str, str]]:
    """Of all revisions of a dataset, the newest of each shard of each interval."""
    newest: dict[str, dict[str, tuple[int, str]]] = {}
    for place, revision, key in found:
        shards = newest.setdefault(place.interval, {})
        shards[place.shard] = max(shards.get(place.shard, (0, "")), (revision, key))
    return {at: {shard: key for shard, (_, key) in shards.items()} for at, shards in newest.items()}


def _listed(s3: S3Client, bucket: str, prefix: str) -> list[_Revision]:
    """The revisions below a prefix, listed again while a fault of S3 may pass."""
    return Patience().call(lambda: _revisions(s3, bucket, prefix), bucket, prefix)


def _revisions(s3: S3Client, bucket: str, prefix: str) -> list[_Revision]:
    """The revisions below a prefix; what else lies there is named once and passed over."""
    found: list[_Revision] = []
    foreign: list[str] = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for key in (entry["Key"] for entry in page.get("Contents", [])):
            try:
                found.append((*parse(key), key))
            except ValueError:
                foreign += [] if _BESIDE.match(key) else [key]
    if foreign:
        name_foreign(bucket, foreign)
    return found


def name_foreign(bucket: str, keys: Sequence[str]) -> None:
    """Say once a process which objects are none of ours; whoever put them there may want to know where they are."""
    news = [key for key in keys if (bucket, key) not in _named]
    _named.update((bucket, key) for key in news)
    some = ", ".join(map(repr, news[:_MOST])) + (f" and {len(news) - _MOST} more" if len(news) > _MOST else "")
    if news:
        log.warning("s3://%s holds %s, which anthill did not write: passed over", bucket, some)


def quoted(shard: str) -> str:
    """A shard as one safe part of a key: tickers hold colons, dots and slashes."""
    safe = quote(shard, safe="")
    return safe.replace(".", "%2E") if set(shard) == {"."} else safe
