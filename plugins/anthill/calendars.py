"""Market days: which days a market trades, and when it closes (UTC)."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import NamedTuple

FIRST_YEAR = 2003  # the source has nothing older


class NotAMarketDayError(ValueError):
    """The day asked for is no market day of the calendar, or the calendar does not reach it."""


class Sessions(NamedTuple):
    """A calendar's market days in order, each with its close (UTC, early closes included)."""

    days: list[dt.date]
    closes: list[dt.datetime]


def market_days(calendar: str, start: dt.date, end: dt.date) -> list[dt.date]:
    """The market days from start to end, both included."""
    days = _sessions(calendar).days
    return days[bisect_left(days, start) : bisect_right(days, end)]


def is_market_day(calendar: str, day: dt.date) -> bool:
    """Whether the market trades on the day."""
    return bool(market_days(calendar, day, day))


def session_close(calendar: str, day: dt.date) -> dt.datetime:
    """When the market closes on a market day (UTC); NotAMarketDayError otherwise."""
    sessions = _sessions(calendar)
    return sessions.closes[_position(calendar, sessions.days, day)]


def shift(calendar: str, day: dt.date, sessions: int) -> dt.date:
    """The market day so many sessions later (earlier when negative), held at the calendar's ends.

    From a day off, the first session later is the next market day, the first earlier the last one.
    """
    days = _sessions(calendar).days
    position = bisect_left(days, day)
    off = not (position < len(days) and days[position] == day)
    steps = sessions - 1 if off and sessions > 0 else sessions
    return days[min(max(position + steps, 0), len(days) - 1)]


def next_market_day(calendar: str, day: dt.date) -> dt.date | None:
    """The first market day on or after the day; None past the calendar's end."""
    days = _sessions(calendar).days
    position = bisect_left(days, day)
    return days[position] if position < len(days) else None


def previous_market_day(calendar: str, day: dt.date) -> dt.date | None:
    """The last market day on or before the day; None before the calendar's start."""
    days = _sessions(calendar).days
    position = bisect_right(days, day)
    return days[position - 1] if position else None


def require_market_day(calendar: str, day: dt.date) -> dt.date:
    """The day itself; NotAMarketDayError, with its neighbours, when the market is closed."""
    days = _sessions(calendar).days
    _position(calendar, days, day)
    return day


def _position(calendar: str, days: list[dt.date], day: dt.date) -> int:
    position = bisect_left(days, day)
    if position < len(days) and days[position] == day:
        return position
    if not days[0] <= day <= days[-1]:
        raise NotAMarketDayError(f"{day} is outside the {calendar} calendar, which runs from {days[0]} to {days[-1]}")
    raise NotAMarketDayError(
        f"{day} is no market day of {calendar}: the market days around it are {days[position - 1]} and {days[position]}"
    )


def _sessions(calendar: str) -> Sessions:
    return _load(calendar, dt.datetime.now(dt.UTC).year + 1)


@lru_cache(maxsize=8)
def _load(calendar: str, last_year: int) -> Sessions:
    # Importing exchange_calendars brings pandas, 0.4 s: never when a DAG file is parsed.
    import exchange_calendars

    schedule = exchange_calendars.get_calendar(calendar, start=f"{FIRST_YEAR}-01-01", end=f"{last_year}-12-31").schedule
    return Sessions(
        days=[session.date() for session in schedule.index],
        closes=[close.to_pydatetime().replace(tzinfo=dt.UTC) for close in schedule["close"].dt.tz_convert("UTC")],
    )
