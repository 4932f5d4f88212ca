"""The simulated US stock market of a seed."""

import datetime as dt
from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np

from local.polygon.markets.bars import Bars, joined
from local.polygon.markets.clock import Clock
from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import xnys
from local.polygon.markets.tables import Row, Table
from local.polygon.stocks.corporate_actions import dividend_table, split_table
from local.polygon.stocks.directory import Directory
from local.polygon.stocks.late_trades import FINAL, LateTrades
from local.polygon.stocks.listings import listings
from local.polygon.stocks.news import news_table
from local.polygon.stocks.notable import ANCHOR_DAY, NOTABLES
from local.polygon.stocks.prices import Prices
from local.polygon.stocks.snapshot import Snapshot
from local.polygon.stocks.stage import FULL, staged
from local.polygon.stocks.trading import Trading


class SimulatedStocks:
    """A market whose past depends on the seed and its size alone; the clock decides what of it is known.

    A session that is not over has bars up to the present moment. With `late_trades` the bars of the last three sessions
    are not final.
    """

    name, adjusts = "stocks", True

    def __init__(
        self, seed: int, clock: Clock, *, stocks: int = 11_000, otc: int = 1_000, late_trades: bool = False
    ) -> None:
        if stocks < len(NOTABLES):
            raise ValueError(f"a simulated market has at least {len(NOTABLES)} stocks, not {stocks}")
        # The script of the notable companies reaches into 2026, so the calendar does too, whatever today is.
        self._clock, self.sessions = clock, xnys(max(clock.today.year, ANCHOR_DAY.year) + 1)
        self.noise = Noise(seed)
        listed = listings(self.noise, self.sessions, stocks, otc)
        self.listed = staged(listed, self.noise, self.sessions) if stocks >= FULL else listed
        self.prices = Prices(self.noise, self.sessions, self.listed)
        self.trading = Trading(self.noise, self.sessions, self.listed, self.prices)
        self._late = LateTrades(self.noise, stocks + otc) if late_trades else None
        self.snapshot = lru_cache(maxsize=2)(self._snapshot)
        self._splits, self._dividends, self._news = (
            lru_cache(maxsize=1)(make) for make in (self._split_table, self._dividend_table, self._news_table)
        )

    @property
    def final_after(self) -> int:
        """Sessions after which bars stay as they are; 0 if they are never revised."""
        return FINAL if self._late else 0

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of everything that traded on a session, `t` at 16:00 New York."""
        bars, instruments = self.trading.day(session)
        segments = self.listed.segments_at(session)
        bars = self._known(segments, np.full(len(segments), session), bars)
        if adjusted:
            last = self.prices.last_factor(instruments, self.prices.places, self._today)
            ratio = last / self.prices.factor(self.prices.places, session)
            bars = bars.adjusted(np.where(session <= self.sessions.last_until(self._today), ratio, 1.0))
        return bars.take((bars.n != 0) & (otc | ~bars.otc))

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of what carried `ticker`, `t` at midnight New York; both sessions are included."""
        parts = []
        for segment, sessions in self._lives(ticker, first, last):
            bars = self._known(np.full(len(sessions), segment), sessions, self.trading.days(segment, sessions))
            bars = bars.adjusted(self._ratio(segment, sessions)) if adjusted else bars
            parts.append(replace(bars, t=self.sessions.midnights[sessions]).take(bars.n != 0))
        return joined(parts)

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of what carried `ticker`; both sessions are included."""
        parts = []
        for segment, sessions in self._lives(ticker, first, last):
            segments = np.full(len(sessions), segment)
            days = self._revised(segments, sessions, self.trading.days(segment, sessions))
            ratios = self._ratio(segment, sessions) if adjusted else np.ones(len(sessions))
            for row in np.flatnonzero((days.n != 0) & (days.v != 0)).tolist():
                one = slice(row, row + 1)
                minutes = self.trading.minutes(segments[one], int(sessions[row]), days.take(one)).minutes(0)
                minutes = self.trading.around(segments[one], int(sessions[row]), days.take(one), minutes)
                minutes = minutes.take(minutes.t + 60_000 <= self._clock.ms)
                parts.append(minutes.adjusted(np.full(len(minutes), ratios[row])) if adjusted else minutes)
        return joined(parts)

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """Instruments listed on a day, or those that had left by then."""
        return self._directory.table(day, active, day >= self._today)

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """All about one instrument as of a day, or None if the ticker was not listed."""
        return self._directory.details(ticker, day, fresh=day >= self._today)

    def events(self, ticker_or_figi: str) -> Row | None:
        """What the entity behind an identifier has been called up to today, or None if there is none."""
        return self._directory.events(ticker_or_figi, self._today)

    @property
    def splits(self) -> Table:
        """Share-count changes that are known today."""
        return self._splits(self._today)

    @property
    def dividends(self) -> Table:
        """Cash dividends that are declared by today."""
        return self._dividends(self._today)

    @property
    def news(self) -> Table:
        """Articles published by now."""
        return self._news(self._clock.ms)

    def _snapshot(self, moment: int, *, otc: bool) -> Snapshot:
        """Everything listed today as it stood at a moment of today (ms UTC), beside the session before."""
        today, before = self.sessions.index(self._today), self.sessions.last_until(self._today - dt.timedelta(days=1))
        session = before if today is None else today
        segments = self.listed.segments_at(session)
        instruments = self.listed.s_instrument[segments]
        whole = self._revised(segments, np.full(len(segments), session), self.trading.day(session)[0])
        over = int(self._over(np.array([session]), moment)[0]) if today is not None else 0
        day, minute = self.trading.so_far(segments, session, whole, over)
        day = whole if over == self.sessions.minutes[session] else day
        first = max(before, 0)  # before the first day of history there is none
        listed = self.listed.segments_at(first)
        previous = self._revised(listed, np.full(len(listed), first), self.trading.day(first)[0])
        last = self.prices.last_factor(instruments, self.prices.places, self._today)
        previous = previous.adjusted(last / self.prices.factor(self.prices.places, first))
        previous = replace(previous, n=np.where(self.listed.i_start[instruments] <= before, previous.n, 0))
        rows = np.flatnonzero(otc | ~whole.otc)
        return Snapshot(self.listed.symbols[segments[rows]], day.take(rows), minute.take(rows), previous.take(rows))

    def _split_table(self, today: dt.date) -> Table:
        return split_table(self.sessions, self.listed, self.prices, today)

    def _dividend_table(self, today: dt.date) -> Table:
        return dividend_table(self.noise, self.sessions, self.listed, self.prices, today)

    def _news_table(self, moment: int) -> Table:
        return news_table(self.noise, self.sessions, self.listed, moment)

    @cached_property
    def _directory(self) -> Directory:
        return Directory(self.noise, self.sessions, self.listed, self.prices)

    @property
    def _today(self) -> dt.date:
        return self._clock.today

    def _lives(self, ticker: str, first: int, last: int) -> list[tuple[int, Ints]]:
        """Every segment that carried `ticker` between two sessions, with its sessions."""
        found = []
        for segment in self.listed.segments_of(ticker).tolist():
            start = max(first, int(self.listed.s_start[segment]))
            found.append((segment, np.arange(start, min(last, int(self.listed.s_end[segment]) - 1) + 1)))
        return found

    def _known(self, segments: Ints, sessions: Ints, bars: Bars) -> Bars:
        """Bars as they are known at the present moment, `n` 0 where nobody has traded yet."""
        bars, over = self._revised(segments, sessions, bars), self._over(sessions, self._clock.ms)
        running = np.flatnonzero(over < self.sessions.minutes[sessions])
        for session in np.unique(sessions[running]).tolist():
            rows = running[sessions[running] == session]
            part, _ = self.trading.so_far(segments[rows], session, bars.take(rows), int(over[rows[0]]))
            bars = bars.exchanged(rows, part)
        return bars

    def _revised(self, segments: Ints, sessions: Ints, bars: Bars) -> Bars:
        """Bars of whole sessions without the trades that are still to be reported."""
        if self._late is None:
            return bars
        places = self.listed.i_place[self.listed.s_instrument[segments]]
        return self._late.without(bars, places, sessions, self.sessions.last_until(self._today) - sessions)

    def _over(self, sessions: Ints, moment: int) -> Ints:
        """How many minutes of sessions are over at a moment."""
        return np.clip((moment - self.sessions.opens[sessions]) // 60_000, 0, self.sessions.minutes[sessions])

    def _ratio(self, segment: int, sessions: Ints) -> Floats:
        """Today's shares for one share of each session."""
        instruments = np.full(len(sessions), self.listed.s_instrument[segment])
        places = self.listed.i_place[instruments]
        return self.prices.last_factor(instruments, places, self._today) / self.prices.factor(places, sessions)
