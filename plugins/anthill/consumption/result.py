"""The folder that the rows of a kept query on one market day lie in, and the mark that they are whole."""

from __future__ import annotations

from typing import Any

import msgspec
from botocore.exceptions import ClientError

from anthill.bronze.commits import S3Client
from anthill.bronze.storage import Patience, code

_MARK = "_SUCCESS"  # last of a folder; readers of Parquet pass over what begins so
_AT_ONCE = 1000  # keys of a deletion


class Mark(msgspec.Struct, frozen=True):
    """Of what load the rows are, by which execution, and what that scanned."""

    load: str
    execution: str
    scanned_bytes: int


class Result:
    """One folder; what is there without its mark is half, and nobody's."""

    def __init__(self, s3: S3Client, bucket: str, query: str, day: str) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, f"consumption/{query}/{day}/"
        self._patience = Patience()

    @property
    def url(self) -> str:
        """Where it lies."""
        return f"s3://{self._bucket}/{self._prefix}"

    def mark(self) -> Mark | None:
        """The mark; None where there are no whole rows."""
        key = self._prefix + _MARK

        def read() -> bytes:
            return bytes(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())

        try:
            return msgspec.json.decode(self._patience.call(read, self._bucket, key), type=Mark)
        except ClientError as error:
            if code(error) in {"404", "NoSuchKey"}:
                return None
            raise
        except msgspec.MsgspecError:  # not ours: the rows are written again
            return None

    def clear(self) -> int:
        """Remove all of it, the mark first; how many objects there were. Athena writes into empty folders only."""
        keys = sorted(self._keys(), key=lambda key: not key.endswith(_MARK))
        for key in keys[:1]:
            self._delete([key])
        for start in range(1, len(keys), _AT_ONCE):
            self._delete(keys[start : start + _AT_ONCE])
        return len(keys)

    def keep(self, mark: Mark) -> None:
        """Say that the rows are whole."""
        key = self._prefix + _MARK
        body = msgspec.json.encode(mark)
        self._patience.call(lambda: self._s3.put_object(Bucket=self._bucket, Key=key, Body=body), self._bucket, key)

    def _keys(self) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        found = self._patience.call(lambda: list(pages), self._bucket, self._prefix)
        return [entry["Key"] for page in found for entry in page.get("Contents", [])]

    def _delete(self, keys: list[str]) -> None:
        asked: Any = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        answer = self._patience.call(
            lambda: self._s3.delete_objects(Bucket=self._bucket, Delete=asked), self._bucket, self._prefix
        )
        if refused := answer.get("Errors"):
            first = refused[0]
            raise RuntimeError(f"s3://{self._bucket}/{first['Key']} could not be deleted: {first.get('Message')}")
