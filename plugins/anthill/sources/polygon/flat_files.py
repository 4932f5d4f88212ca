"""The source's flat files: a market day of a whole market as one CSV file on an S3 bucket of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from anthill.sources import digest
from anthill.sources.errors import (
    BadAnswerError,
    ConnectionFailedError,
    NotEntitledError,
    NotReadyError,
    ServerFailedError,
    SourceError,
    UnknownKeyError,
)
from anthill.sources.inflate import InflateError, inflated
from anthill.sources.page import Counted, Page
from anthill.sources.polygon.transport import Limits
from anthill.sources.stored import Store, Stored, pieces

_LARGEST = 1 << 30  # bytes inflated; a day of option bars has some 30 MB
_LONGEST = 1 << 20  # bytes of a line
_SAMPLE = 50
_UNKNOWN_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch"}


class Version(msgspec.Struct, frozen=True):
    """What tells a flat file from the one that may replace it later; `modified` in UTC."""

    etag: str
    size: int
    modified: dt.datetime

    def __str__(self) -> str:
        return f"{self.etag} {self.size} {self.modified.isoformat()}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """The version that a text is of."""
        etag, size, modified = text.split(" ")
        return cls(etag, int(size), dt.datetime.fromisoformat(modified))


class FlatFiles:
    """Reads the bucket of flat files; safe to share between threads."""

    def __init__(self, s3: Any, bucket: str = "flatfiles", limits: Limits = Limits()) -> None:  # noqa: B008 frozen
        self.limits = limits
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
        url = self.url(key)
        body = self._read(key, version)
        header, size, number, summed, first = "", 0, -1, 0, list[msgspec.Raw]()
        try:
            for lines in self._lines(pieces(body)):
                size += sum(map(len, lines)) + len(lines)
                rows = [msgspec.Raw(line) for line in lines]
                if number < 0 and rows:
                    header, number, rows = lines[0].decode("utf-8", "replace"), 0, rows[1:]
                number += len(rows)
                summed = digest.joined(summed, digest.of_rows(rows))
                first += rows[: _SAMPLE - len(first)]
        except InflateError as error:
            raise BadAnswerError(f"the flat file is {error}", url) from error
        if header != (declared := ",".join(fields)):
            raise BadAnswerError(f"the flat file's header is {header[:200]!r}, not {declared!r}", url)
        return Page(
            url=url,
            member=body,
            size=size,
            rows=Counted(first, max(number, 0)),
            digest=summed,
            asof=version.modified,
            form="csv",
        )

    def received(self, key: str, version: Version) -> Iterator[bytes]:
        """The bytes of this version of a file in pieces, as they come; ConnectionFailedError unless they are all."""
        url = self.url(key)
        stream, size = self._call("get_object", key, IfMatch=f'"{version.etag}"')["Body"], 0
        while piece := self._piece(stream, url):
            size += len(piece)
            yield piece
        if size != version.size:
            raise ConnectionFailedError(f"the flat file has {size:,} bytes, not {version.size:,}", url)

    def _piece(self, stream: Any, url: str) -> bytes:
        try:
            piece: bytes = stream.read(self.limits.piece)
        except Exception as error:  # botocore hands on what urllib3 raises in the middle of a body
            raise ConnectionFailedError(f"the flat file was not whole, {type(error).__name__}: {error}", url) from error
        return piece

    def _read(self, key: str, version: Version) -> bytes | Stored:
        store = Store(self.limits.held)
        for piece in self.received(key, version):
            store.write(piece)
        return store.close()

    def _lines(self, body: Iterable[bytes]) -> Iterator[list[bytes]]:
        """The lines of a file, some at a time."""
        rest = b""
        for piece in inflated(body, _LARGEST, self.limits.piece):
            whole, end, tail = piece.rpartition(b"\n")
            if end:
                yield (rest + whole + end).splitlines()
                rest = tail
            elif len(rest := rest + tail) > _LONGEST:
                raise InflateError(f"one line of more than {_LONGEST:,} bytes")
        yield rest.splitlines()

    def _call(self, name: str, key: str, **more: str) -> Any:
        try:
            return getattr(self._s3, name)(Bucket=self._bucket, Key=key, **more)
        except ClientError as error:
            raise _typed(error, self.url(key)) from error
        except BotoCoreError as error:
            raise ConnectionFailedError(f"no answer, {type(error).__name__}: {error}", self.url(key)) from error

    def url(self, key: str) -> str:
        """Where a file lies, for a person."""
        return f"s3://{self._bucket}/{key}"


def _typed(error: ClientError, url: str) -> SourceError:
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
