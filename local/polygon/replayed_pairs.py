"""Real bars of currency pairs from CSV files in the place of a simulated market; README.md tells the format."""

import datetime as dt
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from local.polygon.bars import Bars
from local.polygon.clock import Clock
from local.polygon.crypto import KNOWN
from local.polygon.csv_rows import Folders, read_rows
from local.polygon.forex import CURRENCIES
from local.polygon.history import QUIET
from local.polygon.noise import Ints
from local.polygon.pairs import Currency, ticker_row, ticker_table
from local.polygon.replayed_minutes import ReplayedMinutes
from local.polygon.sessions import Sessions, every_day, forex_week
from local.polygon.tables import Row, Table

QUOTES = ("USDT", "USDC")
"""Quote currencies of more than three letters."""


class ReplayedPairs:
    """The pairs of a file of days in a folder, and of one of minutes; without the files there are none.

    `currencies` give names to codes; others are called by their code. A file has one bar a ticker and day, which stands
    for the UTC day and for the day of ranges alike.
    """

    adjusts = True

    def __init__(
        self, name: str, prefix: str, market: str, folder: Path | Folders, clock: Clock, sessions: Sessions,
        currencies: tuple[Currency, ...],
    ) -> None:  # fmt: skip
        self.name, self.sessions, self._prefix, self._market, self._clock = name, sessions, prefix, market, clock
        self._names = {currency.code: currency.name for currency in currencies}
        self._minutes = ReplayedMinutes(name, folder, clock, sessions)
        rows = sorted(read_rows(folder, f"{name}_daily", self._bar, optional=True))
        columns: list[Any] = list(zip(*rows, strict=True)) or [()] * 7
        self._session, self._ticker = np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.str_)
        self._prices = [np.array(column, dtype=float) for column in columns[2:]]

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of a day, `t` its end in UTC."""
        first, stop = np.searchsorted(self._session, [session, session + 1])
        return self._bars(np.arange(first, stop), self.sessions.stamps)

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of a pair, `t` at the midnights of the market's zone; both sessions are included."""
        rows = np.flatnonzero((self._ticker == ticker) & (self._session >= first) & (self._session <= last))
        return self._bars(rows, self.sessions.midnights)

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of a pair; both sessions are included."""
        return self._minutes.bars(ticker, first, last)

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """Pairs between their first and last bars on a day, or those that had left by then."""
        session = self.sessions.last_until(day)
        lives = self._lives.items()
        there = [ticker for ticker, (first, end) in lives if (first <= session < end if active else end <= session)]
        return ticker_table([self._row(ticker, day) for ticker in there])

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """What the bars tell about a pair, or None if it was not listed."""
        first, end = self._lives.get(ticker, (0, 0))
        return self._row(ticker, day) if first <= self.sessions.last_until(day) < end else None

    @cached_property
    def _lives(self) -> dict[str, tuple[int, int]]:
        """By ticker the first session, and the first one after the last (of all, for those still there at the end)."""
        lives: dict[str, tuple[int, int]] = {}
        for ticker in np.unique(self._ticker).tolist():
            own = self._session[self._ticker == ticker]
            still = own[-1] >= self._session[-1] - QUIET
            lives[ticker] = (int(own[0]), len(self.sessions.days) if still else int(own[-1]) + 1)
        return lives

    def _bars(self, rows: Ints, times: Ints) -> Bars:
        rows = rows[self._session[rows] <= self.sessions.last_until(self._clock.today)]
        o, h, low, c, v = (column[rows] for column in self._prices)
        unknown, never = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool)
        n = np.full(len(rows), -1)
        return Bars(self._ticker[rows], times[self._session[rows]], o, h, low, c, v, vw=unknown, n=n, otc=never)

    def _row(self, ticker: str, day: dt.date) -> Row:
        code = ticker.removeprefix(self._prefix)
        quote = next((quote for quote in QUOTES if code.endswith(quote)), code[-3:])
        base, counter = (
            Currency(side, self._names.get(side, side), 0.0, 0.0) for side in (code.removesuffix(quote), quote)
        )
        end = self._lives[ticker][1]
        gone = self.sessions.days[end] if end <= self.sessions.last_until(day) else None
        return ticker_row(ticker, self._market, base, counter, day, gone)

    def _bar(self, row: dict[str, str]) -> tuple[int, str, float, float, float, float, float]:
        session, ticker = self.sessions.index(dt.date.fromisoformat(row["date"])), row["ticker"]
        if session is None:
            raise ValueError(f"{row['date']} is no day of the {self.name} market, or lies before its history")
        if not ticker.startswith(self._prefix):
            raise ValueError(f"{ticker} does not begin with {self._prefix}")
        o, h, low, c, v = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
        return session, ticker, o, h, low, c, v


def replayed_forex(folder: Path | Folders, clock: Clock) -> ReplayedPairs:
    """The pairs of `forex_daily`."""
    sessions = forex_week(_last_year(clock))
    return ReplayedPairs("forex", "C:", "fx", folder, clock, sessions, CURRENCIES)


def replayed_crypto(folder: Path | Folders, clock: Clock) -> ReplayedPairs:
    """The pairs of `crypto_daily`."""
    coins = tuple(Currency(code, name, value, 0.0) for code, name, value, _ in KNOWN)
    return ReplayedPairs("crypto", "X:", "crypto", folder, clock, every_day(_last_year(clock)), (*CURRENCIES, *coins))


def _last_year(clock: Clock) -> int:
    """The files may go on after today, but hardly after this year."""
    return max(clock.today, dt.datetime.now(dt.UTC).date()).year + 1
