"""How many calls and minutes a backfill takes, before anybody starts it."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping, Sequence

import msgspec

from anthill.catalog import AssetClass
from anthill.coverage.reader import Reader
from anthill.dataset import Dataset
from anthill.ledger.entry import Entry

_RECENT = 20  # landed days whose pages are what a day costs
_THREADS = 16  # calls at a time where no rate holds them back
_A_CALL = 0.25  # seconds, where none was measured yet


class Line(msgspec.Struct, frozen=True):
    """One dataset: its days, and the calls that each takes; `measured` where days of it were landed before."""

    dataset: str
    days: int
    calls_a_day: float
    calls: int
    measured: bool


class Estimate(msgspec.Struct, frozen=True):
    """All of a backfill: the calls, the plan's calls a minute (0 is no limit), and the minutes that they take."""

    calls: int
    per_minute: int
    minutes: float
    lines: tuple[Line, ...]


def estimate(reader: Reader, declared: AssetClass, days: Mapping[str, Sequence[dt.date]], per_minute: int) -> Estimate:
    """What it costs to land these market days of each dataset."""
    years = {day.year for asked in days.values() for day in asked}
    near = years | {year + 1 for year in years} | {dt.datetime.now(dt.UTC).year}
    known = reader.entries(declared.asset_class, {name: declared.datasets[name] for name in days}, near)
    lines = tuple(_line(declared.datasets[name], asked, known[name]) for name, asked in days.items() if asked)
    calls = sum(line.calls for line in lines)
    minutes = calls / per_minute if per_minute else calls * _A_CALL / _THREADS / 60
    return Estimate(calls, per_minute, round(minutes, 2), lines)


def lacking(reader: Reader, declared: AssetClass, asked: Mapping[str, Sequence[dt.date]]) -> dict[str, list[dt.date]]:
    """Of the days asked for, those that bronze lacks by the index: a backfill does not fetch the others."""
    years = {day.year for days in asked.values() for day in days}
    told = reader.told(declared.asset_class, {name: declared.datasets[name] for name in asked}, years)
    return {
        name: [day for day in days if not ((state := told[name].get(day)) and state.there)]
        for name, days in asked.items()
    }


def _line(dataset: Dataset, days: Sequence[dt.date], known: Mapping[dt.date, Entry]) -> Line:
    middle = days[len(days) // 2]
    landed = sorted((day for day, entry in known.items() if entry.pages), key=lambda day: abs(day - middle))[:_RECENT]
    a_day = statistics.mean(known[day].pages for day in landed) if landed else dataset.calls_a_day
    return Line(dataset.name, len(days), round(a_day, 2), round(a_day * len(days)), bool(landed))
