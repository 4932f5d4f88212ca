"""One checked page: the bytes as received, and what was read in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

import msgspec

from anthill.bronze.commits import Form
from anthill.sources.stored import Stored


class Page(msgspec.Struct, frozen=True):
    """A page: `member` is its gzip member as landed, `size` its raw bytes, `asof` the source's clock.

    `form` says what a row is written in; `next_url` leads on, where a source has pages that do.
    """

    url: str
    member: bytes | Stored
    size: int
    rows: Sequence[msgspec.Raw]
    digest: int
    asof: dt.datetime
    next_url: str | None = None
    form: Form = "jsonl"
    columns: tuple[str, ...] = ()  # in the order of a row's values, where they have no names
    about: Mapping[str, str] = {}  # what its object says of it beside, in ASCII


class Counted(Sequence[msgspec.Raw]):
    """So many rows, of which the first ones are kept."""

    def __init__(self, first: list[msgspec.Raw], number: int) -> None:
        self._first = first
        self._number = number

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, at: int) -> msgspec.Raw: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[msgspec.Raw]: ...
    def __getitem__(self, at: int | slice) -> msgspec.Raw | Sequence[msgspec.Raw]:
        last = at.indices(self._number)[1] if isinstance(at, slice) else at % self._number + 1 if self._number else 1
        return self._first[at] if last <= len(self._first) else list(self)[at]

    def __iter__(self) -> Iterator[msgspec.Raw]:
        if self._number > len(self._first):
            raise NotImplementedError("the rows of this page are not kept")
        return iter(self._first)
