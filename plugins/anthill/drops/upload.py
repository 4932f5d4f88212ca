"""A file's way into the bucket, by hand: in parts, resumed where it broke, and none at all where it is there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from anthill.bronze.commits import base64_sha256
from anthill.bronze.storage import code
from anthill.drops.errors import DropError

PART = 16 << 20  # bytes; S3 takes 10,000 parts, which are 156 GiB
Came = Literal["dropped", "resumed", "there"]


def upload(s3: Any, bucket: str, folder: str, file: Path) -> Came:
    """Put a file under its name into a folder below `input/`; DropError says what to do."""
    at = {"Bucket": bucket, "Key": f"input/{folder}/{file.name}"}
    with _told(file, bucket), file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        size = opened.tell()
        if _there(s3, at) == (sha256, size):
            return "there"
        said = {"ContentType": "text/csv", "Metadata": {"sha256": sha256}}
        if size <= PART:
            opened.seek(0)
            checked = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": base64_sha256(sha256)}
            s3.put_object(**at, Body=opened.read(), **checked, **said)
            return "dropped"
        return _in_parts(s3, at, opened, said)


def _there(s3: Any, at: dict[str, str]) -> tuple[str, int] | None:
    """What lies there, as whoever put it says."""
    try:
        head = s3.head_object(**at)
    except ClientError as error:
        if code(error) in ("404", "NoSuchKey"):
            return None
        raise
    return head["Metadata"].get("sha256", ""), head["ContentLength"]


def _in_parts(s3: Any, at: dict[str, str], file: IO[bytes], said: dict[str, Any]) -> Came:
    """The parts that S3 lacks; they become visible together."""
    sums = list(_sums(file))
    upload, known = _begun(s3, at, sums)
    came: Came = "resumed" if known else "dropped"
    if not upload:
        upload = s3.create_multipart_upload(**at, ChecksumAlgorithm="SHA256", **said)["UploadId"]
    for number, (digest, _) in enumerate(sums, 1):
        if number in known:
            continue
        file.seek((number - 1) * PART)
        body = file.read(PART)
        part = {"PartNumber": number, "ChecksumAlgorithm": "SHA256", "ChecksumSHA256": digest}
        known[number] = s3.upload_part(**at, UploadId=upload, Body=body, **part)["ETag"]
    parts = [
        {"PartNumber": number, "ETag": known[number], "ChecksumSHA256": digest}
        for number, (digest, _) in enumerate(sums, 1)
    ]
    s3.complete_multipart_upload(**at, UploadId=upload, MultipartUpload={"Parts": parts})
    return came


def _begun(s3: Any, at: dict[str, str], sums: list[tuple[str, str]]) -> tuple[str, dict[int, str]]:
    """An upload of this very file that broke, and its parts by number; one of other bytes is given up."""
    listed = s3.list_multipart_uploads(Bucket=at["Bucket"], Prefix=at["Key"]).get("Uploads", [])
    for begun in (each for each in listed if each["Key"] == at["Key"]):
        pages = s3.get_paginator("list_parts").paginate(**at, UploadId=begun["UploadId"])
        parts = [part for page in pages for part in page.get("Parts", [])]
        if parts and all(_is_of(part, sums) for part in parts):
            return begun["UploadId"], {part["PartNumber"]: part["ETag"] for part in parts}
        s3.abort_multipart_upload(**at, UploadId=begun["UploadId"])
    return "", {}


def _is_of(part: dict[str, Any], sums: list[tuple[str, str]]) -> bool:
    """Whether a part has the file's bytes: by its SHA-256, or by the MD5 that an ETag is where S3 tells no other."""
    if part["PartNumber"] > len(sums):
        return False
    sha256, md5 = sums[part["PartNumber"] - 1]
    return bool(part["ChecksumSHA256"] == sha256 if "ChecksumSHA256" in part else part["ETag"].strip('"') == md5)


def _sums(file: IO[bytes]) -> Iterator[tuple[str, str]]:
    """The SHA-256 of each part, as S3 writes it, and its MD5."""
    file.seek(0)
    while part := file.read(PART):
        md5 = hashlib.md5(part, usedforsecurity=False).hexdigest()
        yield base64.b64encode(hashlib.sha256(part).digest()).decode(), md5


@contextmanager
def _told(file: Path, bucket: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DropError(f"{file} cannot be read ({error.strerror})") from error
    except ClientError as error:
        said = f"{file}: s3://{bucket} answered {code(error)}"
        raise DropError(f"{said}. Look at --bucket and your AWS credentials, then drop it again: it goes on") from error
    except BotoCoreError as error:
        raise DropError(f"{file}: no answer from s3://{bucket}: {error}. Drop it again: it goes on") from error
