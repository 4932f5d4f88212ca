"""The API's JSON bodies: rows left as the bytes they came in, and the checks that every body must pass."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from anthill.sources.errors import BadAnswerError, SourceError
from anthill.sources.polygon.errors import BrokenChainError, refusal
from anthill.sources.polygon.readable import readable

_GOOD = {"OK", "DELAYED", "success"}


class Envelope(msgspec.Struct, frozen=True):
    """One body: its rows as raw JSON, and the URL of the next page, None on the last."""

    rows: list[msgspec.Raw]
    next_url: str | None = None


class _Body(msgspec.Struct):
    """A body as the API documents it: rows in `results` or `tickers`, and what says whether it is whole."""

    status: str = ""
    results: list[msgspec.Raw] | UnsetType | None = UNSET
    tickers: list[msgspec.Raw] | UnsetType | None = UNSET
    results_count: int | None = msgspec.field(name="resultsCount", default=None)
    count: int | None = None
    next_url: str | None = None
    error: Any = None
    message: Any = None

    def rows(self, rows_in: str) -> list[msgspec.Raw] | UnsetType | None:
        """The rows; None where the body says null, UNSET where it has no such field."""
        if rows_in:
            return {"results": self.results, "tickers": self.tickers}.get(rows_in, UNSET)
        return self.tickers if self.results in (None, UNSET) and self.tickers is not UNSET else self.results


class _One(msgspec.Struct):
    """A body whose `results` are one row."""

    results: msgspec.Raw = msgspec.Raw(b"null")
    status: str = ""
    error: Any = None
    message: Any = None


class _Said(msgspec.Struct):
    """What a body of any shape says about itself."""

    status: Any = None
    error: Any = None
    message: Any = None


_body = msgspec.json.Decoder(_Body)
_one = msgspec.json.Decoder(_One)
_said = msgspec.json.Decoder(_Said)
_list = msgspec.json.Decoder(list[msgspec.Raw])


def parse(content: bytes, url: str = "", rows_in: str = "", taken: int = 0) -> Envelope:
    """Check a body of HTTP 200 and take it apart; any bytes give rows or one SourceError.

    `rows_in` is where it must have its rows: results, tickers, body for a bare array, object where results are one
    row; any of the arrays if not given.
    So many rows were taken out of it, and one row stands in their place.
    """
    try:
        try:
            return _parse(content, url, rows_in, taken)
        except msgspec.ValidationError as error:
            raise _no_page(content, str(error), url) from error
        except (msgspec.DecodeError, RecursionError):
            return _parse(readable(content), url, rows_in, taken)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        begin = content[:80].decode("utf-8", "replace").strip()
        raise BadAnswerError(f"the answer is no whole JSON ({error}); it begins with {begin!r}", url) from error


def _parse(content: bytes, url: str, rows_in: str, taken: int) -> Envelope:
    if content.lstrip()[:1] == b"[" and rows_in in {"", "body"}:
        return Envelope(_list.decode(content))
    if rows_in == "object":
        return _of_one(content, url)
    body = _body.decode(content)
    if (body.status and body.status not in _GOOD) or body.error or body.message:
        raise _no_page(content, "", url)
    rows = body.rows(rows_in)
    if not isinstance(rows, list):
        if rows is UNSET and (rows_in == "body" or body.results_count is None is body.count):
            raise BadAnswerError(f"the answer has neither {rows_in or 'results'} nor a count of them", url)
        if not body.status:
            raise BadAnswerError("the answer has neither rows nor a status", url)
        rows = []
    counts = {count for count in (body.results_count, body.count) if count is not None}
    number = len(rows) + taken - bool(taken)
    for count in counts - {number}:
        raise BadAnswerError(f"the answer has {number:,} rows and says it has {count:,}", url)
    if twice := _twice(content, rows, counted=bool(counts)):
        raise BadAnswerError(f"the answer has {twice!r} twice", url)
    if body.next_url is not None and not body.next_url.strip():
        raise BrokenChainError("the answer's next_url is blank", url)
    return Envelope(rows, body.next_url)


def _of_one(content: bytes, url: str) -> Envelope:
    """A body whose `results` are one row, or null."""
    body = _one.decode(content)
    if (body.status and body.status not in _GOOD) or body.error or body.message:
        raise _no_page(content, "", url)
    row = bytes(body.results)
    rows = [] if row == b"null" else [body.results]
    if not body.status or (rows and (not row.startswith(b"{") or not row[1:-1].strip())):
        raise BadAnswerError("the answer has no object in results", url)
    if twice := _twice(content, rows, counted=False):
        raise BadAnswerError(f"the answer has {twice!r} twice", url)
    return Envelope(rows)


def _no_page(content: bytes, wrong: str, url: str) -> SourceError:
    """The error for a body that says so itself, or else for what is wrong with its shape."""
    said = _said.decode(content) if content.lstrip()[:1] == b"{" else _Said()
    message = _text(said.error or said.message)
    if not message and (not isinstance(said.status, str) or said.status in {"", *_GOOD}):
        return BadAnswerError(f"the answer is no page: {wrong}", url)
    return refusal(200, said.status if isinstance(said.status, str) else "", message, url)


def _text(value: Any) -> str:
    """A text as it is, anything else as JSON, nothing for null."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode() if value else ""


def _twice(content: bytes, rows: list[msgspec.Raw], *, counted: bool) -> str:
    """A field that the body has twice, "" for none: decoders take the last one, and what the first had would be lost.

    Where the rows stand in one piece, what lies around them is read instead of the whole body.
    """
    around = content
    if rows:
        first, last = bytes(rows[0]), bytes(rows[-1])
        begin, end = content.find(first), content.rfind(last) + len(last)
        # Rows with the count that the body gives are all of them: this sum costs a fifth of decoding them.
        if counted or end - begin == sum(map(len, rows)) + len(rows) - 1:
            around = content[:begin] + content[end:]
    for text in (around, content):
        try:
            pairs = json.loads(text.decode("utf-8", "replace"), object_pairs_hook=list)
        except (ValueError, RecursionError):
            continue  # a row looks like a part of what lies around them, or is what no decoder reads
        names = [name for name, _ in pairs]
        return next((name for name in names if names.count(name) > 1), "")
    return ""
