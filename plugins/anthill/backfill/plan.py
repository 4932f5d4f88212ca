"""What a bulk backfill is asked for, and its chunks of market days."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from anthill import calendars, catalog, intervals
from anthill.catalog import AssetClass
from anthill.intervals import Interval

BeginAt = Literal["bronze", "silver", "gold"]
MOST_CHUNKS = 500  # Airflow maps a task 1024 times at most


class PlanError(ValueError):
    """What was asked cannot be planned; the message says what is allowed."""


class Plan(msgspec.Struct, frozen=True):
    """An asset class, the intervals asked for of each dataset, and all their days in order.

    `chunk` is how many market days of the calendar a chunk spans at most; `again` fetches days that are landed;
    `begin_at` is the first of the steps that are run.
    """

    asset_class: str
    calendar: str
    asked: Mapping[str, tuple[Interval, ...]]
    days: tuple[dt.date, ...]
    chunk: int
    again: bool
    begin_at: BeginAt = "bronze"

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets asked for."""
        return tuple(self.asked)

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """The first and last market day of each chunk, and how many days lie before it."""
        if self.begin_at == "gold":  # there is nothing to land or to load in portions
            ends = {"market_date_from": str(self.days[0]), "market_date_to": str(self.days[-1])}
            return [{**ends, "days_before": 0}]
        chunks: list[dict[str, Any]] = []
        at = 0
        while at < len(self.days):
            end = calendars.shift(self.calendar, self.days[at], self.chunk - 1)
            next_at = bisect_right(self.days, end)
            first, last = str(self.days[at]), str(self.days[next_at - 1])
            chunks.append({"market_date_from": first, "market_date_to": last, "days_before": at})
            at = next_at
        return chunks

    @property
    def whole(self) -> bool:
        """Whether every dataset is asked for everything from the first day to the last."""
        every = tuple(intervals.between(self.calendar, self.days[0], self.days[-1]))
        return all(of == every for of in self.asked.values())

    def intervals_of(self, dataset: str, first: dt.date = dt.date.min, last: dt.date = dt.date.max) -> list[Interval]:
        """The intervals asked for of a dataset, of those of the days from first to last."""
        return [each for each in self.asked[dataset] if first <= each.day <= last]


def plan(params: Mapping[str, Any]) -> Plan:
    """The plan of a form: asset_class; datasets, market_date_from and _to, or only; chunk, again and begin_at."""
    declared = catalog.load(params["asset_class"])
    asked = _only(params["only"], declared) if params.get("only") else _range(params, declared)
    days = tuple(sorted({each.day for of in asked.values() for each in of}))
    if (chunk := int(params["chunk"])) < 1:
        raise PlanError(f"chunk: {chunk} is no number of market days, allowed are 1 and more")
    begin_at = params.get("begin_at", "bronze")
    if begin_at != "bronze" and params["again"]:
        raise PlanError(f"again: what begins at {begin_at} fetches nothing; begin at bronze, or turn it off")
    place = declared.asset_class, declared.calendar
    made = Plan(*place, asked, days, chunk, bool(params["again"]), begin_at)
    if len(made.chunks) > MOST_CHUNKS:
        raise PlanError(
            f"chunk: {len(days)} market days in chunks of {made.chunk} are more than {MOST_CHUNKS}: enlarge it"
        )
    return made


def _range(params: Mapping[str, Any], declared: AssetClass) -> dict[str, tuple[Interval, ...]]:
    """Everything from the first day to the last, of all datasets asked for."""
    first, last = (_day(params, name) for name in ("market_date_from", "market_date_to"))
    datasets = _datasets(params.get("datasets") or declared.historical, declared)
    every = tuple(intervals.between(declared.calendar, max(first, declared.start_date), last))
    if not every:
        raise PlanError(f"there is no {declared.calendar} market day from {first} to {last}")
    return dict.fromkeys(datasets, every)


def _only(only: Any, declared: AssetClass) -> dict[str, tuple[Interval, ...]]:
    """The days and ranges of days that are named for each dataset."""
    if not isinstance(only, Mapping):
        raise PlanError("only: allowed are datasets, each with a list of days and ranges, as 2026-06-01/2026-06-05")
    asked: dict[str, tuple[Interval, ...]] = {}
    most = len(calendars.market_days(declared.calendar, dt.date.min, dt.date.max))
    for name in _datasets(only, declared):
        days: set[dt.date] = set()
        named = 0
        for given in only[name]:
            first, _, last = str(given).partition("/")
            ends = {"from": first, "to": last or first}
            found = calendars.market_days(declared.calendar, _day(ends, "from"), _day(ends, "to"))
            if not found or found[0] < declared.start_date:
                raise PlanError(f"only: {name} has no {declared.calendar} market day on {given}")
            days |= set(found)
            named += len(found)
            if named > most:
                raise PlanError(f"only: {name} names more market days than the {most:,} that there are")
        if not days:
            raise PlanError(f"only: {name} names no market day")
        asked[name] = tuple(intervals.of_days(declared.calendar, sorted(days)))
    return asked


def _datasets(asked: Iterable[str], declared: AssetClass) -> tuple[str, ...]:
    """The datasets asked for; PlanError where one cannot be had for days gone by."""
    asked = tuple(asked)
    if unknown := set(asked) - set(declared.historical):
        raise PlanError(
            f"datasets: {', '.join(sorted(unknown))} cannot be had for days gone by; {declared.asset_class} has "
            f"{', '.join(declared.historical)}"
        )
    return asked


def _day(params: Mapping[str, Any], name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(params[name])
    except (TypeError, ValueError):
        raise PlanError(f"{name}: {params[name]!r} is no date, allowed is YYYY-MM-DD") from None
