"""The columns of a dropped file that is in bronze, by its own first line."""

from __future__ import annotations

import zlib

from anthill.bronze.commits import Commit, S3Client
from anthill.bronze.storage import Patience
from anthill.dataset import Dataset

_MOST = 1 << 20  # packed bytes, which hold any first line that was landed
_GZIP = 31


def of(s3: S3Client, commit: Commit, dataset: Dataset) -> tuple[str, ...]:
    """Its columns, in the file's order."""

    def head() -> bytes:
        span = f"bytes=0-{_MOST - 1}"
        return bytes(s3.get_object(Bucket=commit.bucket, Key=commit.key, Range=span)["Body"].read())

    packed = Patience().call(head, commit.bucket, commit.key)
    line = zlib.decompressobj(_GZIP).decompress(packed).partition(b"\n")[0].removesuffix(b"\r")
    return tuple(line.decode(dataset.encoding).removeprefix("\ufeff").split(dataset.delimiter))
