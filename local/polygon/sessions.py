"""The sessions of the New York Stock Exchange, as arrays."""

import bisect
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

import exchange_calendars
import numpy as np

from local.polygon.noise import Ints

FIRST_DAY = dt.date(2003, 9, 10)
"""The first day of stock history that Polygon.io has."""


@dataclass(frozen=True)
class Sessions:
    """Trading days in order; a session is known by its index here. Times are in ms UTC."""

    days: tuple[dt.date, ...]
    opens: Ints
    closes: Ints

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

    @property
    def midnights(self) -> Ints:
        """00:00 New York of each session; trading opens at 9:30 and no session day changes its clock before that."""
        return self.opens - 34_200_000

    @property
    def four_o_clocks(self) -> Ints:
        """16:00 New York of each session, early close or not."""
        return self.opens + 23_400_000


@lru_cache(maxsize=4)
def xnys(last_year: int) -> Sessions:
    """Sessions from 2003-09-10 to the end of `last_year`."""
    calendar = exchange_calendars.get_calendar("XNYS", start=FIRST_DAY, end=dt.date(last_year, 12, 31))
    return Sessions(
        days=tuple(session.date() for session in calendar.sessions),
        opens=calendar.opens.dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64),
        closes=calendar.closes.dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64),
    )
