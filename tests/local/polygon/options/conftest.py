"""The simulated options of a small market, without a server."""

import datetime as dt

import pytest

from local.polygon.markets.clock import Clock
from local.polygon.options.simulated import SimulatedOptions
from local.polygon.stocks.notable import NOTABLES
from local.polygon.stocks.simulated import SimulatedStocks

TODAY = dt.date(2026, 7, 1)
UNDERLYINGS = len(NOTABLES) + 7


@pytest.fixture(scope="session")
def stocks() -> SimulatedStocks:
    """Eighty stocks: the notable ones, and others that are split, renamed and replaced."""
    return SimulatedStocks(7, Clock(TODAY), stocks=80, otc=0)


@pytest.fixture(scope="session")
def options(stocks: SimulatedStocks) -> SimulatedOptions:
    """Options on the notable ones and a few of the others."""
    return SimulatedOptions(stocks, Clock(TODAY), UNDERLYINGS)
