"""One dataset of an asset class: what its rows hold, and when they are there; a kind of source adds how it is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Literal, Self

import msgspec

from anthill.access import Access
from anthill.expectation import Expectation, Severity
from anthill.intervals import Interval
from anthill.spreadsheet import Form

Empty = Literal["refused", "landed"]
RowsIn = Literal["results", "tickers", "body", "object"]
Count = Annotated[int, msgspec.Meta(ge=0)]
Lists = Mapping[str, tuple[str, ...]]  # of an asset class: what datasets are asked for each of
Problem = tuple[str, str]  # the key in a dataset's entry, with a dot before it, and what is wrong


class Dataset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What any dataset declares: its key, its fields, and when a market day of it is there.

    The fields from `asset_class` on are not declared: they come from where it stands in its file.
    """

    description: str
    key: tuple[str, ...]
    fields: Mapping[str, str]  # name in the source's rows, dots for what lies deeper -> column in silver
    source: str = ""  # the kind of its source, where it is another than its asset class's
    page_fields: Mapping[str, str] = {}  # the same for what a page of JSON says once for all its rows
    rows_in: RowsIn = "results"  # where a page of JSON has its rows; body: a bare array; object: results is one
    empty: Empty = "landed"  # what a market day without rows is
    stays_after: Count = 0  # a key that was there on so many market days in a row stays; 0 for keys that come and go
    restated_days: Count = 0  # the source revises its rows for so many market days
    keeps_withdrawn: bool = False  # rows of earlier answers that the newest one lacks stay in silver, marked
    due_after_close: dt.timedelta | None = None  # where it is later than its asset class's
    history_from: dt.date | None = None  # where it is later than its asset class's
    present_only: bool = False  # the source answers for now, whatever day is asked
    reconciles: str = ""  # a dataset above it, of which it is the source's other account: both are compared
    severity: Severity = "warn"  # what a difference between the two is
    personal: bool = False  # its rows are about people: bronze has it in a bucket from which it can be erased
    apart: str = ""  # the column that says whose rows a part is, where no row says it: a part for each of its list
    gold: tuple[str, ...] = ()  # tables of gold that there are only with it
    every: dt.timedelta | None = None  # taken so often in market hours, and not with the day
    expectations: Mapping[str, Expectation] = {}  # what its rows of a market day are held to
    access: Access = Access()  # who sees what of its silver table
    asset_class: str = ""
    calendar: str = ""
    name: str = ""
    wait: dt.timedelta | None = None  # after the close: its own due_after_close, or its asset class's
    listed: tuple[str, ...] = ()  # the values of a list that it is asked for each of
    listed_by: Dataset | None = None  # the dataset whose rows are those values

    @property
    def table(self) -> str:
        """The name of its silver table."""
        return f"{self.asset_class}_{self.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of silver that the source fills."""
        return (*((self.apart,) if self.apart else ()), *self.page_fields.values(), *self.fields.values())

    def is_off(self, lists: Lists) -> bool:
        """Whether there is nothing of it, since it is asked for each of a list that is empty."""
        return False

    @property
    def shard_names(self) -> tuple[str, ...]:
        """The parts that a market day lands in; one without a name where it is whole."""
        return ("",)

    @property
    def file_fields(self) -> Mapping[str, str]:
        """Where a day may come as a file: name in its header, in the header's order -> column in silver."""
        return {}

    @property
    def headers(self) -> Mapping[str, tuple[str, ...]]:
        """The headers that its files may have, by name, where each says itself which of them it has."""
        return {}

    @property
    def sheet(self) -> Form | None:
        """Where its rows are in a spreadsheet; None where they are in none."""
        return None

    @property
    def encoding(self) -> str:
        """What the text of its files is encoded by."""
        return "UTF-8"

    @property
    def delimiter(self) -> str:
        """What stands between two values in its files."""
        return ","

    @property
    def published(self) -> tuple[dt.date, ...]:
        """The days that an edition is declared for, where rows come by editions and not by the calendar."""
        return ()

    @property
    def has_versions(self) -> bool:
        """Whether it is read in cuts, and silver has each version of a row with its validity."""
        return False

    @property
    def comes_by_itself(self) -> bool:
        """Whether it comes when somebody has it, in as many parts as there are, and no day is waited for."""
        return False

    @property
    def is_gathered(self) -> bool:
        """Whether nobody knows before how many parts a market day has."""
        return self.every is not None or self.comes_by_itself

    def is_whole(self, shards: Collection[str]) -> bool:
        """Whether these are all parts of a market day; what is apart may have more, of what was listed once."""
        if self.is_gathered:
            return True
        return set(shards) >= set(self.shard_names) if self.apart else set(shards) == set(self.shard_names)

    @property
    def is_provisional(self) -> bool:
        """Whether it is a stream: its rows count until another dataset settles them, and it lands by no market day."""
        return False

    @property
    def newest_by(self) -> tuple[str, ...]:
        """The columns by which the newest of several rows of one key is known, the first of them first."""
        return ()

    @property
    def announces_closures(self) -> bool:
        """Whether its rows are the days off that exchanges have announced."""
        return False

    @property
    def calls_a_day(self) -> int:
        """How many pages a market day takes, where nobody has counted."""
        return len(self.shard_names)

    def due(self, interval: Interval) -> dt.datetime | None:
        """From when on an answer is about the whole interval (UTC); None where no other could be had later."""
        if self.wait is None or self.every or self.present_only:
            return None
        over = interval.over
        return None if over is None else over + self.wait

    @property
    def endpoint(self) -> str:
        """Where in its source it is found."""
        return self.name

    def asked(self) -> Iterator[tuple[str, str]]:
        """What the catalogue says of how its source is asked: labels and Markdown."""
        yield "source", f"`{self.source}`, `{self.endpoint}`"

    def first_call(self, market_date: dt.date) -> str:
        """What it asks for first, for a person to compare with the source's documentation."""
        return self.name

    def origin(self, market_date: dt.date, shard: str, *, as_file: bool) -> str:
        """What was asked for first to have a part of a market day, or the file that it came as."""
        return self.name

    def placed(self, lists: Lists, above: Mapping[str, Dataset]) -> Self:
        """The same, with what it takes of its asset class's lists and of the datasets above it."""
        return self

    def problems(self, lists: Lists, above: Mapping[str, Dataset]) -> Iterator[Problem]:
        """What is wrong about the keys that only its kind has."""
        yield from ()
