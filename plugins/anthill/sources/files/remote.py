"""Files on a web server, which answers with parts of one version and has a certificate that is checked."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator

import urllib3

from anthill.http_date import http_date
from anthill.sources.errors import (
    BadAnswerError,
    ConnectionFailedError,
    FatalError,
    NotEntitledError,
    NotReadyError,
    RateLimitedError,
    ReplacedError,
    ServerFailedError,
    SourceError,
    UnknownKeyError,
)
from anthill.sources.files.errors import CertificateError, MovedError
from anthill.sources.files.shelf import PIECE, Patience, Shelf, Version

_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "anthill"}
_ADVICE = "Compare the path in include/datasets with the publisher's page"


class Remote(Shelf):
    """Files of a web server."""

    def __init__(
        self,
        base_url: str,
        certificates: str = "",
        patience: Patience = Patience(),  # noqa: B008 frozen
        timeout: float = 60.0,
    ) -> None:
        super().__init__(base_url, patience)
        # Loading a machine's certificates takes longer than asking for a file.
        context = ssl.create_default_context() if base_url.startswith("https") else None
        if context and certificates:
            context.load_verify_locations(cadata=certificates)
        self._pool = urllib3.PoolManager(
            ssl_context=context, retries=False, timeout=urllib3.Timeout(connect=10.0, read=timeout)
        )

    def close(self) -> None:
        """Give back the connections."""
        self._pool.clear()

    def _head(self, path: str) -> Version:
        answer = self._call("HEAD", path, {})
        answer.drain_conn()  # there is no body, and the connection knows it only when it was read
        url = self.url(path)
        if answer.status != 200:
            raise _refusal(answer, url)
        return _version(answer, url)

    def _part(self, path: str, version: Version, first: int, last: int) -> Iterator[bytes]:
        condition = version.etag if version.etag and not version.etag.startswith("W/") else _date(version.modified)
        answer = self._call("GET", path, {"Range": f"bytes={first}-{last}", "If-Range": condition})
        url = self.url(path)
        try:
            _check_part(answer, version, first, last, url)
            while piece := answer.read1(PIECE):  # what has come before a connection broke is not lost
                yield piece
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ConnectionFailedError(f"the connection broke, {type(error).__name__}: {error}", url) from error
        finally:
            answer.close()

    def _call(self, method: str, path: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        url = self.url(path)
        try:
            return self._pool.request(
                method, url, headers={**_HEADERS, **headers}, redirect=False, preload_content=False
            )
        except urllib3.exceptions.SSLError as error:
            raise CertificateError(f"the server is not who it says, as far as can be checked: {error}", url) from error
        except urllib3.exceptions.LocationValueError as error:
            raise FatalError(f"the connection's host is no address: {error}", url, "Correct it") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise ConnectionFailedError(f"no answer, {type(error).__name__}: {error}", url) from error


def _version(answer: urllib3.BaseHTTPResponse, url: str) -> Version:
    headers = answer.headers
    seconds = http_date(headers.get("Last-Modified"))
    size = headers.get("Content-Length", "")
    if not size.isdigit() or seconds is None:
        what = "size" if not size.isdigit() else "time (Last-Modified)"
        raise BadAnswerError(f"the answer, {headers.get('Content-Type', 'of no type')}, tells no {what} of a file", url)
    if headers.get("Accept-Ranges", "bytes").lower() != "bytes":
        raise FatalError("the server gives no parts of files (Accept-Ranges)", url, "It cannot be read from there")
    modified = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return Version(headers.get("ETag", ""), int(size), modified, headers.get("Content-Type", ""))


def _check_part(answer: urllib3.BaseHTTPResponse, version: Version, first: int, last: int, url: str) -> None:
    """An error of ours for whatever is not these bytes of this version."""
    if answer.status == 416:
        raise ReplacedError("the file has become shorter", url)
    if answer.status not in (200, 206):
        raise _refusal(answer, url)
    etag = answer.headers.get("ETag", "")
    seconds = http_date(answer.headers.get("Last-Modified"))
    other = etag != version.etag or (seconds is not None and seconds != version.modified.timestamp())
    if etag and other:
        raise ReplacedError(f"the file was replaced while it was read: {etag} came after {version.etag or 'none'}", url)
    if answer.status == 200:
        kind = answer.headers.get("Content-Type", "no type")
        raise BadAnswerError(f"a part was asked for and a whole of {kind} came, with status 200", url)
    expected = f"bytes {first}-{last}/{version.size}"
    if (came := answer.headers.get("Content-Range", "")) != expected:
        raise BadAnswerError(f"the part that came is {came or 'not named'!r}, not {expected!r}", url)


def _refusal(answer: urllib3.BaseHTTPResponse, url: str) -> SourceError:
    """What a status says that is no success."""
    status = answer.status
    said = f"the server answered {status}"
    if 300 <= status < 400:
        return MovedError(f"{said}: the file is at {answer.headers.get('Location', 'another address')}", url)
    if status in (404, 410):
        return NotReadyError(f"{said}: there is no such file", url, f"{_ADVICE}; what is to come is asked for again")
    if status == 401:
        return UnknownKeyError(said, url, "Put login and password into the connection")
    if status == 403:
        return NotEntitledError(said, url, "Ask the publisher why, and from where the file may be read")
    if status == 429:
        after = answer.headers.get("Retry-After", "")
        return RateLimitedError(said, url, "Ask less often", float(after) if after.isdigit() else None)
    if status in (408, 425) or status >= 500:
        return ServerFailedError(said, url)
    return FatalError(said, url, _ADVICE)


def _date(moment: dt.datetime) -> str:
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
