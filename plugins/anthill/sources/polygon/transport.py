"""One HTTP call to the API: bytes as received, or one typed error. Never a redirect, never a hidden retry."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import MappingProxyType

import msgspec
import urllib3

from anthill.sources.errors import BadAnswerError, ConnectionFailedError, SourceError, UnknownKeyError, spelled
from anthill.sources.inflate import InflateError, TooLargeError, inflate, inflated, told_size
from anthill.sources.polygon.errors import BadAddressError, BrokenChainError, ForeignOriginError, refusal
from anthill.sources.polygon.rate_limit import retry_after
from anthill.sources.polygon.timed import pools
from anthill.sources.polygon.urls import origin, taken_apart, without_key
from anthill.sources.stored import Store, Stored, pieces

_PIECE = 1 << 18
_SAID = 4 << 10  # bytes of a large error
_RECOGNISED = 8  # characters of a key from which on it is known in a URL: a shorter one may be a part of any word
_HEADERS = MappingProxyType({"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "anthill"})


class Limits(msgspec.Struct, frozen=True):
    """How long a call may take, in seconds, and how large its answer may be, in bytes."""

    connect: float = 10.0
    read: float = 30.0  # between two bytes
    total: float = 300.0  # from the request to the answer's last byte
    received: int = 64 << 20
    inflated: int = 128 << 20
    memory: int = 256 << 20  # what all calls that are under way may hold together

    @property
    def held(self) -> int:
        """The largest body that is not put into a temporary file."""
        return self.memory >> 9

    @property
    def piece(self) -> int:
        """How much of a large answer is looked at at once."""
        return min(max(self.memory >> 11, 4 << 10), 128 << 10)

    @property
    def whole(self) -> int:
        """The largest content that is held whole."""
        return self.memory >> 7


class Answer(msgspec.Struct, frozen=True):
    """An HTTP 200: the body as received, the same inflated, and the API's Date; no content where it is too large."""

    url: str
    body: bytes | Stored
    content: bytes | None
    gzipped: bool
    date: str | None
    limits: Limits = Limits()

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The content, in pieces, which are views where all of it is held; InflateError where there is none."""
        if self.content is not None:
            view, piece = memoryview(self.content), self.limits.piece
            yield from (view[at : at + piece] for at in range(0, len(view), piece))
        elif self.gzipped:
            yield from inflated(pieces(self.body), self.limits.inflated, self.limits.piece)
        else:
            yield from pieces(self.body)


class Transport:
    """Calls one origin with one key over a pool of connections; safe to share between threads."""

    def __init__(self, base_url: str, key: str, limits: Limits = Limits(), connections: int = 16) -> None:  # noqa: B008
        try:
            self._origin = origin(base_url)
        except ValueError as error:
            raise BadAddressError(str(error)) from None
        if not (key.isascii() and key.isprintable() and " " not in key):  # HTTP libraries quote such headers in errors
            raise UnknownKeyError("the API key holds white space or other characters that no key has")
        self.base_url = base_url.rstrip("/")
        self.limits = limits
        self._key = key
        scheme, host, port = self._origin
        self._pool = pools(limits.total)[scheme](
            host,
            port,
            maxsize=connections,
            block=False,
            retries=False,
            timeout=urllib3.Timeout(connect=limits.connect, read=limits.read),
        )

    def __repr__(self) -> str:
        return f"Transport({self.base_url!r})"

    def get(self, url: str) -> Answer:
        """Call a URL of this origin; a SourceError says what went wrong and never holds the key."""
        try:
            url = without_key(url)
            return self._get(url, self._target(url))
        except SourceError as error:
            self.mask(error)
            raise

    def mask(self, error: SourceError) -> None:
        """Take the key out of an error whose text quotes the API."""
        error.mask(self._key)

    def _get(self, url: str, target: str) -> Answer:
        started = time.monotonic()
        try:
            response = self._pool.urlopen(
                "GET",
                target,
                headers={**_HEADERS, "Authorization": f"Bearer {self._key}"},
                redirect=False,
                preload_content=False,
            )
            try:
                if response.status < 200:  # the answer is still to come: it must not be taken for that of another call
                    raise self._refusal(response, b"", url)
                body = self._read(response, url)
            except BaseException:
                response.close()  # a half-read connection is of no further use
                raise
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            if time.monotonic() - started >= self.limits.total:
                raise ConnectionFailedError(f"the answer was not whole after {self.limits.total:.0f} s", url) from None
            raise ConnectionFailedError(f"no answer, {type(error).__name__}: {error}", url) from None
        if response.status != 200:
            raise self._refusal(response, body, url)
        gzipped = _is_gzip(response.headers.get("Content-Encoding"), url)
        content = self._content(body, gzipped=gzipped, url=url)
        return Answer(url, body, content, gzipped, response.headers.get("Date"), self.limits)

    def _content(self, body: bytes | Stored, *, gzipped: bool, url: str) -> bytes | None:
        """The body inflated; None where that is too large to be held."""
        if isinstance(body, Stored):
            return None
        if not gzipped:
            return body
        bound = min(self.limits.whole, self.limits.inflated)
        try:
            return inflate(body, bound)
        except TooLargeError as error:
            if bound < self.limits.inflated >= told_size(body):
                return None
            problem = f"the answer is a gzip body of more than {self.limits.inflated:,} bytes inflated"
            raise BadAnswerError(problem, url) from error
        except InflateError as error:
            raise BadAnswerError(f"the answer is {error}", url) from error

    def _target(self, url: str) -> str:
        """What a URL asks of the origin, if the key may go there and is not a part of it."""
        try:
            there, target = taken_apart(url)
        except ValueError:
            there, target = None, ""
        if there != self._origin:
            raise ForeignOriginError(f"the next URL is not one of {self.base_url}", url)
        if len(self._key) >= _RECOGNISED and spelled(self._key).search(url):
            raise BrokenChainError("the next URL holds the API key, which does not belong there", url)
        return target

    def _read(self, response: urllib3.BaseHTTPResponse, url: str) -> bytes | Stored:
        """The whole body within the limit of size."""
        store = Store(self.limits.held)
        while piece := response.read1(_PIECE, decode_content=False):
            store.write(piece)
            if store.size > self.limits.received:
                raise BadAnswerError(f"the answer is larger than {self.limits.received:,} bytes", url)
        missing = response.length_remaining
        if missing:
            raise ConnectionFailedError(f"the connection ended {missing:,} bytes before the answer did", url)
        return store.close()

    def _refusal(self, response: urllib3.BaseHTTPResponse, body: bytes | Stored, url: str) -> SourceError:
        """The error for an answer that is not 200, whatever its body is."""
        headers = response.headers
        body = body.head(_SAID) if isinstance(body, Stored) else body
        try:
            content = inflate(body, self.limits.whole) if headers.get("Content-Encoding") == "gzip" else body
        except InflateError:
            content = b""
        status, message = _said(content)
        wait = retry_after(headers.get("Retry-After"), headers.get("Date"))
        return refusal(response.status, status, message, url, retry_after=wait)


class _ErrorBody(msgspec.Struct):
    status: str = ""
    error: str = ""
    message: str = ""


def _said(content: bytes) -> tuple[str, str]:
    """Status and message of an error's body, whatever it is."""
    try:
        body = msgspec.json.decode(content, type=_ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = " ".join(content[:200].decode("utf-8", "replace").split())
        return "", text
    return body.status, (body.error or body.message)[:500]


def _is_gzip(encoding: str | None, url: str) -> bool:
    match (encoding or "identity").strip().lower():
        case "gzip" | "x-gzip":
            return True
        case "identity":
            return False
        case other:
            raise BadAnswerError(f"the answer is encoded as {other}, which was not asked for", url)
