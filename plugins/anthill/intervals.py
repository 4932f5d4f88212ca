"""What a landing is about: a market day, or a moment that comes again every so often; its label names it everywhere.

A calendar is a market's (`XNYS`, `24/7`, `forex`), whose intervals are market days, or a span of time (`PT3M`), whose
intervals follow one another from midnight on (UTC).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from anthill import calendars
from anthill.calendars import NotAMarketDayError

MOMENT = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_MOMENT = "%Y%m%dT%H%M%SZ"
_DAY = dt.timedelta(days=1)


class Interval(msgspec.Struct, frozen=True, order=True):
    """One of a calendar's intervals; labels are in the order of time: `2026-06-01`, or `20260601T100300Z`, its end."""

    calendar: str
    label: str

    @property
    def day(self) -> dt.date:
        """The UTC day that it belongs to: its market day, or the day that it ends on, a midnight the day before it."""
        return day_of(self.label)

    @property
    def start(self) -> dt.datetime:
        """When it begins (UTC): the market's open, or the end of the one before; NotAMarketDayError for a day off."""
        if span := span_of(self.calendar):
            return moment_of(self.label) - span
        return calendars.session_open(self.calendar, self.day)

    @property
    def end(self) -> dt.datetime:
        """When it is over (UTC), from when on its wait counts; NotAMarketDayError for a day off."""
        return self.over or calendars.session_close(self.calendar, self.day)

    @property
    def over(self) -> dt.datetime | None:
        """The same; None for a day off, which an operator may have declared since."""
        return moment_of(self.label) if span_of(self.calendar) else calendars.closes(self.calendar).get(self.day)

    @property
    def named(self) -> dict[str, str]:
        """The label as results and events of assets name it: `market_date`, or `at`."""
        return {"at" if span_of(self.calendar) else "market_date": self.label}

    def __str__(self) -> str:
        return self.label


def span_of(calendar: str) -> dt.timedelta | None:
    """How long the intervals of a calendar are that is a span of time; None for a market's."""
    return _span(calendar) if calendar.startswith("P") else None


def day_of(label: str) -> dt.date:
    """The UTC day of a label; ValueError where it is none."""
    if MOMENT.fullmatch(label):
        return (moment_of(label) - dt.timedelta(seconds=1)).date()
    return dt.date.fromisoformat(label)


def moment_of(label: str) -> dt.datetime:
    """The moment (UTC) that a label names."""
    return dt.datetime.strptime(label, _MOMENT).replace(tzinfo=dt.UTC)


def market_day(calendar: str, day: dt.date) -> Interval:
    """A market day; nobody looks whether the calendar has it."""
    return Interval(calendar, day.isoformat())


def ending(calendar: str, moment: dt.datetime) -> Interval:
    """The interval of a span's calendar that ends at a moment, or the last one that had ended by then."""
    span = span_of(calendar)
    if span is None:
        raise NotAMarketDayError(f"{calendar} is a market's calendar: its intervals are market days")
    moment = dt.datetime.fromtimestamp(moment.timestamp(), dt.UTC)  # a task's moment is pendulum's, and no timedelta
    midnight = dt.datetime.combine(moment.date(), dt.time(), dt.UTC)
    return Interval(calendar, (midnight + (moment - midnight) // span * span).strftime(_MOMENT))


def present(calendar: str, moment: dt.datetime) -> Interval:
    """What an answer of this moment is about: the last market day that has opened, the last interval that has ended."""
    if span_of(calendar):
        return ending(calendar, moment)
    return market_day(calendar, calendars.present_market_day(calendar, moment))


def between(calendar: str, first: dt.date, last: dt.date) -> list[Interval]:
    """The intervals of the days from first to last, both included, in order."""
    if span := span_of(calendar):
        opens = dt.datetime.combine(first, dt.time(), dt.UTC)
        many = (last - first + _DAY) // span
        return [Interval(calendar, (opens + number * span).strftime(_MOMENT)) for number in range(1, many + 1)]
    return [market_day(calendar, day) for day in calendars.market_days(calendar, first, last)]


def of_days(calendar: str, days: Iterable[dt.date]) -> list[Interval]:
    """The intervals of some days, which the calendar has."""
    if span_of(calendar):
        return [each for day in days for each in between(calendar, day, day)]
    return [market_day(calendar, day) for day in days]


def earlier(interval: Interval, many: int, since: dt.date) -> list[Interval]:
    """So many intervals before this one, none of a day before `since`, in order."""
    if span := span_of(interval.calendar):
        ends = [moment_of(interval.label) - number * span for number in range(many, 0, -1)]
        found = [Interval(interval.calendar, end.strftime(_MOMENT)) for end in ends]
        return [each for each in found if each.day >= since]
    first = max(calendars.shift(interval.calendar, interval.day, -many), since)
    return between(interval.calendar, first, interval.day - _DAY) if many else []


@lru_cache(maxsize=8)
def _span(calendar: str) -> dt.timedelta:
    return msgspec.convert(calendar, dt.timedelta)
