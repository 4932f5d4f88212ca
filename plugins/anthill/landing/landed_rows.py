"""The rows of a commit, read again from bronze as they were landed."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator

import msgspec

from anthill.dataset import RowsIn
from anthill.landing.bronze import Commit, S3Client, TamperedError
from anthill.landing.storage import Patience
from anthill.polygon.envelope import parse


def read(s3: S3Client, commit: Commit, rows_in: RowsIn, patience: Patience) -> Iterator[msgspec.Raw]:
    """All rows of a commit of pages, one page in memory at a time; TamperedError if its bytes are not those landed."""
    uri = f"s3://{commit.bucket}/{commit.key}"
    body: bytes = patience.call(
        lambda: s3.get_object(Bucket=commit.bucket, Key=commit.key)["Body"].read(), commit.bucket, commit.key
    )
    if hashlib.sha256(body).hexdigest() != commit.sha256:
        raise TamperedError(f"{uri} is not what was landed. Restore its earlier version from the bucket's versioning")
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as lines:
        for line in lines:
            if line.strip():
                yield from parse(line, uri, rows_in).rows
