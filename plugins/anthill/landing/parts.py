"""A large object in parts, which become visible together, whole, once: CompleteMultipartUpload has the condition."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

from anthill.bronze.commits import Commit, S3Client
from anthill.bronze.storage import Patience, StorageError

WHOLE = 64 << 20  # bytes up to which an object is put at one go
_SIZE = 16 << 20  # bytes of a part; S3 takes 10,000, which are 156 GiB


def of(file: IO[bytes]) -> list[bytes]:
    """The SHA-256 of each part."""
    file.seek(0)
    return [hashlib.sha256(part).digest() for part in iter(lambda: file.read(_SIZE), b"")]


def checksum(digests: Sequence[bytes]) -> str:
    """What S3 has as SHA-256 of an object in parts: that of their digests, and their number."""
    return f"{_base64(hashlib.sha256(b''.join(digests)).digest())}-{len(digests)}"


def put(
    s3: S3Client,
    patience: Patience,
    commit: Commit,
    file: IO[bytes],
    digests: Sequence[bytes],
    media_type: str,
    metadata: Mapping[str, str],
) -> None:
    """Put the object where none is; parts of one that cannot be whole are given up: S3 would bill them."""
    at = {"Bucket": commit.bucket, "Key": commit.key}
    upload = {
        **at,
        "UploadId": s3.create_multipart_upload(
            **at, ChecksumAlgorithm="SHA256", ContentType=media_type, Metadata=metadata
        )["UploadId"],
    }
    try:
        known = [_put_part(s3, patience, upload, file, number, digest) for number, digest in enumerate(digests, 1)]
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": known}, IfNoneMatch="*")
    except BaseException:
        _give_up(s3, patience, upload)
        raise


def _put_part(
    s3: S3Client, patience: Patience, upload: Mapping[str, Any], file: IO[bytes], number: int, digest: bytes
) -> dict[str, Any]:
    file.seek((number - 1) * _SIZE)
    body, sha256 = file.read(_SIZE), _base64(digest)
    answer = patience.call(
        lambda: s3.upload_part(
            **upload, PartNumber=number, Body=body, ChecksumAlgorithm="SHA256", ChecksumSHA256=sha256
        ),
        upload["Bucket"],
        upload["Key"],
    )
    return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": sha256}


def _give_up(s3: S3Client, patience: Patience, upload: Mapping[str, Any]) -> None:
    # Where that fails the bucket's lifecycle rule does it; what stopped the upload is what a person must know.
    with suppress(StorageError, ClientError, BotoCoreError):
        patience.call(lambda: s3.abort_multipart_upload(**upload), upload["Bucket"], upload["Key"])


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
