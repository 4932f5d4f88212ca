"""An asset class: its calendar, its datasets and gold tables, and what no type can check about them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

import msgspec

from anthill import closures, intervals, lists
from anthill.access import Access, kept_in, tag_problems
from anthill.dataset import Dataset
from anthill.nearest import asked
from anthill.yaml_file import Fault

_DAY = dt.timedelta(days=1)
_SOON = dt.timedelta(hours=1)
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)  # of ours: part of SQL, of keys in S3 and of task ids
_MUST_BE_A_NAME = "must be lower case letters, digits and underscores"
_BEFORE = "is before the close: write how long after it, as PT6H for six hours"
_OURS = ("market_date", "asof")  # columns that silver adds and that say something of a row
_FIELD = re.compile(r"\w+(\.\w+)*", re.ASCII)  # of the source's, which SQL has in quotes


class AssetClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One asset class: its calendar, when a market day is due, its datasets and its gold tables in order."""

    asset_class: str
    description: str
    source: str  # the kind of its datasets' source, where an entry says no other
    calendar: str  # a market's, or a span of time such as PT3M, whose intervals follow one another
    start_date: dt.date  # first market day that the source has
    due_after_close: dt.timedelta  # when the source has the market day, counted from its close
    deadline_after_close: dt.timedelta  # when gold must have it
    owner: str
    datasets: Mapping[str, Dataset]
    gold: tuple[str, ...]
    warehouse: tuple[str, ...] = ()  # tables of gold that a warehouse gets, what refers to others after them
    lists: Mapping[str, tuple[str, ...]] = {}  # what datasets are asked for each of, such as tickers
    personal: bool = False  # all its datasets are about people
    history_from: dt.date | None = None  # first market day that is missed where it is not there; an environment may say
    benchmark: str | None = None  # ticker that every series is compared with
    pegs: Mapping[str, tuple[float, float]] = {}  # pairs held within a band: its low and high end
    tags: Mapping[str, str] = {}  # of all its tables, beside those that every table has
    access: Mapping[str, Access] = {}  # by gold table: who sees what of it
    streams: Mapping[str, Dataset] = {}  # of its entries those that are streams: nothing of a market day waits for them
    off: Mapping[str, Dataset] = {}  # of its entries those asked for each of an empty list: there is nothing of them

    @property
    def daily(self) -> dict[str, Dataset]:
        """The datasets that land once a market day, with it."""
        return {name: dataset for name, dataset in self.datasets.items() if dataset.every is None and not dataset.apart}

    @property
    def intraday(self) -> dict[str, Dataset]:
        """The datasets that land again and again in market hours."""
        return {name: dataset for name, dataset in self.datasets.items() if dataset.every is not None}

    @property
    def historical(self) -> dict[str, Dataset]:
        """The datasets that can be had for days gone by."""
        return {name: dataset for name, dataset in {**self.daily, **self.ticks}.items() if not dataset.present_only}

    @property
    def ticks(self) -> dict[str, Dataset]:
        """The datasets of single trades and quotes, told apart by ticker: nothing of a market day waits for them."""
        return {name: dataset for name, dataset in self.datasets.items() if dataset.apart}

    @property
    def has_versions(self) -> bool:
        """Whether its datasets are tables that are read in cuts, all at one moment."""
        return any(dataset.has_versions for dataset in self.datasets.values())

    @property
    def queue(self) -> str:
        """The kind of source whose own jobs load it, where gold is due too soon to wait for others; "" for none."""
        return self.source if self.deadline_after_close < _SOON else ""

    @property
    def published(self) -> tuple[dt.date, ...]:
        """The days that an edition of any of its datasets is declared for, in order; none where rows come daily."""
        return tuple(sorted({day for dataset in self.datasets.values() for day in dataset.published}))

    def with_streams(self) -> Self:
        """The same, whose datasets are all entries, streams among them."""
        return msgspec.structs.replace(self, datasets={**self.datasets, **self.streams})

    @property
    def reconciling(self) -> list[Dataset]:
        """The datasets that are the source's other account of one above them."""
        return [dataset for dataset in self.datasets.values() if dataset.reconciles]

    @property
    def restated_days(self) -> int:
        """For how many market days any of its datasets is revised."""
        return max(dataset.restated_days for dataset in self.datasets.values())

    def problems(self) -> Iterator[Fault]:
        """All that no type can check, and what is wrong about it."""
        if not _NAME.fullmatch(self.asset_class):
            yield ("asset_class",), _MUST_BE_A_NAME
        if odd := [name for name in self.gold if not _NAME.fullmatch(name)]:
            yield ("gold",), f"has {', '.join(map(repr, odd))}: each {_MUST_BE_A_NAME}"
        if twice := _twice(self.gold):
            yield ("gold",), f"has {twice} twice"
        if self.benchmark is not None and (problem := lists.odd_symbol(self.benchmark)):
            yield ("benchmark",), f"is {problem}"
        if problem := _odd_calendar(self.calendar):
            yield ("calendar",), problem
        elif self.due_after_close and self.calendar not in closures.CALENDARS:
            yield ("due_after_close",), "is not PT0S: a run of this calendar starts when its span of time is over"
        if self.due_after_close < dt.timedelta():
            yield ("due_after_close",), _BEFORE
        if self.deadline_after_close <= self.due_after_close:
            yield ("deadline_after_close",), f"is not after due_after_close, {self.due_after_close}"
        yield from tag_problems(self.tags)
        yield from self._of_access()
        yield from self._of_consumption()
        yield from self._of_warehouse()
        yield from self._of_pegs()
        yield from self._of_lists()
        yield from self._of_datasets()

    def _of_warehouse(self) -> Iterator[Fault]:
        if unknown := [name for name in self.warehouse if name not in self.gold]:
            said = f"has {', '.join(unknown)}, allowed are the tables of 'gold': {', '.join(self.gold)}"
            yield ("warehouse",), said + asked(unknown[0], self.gold)
        if twice := _twice(self.warehouse):
            yield ("warehouse",), f"has {twice} twice"

    def _of_pegs(self) -> Iterator[Fault]:
        for ticker, (low, high) in self.pegs.items():
            if problem := lists.odd_symbol(ticker):
                yield ("pegs", ticker), f"is {problem}"
            if not 0 < low < high:
                yield ("pegs", ticker), f"is {low} to {high}: a band is from a price above 0 to a higher one"

    def _of_lists(self) -> Iterator[Fault]:
        for name, values in self.lists.items():
            if not _NAME.fullmatch(name):
                yield ("lists", name), _MUST_BE_A_NAME
            if twice := _twice(values):
                yield ("lists", name), f"has {twice} twice"

    def _of_access(self) -> Iterator[Fault]:
        for name, access in self.access.items():
            if name not in self.gold:
                yield ("access", name), f"is no table of 'gold': {', '.join(self.gold)}{asked(name, self.gold)}"
            for keys, problem in access.problems():
                yield ("access", name, *keys), problem

    def _of_consumption(self) -> Iterator[Fault]:
        """Who reads by Athena reads files: no policy of the catalog holds there, and nothing is erased there."""
        people = [dataset.name for dataset in self.datasets.values() if dataset.personal]
        for name, access in self.access.items():
            why = kept_in(access, {**self.tags, **access.tags}) if access.consumption else ""
            if access.consumption and not why and people and access.tags.get("personal") != "no":
                why = (
                    f"is not for an asset class whose dataset {people[0]} is about people, unless the table's own tags "
                    f'say personal: "no"'
                )
            if why:
                yield ("access", name, "consumption"), f"{why}: who reads by Athena goes past the catalog's rights"
        for dataset in self.datasets.values():
            if dataset.access.consumption:
                at = ("datasets", dataset.name, "access", "consumption")
                yield at, "is for tables of gold: declare it under the asset class's 'access'"

    def _of_datasets(self) -> Iterator[Fault]:
        above: dict[str, Dataset] = {}
        for dataset in self.datasets.values():
            own = dataset.problems(self.lists, above)
            shared = (*_problems_of(dataset), *_odd_account(dataset, list(above)), *_odd_lists(dataset, self))
            for key, problem in (*shared, *own):
                yield ("datasets", dataset.name, *key.split(".")[1:]), problem
            for keys, problem in dataset.access.problems((*dataset.columns, *_OURS)):
                yield ("datasets", dataset.name, "access", *keys), problem
            above[dataset.name] = dataset


def _odd_calendar(calendar: str) -> str:
    """What is wrong with a calendar's name; "" for nothing."""
    if calendar in closures.CALENDARS:
        return ""
    allowed = f"allowed are {', '.join(closures.CALENDARS)}, and a span of time that divides a day, such as PT3M"
    try:
        span = intervals.span_of(calendar)
    except msgspec.ValidationError:
        span = None
    if span and dt.timedelta(minutes=1) <= span <= _DAY and not _DAY % span:
        return ""
    return f"is {calendar!r}, {allowed}{asked(calendar, closures.CALENDARS)}"


def _twice(values: Sequence[str]) -> str:
    """The values that are there more than once."""
    return ", ".join(sorted({value for value in values if values.count(value) > 1}))


def _problems_of(dataset: Dataset) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(dataset.name):
        yield "", _MUST_BE_A_NAME
    yield from _odd_fields(dataset)
    yield from _odd_person(dataset)
    columns = dataset.columns
    known = (*columns, "asof") if dataset.every else columns  # one row a taking
    if unknown := [column for column in dataset.key if column not in known]:
        said = f"names {', '.join(unknown)}, allowed are the columns in 'fields': {', '.join(known)}"
        yield ".key", said + asked(unknown[0], known)
    if twice := _twice(dataset.key):
        yield ".key", f"names {twice} twice"
    if twice := _twice(columns):
        yield ".fields", f"gives {twice} twice"
    if dataset.due_after_close is not None and dataset.due_after_close < dt.timedelta():
        yield ".due_after_close", _BEFORE
    if dataset.file_fields and (other := set(dataset.file_fields.values()) ^ set(columns)):
        yield ".flat_file.fields", f"and 'fields' differ in {', '.join(sorted(other))}: both must fill the same columns"
    if dataset.every and not dt.timedelta(minutes=1) <= dataset.every <= dt.timedelta(hours=6):
        yield ".every", f"is {dataset.every}, allowed is PT1M to PT6H"


def _odd_person(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """What cannot be kept apart, or would tell a person's name where nothing is erased: in keys, logs and the index."""
    if dataset.personal and (dataset.listed_by or dataset.listed):
        yield ".personal", "does not go with 'each': the values are names of objects, and stand in logs and coverage"
    if dataset.personal and dataset.file_fields:
        yield ".personal", "does not go with 'flat_file': rows are erased from pages of JSON"
    if dataset.personal and dataset.announces_closures:
        yield ".personal", "is not for days off: everybody reads them"


def _odd_account(dataset: Dataset, above: list[str]) -> Iterator[tuple[str, str]]:
    """What cannot be compared with another dataset."""
    if dataset.reconciles and dataset.reconciles not in above:
        said = f"is {dataset.reconciles!r}, allowed are datasets above it: {', '.join(above) or 'none'}"
        yield ".reconciles", said + asked(dataset.reconciles, above)
    if dataset.severity != "warn" and not dataset.reconciles:
        yield ".severity", "goes with 'reconciles'"


def _odd_lists(dataset: Dataset, declared: AssetClass) -> Iterator[tuple[str, str]]:
    """What no list or dataset is there for to compare rows with."""
    for name, expected in dataset.expectations.items():
        if expected.listed_in and expected.listed_in not in declared.datasets:
            said = f"is {expected.listed_in!r}, allowed are the datasets: {', '.join(declared.datasets)}"
            yield f".expectations.{name}.listed_in", said + asked(expected.listed_in, declared.datasets)
        if expected.kind == "answered" and not dataset.listed and not dataset.is_off(declared.lists):
            yield f".expectations.{name}", "is of the kind answered, which goes with 'each' of a list"


def _odd_fields(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """What could not stand in SQL as a name."""
    if odd := [column for column in dataset.columns if not _NAME.fullmatch(column)]:
        yield ".fields", f"fills {', '.join(map(repr, odd))}: each {_MUST_BE_A_NAME}"
    theirs = [*dataset.fields, *dataset.page_fields, *dataset.file_fields]
    if odd := [name for name in theirs if not _FIELD.fullmatch(name)]:
        yield (
            ".fields",
            f"names {', '.join(map(repr, odd))}: allowed are letters, digits, underscores, and dots between",
        )
