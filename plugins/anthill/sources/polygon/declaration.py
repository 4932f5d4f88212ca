"""What a dataset of the API declares: the calls that a market day of it takes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Self
from urllib.parse import quote, urlencode

import msgspec

from anthill.calendars import shift
from anthill.closures import UPCOMING
from anthill.dataset import Dataset, Lists, Problem, RowsIn

Value = str | int | float | bool

# -1, -2 and so on: market days before; utc_from and utc_to: the ends of the UTC day, in milliseconds
_PLACEHOLDERS = ("market_date", "market_date-1", "next_date", "utc_from", "utc_to")
_CHANGED = 40  # of a list's rows from one day to the next, where nobody has counted: listings begin, end, change


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


class PolygonDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dataset of the REST API, and of the flat files where there are any."""

    path: str
    params: Mapping[str, Value] = {}
    shards: Mapping[str, Mapping[str, Value]] = {}  # shard -> the parameters that tell it apart
    each: str = ""  # a list of the asset class, or dataset.field: one chain of pages for each value
    changed: tuple[str, ...] = ()  # `each` only of rows that the day before has not so, by the first of these fields
    flat_file: FlatFile | None = None  # taken instead of the calls where the plan has flat files
    listed_by: PolygonDataset | None = None

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
        return tuple(sorted(self.listed if self.apart else self.shards)) or ("",)

    def is_off(self, lists: Lists) -> bool:
        """Whether there is nothing of it, since it is asked for each of a list that is empty."""
        return self.each in lists and not lists[self.each]

    @property
    def file_fields(self) -> Mapping[str, str]:
        """The fields of its flat file, in the header's order."""
        return self.flat_file.fields if self.flat_file else {}

    @property
    def announces_closures(self) -> bool:
        """Whether it is the API's list of the days off that exchanges have announced."""
        return self.path == UPCOMING

    @property
    def calls_a_day(self) -> int:
        """A call a shard and value of its list; where it asks for what changed, a guess."""
        if self.changed or self.apart:
            return _CHANGED if self.changed else len(self.shard_names)
        return len(self.shard_names) * (len(self.listed) or 1)

    def call(self, market_date: dt.date, shard: str = "", value: str = "") -> Call:
        """The call for a market day and shard, and for one value of `each`, which a shard is where they are apart."""
        value = shard if self.apart and shard else value
        params = {name: _text(given) for name, given in {**self.params, **self.shards.get(shard, {})}.items()}
        words = {"market_date": market_date.isoformat(), "next_date": (market_date + dt.timedelta(1)).isoformat()}
        words |= {"utc_from": str(_midnight(market_date)), "utc_to": str(_midnight(market_date + dt.timedelta(1)) - 1)}
        for back in re.findall(r"{market_date-(\d+)}", " ".join([self.path, *params.values()])):
            words[f"market_date-{back}"] = shift(self.calendar, market_date, -int(back)).isoformat()
        words |= {self.placeholder: value} if self.each else {}
        segment = {self.placeholder: _segment(value)} if self.each else {}
        path = self.path.format(**words | segment)
        return Call(path, {name: given.format(**words) for name, given in params.items()}, self.rows_in)

    @property
    def endpoint(self) -> str:
        """The path that it asks for."""
        return self.path

    def asked(self) -> Iterator[tuple[str, str]]:
        """Its endpoint with all parameters, and what it is asked for each of."""
        shards = "; ".join(f"{name}: {_query(more)}" for name, more in self.shards.items())
        given = (f" `?{_query(self.params)}`" if self.params else "") + (f" ({shards})" if shards else "")
        yield "endpoint", f"`GET {self.path}`{given}"
        if self.each:
            yield "asked for each", f"`{self.each}`"
        if self.flat_file:
            yield "flat file", f"`{self.flat_file.prefix}`, where the plan has flat files"

    def first_call(self, market_date: dt.date) -> str:
        """The path that it asks for first; its parameters may name market days before, which take a calendar."""
        return (
            msgspec.structs.replace(self, params={})
            .call(market_date, self.shard_names[0], self.listed[0] if self.listed else "")
            .path
        )

    def origin(self, market_date: dt.date, shard: str, *, as_file: bool) -> str:
        """The call with all its parameters; of each of a list the path as it is declared. Or the flat file."""
        if as_file and self.flat_file:
            return self.flat_file.key(market_date)
        if self.every:  # a shard is a taking, by its time
            shard = ""
        call = self.call(market_date, shard, f"{{{self.placeholder}}}" if self.each else "")
        path = self.path.replace("{market_date}", str(market_date)) if self.each and not self.apart else call.path
        return f"GET {path}" + (f"?{urlencode(call.params)}" if call.params else "")

    def placed(self, lists: Lists, above: Mapping[str, Dataset]) -> Self:
        """The same with what it is asked for each of: a list, or the rows of a dataset above it."""
        if self.each in lists:
            return msgspec.structs.replace(self, listed=lists[self.each])
        source, _, field = self.each.partition(".")
        listing = above.get(source)
        if isinstance(listing, PolygonDataset) and field in listing.fields:
            return msgspec.structs.replace(self, listed_by=listing)
        return self

    def problems(self, lists: Lists, above: Mapping[str, Dataset]) -> Iterator[Problem]:
        """What is wrong about the calls."""
        if self.each and not self.listed and self.listed_by is None and self.each not in lists:
            allowed = [*lists, *(f"{name}.<one of its fields>" for name in above)]
            yield (
                ".each",
                f"is {self.each!r}, allowed are the keys of 'lists' and fields of datasets above it: "
                f"{', '.join(allowed) or 'none'}",
            )
        if not self.path.startswith("/"):
            allowed_path = "a path from the root of the API, such as /v3/reference/tickers"
            yield ".path", f"is {self.path!r}, allowed is {allowed_path}"
        if self.every and self.shards:
            yield ".shards", "cannot stand beside 'every': each taking is a shard of its own"
        yield from self._odd_changed()
        yield from self._odd_apart()
        known = (*_PLACEHOLDERS, self.placeholder) if self.each else _PLACEHOLDERS
        for word in re.findall(r"{(.*?)}", " ".join([self.path, *map(_text, self.params.values())])):
            if re.sub(r"-\d+$", "-1", word) not in known:
                yield "", f"has the placeholder {{{word}}}, allowed are {', '.join(known)}"

    def _odd_changed(self) -> Iterator[Problem]:
        """What cannot be compared between two days' rows of another dataset."""
        if not self.changed:
            return
        if self.listed_by is None or self.shards:
            yield ".changed", "goes with 'each' of another dataset's rows, and without 'shards'"
        elif other := [name for name in self.changed if name not in self.listed_by.fields]:
            yield ".changed", f"names {', '.join(other)}, which are no fields of {self.listed_by.name}"

    def _odd_apart(self) -> Iterator[Problem]:
        """What cannot be told apart by the values of a list."""
        if not self.apart:
            return
        if self.shards or self.every or self.listed_by or not self.each:
            yield ".apart", "goes with 'each' of a list, and without 'shards' and 'every'"
        if self.flat_file and next(iter(self.file_fields.values()), "") != self.apart:
            yield ".apart", "must be the column of the first of flat_file.fields, by which its rows are told apart"


def _text(value: Value) -> str:
    """A parameter as the API writes it: booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _query(params: Mapping[str, Value]) -> str:
    return "&".join(f"{name}={_text(value)}" for name, value in params.items())


def _segment(value: str) -> str:
    """A value as one segment of a path, whatever is in it; the query's are encoded with the whole of it."""
    return quote(value, safe=":") if value.strip(".") else value.replace(".", "%2E")


def _midnight(day: dt.date) -> int:
    """When a UTC day begins, in milliseconds."""
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) * 1000


DATASET = PolygonDataset
