"""One dataset of an asset class: what is asked of the source for a market day, and what its rows hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

import msgspec

from anthill.calendars import closes, shift
from anthill.expectation import Expectation, Severity

Empty = Literal["refused", "landed"]
RowsIn = Literal["results", "tickers", "body", "object"]
Value = str | int | float | bool


class Call(msgspec.Struct, frozen=True):
    """The first call of one chain of pages."""

    path: str
    params: Mapping[str, str]
    rows_in: RowsIn


class FlatFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day's file in the source's bucket; `prefix` as us_options_opra/day_aggs_v1, `fields` in the header's order."""

    prefix: str
    fields: Mapping[str, str]  # name in the header -> column in silver

    def key(self, market_date: dt.date) -> str:
        """The key of a day's file."""
        return f"{self.prefix}/{market_date:%Y/%m}/{market_date}.csv.gz"


class Dataset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a dataset's rows come from, their key and their fields.

    `asset_class`, `calendar`, `name`, `wait`, `listed` and `listed_by` are not declared: they come from where it stands
    in its file.
    """

    description: str
    path: str
    key: tuple[str, ...]
    fields: Mapping[str, str]  # name in the API's rows, dots for what lies deeper -> column in silver
    page_fields: Mapping[str, str] = {}  # the same for what a page says once for all its rows
    rows_in: RowsIn = "results"  # where a page has its rows; a body may be a bare array of them; object: results is one
    empty: Empty = "landed"  # what a market day without rows is
    params: Mapping[str, Value] = {}
    shards: Mapping[str, Mapping[str, Value]] = {}  # shard -> the parameters that tell it apart
    each: str = ""  # a list of the asset class, or dataset.field: one chain of pages for each value
    changed: tuple[str, ...] = ()  # `each` only of rows that the day before has not so, by the first of these fields
    flat_file: FlatFile | None = None  # taken instead of the calls where the plan has flat files
    stays_after: int = 0  # a key that was there on so many market days in a row stays; 0 for keys that come and go
    restated_days: int = 0  # the source revises its rows for so many market days
    keeps_withdrawn: bool = False  # rows of earlier answers that the newest one lacks stay in silver, marked
    due_after_close: dt.timedelta | None = None  # where it is later than its asset class's
    present_only: bool = False  # the source answers for now, whatever day is asked
    reconciles: str = ""  # a dataset above it, of which it is the source's other account: both are compared
    severity: Severity = "warn"  # what a difference between the two is
    every: dt.timedelta | None = None  # taken so often in market hours, and not with the day
    expectations: Mapping[str, Expectation] = {}  # what its rows of a market day are held to
    asset_class: str = ""
    calendar: str = ""
    name: str = ""
    wait: dt.timedelta | None = None  # after the close: its own due_after_close, or its asset class's
    listed: tuple[str, ...] = ()  # the values of `each`
    listed_by: Dataset | None = None  # the dataset whose rows are the values of `each`

    @property
    def table(self) -> str:
        """The name of its silver table."""
        return f"{self.asset_class}_{self.name}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of silver that the source fills."""
        return (*self.page_fields.values(), *self.fields.values())

    @property
    def placeholder(self) -> str:
        """The word in braces that stands for a value of `each`."""
        return self.each.rpartition(".")[2]

    @property
    def is_range(self) -> bool:
        """Whether it asks for the bars of a stretch of time, of which the source may give a part in silence."""
        return "/range/" in self.path

    @property
    def shard_names(self) -> tuple[str, ...]:
        """The parts that a market day lands in; one without a name where it is whole."""
        return tuple(sorted(self.shards)) or ("",)

    def due(self, market_date: dt.date) -> dt.datetime | None:
        """From when on an answer is about the whole market day (UTC); None where no other could be had later."""
        close = closes(self.calendar).get(market_date) if self.wait is not None else None
        return None if close is None or self.wait is None or self.every or self.present_only else close + self.wait

    def call(self, market_date: dt.date, shard: str = "", value: str = "") -> Call:
        """The call for a market day and shard, and for one value of `each`."""
        params = {name: text(given) for name, given in {**self.params, **self.shards.get(shard, {})}.items()}
        words = {"market_date": market_date.isoformat(), "next_date": (market_date + dt.timedelta(1)).isoformat()}
        words |= {"utc_from": str(_midnight(market_date)), "utc_to": str(_midnight(market_date + dt.timedelta(1)) - 1)}
        for back in re.findall(r"{market_date-(\d+)}", " ".join([self.path, *params.values()])):
            words[f"market_date-{back}"] = shift(self.calendar, market_date, -int(back)).isoformat()
        words |= {self.placeholder: value} if self.each else {}
        segment = {self.placeholder: _segment(value)} if self.each else {}
        path = self.path.format(**words | segment)
        return Call(path, {name: given.format(**words) for name, given in params.items()}, self.rows_in)


def _segment(value: str) -> str:
    """A value as one segment of a path, whatever is in it; the query's are encoded with the whole of it."""
    return quote(value, safe=":") if value.strip(".") else value.replace(".", "%2E")


def _midnight(day: dt.date) -> int:
    """When a UTC day begins, in milliseconds."""
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) * 1000


def text(value: Value) -> str:
    """A parameter as the API writes it: booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
