"""The simulated stocks that tests look at without a server, made when a test first asks."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from functools import cache

from local.polygon.markets.clock import EVENING, Clock
from local.polygon.stocks.simulated import SimulatedStocks

TODAY = dt.date(2026, 7, 1)
PLAYED_ON = Clock(TODAY)


@cache
def simulated() -> SimulatedStocks:
    """The whole market, as it stands today."""
    return SimulatedStocks(7, Clock(TODAY))


@cache
def played() -> SimulatedStocks:
    """A small market that plays the script, as it stands today."""
    return SimulatedStocks(7, PLAYED_ON, stocks=300, otc=20)


@contextlib.contextmanager
def asked_on(day: dt.date, time: dt.time = EVENING) -> Iterator[SimulatedStocks]:
    """The market that plays the script, as it stands on a day."""
    PLAYED_ON.set(day, time)
    try:
        yield played()
    finally:
        PLAYED_ON.set(TODAY, EVENING)
