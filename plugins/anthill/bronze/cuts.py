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
from anthill.bronze.erased import Erasures
from anthill.bronze.storage import Patience

_NAME = re.compile(r"/_cuts/(\d{8}T\d{6}Z)\.json$")
_DAY = dt.timedelta(days=1)
_DAYS = 7  # looked through one by one before all that there are


class Table(msgspec.Struct, frozen=True):
    """A table in a cut: the commit that has its rows, which an earlier cut may have made, and its columns in order."""

    columns: tuple[str, ...]
    commit: Commit


class Position(msgspec.Struct, frozen=True):
    """How far a database's log has been read, in which slot of it, and what the tables were like (a digest each)."""

    slot: str
    lsn: str
    shapes: Mapping[str, str]  # by dataset


class Cut(msgspec.Struct, frozen=True):
    """All tables as of one moment of the database's clock (UTC); `label` is the interval that it was read after.

    Where it has a position, its tables are what changed since the cut `after`, on top of the whole ones of `begun`.
    """

    label: str
    asof: dt.datetime
    run: str
    tables: Mapping[str, Table]  # by dataset
    position: Position | None = None
    begun: str = ""  # the label of the last cut that has all tables whole; "" for this one
    after: str = ""
    why: str = ""  # they are whole, where changes were to be read

    @property
    def first(self) -> str:
        """The label of the cut that reading has to begin with."""
        return self.begun or self.label


class Cuts:
    """The cuts of one asset class; written once, never replaced."""

    def __init__(self, s3: S3Client, bucket: str, declared: AssetClass, patience: Patience | None = None) -> None:
        self._s3, self._bucket = s3, bucket
        self._folder = f"{declared.source}/{declared.asset_class}/_cuts/"
        self._patience = patience or Patience()
        self.erasures = Erasures(s3, bucket, declared, self._patience)

    def uri(self, label: str) -> str:
        """Where a cut lies."""
        return f"s3://{self._bucket}/{self._key(label)}"

    def put(self, cut: Cut) -> bool:
        """Make a cut visible; False where one of its label is there already."""
        body = msgspec.json.encode(cut)
        return written_once.put(self._s3, self._bucket, self._key(cut.label), body, self._patience)

    def read(self, label: str) -> Cut:
        """A cut that was listed, with what stands for commits from which people were erased; TamperedError if none."""
        key = self._key(label)
        body = self._patience.call(
            lambda: self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read(), self._bucket, key
        )
        try:
            cut = msgspec.json.decode(body, type=Cut)
        except msgspec.DecodeError as error:
            raise TamperedError(f"s3://{self._bucket}/{key} is no list of commits: {error}") from error
        if not (replaced := self.erasures.replaced):
            return cut
        standing = {
            name: Table(table.columns, replaced.get(table.commit.key, table.commit))
            for name, table in cut.tables.items()
        }
        return msgspec.structs.replace(cut, tables=standing)

    def newest(self, now: dt.datetime) -> Cut | None:
        """The last cut there is, None before the first; it is looked for in the days before `now` first."""
        for back in range(-1, _DAYS):
            if found := self._labels(f"{(now - back * _DAY):%Y%m%dT}"):
                return self.read(found[-1])
        found = self._labels("")
        return self.read(found[-1]) if found else None

    def labels(self) -> list[str]:
        """Those of all cuts, in order of time."""
        return self._labels("")

    def until(self, label: str) -> list[str]:
        """Where the cuts of the days before lie, up to this one, in order: what a load may have missed among them.

        Changes are read on top of whole tables: the list goes back to the last of those, however long ago they were.
        """
        found = self._between(intervals.moment_of(label) - _DAYS * _DAY, label)
        if found and (first := self.read(found[-1]).first) < found[0]:
            found = self._between(intervals.moment_of(first), label)
        return [self.uri(each) for each in found]

    def _between(self, begin: dt.datetime, label: str) -> list[str]:
        """The labels from the day of a moment to another label, in order."""
        days = (intervals.moment_of(label).date() - begin.date()).days
        dates = (begin + number * _DAY for number in range(days + 1))
        return [found for date in dates for found in self._labels(f"{date:%Y%m%dT}") if found <= label]

    def list_of(self, label: str) -> str:
        """Put the list of these, for a load to read, and what stands for commits that they name; its URI."""
        replaced = self.erasures.replaced
        body = msgspec.json.encode(
            [*self.until(label), *([{"replaced": replaced}] if replaced else [])], order="sorted"
        )
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
