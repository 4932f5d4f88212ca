"""The days on which options expire: Fridays, or the session before where Friday is a holiday."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.sessions import Sessions

WEEKLY, MONTHLY, QUARTERLY = range(3)
HORIZON = np.array([42, 190, 745])
"""Days before its expiry at which each kind is listed."""
REACH = np.array([0.22, 0.4, 0.7])
"""How far each kind's strikes lie on both sides of the underlying's price, as logarithms."""


@dataclass(frozen=True)
class Expiries:
    """Expiries in order: the day as `date.toordinal`, what kind it is, and the sessions of its listing and its end."""

    day: Ints
    kind: Ints
    listed: Ints
    last: Ints

    @property
    def reach(self) -> Floats:
        """`REACH` of each."""
        return REACH[self.kind]

    def live(self, session: int) -> slice:
        """All that may be traded on a session, and some that are not listed yet."""
        first = int(np.searchsorted(self.last, session))
        return slice(first, first + int(HORIZON[QUARTERLY]) // 7 + 2)


def expiries(sessions: Sessions) -> Expiries:
    """Every expiry from the first session on, and two years beyond the last; a Friday there counts as a session."""
    first, last = sessions.days[0], sessions.days[-1] + dt.timedelta(days=int(HORIZON[QUARTERLY]))
    fridays = [dt.date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1) if day % 7 == 5]
    days, kinds, lists, ends = [], [], [], []
    for friday in fridays:
        third = 15 <= friday.day <= 21
        kind = WEEKLY if not third else QUARTERLY if friday.month % 3 == 0 else MONTHLY
        inside = friday <= sessions.days[-1]
        end = sessions.last_until(friday) if inside else len(sessions.days)
        day = sessions.days[end] if inside else friday
        days.append(day.toordinal())
        kinds.append(kind)
        lists.append(sessions.next_from(day - dt.timedelta(days=int(HORIZON[kind]))))
        ends.append(end)
    return Expiries(*(np.array(column, dtype=np.int64) for column in (days, kinds, lists, ends)))
