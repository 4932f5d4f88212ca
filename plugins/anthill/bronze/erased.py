"""What erasures have put in the place of commits that cuts name: an object an erasure, beside the cuts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import msgspec

from anthill.asset_class import AssetClass
from anthill.bronze import written_once
from anthill.bronze.commits import Commit, S3Client
from anthill.bronze.storage import Patience


class Erased(msgspec.Struct, frozen=True):
    """Whose rows one erasure took out of a table, by the digests of their keys, and what has the others' rows since."""

    dataset: str
    column: str  # the table's key
    digests: tuple[str, ...]
    commits: Mapping[str, Commit]  # by the key of what is gone


class Erasures:
    """Those of one asset class; what is there is read once."""

    def __init__(self, s3: S3Client, bucket: str, declared: AssetClass, patience: Patience | None = None) -> None:
        self._s3, self._bucket = s3, bucket
        self._folder = f"{declared.source}/{declared.asset_class}/_erasure/replaced/"
        self._patience = patience or Patience()

    def note(self, plan: str, erased: Erased) -> None:
        """Say what stands for what, before any of it is gone; of one plan always the same."""
        body = msgspec.json.encode(erased, order="sorted")
        written_once.put(self._s3, self._bucket, f"{self._folder}{plan}.json", body, self._patience)

    @cached_property
    def all(self) -> list[Erased]:
        """Every one."""

        def read() -> list[Erased]:
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._folder)
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
            bodies = [self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read() for key in keys]
            return [msgspec.json.decode(body, type=Erased) for body in bodies]

        return self._patience.call(read, self._bucket, self._folder)

    @cached_property
    def replaced(self) -> dict[str, Commit]:
        """What has the rows that are left of each commit that is gone, by its key."""
        one = {key: commit for erased in self.all for key, commit in erased.commits.items()}
        return {key: self._last(one, commit) for key, commit in one.items()}

    @staticmethod
    def _last(one: Mapping[str, Commit], commit: Commit) -> Commit:
        """Of one that was erased from again, what stands for that."""
        while commit.key in one:
            commit = one[commit.key]
        return commit
