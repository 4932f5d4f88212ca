"""Real bars of currency pairs from CSV files in the place of a simulated market; README.md tells the format."""

import datetime as dt
from pathlib import Path

from local.polygon.currencies.crypto import KNOWN
from local.polygon.currencies.forex import CURRENCIES
from local.polygon.currencies.pairs import Currency, ticker_row, ticker_table
from local.polygon.markets.bars import Bars
from local.polygon.markets.clock import Clock
from local.polygon.markets.noise import Ints
from local.polygon.markets.sessions import Sessions, every_day, forex_week
from local.polygon.markets.tables import Row, Table
from local.polygon.replayed.csv_rows import Folders
from local.polygon.replayed.days import ReplayedDays
from local.polygon.replayed.minutes import ReplayedMinutes

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
        called = f"day of the {name} market, or lies before its history"
        self._days = ReplayedDays(name, folder, sessions, called, self._check)

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of a day, `t` its end in UTC."""
        return self._bars(self._days.on(session), self.sessions.stamps)

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of a pair, `t` at the midnights of the market's zone; both sessions are included."""
        return self._bars(self._days.of(ticker, first, last), self.sessions.midnights)

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of a pair; both sessions are included."""
        return self._minutes.bars(ticker, first, last)

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """Pairs between their first and last bars on a day, or those that had left by then."""
        session = self.sessions.last_until(day)
        lives = self._days.lives.items()
        there = [ticker for ticker, (first, end) in lives if (first <= session < end if active else end <= session)]
        return ticker_table([self._row(ticker, day) for ticker in there])

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """What the bars tell about a pair, or None if it was not listed."""
        first, end = self._days.lives.get(ticker, (0, 0))
        return self._row(ticker, day) if first <= self.sessions.last_until(day) < end else None

    def _bars(self, rows: Ints, times: Ints) -> Bars:
        known = self._days.session[rows] <= self.sessions.last_until(self._clock.today)
        return self._days.bars(rows[known], times)

    def _row(self, ticker: str, day: dt.date) -> Row:
        code = ticker.removeprefix(self._prefix)
        quote = next((quote for quote in QUOTES if code.endswith(quote)), code[-3:])
        base, counter = (
            Currency(side, self._names.get(side, side), 0.0, 0.0) for side in (code.removesuffix(quote), quote)
        )
        end = self._days.lives[ticker][1]
        gone = self.sessions.days[end] if end <= self.sessions.last_until(day) else None
        return ticker_row(ticker, self._market, base, counter, day, gone)

    def _check(self, ticker: str) -> None:
        if not ticker.startswith(self._prefix):
            raise ValueError(f"{ticker} does not begin with {self._prefix}")


def replayed_forex(folder: Path | Folders, clock: Clock) -> ReplayedPairs:
    """The pairs of `forex_daily`."""
    sessions = forex_week(_last_year(clock))
    return ReplayedPairs("forex", "C:", "fx", folder, clock, sessions, CURRENCIES)


def replayed_crypto(folder: Path | Folders, clock: Clock) -> ReplayedPairs:
    """The pairs of `crypto_daily`."""
    coins = tuple(Currency(coin.code, coin.name, coin.value, 0.0) for coin in KNOWN)
    return ReplayedPairs("crypto", "X:", "crypto", folder, clock, every_day(_last_year(clock)), (*CURRENCIES, *coins))


def _last_year(clock: Clock) -> int:
    """The files may go on after today, but hardly after this year."""
    return max(clock.today, dt.datetime.now(dt.UTC).date()).year + 1
