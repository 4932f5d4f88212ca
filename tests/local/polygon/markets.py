"""The simulated stocks that tests look at without a server, made when a test first asks."""

import datetime as dt
from functools import cache

from local.polygon.clock import Clock
from local.polygon.stocks import SimulatedStocks

TODAY = dt.date(2026, 7, 1)


@cache
def simulated() -> SimulatedStocks:
    """The whole market, as it stands today."""
    return SimulatedStocks(7, Clock(TODAY))
