"""The companies of a small market, without a server."""

import datetime as dt

import pytest

from local.polygon.fundamentals.companies import Companies
from local.polygon.fundamentals.filings import Filings
from local.polygon.fundamentals.short_sales import ShortSales
from local.polygon.markets.clock import Clock
from local.polygon.stocks.simulated import SimulatedStocks

TODAY = dt.date(2026, 7, 1)


@pytest.fixture(scope="session")
def stocks() -> SimulatedStocks:
    """Three hundred stocks."""
    return SimulatedStocks(7, Clock(TODAY), stocks=300, otc=20)


@pytest.fixture(scope="session")
def companies(stocks: SimulatedStocks) -> Companies:
    """The companies behind them."""
    return Companies(stocks.noise, stocks.sessions, stocks.listed, stocks.prices)


@pytest.fixture(scope="session")
def filings(stocks: SimulatedStocks, companies: Companies) -> Filings:
    """What they file."""
    return Filings(stocks.noise, stocks.sessions, stocks.listed, companies)


@pytest.fixture(scope="session")
def short_sales(stocks: SimulatedStocks) -> ShortSales:
    """What is sold short of them."""
    return ShortSales(stocks.noise, stocks.sessions, stocks.listed, stocks.prices, stocks.trading)
