"""Stretches of trading: what the days of a market are made of where its answers cut days in different zones."""

from dataclasses import dataclass

import numpy as np

from local.polygon.markets.noise import Ints
from local.polygon.markets.sessions import DAY, Sessions


@dataclass(frozen=True)
class Stretches:
    """Consecutive stretches, `a_session` to a session; `starts` in ms UTC, `minutes` is 0 where nobody trades.

    A day of the whole market is a UTC day. Where the days of ranges are those of another zone, its midnight parts
    each UTC day in two, and a day of a range begins with the second: `shift` is 1.
    """

    starts: Ints
    minutes: Ints
    a_session: int
    shift: int

    @classmethod
    def of(cls, sessions: Sessions) -> "Stretches":
        """The stretches of a market's sessions."""
        utc = sessions.stamps + 1 - DAY
        if (sessions.midnights == utc).all():
            return cls(sessions.opens, sessions.minutes, 1, 0)
        # Where trading opens after the zone's midnight, nobody trades before it either.
        parting = np.where(sessions.opens == sessions.midnights, sessions.midnights, utc)
        starts = np.column_stack([utc, sessions.opens]).ravel()
        ends = np.column_stack([parting, np.minimum(sessions.closes, utc + DAY)]).ravel()
        return cls(starts, (ends - starts) // 60_000, 2, 1)

    @property
    def ends(self) -> Ints:
        """When each is over."""
        return self.starts + 60_000 * self.minutes

    def made_of(self, sessions: Ints, *, local: bool) -> Ints:
        """The stretches of each session's day, one row a session: the UTC day, or if `local` the one of ranges."""
        first = sessions * self.a_session + (self.shift if local else 0)
        return first[:, None] + np.arange(self.a_session)

    def session_of(self, stretches: Ints, *, local: bool) -> Ints:
        """The session whose UTC day, or if `local` whose day of ranges, each stretch belongs to."""
        return (stretches - (self.shift if local else 0)) // self.a_session
