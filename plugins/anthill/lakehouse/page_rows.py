"""The rows of a page as the bytes they came in, whatever one of them holds; and why one cannot be read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import msgspec

ROW, FAULT = "_row", "_fault"  # the fields of `given` that hold a row's own text, and why it cannot be read
_DEEPEST = 200  # levels; the engines' decoders end between this and a thousand
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},:]', re.DOTALL)
_LONG = re.compile(rb"\d{300}")  # a number that may be beyond any double
_OPENING, _CLOSING = (b"[", b"{"), (b"]", b"}")
_rows = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, Any])
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


class PageError(ValueError):
    """A line of an object that is no page of the API."""


def split(page: bytes, rows_in: str) -> tuple[list[bytes], dict[str, str]]:
    """The JSON text of each row, and the page's other fields as text; `rows_in` is as in a declaration."""
    try:
        if rows_in == "body":
            return [bytes(row) for row in _rows.decode(page)], {}
        around = _fields.decode(page)
        found = around.pop("results" if rows_in == "object" else rows_in, None)
        if rows_in == "object" and found is not None:
            found = msgspec.Raw(b"null" if bytes(found) == b"null" else b"[" + bytes(found) + b"]")
        rows = [] if found is None or bytes(found) == b"null" else [bytes(row) for row in _rows.decode(bytes(found))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if rows_in == "object":
            return [page], {}
        rows, rest = _scanned(page, rows_in)
        try:
            around = {} if rows_in == "body" else _fields.decode(rest)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PageError(f"a line is no page: {error}") from error
    return rows, {name: text for name, raw in around.items() if (text := _text(bytes(raw))) is not None}


def fault(row: bytes) -> str | None:
    """Why a row cannot be read, None where it can: it must be an object that every decoder takes."""
    return None if _is_plain(row) else _wrong(row)


def _is_plain(row: bytes) -> bool:
    """Whether a strict decoder takes it, which tells of nearly all in a microsecond."""
    try:
        _object.decode(row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return row.count(b"[") + row.count(b"{") <= _DEEPEST and not _LONG.search(row)


def _wrong(row: bytes) -> str | None:
    if wrong := unreadable(row):
        return wrong
    text, shown = row.decode(), row[:80].decode("utf-8", "replace")
    if not text.lstrip().startswith("{"):
        return f"row is no JSON object: {shown}"
    if _depth(row) > _DEEPEST:
        return f"row is nested more than {_DEEPEST} levels deep: {shown}"
    try:
        found = json.loads(text, parse_float=_number, parse_int=_number)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return f"row has half of a surrogate pair, which is no character: {shown}"
    except (ValueError, RecursionError) as error:
        return f"row cannot be read, {error}: {shown}"
    return None


def unreadable(text: bytes) -> str | None:
    """Why bytes are no text, None where they are."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return f"row is no UTF-8: {text[:80].decode('utf-8', 'replace')}"
    return None


def _number(text: str) -> float:
    if math.isinf(number := float(text)):
        raise ValueError(f"a number of it is beyond any double, {text[:20]}")
    return number


def _text(value: bytes) -> str | None:
    """A field as get_json_object gives it: a string without its quotes, anything else as it is written."""
    if value == b"null":
        return None
    found: Any = msgspec.json.decode(value) if value.startswith(b'"') else value.decode()
    return str(found)


def _depth(row: bytes) -> int:
    deepest = depth = 0
    for token in _TOKEN.finditer(row):
        depth += (token[0] in _OPENING) - (token[0] in _CLOSING)
        deepest = max(deepest, depth)
    return deepest


def _scanned(page: bytes, rows_in: str) -> tuple[list[bytes], bytes]:
    """The rows by brackets and commas alone, where a decoder gives the page up; and the page without them."""
    rows: list[bytes] = []
    begin = end = -1
    for at, is_end in _edges(page, rows_in):
        if begin < 0:
            begin = end = at
            continue
        if row := page[end:at].strip():
            rows.append(row)
        elif not is_end or rows:
            raise PageError("a line is no page: a row of it is empty")
        end = at if is_end else at + 1
    if begin < 0:
        return [], page
    return rows, page[:begin] + page[end:]


def _edges(page: bytes, rows_in: str) -> Iterator[tuple[int, bool]]:
    """Where the rows begin, where each comma between them is, and, with true, where they end."""
    level = 1 if rows_in == "body" else 2
    depth, name, word, inside = 0, b"", b"", False
    for token in _TOKEN.finditer(page):
        kind = token[0]
        if kind in _OPENING:
            depth += 1
            if kind == b"[" and not inside and depth == level and (level == 1 or name == rows_in.encode()):
                inside = True
                yield token.end(), False
        elif kind in _CLOSING:
            if inside and depth == level:
                yield token.start(), True
                return
            depth -= 1
        elif kind == b"," and inside and depth == level:
            yield token.start(), False
        elif kind == b":" and depth == 1:
            name = word
        elif depth == 1 and kind.startswith(b'"'):
            word = kind[1:-1]
    if inside:
        raise PageError("a line is no page: its rows have no end")
