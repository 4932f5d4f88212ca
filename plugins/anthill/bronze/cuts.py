"""Cuts beside bronze's commits: one object a cut says which commits are all tables of a database at one moment."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping

import msgspec

from anthill import intervals
from anthill.asset_class import AssetClass
from anthill.bronze import written_once
from anthill.bronze.commits import Commit, S3Client, TamperedError
from anthill.bronze.storage import Patience

_NAME = re.compile(r"/_cuts/(\d{8}T\d{6}Z)\.json$")
_DAY = dt.timedelta(days=1)
_DAYS = 7  # looked through one by one before all that there are


class Table(msgspec.Struct, frozen=True):
    """A table in a cut: the commit that has its rows, which an earlier cut may have made, and its columns in order."""

    columns: tuple[str, ...]
    commit: Commit


class Cut(msgspec.Struct, frozen=True):
    """All tables as of one moment of the database's clock (UTC); `label` is the interval that it was read after."""

    label: str
    asof: dt.datetime
    run: str
    tables: Mapping[str, Table]  # by dataset


class Cuts:
    """The cuts of one asset class; written once, never replaced."""

    def __init__(self, s3: S3Client, bucket: str, declared: AssetClass, patience: Patience | None = None) -> None:
        self._s3, self._bucket = s3, bucket
        self._folder = f"{declared.source}/{declared.asset_class}/_cuts/"
        self._patience = patience or Patience()

    def uri(self, label: str) -> str:
        """Where a cut lies."""
        return f"s3://{self._bucket}/{self._key(label)}"

    def put(self, cut: Cut) -> bool:
        """Make a cut visible; False where one of its label is there already."""
        body = msgspec.json.encode(cut)
        return written_once.put(self._s3, self._bucket, self._key(cut.label), body, self._patience)

    def read(self, label: str) -> Cut:
        """A cut that was listed; TamperedError if it is none."""
        key = self._key(label)
        body = self._patience.call(
            lambda: self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read(), self._bucket, key
        )
        try:
            return msgspec.json.decode(body, type=Cut)
        except msgspec.DecodeError as error:
            raise TamperedError(f"s3://{self._bucket}/{key} is no list of commits: {error}") from error

    def newest(self, now: dt.datetime) -> Cut | None:
        """The last cut there is, None before the first; it is looked for in the days before `now` first."""
        for back in range(-1, _DAYS):
            if found := self._labels(f"{(now - back * _DAY):%Y%m%dT}"):
                return self.read(found[-1])
        found = self._labels("")
        return self.read(found[-1]) if found else None

    def until(self, label: str) -> list[str]:
        """Where the cuts of the days before lie, up to this one, in order: what a load may have missed among them."""
        day = intervals.moment_of(label)
        days = [f"{(day - back * _DAY):%Y%m%dT}" for back in range(_DAYS, -1, -1)]
        return [self.uri(found) for begin in days for found in self._labels(begin) if found <= label]

    def list_of(self, label: str) -> str:
        """Put the list of these, for a load to read; its URI, named by its content."""
        body = msgspec.json.encode(self.until(label))
        key = f"{self._folder.removesuffix('_cuts/')}_loads/{hashlib.sha256(body).hexdigest()}.json"
        written_once.put(self._s3, self._bucket, key, body, self._patience)
        return f"s3://{self._bucket}/{key}"

    def _labels(self, begin: str) -> list[str]:
        """The labels that begin so, in order of time."""

        def listed() -> list[str]:
            listing = self._s3.get_paginator("list_objects_v2")
            pages = listing.paginate(Bucket=self._bucket, Prefix=f"{self._folder}{begin}")
            names = [_NAME.search(entry["Key"]) for page in pages for entry in page.get("Contents", [])]
            return [name[1] for name in names if name]

        return self._patience.call(listed, self._bucket, self._folder)

    def _key(self, label: str) -> str:
        intervals.moment_of(label)
        return f"{self._folder}{label}.json"
