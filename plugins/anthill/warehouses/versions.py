"""Versions of a star in gold's zone: Parquet commits named by their content, and one numbered list a version."""

from __future__ import annotations

import hashlib
import io
import re
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import ClientError

from anthill.bronze import written_once
from anthill.bronze.commits import S3Client, TamperedError, base64_sha256
from anthill.bronze.storage import Patience, code

if TYPE_CHECKING:
    import pyarrow as pa

_NAME = re.compile(r"/_versions/(\d{9})\.json$")


class Part(msgspec.Struct, frozen=True):
    """A table of a version: the object that has its rows, which an earlier version may have written."""

    key: str
    sha256: str
    rows: int


class Version(msgspec.Struct, frozen=True):
    """Tables that belong together; numbers have no gap, so that of two writers one is first."""

    number: int
    run: str
    tables: dict[str, Part]  # in the order in which they are loaded


class Versions:
    """The versions of one asset class; written once, never replaced. What no list names belongs to nobody."""

    def __init__(self, s3: S3Client, bucket: str, asset_class: str, patience: Patience | None = None) -> None:
        self._s3, self._bucket = s3, bucket
        self._folder = f"warehouse/{asset_class}/"
        self._patience = patience or Patience()

    def keep(self, table: str, rows: pa.Table) -> Part:
        """Put a table's rows, where the same are not there; the same rows in the same order are the same object."""
        import pyarrow.parquet as pq

        file = io.BytesIO()
        pq.write_table(rows, file, compression="zstd")
        body = file.getvalue()
        sha256 = hashlib.sha256(body).hexdigest()
        part = Part(f"{self._folder}{table}/{sha256}.parquet", sha256, rows.num_rows)

        def put() -> None:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=part.key,
                Body=body,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64_sha256(sha256),
            )

        try:
            self._patience.call(put, self._bucket, part.key)
        except ClientError as error:
            if code(error) != "PreconditionFailed":
                raise
        return part

    def add(self, run: str, tables: dict[str, Part]) -> tuple[Version, bool]:
        """Name these tables as the next version, and whether that is new: the newest may have the very same."""
        while True:
            newest = self.newest()
            if newest and newest.tables == tables:
                return newest, False
            version = Version(newest.number + 1 if newest else 1, run, tables)
            body, key = msgspec.json.encode(version), self._key(version.number)
            if written_once.put(self._s3, self._bucket, key, body, self._patience):
                return version, True

    def newest(self) -> Version | None:
        """The last version; None before the first."""
        numbers = self._patience.call(self._numbers, self._bucket, self._folder)
        return self.read(max(numbers)) if numbers else None

    def read(self, number: int) -> Version:
        """A version that was listed; TamperedError if it is none."""
        key = self._key(number)
        try:
            return msgspec.json.decode(self._get(key), type=Version)
        except msgspec.MsgspecError as error:
            raise TamperedError(f"s3://{self._bucket}/{key} is no list of tables: {error}") from error

    def rows(self, part: Part) -> pa.Table:
        """The rows of a table; TamperedError where they are not those that were put."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        body = self._get(part.key)
        where = f"s3://{self._bucket}/{part.key}"
        if (found := hashlib.sha256(body).hexdigest()) != part.sha256:
            raise TamperedError(f"{where} has sha256 {found}, its version says {part.sha256}. Restore the object")
        try:
            table = pq.read_table(io.BytesIO(body))
        except pa.ArrowInvalid as error:
            raise TamperedError(f"{where} is no Parquet file: {error}") from error
        if table.num_rows != part.rows:
            raise TamperedError(f"{where} has {table.num_rows:,} rows, its version says {part.rows:,}")
        return table

    def uri(self, number: int) -> str:
        """Where a version's list lies."""
        return f"s3://{self._bucket}/{self._key(number)}"

    def _get(self, key: str) -> bytes:
        try:
            return self._patience.call(
                lambda: bytes(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()), self._bucket, key
            )
        except ClientError as error:
            raise TamperedError(f"s3://{self._bucket}/{key} is gone, and a version names it: restore it") from error

    def _numbers(self) -> list[int]:
        listing = self._s3.get_paginator("list_objects_v2")
        pages = listing.paginate(Bucket=self._bucket, Prefix=f"{self._folder}_versions/")
        names = [_NAME.search(entry["Key"]) for page in pages for entry in page.get("Contents", [])]
        return [int(name[1]) for name in names if name]

    def _key(self, number: int) -> str:
        return f"{self._folder}_versions/{number:09}.json"
