"""How many calls and minutes a backfill takes, before anybody starts it."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping, Sequence

import msgspec

from anthill.catalog import AssetClass
from anthill.coverage.reader import Reader
from anthill.dataset import Dataset
from anthill.intervals import Interval, day_of
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


def estimate(
    reader: Reader, declared: AssetClass, asked: Mapping[str, Sequence[Interval]], per_minute: int
) -> Estimate:
    """What it costs to land these intervals of each dataset."""
    years = _years(asked)
    near = years | {year + 1 for year in years} | {dt.datetime.now(dt.UTC).year}
    known = reader.entries(declared.asset_class, {name: declared.datasets[name] for name in asked}, near)
    lines = tuple(_line(declared.datasets[name], of, known[name]) for name, of in asked.items() if of)
    calls = sum(line.calls for line in lines)
    minutes = calls / per_minute if per_minute else calls * _A_CALL / _THREADS / 60
    return Estimate(calls, per_minute, round(minutes, 2), lines)


def lacking(reader: Reader, declared: AssetClass, asked: Mapping[str, Sequence[Interval]]) -> dict[str, list[Interval]]:
    """Of the intervals asked for, those that bronze lacks by the index: a backfill does not fetch the others."""
    told = reader.told(declared.asset_class, {name: declared.datasets[name] for name in asked}, _years(asked))
    return {
        name: [each for each in of if not ((state := told[name].get(each.day)) and state.there)]
        for name, of in asked.items()
    }


def _years(asked: Mapping[str, Sequence[Interval]]) -> set[int]:
    return {each.day.year for of in asked.values() for each in of}


def _line(dataset: Dataset, asked: Sequence[Interval], known: Mapping[str, Entry]) -> Line:
    middle = asked[len(asked) // 2].day
    landed = sorted((at for at, entry in known.items() if entry.pages), key=lambda at: abs(day_of(at) - middle))
    recent = [known[at].pages for at in landed[:_RECENT]]
    each = statistics.mean(recent) if recent else dataset.calls_a_day
    return Line(dataset.name, len(asked), round(each, 2), round(each * len(asked)), bool(recent))
