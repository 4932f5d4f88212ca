"""All that is published about the companies of a simulated market, made when it is first asked for."""

import datetime as dt
from functools import cached_property, lru_cache

import numpy as np

from local.polygon.answers.paging import day_key, kept, text
from local.polygon.fundamentals.companies import Companies
from local.polygon.fundamentals.filings import Filings
from local.polygon.fundamentals.ratios import ratio_table
from local.polygon.fundamentals.short_sales import ShortSales
from local.polygon.markets.tables import Table
from local.polygon.stocks.simulated import SimulatedStocks

Narrowing = tuple[tuple[str, str], ...]
"""The filters of a query on tickers and days."""


class SimulatedFundamentals:
    """Tables of what is known in the evening of a day."""

    def __init__(self, stocks: SimulatedStocks) -> None:
        self._stocks = stocks
        self.ratios = lru_cache(maxsize=2)(self._ratios)
        self.shorts = lru_cache(maxsize=2)(self._shorts)

    def statements(self, kind: str, evening: dt.date) -> Table:
        """Statements of one kind, which is a method of `Accounts`."""
        return self._filings.statements(kind, self._stocks.sessions.last_until(evening))

    def _ratios(self, evening: dt.date) -> Table:
        """Ratios at the latest close."""
        stocks, session = self._stocks, self._stocks.sessions.last_until(evening)
        return ratio_table(stocks.sessions, stocks.listed, stocks.trading, self._companies, self._filings, session)

    def _shorts(self, day: str, asked: Narrowing, since: dt.date, evening: dt.date) -> Table:
        """Short volume if the column of days is `date`, short interest if it is `settlement_date`; from `since` on."""
        query, first, last = dict(asked), int(since.strftime("%Y%m%d")), self._stocks.sessions.last_until(evening)

        def tickers(symbols: np.ndarray) -> np.ndarray:
            return kept(query, "ticker", symbols, text)

        def days(keys: np.ndarray) -> np.ndarray:
            return kept(query, day, keys, day_key) & (keys >= first)

        tables = {"date": self._short_sales.volume, "settlement_date": self._short_sales.interest}
        return tables[day](tickers, days, last)

    @cached_property
    def _companies(self) -> Companies:
        return Companies(self._stocks.noise, self._stocks.sessions, self._stocks.listed, self._stocks.prices)

    @cached_property
    def _filings(self) -> Filings:
        return Filings(self._stocks.noise, self._stocks.sessions, self._stocks.listed, self._companies)

    @cached_property
    def _short_sales(self) -> ShortSales:
        stocks = self._stocks
        return ShortSales(stocks.noise, stocks.sessions, stocks.listed, stocks.prices, stocks.trading)
