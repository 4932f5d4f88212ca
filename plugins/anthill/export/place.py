"""Where a file goes: a folder or S3. Under its name there is the whole file, or what was there before."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from anthill.export.errors import ExportError

PART = 16 << 20  # bytes of a part: 10,000 of them, the most that S3 takes, are 160 GB


@contextmanager
def written(target: str) -> Iterator[IO[bytes]]:
    """A file to write to, which gets its name when the block ends well; ExportError where that cannot be."""
    with _in_bucket(target) if target.startswith("s3://") else _in_folder(Path(target)) as sink:
        yield sink


@contextmanager
def _in_folder(target: Path) -> Iterator[IO[bytes]]:
    if not target.parent.is_dir():
        raise ExportError(f"{target}: there is no folder {target.parent}; make it first, or choose another --out")
    if target.is_dir():
        raise ExportError(f"{target} is a folder; give --out the name of a file in it")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    except OSError as error:
        raise _unwritten(str(target), error) from error
    try:
        with os.fdopen(handle, "wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        os.chmod(name, 0o666 & ~_umask())  # noqa: PTH101 - as any other file that this person makes
        os.replace(name, target)  # noqa: PTH105
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        if isinstance(error, OSError):
            raise _unwritten(str(target), error) from error
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritten(target: str, error: OSError) -> ExportError:
    reason = error.strerror or str(error)
    return ExportError(f"{target} was not written ({reason}); make room, or choose another --out, and export again")


@contextmanager
def _in_bucket(target: str) -> Iterator[IO[bytes]]:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    url = urlsplit(target)
    bucket, key = url.netloc, url.path.lstrip("/")
    if not bucket or not key or key.endswith("/"):
        raise ExportError(f"{target} names no object; write s3://<bucket>/<key>")
    try:
        upload = _Upload(boto3.client("s3"), bucket, key)
        try:
            yield upload  # type: ignore[misc]
            upload.complete()
        except BaseException:
            upload.abort()
            raise
    except (BotoCoreError, ClientError) as error:
        raise ExportError(f"{target} was not written ({error}); look at the bucket and your rights on it") from error


class _Upload(io.RawIOBase):
    """An upload in parts: the object is there once it is completed, and not before."""

    def __init__(self, client: Any, bucket: str, key: str) -> None:
        self._client, self._held, self._sent = client, bytearray(), 0
        self._parts: list[dict[str, Any]] = []
        self._at = {"Bucket": bucket, "Key": key}
        self._at["UploadId"] = client.create_multipart_upload(**self._at)["UploadId"]

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._sent + len(self._held)

    def write(self, data: Any, /) -> int:
        self._held += data
        while len(self._held) >= PART:
            self._send(bytes(self._held[:PART]))
            del self._held[:PART]
        return len(data)

    def _send(self, body: bytes) -> None:
        number = len(self._parts) + 1
        answer = self._client.upload_part(**self._at, PartNumber=number, Body=body)
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._sent += len(body)

    def complete(self) -> None:
        """Send the last part, and make the object."""
        if self._held or not self._parts:
            self._send(bytes(self._held))
        self._client.complete_multipart_upload(**self._at, MultipartUpload={"Parts": self._parts})

    def abort(self) -> None:
        """Give up the parts that were sent."""
        with contextlib.suppress(Exception):
            self._client.abort_multipart_upload(**self._at)
