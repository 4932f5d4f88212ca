"""Real bars of options from a CSV file in the place of the simulated ones; README.md tells the format."""

import datetime as dt
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from local.polygon.bars import Bars, joined
from local.polygon.clock import Clock
from local.polygon.csv_rows import Folders, read_rows
from local.polygon.noise import Ints
from local.polygon.options.contracts import Contract, Contracts, in_order, joined_contracts
from local.polygon.options.snapshots import Chain
from local.polygon.sessions import Sessions
from local.polygon.tables import Row


class ReplayedOptions:
    """The contracts of `options_daily` in a folder, days only; without the file there are none."""

    name, adjusts = "options", True

    def __init__(self, folder: Path | Folders, clock: Clock, sessions: Sessions) -> None:
        self.sessions, self._clock = sessions, clock
        rows = sorted(read_rows(folder, "options_daily", self._bar, optional=True))
        columns: list[Any] = list(zip(*rows, strict=True)) or [()] * 7
        self._session, self._ticker = np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.str_)
        self._prices = [np.array(column, dtype=float) for column in columns[2:]]

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of a session, `t` at 16:00 New York."""
        return self._bars(np.flatnonzero(self._session == session), self.sessions.stamps)

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of a contract, `t` at midnight New York; both sessions are included."""
        rows = np.flatnonzero((self._ticker == ticker) & (self._session >= first) & (self._session <= last))
        return self._bars(rows, self.sessions.midnights)

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """No bars: the files hold days."""
        return joined([])

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """Nothing: contracts are in no list of tickers."""
        return None

    def listed(self, day: dt.date, symbol: str | None) -> Contracts:
        """Contracts from their first bar until they expire."""
        return self._chosen(symbol, day, day, dt.date.max)

    def expired(self, day: dt.date, symbol: str | None, first: dt.date, last: dt.date) -> Contracts:
        """What had expired before a day, of the expiries between two others."""
        return self._chosen(symbol, day, first, min(last, day - dt.timedelta(days=1)))

    def known(self, contract: Contract, day: dt.date) -> Contracts:
        """One contract, if it had a bar by a day."""
        found = self._chosen(contract.root, day, contract.expiry, contract.expiry)
        return found.take((found.put == contract.put) & (found.strike == contract.strike))

    def chain(self, symbol: str) -> Chain | None:
        """Nothing: bars tell neither open interest nor greeks."""
        return None

    @cached_property
    def _contracts(self) -> tuple[Contracts, Ints]:
        """Every contract, and the session of its first bar."""
        tickers, rows = np.unique(self._ticker, return_index=True)  # the rows are in the order of sessions
        read = (Contract.read(ticker) for ticker in tickers.tolist())
        return joined_contracts([contract.on(contract.root, -1) for contract in read if contract]), self._session[rows]

    def _chosen(self, symbol: str | None, day: dt.date, first: dt.date, last: dt.date) -> Contracts:
        """The contracts on an underlying or all that are known on a day and expire between two others."""
        contracts, since = self._contracts
        known = since <= self.sessions.last_until(min(day, self._clock.today))
        known &= (contracts.expiry >= first.toordinal()) & (contracts.expiry <= last.toordinal())
        return in_order(contracts.take(known if symbol is None else known & (contracts.symbol == symbol)))

    def _bars(self, rows: Ints, times: Ints) -> Bars:
        rows = rows[self._session[rows] <= self.sessions.last_until(self._clock.today)]
        o, h, low, c, v = (column[rows] for column in self._prices)
        unknown, never = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool)
        n = np.full(len(rows), -1)
        return Bars(self._ticker[rows], times[self._session[rows]], o, h, low, c, v, vw=unknown, n=n, otc=never)

    def _bar(self, row: dict[str, str]) -> tuple[int, str, float, float, float, float, float]:
        session, ticker = self.sessions.index(dt.date.fromisoformat(row["date"])), row["ticker"]
        if session is None:
            raise ValueError(f"{row['date']} is no session of the New York Stock Exchange")
        if Contract.read(ticker) is None:
            raise ValueError(f"{ticker} is no ticker of an option, such as O:AAPL140613C00650000")
        o, h, low, c, v = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
        return session, ticker, o, h, low, c, v
