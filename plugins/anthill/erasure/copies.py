"""Rows of people in tables of a database: found in copies of them and in what changed, and left out."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Sequence

from anthill.bronze.commits import Form
from anthill.bronze.copied import Line, digest
from anthill.erasure.pages import Looked
from anthill.landing.content import IN_MEMORY
from anthill.sources.page import Page
from anthill.sources.postgres.rows import Rows
from anthill.sources.stored import Store


class Copied:
    """The lines of one object, in its columns; people are told by the digests of `column`."""

    def __init__(self, columns: Sequence[str], column: str, digests: Sequence[str]) -> None:
        self._columns = tuple(columns)
        self._line = Line(columns, column, digests)

    def look(self, lines: Iterable[bytes]) -> Looked:
        """Count theirs, and those that are no lines of this table."""
        theirs = unreadable = 0
        for line in lines:
            try:
                theirs += self._line.is_theirs(line)
            except ValueError:
                unreadable += 1
        return Looked(theirs, unreadable)

    def keys(self, lines: Iterable[bytes], key: str) -> Iterator[str]:
        """The digests of the keys that their lines have."""
        at = self._columns.index(key)
        for line in lines:
            try:
                if self._line.is_theirs(line) and (value := self._line.field(line, at)) is not None:
                    yield digest(value)
            except ValueError:
                continue

    def without(self, lines: Iterable[bytes], asof: dt.datetime, form: Form) -> Iterator[Page]:
        """All other lines as one page of the same moment, byte for byte what the database would copy without them."""
        rows = Rows(Store(IN_MEMORY), threading.Event())
        for line in lines:
            try:
                if self._line.is_theirs(line):
                    continue
            except ValueError:
                pass  # nobody's
            rows.write(line)
        yield rows.page("", asof, self._columns, form)
