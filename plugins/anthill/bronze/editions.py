"""Editions beside bronze's commits: one object says which commits are all tables of a publication, and of which files.

It is put last: tables of two versions of a file never count as one edition.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import msgspec

from anthill.asset_class import AssetClass
from anthill.bronze import written_once
from anthill.bronze.commits import Commit, S3Client, TamperedError
from anthill.bronze.storage import Patience, StorageError

_NAME = re.compile(r"/r(\d{6,})\.json$")


class File(msgspec.Struct, frozen=True):
    """A file as it was when it was read; `modified` in UTC, `members` all that it holds, taken or not."""

    url: str
    etag: str
    size: int
    modified: dt.datetime
    members: tuple[str, ...]


class Table(msgspec.Struct, frozen=True):
    """A table of an edition: the member that it is, its columns in order, and the commit that has its rows."""

    member: str
    columns: tuple[str, ...]
    commit: Commit


class Edition(msgspec.Struct, frozen=True):
    """All tables that are published about one interval; `revision` counts from 1."""

    label: str
    revision: int
    run: str
    files: tuple[File, ...]
    tables: Mapping[str, Table]  # by dataset

    @property
    def others(self) -> list[str]:
        """The members that no table takes."""
        taken = {table.member for table in self.tables.values()}
        return [name for file in self.files for name in file.members if name not in taken]


class Editions:
    """The editions of one asset class; written once, never replaced."""

    def __init__(self, s3: S3Client, bucket: str, declared: AssetClass, patience: Patience | None = None) -> None:
        self._s3, self._bucket = s3, bucket
        self._folder = f"{declared.source}/{declared.asset_class}/_editions/"
        self._patience = patience or Patience()

    def uri(self, edition: Edition) -> str:
        """Where an edition lies."""
        return f"s3://{self._bucket}/{self._key(edition.label, edition.revision)}"

    def put(self, edition: Edition) -> None:
        """Make an edition visible; StorageError where another run was faster with its number."""
        body = msgspec.json.encode(edition)
        key = self._key(edition.label, edition.revision)
        written = written_once.put(self._s3, self._bucket, key, body, self._patience)
        if not written and self._read(key) != edition:  # else its own PUT, whose answer was lost
            raise StorageError(f"s3://{self._bucket}/{key} was put by another run. Retry the task")

    def newest(self, label: str) -> Edition | None:
        """The last edition about an interval, None before the first."""
        prefix = f"{self._folder}{label}/"

        def listed() -> list[tuple[int, str]]:
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
            return [(int(found[1]), key) for key in keys if (found := _NAME.search(key))]

        keys = self._patience.call(listed, self._bucket, prefix)
        return self._read(max(keys)[1]) if keys else None

    def _read(self, key: str) -> Edition:
        body = self._patience.call(
            lambda: self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read(), self._bucket, key
        )
        try:
            return msgspec.json.decode(body, type=Edition)
        except msgspec.DecodeError as error:
            raise TamperedError(f"s3://{self._bucket}/{key} is no list of commits: {error}") from error

    def _key(self, label: str, revision: int) -> str:
        return f"{self._folder}{label}/r{revision:06d}.json"
