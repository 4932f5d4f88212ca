"""The source's flat files: a market day of a whole market as one CSV file on an S3 bucket of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from anthill.polygon import digest
from anthill.polygon.errors import (
    BadAnswerError,
    ConnectionFailedError,
    NotEntitledError,
    NotReadyError,
    PolygonError,
    ServerFailedError,
    UnknownKeyError,
)
from anthill.polygon.inflate import InflateError, inflate
from anthill.polygon.page import Page

_LARGEST = 1 << 30  # bytes inflated; a day of option bars has some 30 MB
_UNKNOWN_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch"}


class Version(msgspec.Struct, frozen=True):
    """What tells a flat file from the one that may replace it later; `modified` in UTC."""

    etag: str
    size: int
    modified: dt.datetime

    def __str__(self) -> str:
        return f"{self.etag} {self.size} {self.modified.isoformat()}"


class FlatFiles:
    """Reads the bucket of flat files; safe to share between threads."""

    def __init__(self, s3: Any, bucket: str = "flatfiles") -> None:
        self._s3 = s3
        self._bucket = bucket

    def version(self, key: str) -> Version:
        """Which version of a file is there; NotReadyError while there is none."""
        try:
            head = self._call("head_object", key)
        except BadAnswerError as error:
            if isinstance(error.__cause__, ClientError) and _code(error.__cause__) == "403":
                self._call("get_object", key, Range="bytes=0-0")  # its refusal has a body, which says whose it is
            raise
        return Version(head["ETag"].strip('"'), head["ContentLength"], head["LastModified"].astimezone(dt.UTC))

    def page(self, key: str, version: Version, fields: Mapping[str, str]) -> Page:
        """This version of a file as one page of rows, its bytes as received; its header must name the fields."""
        url = self._url(key)
        answer = self._call("get_object", key, IfMatch=f'"{version.etag}"')
        try:
            body = answer["Body"].read()
            lines = inflate(body, _LARGEST).splitlines()
        except InflateError as error:
            raise BadAnswerError(f"the flat file is {error}", url) from error
        except Exception as error:  # botocore hands on what urllib3 raises in the middle of a body
            raise ConnectionFailedError(f"the flat file was not whole, {type(error).__name__}: {error}", url) from error
        if len(body) != version.size:
            raise ConnectionFailedError(f"the flat file has {len(body):,} bytes, not {version.size:,}", url)
        header, declared = lines[0].decode("utf-8", "replace") if lines else "", ",".join(fields)
        if header != declared:
            raise BadAnswerError(f"the flat file's header is {header[:200]!r}, not {declared!r}", url)
        rows = [msgspec.Raw(line) for line in lines[1:]]
        return Page(
            url=url,
            member=body,
            size=sum(map(len, lines)) + len(lines),
            rows=rows,
            digest=digest.of_rows(rows),
            asof=version.modified,
            next_url=None,
        )

    def _call(self, name: str, key: str, **more: str) -> Any:
        try:
            return getattr(self._s3, name)(Bucket=self._bucket, Key=key, **more)
        except ClientError as error:
            raise _typed(error, self._url(key)) from error
        except BotoCoreError as error:
            raise ConnectionFailedError(f"no answer, {type(error).__name__}: {error}", self._url(key)) from error

    def _url(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


def _typed(error: ClientError, url: str) -> PolygonError:
    """What S3's code says; HEAD answers have no body, and only a status."""
    code = _code(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f"the flat files answered {code or status}"
    if status == 404:
        return NotReadyError(f"{said}: there is no such file yet", url)
    if code in _UNKNOWN_KEYS:
        return UnknownKeyError(said, url, "Correct the access key of the flat files' connection.")
    if code == "AccessDenied":
        advice = "Let the plan include flat files, or delete their connection: then the REST calls are made instead."
        return NotEntitledError(said, url, advice)
    if status == 403:  # of a HEAD, of a clock that is wrong, of a CDN
        return BadAnswerError(said, url)
    if status == 412:
        return BadAnswerError(f"{said}: the file was replaced while it was read", url)
    return ServerFailedError(said, url)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
