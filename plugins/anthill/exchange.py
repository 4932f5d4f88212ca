"""An exchange's sessions as include/calendars has them: its hours, the weekdays without a session, the early closes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from anthill.include import include_dir

_WEEKDAYS = range(5)  # of date.weekday()


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The regular hours in its zone, and each day from `first` to `last` on which they are not kept."""

    zone: str
    opens: str
    closes: str
    first: dt.date
    last: dt.date
    closed: dict[int, list[dt.date]]  # by year
    early: dict[dt.date, str]

    @property
    def hours(self) -> tuple[dt.time, dt.time, ZoneInfo]:
        """When a regular session begins and ends, and where."""
        return dt.time.fromisoformat(self.opens), dt.time.fromisoformat(self.closes), ZoneInfo(self.zone)

    def sessions(self, last: dt.date) -> Iterator[tuple[dt.date, dt.datetime, dt.datetime]]:
        """Each session from the first day to `last`, with its open and close (UTC)."""
        opens, closes, zone = self.hours
        closed = {day for days in self.closed.values() for day in days}
        for number in range((last - self.first).days + 1):
            day = self.first + dt.timedelta(days=number)
            if day.weekday() in _WEEKDAYS and day not in closed:
                close = dt.time.fromisoformat(self.early[day]) if day in self.early else closes
                yield day, _moment(day, opens, zone), _moment(day, close, zone)


@lru_cache(maxsize=8)
def load(name: str) -> Exchange:
    """An exchange by its market identifier code, such as XNYS."""
    return msgspec.yaml.decode((include_dir() / "calendars" / f"{name}.yaml").read_bytes(), type=Exchange)


def _moment(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)
