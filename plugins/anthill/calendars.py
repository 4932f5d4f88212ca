"""Market days: which days a market trades, and when it opens and closes (UTC)."""

from __future__ import annotations

import datetime as dt
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from anthill import closures, exchange

FIRST_YEAR = 2003  # the source has nothing older
NEW_YORK = ZoneInfo("America/New_York")
_FIVE_PM = dt.time(17)
_loading = threading.Lock()  # a landing's threads want a calendar at once, and each would load it
_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6  # of date.weekday()


class NotAMarketDayError(ValueError):
    """The day asked for is no market day of the calendar, or the calendar does not reach it."""


class ClosedError(NotAMarketDayError):
    """The day would be a market day, and an operator has declared that there is none."""


class Sessions(NamedTuple):
    """A calendar's market days in order, each with its open and close (UTC, early closes included)."""

    days: list[dt.date]
    opens: list[dt.datetime]
    closes: list[dt.datetime]


def schedule(calendar: str) -> Sessions:
    """All of a calendar's sessions, up to the end of next year."""
    return _open(calendar, dt.datetime.now(dt.UTC).year + 1, *_declared(calendar))


def market_days(calendar: str, start: dt.date, end: dt.date) -> list[dt.date]:
    """The market days from start to end, both included."""
    days = schedule(calendar).days
    return days[bisect_left(days, start) : bisect_right(days, end)]


def ranges(calendar: str, days: Iterable[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Some market days as the first and last of each run without a market day missing between them, in order."""
    runs: list[tuple[dt.date, dt.date]] = []
    for day in sorted(set(days)):
        if runs and shift(calendar, runs[-1][1], 1) == day:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def spans(calendar: str, days: Iterable[dt.date]) -> list[str]:
    """The same as text, as a backfill's form takes it: a day, or the first and last of a run."""
    return [str(first) if first == last else f"{first}/{last}" for first, last in ranges(calendar, days)]


def is_market_day(calendar: str, day: dt.date) -> bool:
    """Whether the market trades on the day."""
    return bool(market_days(calendar, day, day))


def session_open(calendar: str, day: dt.date) -> dt.datetime:
    """When the market opens on a market day (UTC); NotAMarketDayError otherwise."""
    sessions = schedule(calendar)
    return sessions.opens[_position(calendar, sessions.days, day)]


def session_close(calendar: str, day: dt.date) -> dt.datetime:
    """When the market closes on a market day (UTC); NotAMarketDayError otherwise."""
    sessions = schedule(calendar)
    return sessions.closes[_position(calendar, sessions.days, day)]


def closes(calendar: str) -> dict[dt.date, dt.datetime]:
    """When the market closes (UTC), for every market day."""
    return _closes(calendar, dt.datetime.now(dt.UTC).year + 1, *_declared(calendar))


def shift(calendar: str, day: dt.date, sessions: int) -> dt.date:
    """The market day so many sessions later (earlier when negative), held at the calendar's ends.

    From a day off, the first session later is the next market day, the first earlier the last one.
    """
    days = schedule(calendar).days
    position = bisect_left(days, day)
    off = not (position < len(days) and days[position] == day)
    steps = sessions - 1 if off and sessions > 0 else sessions
    return days[min(max(position + steps, 0), len(days) - 1)]


def next_market_day(calendar: str, day: dt.date) -> dt.date | None:
    """The first market day on or after the day; None past the calendar's end."""
    days = schedule(calendar).days
    position = bisect_left(days, day)
    return days[position] if position < len(days) else None


def previous_market_day(calendar: str, day: dt.date) -> dt.date | None:
    """The last market day on or before the day; None before the calendar's start."""
    days = schedule(calendar).days
    position = bisect_right(days, day)
    return days[position - 1] if position else None


def present_market_day(calendar: str, moment: dt.datetime) -> dt.date:
    """The market day that an answer of this moment is about: the last one that has opened."""
    sessions = schedule(calendar)
    position = bisect_right(sessions.opens, moment)
    if not position:
        raise NotAMarketDayError(f"{moment} lies before the {calendar} calendar, which begins on {sessions.days[0]}")
    return sessions.days[position - 1]


def require_market_day(calendar: str, day: dt.date) -> dt.date:
    """The day itself; NotAMarketDayError, with its neighbours, when the market is closed."""
    days = schedule(calendar).days
    _position(calendar, days, day)
    return day


def _position(calendar: str, days: list[dt.date], day: dt.date) -> int:
    position = bisect_left(days, day)
    if position < len(days) and days[position] == day:
        return position
    if not days[0] <= day <= days[-1]:
        raise NotAMarketDayError(f"{day} is outside the {calendar} calendar, which runs from {days[0]} to {days[-1]}")
    around = f"the market days around it are {days[position - 1]} and {days[position]}"
    if reason := closures.of(calendar).get(day):
        raise ClosedError(f"{day} is no market day of {calendar} by {closures.FILE.name} ({reason}): {around}")
    raise NotAMarketDayError(f"{day} is no market day of {calendar}: {around}")


def _declared(calendar: str) -> tuple[frozenset[dt.date], frozenset[tuple[dt.date, dt.datetime]]]:
    """The days without a market and the closes that an operator has declared."""
    return frozenset(closures.of(calendar)), frozenset(closures.closes(calendar).items())


@lru_cache(maxsize=8)
def _open(
    calendar: str, last_year: int, closed: frozenset[dt.date], closes: frozenset[tuple[dt.date, dt.datetime]]
) -> Sessions:
    """The calendar's sessions as an operator has declared them."""
    known = _load(calendar, last_year)
    if not closed and not closes:
        return known
    other = dict(closes)
    sessions = zip(*known, strict=True)
    kept = [(day, opens, other.get(day, close)) for day, opens, close in sessions if day not in closed]
    return Sessions(*map(list, zip(*kept, strict=True)))


@lru_cache(maxsize=8)
def _closes(
    calendar: str, last_year: int, closed: frozenset[dt.date], closes: frozenset[tuple[dt.date, dt.datetime]]
) -> dict[dt.date, dt.datetime]:
    sessions = _open(calendar, last_year, closed, closes)
    return dict(zip(sessions.days, sessions.closes, strict=True))


def _load(calendar: str, last_year: int) -> Sessions:
    with _loading:
        return _loaded(calendar, last_year)


@lru_cache(maxsize=8)
def _loaded(calendar: str, last_year: int) -> Sessions:
    first, last = dt.date(FIRST_YEAR, 1, 1), dt.date(last_year, 12, 31)
    every = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    match calendar:
        case _ if calendar == "24/7" or calendar.startswith("P"):  # a span of time goes on every day
            return Sessions(every, [_midnight(day) for day in every], [_midnight(_after(day)) for day in every])
        case "forex":
            week = [day for day in every if day.weekday() != _SATURDAY]
            return Sessions(week, [_forex_open(day) for day in week], [_forex_close(day) for day in week])
    known = exchange.load(calendar)
    if last > known.last:
        raise NotAMarketDayError(f"the {calendar} calendar ends on {known.last}: `make calendars` writes it further")
    days, opens, closes = zip(*known.sessions(last), strict=True)
    return Sessions(list(days), list(opens), list(closes))


def _forex_open(day: dt.date) -> dt.datetime:
    """Sundays begin at 17:00 New York, other days where the one before ended: the source's days are UTC days."""
    return _new_york_evening(day) if day.weekday() == _SUNDAY else _midnight(day)


def _forex_close(day: dt.date) -> dt.datetime:
    """Fridays end at 17:00 New York."""
    return _new_york_evening(day) if day.weekday() == _FRIDAY else _midnight(_after(day))


def _new_york_evening(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, _FIVE_PM, NEW_YORK).astimezone(dt.UTC)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _after(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1)


def last_due(calendar: str, after_close: dt.timedelta, now: dt.datetime) -> dt.date | None:
    """The last market day whose data is due at a moment; None before the calendar begins."""
    day = previous_market_day(calendar, now.date() + dt.timedelta(days=1))
    while day and session_close(calendar, day) + after_close > now:
        day = previous_market_day(calendar, day - dt.timedelta(days=1))
    return day
