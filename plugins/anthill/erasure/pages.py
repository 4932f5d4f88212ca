"""Whose rows a page holds, and the page without them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from anthill.bronze.commits import Form
from anthill.bronze.copied import digest
from anthill.dataset import Dataset
from anthill.lakehouse import page_rows
from anthill.sources import digest as of_rows
from anthill.sources.inflate import deflate
from anthill.sources.page import Page

_row = msgspec.json.Decoder(dict[str, Any])
_page = msgspec.json.Decoder(dict[str, msgspec.Raw])
_COUNTS = ("count", "resultsCount", "queryCount")  # that the source puts beside the rows of a page


class Looked(NamedTuple):
    """How many rows are somebody's, and how many no decoder takes: whose those are, nobody can tell."""

    theirs: int
    unreadable: int


class Person:
    """Finds the rows of a dataset whose field has one of some digests."""

    def __init__(self, dataset: Dataset, field: str, digests: Collection[str]) -> None:
        self._rows_in, self._path, self._digests = dataset.rows_in, field.split("."), frozenset(digests)

    def look(self, pages: Iterable[bytes]) -> Looked:
        """Count them in the pages of an object."""
        theirs = unreadable = 0
        for page in pages:
            for row in page_rows.split(page, self._rows_in)[0]:
                whose = self._whose(row)
                theirs += whose is True
                unreadable += whose is None
        return Looked(theirs, unreadable)

    def without(self, pages: Iterable[bytes], asof: dt.datetime, form: Form = "jsonl") -> Iterator[Page]:
        """The pages without their rows, to be landed as an answer of the same moment; a row of nobody's stays."""
        for page in pages:
            rows = page_rows.split(page, self._rows_in)[0]
            kept = [row for row in rows if not self._whose(row)]
            body = page if len(kept) == len(rows) else self._written(page, kept, len(rows))
            found = of_rows.of_rows(kept)
            yield Page("", deflate(body), len(body), [msgspec.Raw(row) for row in kept], found, asof, form=form)

    def _whose(self, row: bytes) -> bool | None:
        """Whether a row is theirs; None where no decoder takes it."""
        try:
            found: Any = _row.decode(row)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        for part in self._path:
            found = found.get(part) if isinstance(found, dict) else None
        if found is None or isinstance(found, bool | float | dict | list):
            return False
        return digest(str(found)) in self._digests

    def _written(self, page: bytes, kept: list[bytes], before: int) -> bytes:
        """A page with other rows; what it says of their number says so, too."""
        rows = b"[" + b",".join(kept) + b"]"
        if self._rows_in == "body":
            return rows
        around = _page.decode(page)
        if self._rows_in == "object":
            around["results"] = msgspec.Raw(kept[0] if kept else b"null")
        else:
            around[self._rows_in] = msgspec.Raw(rows)
        for name in _COUNTS:
            if name in around and bytes(around[name]) == str(before).encode():
                around[name] = msgspec.Raw(str(len(kept)).encode())
        return msgspec.json.encode(around)
