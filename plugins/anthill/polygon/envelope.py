"""The API's JSON bodies: rows left as the bytes they came in, and the checks that every body must pass."""

from __future__ import annotations

import msgspec

from anthill.polygon.errors import BadAnswerError, BrokenChainError, refusal

_GOOD = {"OK", "DELAYED", "success"}
_ROWS = ("results", "tickers")  # where bodies keep their rows
_FRAME = {"status", "request_id", "count", "resultsCount", "queryCount", "next_url", "adjusted", "ticker"}


class Envelope(msgspec.Struct, frozen=True):
    """One body: its rows as raw JSON, and the URL of the next page, None on the last."""

    rows: list[msgspec.Raw]
    next_url: str | None = None


class _Body(msgspec.Struct):
    """The usual body, decoded in one pass; `tail` fields are those that say whether it is whole."""

    results: list[msgspec.Raw]
    status: str
    results_count: int | None = msgspec.field(name="resultsCount", default=None)
    count: int | None = None
    next_url: str | None = None
    error: str | None = None


_body = msgspec.json.Decoder(_Body)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])


def parse(content: bytes, url: str = "") -> Envelope:
    """Check a body of HTTP 200 and take it apart; any bytes give rows or one PolygonError."""
    try:
        try:
            body = _body.decode(content)
        except msgspec.ValidationError:
            return _unusual(content, url)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        begin = content[:80].decode("utf-8", "replace").strip()
        raise BadAnswerError(f"the answer is no whole JSON ({error}); it begins with {begin!r}", url) from error
    if body.status not in _GOOD:
        raise refusal(200, body.status, body.error or "", url)
    for counted in (body.results_count, body.count):
        _check_count(len(body.results), counted, url)
    return Envelope(body.results, _next_url(body.next_url, url))


def _unusual(content: bytes, url: str) -> Envelope:
    """Bare arrays, flat bodies, errors, and bodies without results."""
    if content.lstrip()[:1] == b"[":
        return Envelope(_list.decode(content))
    fields = _fields.decode(content)
    status = _text(fields.get("status"))
    message = _text(fields.get("error")) or _text(fields.get("message"))
    if (status and status not in _GOOD) or (not status and "error" in fields):
        raise refusal(200, status, message, url)
    rows = _rows(fields)
    counts = [_number(fields.get(name), name, url) for name in ("resultsCount", "count")]
    if rows is None:
        if all(counted is None for counted in counts):
            if not fields.keys() - _FRAME:
                raise BadAnswerError("the answer has neither results nor a count of them", url)
            rows = [msgspec.Raw(content)]
        else:
            rows = []
    for counted in counts:
        _check_count(len(rows), counted, url)
    next_url = bytes(fields.get("next_url", b"null"))
    return Envelope(rows, _next_url(None if next_url == b"null" else _text(fields["next_url"]), url))


def _rows(fields: dict[str, msgspec.Raw]) -> list[msgspec.Raw] | None:
    for name in _ROWS:
        value = bytes(fields.get(name, b"null"))
        if value != b"null":
            return _list.decode(value) if value.startswith(b"[") else [msgspec.Raw(value)]
    return None


def _check_count(rows: int, counted: int | None, url: str) -> None:
    if counted is not None and counted != rows:
        raise BadAnswerError(f"the answer has {rows:,} rows and says it has {counted:,}", url)


def _next_url(value: str | None, url: str) -> str | None:
    if value is not None and not value.strip():
        raise BrokenChainError("the answer's next_url is blank", url)
    return value


def _text(value: msgspec.Raw | None) -> str:
    """A field as text: a string's content, anything else as its JSON, nothing for null."""
    if value is None:
        return ""
    decoded = msgspec.json.decode(value)
    return decoded if isinstance(decoded, str) else "" if decoded is None else bytes(value).decode("utf-8", "replace")


def _number(value: msgspec.Raw | None, name: str, url: str) -> int | None:
    if value is None:
        return None
    decoded = msgspec.json.decode(value)
    if decoded is None or (isinstance(decoded, int) and not isinstance(decoded, bool)):
        return decoded
    raise BadAnswerError(f"the answer's {name} is {bytes(value)[:40]!r}, not a number", url)
