"""The simulated options of a small market, without a server."""

import datetime as dt

import pytest

from local.polygon.clock import Clock
from local.polygon.options.simulated import SimulatedOptions
from local.polygon.stocks import SimulatedStocks

TODAY = dt.date(2026, 7, 1)


@pytest.fixture(scope="session")
def stocks() -> SimulatedStocks:
    """Sixty stocks."""
    return SimulatedStocks(7, Clock(TODAY), stocks=60, otc=0)


@pytest.fixture(scope="session")
def options(stocks: SimulatedStocks) -> SimulatedOptions:
    """Options on twenty of them."""
    return SimulatedOptions(stocks, Clock(TODAY), 20)
