"""What a market day of a dataset is, in one letter: landed, empty, missing, refused, and so on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from anthill import calendars, closures, intervals
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.intervals import Interval
from anthill.ledger.entry import Entry, Part

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
LATE_FOR = dt.timedelta(days=1)  # what is due and not there is late for so long, then missing


class State(StrEnum):
    """The states, each with the letter that stands for it."""

    LANDED = "L"
    EMPTY = "E"
    RESTATED = "R"
    REFUSED = "X"  # the source was asked and did not give it
    KEY = "K"  # the source did not take our key: trouble of today, nothing of the day itself
    LATE = "T"
    MISSING = "M"
    GONE = "G"  # was not taken in its time, and cannot be had any more
    WAITING = "W"  # not due yet
    CLOSED = "C"  # an operator has declared that the market did not trade
    OFF = "."  # no market day, before the source has any, or before any is wanted

    @property
    def there(self) -> bool:
        """Whether bronze holds the day."""
        return self in (State.LANDED, State.EMPTY, State.RESTATED)

    @property
    def gap(self) -> bool:
        """Whether a backfill may fill it."""
        return self in (State.MISSING, State.LATE, State.REFUSED, State.KEY)


MEANING: dict[State, str] = {
    State.LANDED: "landed: bronze holds its rows",
    State.EMPTY: "empty: the source was asked and has no rows",
    State.RESTATED: "restated: the source gave other rows later; the newest revision counts",
    State.REFUSED: "refused: the source was asked and did not give it",
    State.KEY: "key refused: the source did not take the API key when the day was asked for last, and no answer since",
    State.LATE: "late: due for less than a day and not landed since",
    State.MISSING: "missing: due for more than a day and never landed, or before it was due only",
    State.GONE: "gone: not taken in its time, and the source answers for the present only",
    State.WAITING: "not due yet",
    State.CLOSED: "closed: no market by dags/closures.yaml, although the calendar has the day",
    State.OFF: "no market day, or before the history that is wanted",
}


# What a day of many intervals is called.
_WORST = (State.KEY, State.REFUSED, State.MISSING, State.RESTATED, State.LANDED, State.EMPTY)


class Due(dict[dt.timedelta | None, tuple[dt.date | None, dt.date | None]]):
    """The last market day due, and the last one due for a day already, by a dataset's own `due_after_close`."""

    def __init__(self, declared: AssetClass, now: dt.datetime) -> None:
        super().__init__()
        self.declared = declared
        self.now = now

    def __missing__(self, after: dt.timedelta | None) -> tuple[dt.date | None, dt.date | None]:
        wait = self.declared.due_after_close if after is None else after
        calendar = self.declared.calendar
        self[after] = (
            calendars.last_due(calendar, wait, self.now),
            calendars.last_due(calendar, wait, self.now - LATE_FOR),
        )
        return self[after]


def known(dataset: Dataset, entries: Mapping[str, Entry]) -> dict[dt.date, State]:
    """The states that entries tell by themselves, whatever time it is; days of which they tell none are left out.

    A day of many intervals is as the worst of them is, and one that lacks any before the last known one is missing.
    """
    takings = dataset.every is not None
    # A key that was refused is history once the source has answered for any day.
    attempts = [entry.attempt for entry in entries.values() if entry.attempt]
    answered = max((attempt.at for attempt in attempts if not attempt.by_key), default=_NEVER)

    def state(interval: Interval, entry: Entry) -> State | None:
        if entry.parts and is_whole(dataset, interval, entry.parts):
            if not takings and any(part.revision > 1 for part in entry.parts):
                return State.RESTATED
            return State.LANDED if any(part.rows for part in entry.parts) else State.EMPTY
        if not (attempt := entry.attempt) or attempt.outcome != "refused":
            return None
        if attempt.by_key:
            return State.KEY if attempt.at > answered else None
        return State.REFUSED

    calendar = dataset.calendar
    told = {at: found for at, entry in entries.items() if (found := state(Interval(calendar, at), entry))}
    if not intervals.span_of(calendar):
        return {dt.date.fromisoformat(day): found for day, found in told.items()}
    return _by_day(calendar, told, entries)


def _by_day(calendar: str, told: Mapping[str, State], asked: Iterable[str]) -> dict[dt.date, State]:
    """The worst of each day's intervals, up to the last one that somebody asked for."""
    labels = set(asked)
    by_day: dict[dt.date, list[State]] = defaultdict(list)
    for each in intervals.of_days(calendar, sorted(set(map(intervals.day_of, labels)))):
        if each.label <= max(labels):
            by_day[each.day].append(told.get(each.label, State.MISSING))
    return {day: min(found, key=_WORST.index) for day, found in by_day.items()}


def is_whole(dataset: Dataset, interval: Interval, parts: Iterable[Part]) -> bool:
    """Whether parts are all of an interval: every shard of it, and as the source has it since it was due.

    A flat file is there once its interval is over.
    """
    due = dataset.due(interval)
    whole = {part.shard for part in parts if due is None or part.form == "csv" or part.asked >= due}
    return dataset.is_gathered or whole >= set(dataset.shard_names)


def row(
    dataset: Dataset,
    days: Iterable[dt.date],
    market_days: frozenset[dt.date],
    told: Mapping[dt.date, State],
    due: Due,
) -> str:
    """The states of some days, a letter each; days off are a dot."""
    edge, late = due[dt.timedelta() if dataset.every else dataset.due_after_close]
    # Called for fifty thousand days a view: what all of them share is decided once.
    published = frozenset(dataset.published)
    past = State.GONE if (dataset.present_only or dataset.every) and not published else State.MISSING
    start = due.declared.start_date
    wanted = max(due.declared.history_from or start, dataset.history_from or start)
    edge, late = edge or dt.date.min, late or dt.date.min
    closed = closures.of(due.declared.calendar)

    def state(day: dt.date) -> State:
        if day in closed and day >= start:
            return there if (there := told.get(day)) and there.there else State.CLOSED
        if day not in market_days or day < start or (published and day not in published):
            return State.OFF
        known = told.get(day)
        if day < wanted and not (known and known.there):
            return State.OFF
        if known:
            return known
        if dataset.comes_by_itself:
            return State.OFF
        if day > edge:
            return State.WAITING
        return State.LATE if day > late else past

    return "".join([state(day).value for day in days])
