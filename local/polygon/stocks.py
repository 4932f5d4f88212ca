"""The simulated US stock market of a seed."""

import datetime as dt
from dataclasses import replace
from functools import cached_property

import numpy as np

from local.polygon.bars import Bars, joined
from local.polygon.corporate_actions import dividend_table, split_table
from local.polygon.directory import Directory
from local.polygon.listings import listings
from local.polygon.news import news_table
from local.polygon.noise import Noise
from local.polygon.notable import ANCHOR_DAY, NOTABLES
from local.polygon.prices import Prices
from local.polygon.sessions import xnys
from local.polygon.tables import Row, Table
from local.polygon.trading import Trading


class SimulatedStocks:
    """A market whose past depends on the seed and its size alone; `today` decides which splits are known."""

    def __init__(self, seed: int, today: dt.date, *, stocks: int = 11_000, otc: int = 1_000) -> None:
        if stocks < len(NOTABLES):
            raise ValueError(f"a simulated market has at least {len(NOTABLES)} stocks, not {stocks}")
        # The script of the notable companies reaches into 2026, so the calendar does too, whatever today is.
        self.today, self.sessions = today, xnys(max(today.year, ANCHOR_DAY.year) + 1)
        self._noise = Noise(seed)
        self._listed = listings(self._noise, self.sessions, stocks, otc)
        self._prices = Prices(self._noise, self.sessions, self._listed)
        self._trading = Trading(self._noise, self.sessions, self._listed, self._prices)

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of everything that traded on a session, `t` at 16:00 New York."""
        bars, instruments = self._trading.day(session)
        if adjusted:
            last = self._prices.last_factor(instruments, self._prices.places, self.today)
            ratio = last / self._prices.factor(self._prices.places, session)
            bars = bars.adjusted(np.where(session <= self.sessions.last_until(self.today), ratio, 1.0))
        return bars.take((bars.n != 0) & (otc | ~bars.otc))

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of what carried `ticker`, `t` at midnight New York; both sessions are included."""
        return joined([bars for _, bars in self._lives(ticker, first, last, adjusted=adjusted)])

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of what carried `ticker`; both sessions are included."""
        parts = []
        for segment, bars in self._lives(ticker, first, last, adjusted=False):
            for row in range(len(bars)):
                session = int(np.searchsorted(self.sessions.midnights, bars.t[row]))
                day = bars.take(slice(row, row + 1))
                minutes = self._trading.minutes(segment, session, day)
                if adjusted:
                    minutes = minutes.adjusted(np.full(len(minutes), self._ratio(segment, np.array([session]))[0]))
                parts.append(minutes)
        return joined(parts)

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """Instruments listed on a day, or those that had left by then."""
        return self._directory.table(day, active)

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """All about one instrument as of a day, or None if the ticker was not listed."""
        return self._directory.details(ticker, day)

    @cached_property
    def splits(self) -> Table:
        """Share-count changes that are known on `today`."""
        return split_table(self.sessions, self._listed, self._prices, self.today)

    @cached_property
    def dividends(self) -> Table:
        """Cash dividends that are declared by `today`."""
        return dividend_table(self._noise, self.sessions, self._listed, self._prices, self.today)

    @cached_property
    def news(self) -> Table:
        """Articles published by `today`."""
        return news_table(self._noise, self.sessions, self._listed, self.today)

    @cached_property
    def _directory(self) -> Directory:
        return Directory(self._noise, self.sessions, self._listed, self._prices)

    def _lives(self, ticker: str, first: int, last: int, *, adjusted: bool) -> list[tuple[int, Bars]]:
        """The daily bars of every segment that carried `ticker` between two sessions."""
        found = []
        for segment in self._listed.segments_of(ticker).tolist():
            start = max(first, int(self._listed.s_start[segment]))
            sessions = np.arange(start, min(last, int(self._listed.s_end[segment]) - 1) + 1)
            bars = self._trading.days(segment, sessions)
            if adjusted:
                bars = bars.adjusted(self._ratio(segment, sessions))
            bars = replace(bars, t=self.sessions.midnights[sessions]).take(bars.n != 0)
            found.append((segment, bars))
        return found

    def _ratio(self, segment: int, sessions: np.ndarray) -> np.ndarray:
        """Today's shares for one share of each session."""
        instruments = np.full(len(sessions), self._listed.s_instrument[segment])
        places = self._listed.i_place[instruments]
        return self._prices.last_factor(instruments, places, self.today) / self._prices.factor(places, sessions)
