"""The pages of a commit, read again as they were landed."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterator

from anthill.bronze.commits import Commit, S3Client, TamperedError
from anthill.bronze.storage import Patience


def read(s3: S3Client, commit: Commit, patience: Patience) -> Iterator[bytes]:
    """All pages of a commit, one in memory at a time; TamperedError if its bytes are not those landed."""
    uri = f"s3://{commit.bucket}/{commit.key}"
    body: bytes = patience.call(
        lambda: s3.get_object(Bucket=commit.bucket, Key=commit.key)["Body"].read(), commit.bucket, commit.key
    )
    if hashlib.sha256(body).hexdigest() != commit.sha256:
        raise TamperedError(f"{uri} is not what was landed. Restore its earlier version from the bucket's versioning")
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as lines:
        yield from (line for line in lines if line.strip())
