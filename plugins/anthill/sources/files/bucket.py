"""Files in a bucket of S3, which answers with parts of one version: `If-Match` is its word for that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from anthill.bronze.storage import code, is_passing
from anthill.sources.errors import (
    ConnectionFailedError,
    FatalError,
    NotEntitledError,
    NotReadyError,
    ReplacedError,
    ServerFailedError,
    SourceError,
    UnknownKeyError,
)
from anthill.sources.files.shelf import PIECE, Patience, Shelf, Version

_UNKNOWN_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}


class Bucket(Shelf):
    """Files of one bucket, read by a client that tries a call once."""

    def __init__(self, s3: Any, bucket: str, patience: Patience = Patience()) -> None:  # noqa: B008 frozen
        super().__init__(f"s3://{bucket}", patience)
        self._s3, self._bucket = s3, bucket

    def close(self) -> None:
        """The client keeps its connections."""

    def _head(self, path: str) -> Version:
        head = self._call("head_object", path)
        modified = head["LastModified"].astimezone(dt.UTC)
        return Version(head["ETag"], head["ContentLength"], modified, head.get("ContentType", ""))

    def _part(self, path: str, version: Version, first: int, last: int) -> Iterator[bytes]:
        answer = self._call("get_object", path, Range=f"bytes={first}-{last}", IfMatch=version.etag)
        body = answer["Body"]
        try:
            while piece := body.read(PIECE):
                yield piece
        except GeneratorExit:
            raise
        except Exception as error:  # botocore hands on what urllib3 raises in the middle of a body
            url = self.url(path)
            raise ConnectionFailedError(f"the connection broke, {type(error).__name__}: {error}", url) from error
        finally:
            body.close()

    def _at(self, path: str) -> dict[str, str]:
        """What names an object."""
        return {"Bucket": self._bucket, "Key": path.removeprefix("/")}

    def _call(self, name: str, path: str, **more: str) -> Any:
        try:
            return getattr(self._s3, name)(**self._at(path), **more)
        except ClientError as error:
            raise _typed(error, self.url(path)) from error
        except BotoCoreError as error:
            url = self.url(path)
            raise ConnectionFailedError(f"no answer, {type(error).__name__}: {error}", url) from error


def _typed(error: ClientError, url: str) -> SourceError:
    """What S3's code says."""
    said = code(error)
    if said in ("PreconditionFailed", "InvalidRange", "416"):
        return ReplacedError("the file was replaced while it was read", url)
    if said in ("404", "NoSuchKey", "NoSuchVersion"):
        return NotReadyError("there is no such file", url, "What is to come is asked for again")
    if said in _UNKNOWN_KEYS:
        return UnknownKeyError(f"S3 answered {said}", url, "Correct the credentials of the connection")
    if said == "AccessDenied":
        advice = (
            "Let the connection's role get and list the bucket's objects: who may not list is refused what is not there"
        )
        return NotEntitledError("S3 answered AccessDenied", url, advice)
    if is_passing(error):
        return ServerFailedError(f"S3 answered {said}", url)
    return FatalError(f"S3 answered {said}", url, "Compare the connection's bucket with the publisher's")
