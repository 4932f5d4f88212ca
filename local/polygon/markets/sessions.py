"""The days on which markets trade, as arrays."""

import bisect
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np

from local.polygon.markets.clock import NEW_YORK
from local.polygon.markets.noise import Ints

FIRST_DAY = dt.date(2003, 9, 10)
"""The first day of stock history that Polygon.io has."""
FOREX_FIRST_DAY, CRYPTO_FIRST_DAY = dt.date(2009, 1, 2), dt.date(2013, 1, 1)
UTC = ZoneInfo("UTC")
DAY = 86_400_000

_FRIDAY, _SATURDAY, _SUNDAY = 4, 5, 6


@dataclass(frozen=True)
class Sessions:
    """Trading days in order; a session is known by its index here. Times are in ms UTC."""

    days: tuple[dt.date, ...]
    opens: Ints
    closes: Ints
    midnights: Ints  # 00:00 of each day in `zone`: the `t` of daily bars in a range
    stamps: Ints  # the `t` of bars of the whole market, and of the previous close
    zone: ZoneInfo = NEW_YORK

    def index(self, day: dt.date) -> int | None:
        """The session held on `day`, or None on a day without one."""
        at = bisect.bisect_left(self.days, day)
        return at if at < len(self.days) and self.days[at] == day else None

    def next_from(self, day: dt.date) -> int:
        """The first session on or after `day`; the number of sessions when there is none."""
        return bisect.bisect_left(self.days, day)

    def last_until(self, day: dt.date) -> int:
        """The last session on or before `day`; -1 when there is none."""
        return bisect.bisect_right(self.days, day) - 1

    @property
    def early(self) -> np.ndarray:
        """True where the session closes before 16:00."""
        return self.minutes < 390

    @property
    def minutes(self) -> Ints:
        """Minutes each session lasts."""
        return (self.closes - self.opens) // 60_000


@lru_cache(maxsize=4)
def xnys(last_year: int) -> Sessions:
    """Sessions of the New York Stock Exchange from 2003-09-10 to the end of `last_year`, stamped 16:00 New York."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY, end=dt.date(last_year, 12, 31))
    opens = calendar.opens.dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    return Sessions(
        days=tuple(session.date() for session in calendar.sessions),
        opens=opens,
        closes=calendar.closes.dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64),
        midnights=opens - 34_200_000,  # trading opens at 9:30, and no session day changes its clock before that
        stamps=opens + 23_400_000,  # early close or not
    )


@lru_cache(maxsize=4)
def forex_week(last_year: int) -> Sessions:
    """Sunday to Friday, from 17:00 New York of the one to 17:00 of the other, stamped with the end of the UTC day."""
    days = tuple(day for day in _every_day(FOREX_FIRST_DAY, last_year) if day.weekday() != _SATURDAY)
    midnights = np.array([_ms(day) for day in days])
    weekdays = np.array([day.weekday() for day in days])
    fives = np.array([_ms(day, 17) for day in days])
    ends = np.array([_ms(day + dt.timedelta(days=1)) for day in days])
    return Sessions(
        days=days,
        opens=np.where(weekdays == _SUNDAY, fives, midnights),
        closes=np.where(weekdays == _FRIDAY, fives, ends),
        midnights=midnights,
        stamps=_utc_midnights(days) + DAY - 1,
    )


@lru_cache(maxsize=4)
def every_day(last_year: int) -> Sessions:
    """Every UTC day around the clock, stamped with its end."""
    days = tuple(_every_day(CRYPTO_FIRST_DAY, last_year))
    midnights = _utc_midnights(days)
    return Sessions(days, midnights, midnights + DAY, midnights, midnights + DAY - 1, UTC)


def _every_day(first: dt.date, last_year: int) -> list[dt.date]:
    return [first + dt.timedelta(days=at) for at in range((dt.date(last_year, 12, 31) - first).days + 1)]


def _utc_midnights(days: tuple[dt.date, ...]) -> Ints:
    return np.array(days, dtype="datetime64[ms]").astype(np.int64)


def _ms(day: dt.date, hour: int = 0) -> int:
    return int(dt.datetime.combine(day, dt.time(hour), NEW_YORK).timestamp()) * 1000
