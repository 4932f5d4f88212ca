"""Real options from CSV files in the place of the simulated ones; README.md tells the format."""

import datetime as dt
from functools import cached_property
from pathlib import Path

import numpy as np

from local.polygon.markets.bars import Bars, joined
from local.polygon.markets.clock import Clock
from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Row
from local.polygon.options.black_scholes import Greeks
from local.polygon.options.contracts import Contract, Contracts
from local.polygon.options.snapshots import Chain
from local.polygon.options.written import Quoted, Terms, Written, columns, quotes, terms
from local.polygon.replayed.csv_rows import Folders
from local.polygon.replayed.days import NYSE, ReplayedDays
from local.polygon.replayed.minutes import ReplayedMinutes


class ReplayedOptions:
    """What `options_daily`, `options_minutes`, `options_contracts` and `options_chains` tell; each may be absent."""

    name, adjusts = "options", True

    def __init__(self, folder: Path | Folders, clock: Clock, sessions: Sessions) -> None:
        self.sessions, self._clock = sessions, clock
        self._days = ReplayedDays(self.name, folder, sessions, NYSE, _check)
        self._minutes = ReplayedMinutes(self.name, folder, clock, sessions)
        self._written, self._quotes = terms(folder), quotes(folder, sessions)

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of a session, `t` at 16:00 New York."""
        return self._bars(self._days.on(session), self.sessions.stamps)

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of a contract, `t` at midnight New York; both sessions are included."""
        return self._bars(self._days.of(ticker, first, last), self.sessions.midnights)

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of a contract; both sessions are included."""
        return self._minutes.bars(ticker, first, last)

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """Nothing: contracts are in no list of tickers."""
        return None

    def listed(self, day: dt.date, symbol: str | None) -> Written:
        """Contracts from the first day of their row, or from their first bar, until it ends or they expire."""
        begun = self._begun(day, symbol)
        return columns(each for each in begun if day < each.until and _expiry(each) >= day)

    def expired(self, day: dt.date, symbol: str | None, first: dt.date, last: dt.date) -> Contracts:
        """What had expired before a day, of the expiries between two others."""
        last = min(last, day - dt.timedelta(days=1))
        begun = self._begun(day, symbol)
        return columns(each for each in begun if first <= (end := _expiry(each)) <= last and end < each.until)

    def known(self, contract: Contract, day: dt.date) -> Contracts:
        """One contract, if it was listed by a day, as it was last."""
        return columns([each for each in self._begun(day) if Contract.read(each.ticker) == contract][-1:])

    def chain(self, symbol: str) -> Chain | None:
        """The contracts on an underlying at the latest close that `options_chains` has; None where it has none."""
        closed = int(np.searchsorted(self.sessions.closes, self._clock.ms, side="right")) - 1
        for session in sorted((at for at in self._quotes if at <= closed), reverse=True):
            held, listed = self._quotes[session], self.listed(self.sessions.days[session], symbol)
            there = listed.take(np.flatnonzero([ticker in held for ticker in listed.tickers.tolist()]))
            if len(there):
                return self._chain(there, [held[ticker] for ticker in there.tickers.tolist()], session)
        return None

    def _chain(self, contracts: Contracts, quoted: list[Quoted], session: int) -> Chain:
        volatility, delta, gamma, theta, vega, bid, ask = np.array([each.measures for each in quoted], dtype=float).T
        bar, bars, before = self._latest(contracts.tickers.tolist(), session)
        return Chain(
            contracts, quoted[0].price, int(self.sessions.closes[session]), bid=bid, ask=ask,
            sizes=np.ones(len(quoted), dtype=np.int64), interest=np.array([each.interest for each in quoted]),
            volatility=volatility, greeks=Greeks(delta, gamma, theta, vega),
            solved=~np.isnan(volatility + delta + gamma + theta + vega), bar=bar, bars=bars, before=before,
        )  # fmt: skip

    def _latest(self, tickers: list[str], session: int) -> tuple[Ints, Bars, Floats]:
        """For each contract the row of its latest bar, those bars, and the close before each, NaN without one."""
        found = [self.days(ticker, 0, session, adjusted=False) for ticker in tickers]
        traded = np.array([len(own) > 0 for own in found], dtype=bool)
        before = [own.c[-2] if len(own) > 1 else np.nan for own in found if len(own)]
        bars = joined([own.take(slice(len(own) - 1, None)) for own in found if len(own)])
        return np.where(traded, np.cumsum(traded) - 1, -1), bars, np.array(before, dtype=float)

    @cached_property
    def _terms(self) -> list[Terms]:
        """What is written of contracts, and of others what their tickers say, from their first bar on; by ticker."""
        tickers, rows = np.unique(self._days.ticker, return_index=True)  # the rows are in the order of sessions
        told = {each.ticker for each in self._written}
        first = zip(tickers.tolist(), self._days.session[rows].tolist(), strict=True)
        others = [
            Terms(ticker, self.sessions.days[at], dt.date.max, contract.root)
            for ticker, at in first
            if ticker not in told and (contract := Contract.read(ticker))
        ]
        return sorted([*self._written, *others])

    def _begun(self, day: dt.date, symbol: str | None = None) -> list[Terms]:
        """Those on an underlying, or all, that had begun by a day, but for what is later than today."""
        known = min(day, self._clock.today)
        return [each for each in self._terms if each.since <= known and symbol in (None, each.underlying)]

    def _bars(self, rows: Ints, times: Ints) -> Bars:
        known = self._days.session[rows] <= self.sessions.last_until(self._clock.today)
        return self._days.bars(rows[known], times)


def _check(ticker: str) -> None:
    if Contract.read(ticker) is None:
        raise ValueError(f"{ticker} is no ticker of an option, such as O:AAPL140613C00650000")


def _expiry(each: Terms) -> dt.date:
    contract = Contract.read(each.ticker)
    assert contract is not None  # noqa: S101 checked when it was read
    return contract.expiry
