"""Indices over the simulated stock market: most follow its common factor, two of them its fear."""

import datetime as dt
import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from local.polygon.currencies.pairs import ticker_table
from local.polygon.markets.bars import Bars, joined, merged
from local.polygon.markets.clock import Clock
from local.polygon.markets.minutes import path_within
from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Row, Table
from local.polygon.markets.walk import Walks
from local.polygon.stocks.index_list import INDICES
from local.polygon.stocks.market_clock import STEPS, MarketClock
from local.polygon.stocks.notable import ANCHOR_DAY
from local.polygon.stocks.prices import COMMON, MARKET, OF_INDICES, WALK

MONTH = 21
"""Sessions over which fear looks back."""
DRIFT = 0.0003
"""What the other indices gain a session, as a log return."""


class SimulatedIndices:
    """The indices of a seed under a clock; a session that is not over has bars up to the present moment."""

    name, adjusts = "indices", False

    def __init__(self, seed: int, clock: Clock, sessions: Sessions, count: int = len(INDICES)) -> None:
        if not 0 <= count <= len(INDICES):
            raise ValueError(f"there are at most {len(INDICES)} simulated indices, not {count}")
        self.sessions = sessions
        self._tables = lru_cache(maxsize=6)(self._table)
        self._clock, self._noise = clock, Noise(seed)
        self._places = {f"I:{index.symbol}": at for at, index in enumerate(INDICES[:count])}
        self._steps = MarketClock(self._noise, len(sessions.days))
        self._market, self._own = (
            Walks(self._noise, stream, width, WALK) for stream, width in (("market", 1), (OF_INDICES, len(INDICES)))
        )
        self._anchor = np.array([sessions.last_until(ANCHOR_DAY)])

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of an index, `t` at midnight New York; both sessions are included."""
        sessions = self._begun(ticker, first, last)
        bars = self._whole(ticker, sessions)
        if len(sessions) and self.sessions.closes[sessions[-1]] > self._clock.ms:
            so_far = self._minutes(bars.take(slice(-1, None)), int(sessions[-1]))
            bars = joined([bars.take(slice(0, -1)), merged(so_far, np.zeros(len(so_far), dtype=np.int64))])
        return replace(bars, t=self.sessions.midnights[sessions[: len(bars)]])

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of an index; both sessions are included."""
        sessions = self._begun(ticker, first, last)
        bars = self._whole(ticker, sessions)
        rows = enumerate(sessions.tolist())
        return joined([self._minutes(bars.take(slice(row, row + 1)), session) for row, session in rows])

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """The indices, on every day of the stock market's history; none has left."""
        return self._tables(day, active)

    def _table(self, day: dt.date, active: bool) -> Table:
        known = active and self.sessions.last_until(day) >= 0
        return ticker_table([self._row(ticker, day) for ticker in self._places] if known else [])

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """What is told about an index, or None if there is none."""
        if ticker not in self._places or self.sessions.last_until(day) < 0:
            return None
        return self._row(ticker, day) | {"currency_name": "USD"}

    def _row(self, ticker: str, day: dt.date) -> Row:
        index = INDICES[self._places[ticker]]
        row: Row = {"ticker": ticker, "name": index.name, "market": "indices", "locale": "us", "active": True}
        return row | {"source_feed": index.feed, "last_updated_utc": f"{day}T00:00:00Z"}

    def _begun(self, ticker: str, first: int, last: int) -> Ints:
        """The sessions from first to last that have begun by now; none for an unknown index."""
        sessions = np.arange(max(first, 0), last + 1 if ticker in self._places else 0)
        return sessions[self.sessions.opens[sessions] < self._clock.ms]

    def _whole(self, ticker: str, sessions: Ints) -> Bars:
        """The bars of whole sessions, `t` at their opening; an index has no volume, average or trades."""
        place = self._places.get(ticker, 0)
        index = INDICES[place]
        names = ("open", "high", "low")
        opening, high, lowest = (self._noise.normal(f"indices {name}", sessions, place) for name in names)
        before, end = self._logs(place, np.maximum(sessions - 1, 0)), self._logs(place, sessions)
        size = np.hypot(index.beta * MARKET, index.volatility) * np.sqrt(self._steps.pace[sessions])
        start = before + 0.3 * (end - before) + 0.2 * size * opening
        top = np.maximum(start, end) + 0.4 * size * np.abs(high)
        bottom = np.minimum(start, end) - 0.4 * size * np.abs(lowest)
        o, h, low, c = (np.round(np.exp(path), 2) for path in (start, top, bottom, end))
        return _bars(ticker, self.sessions.opens[sessions], o, h, low, c)

    def _minutes(self, whole: Bars, session: int) -> Bars:
        """The minute bars up to now of a session's bar (`whole`, one row)."""
        count, ticker = int(self.sessions.minutes[session]), str(whole.tickers[0])
        minute, row = np.arange(count + 1), self._places[ticker] << 20 | session

        def draw(stream: str) -> Floats:
            return self._noise.normal(f"indices {stream}", row, minute)

        edges, h, low = path_within(whole, count, draw, lambda values: np.round(values, 2))
        bars = _bars(ticker, whole.t[0] + 60_000 * minute[:-1], edges[:-1], h, low, edges[1:])
        return bars.take(bars.t + 60_000 <= self._clock.ms)

    def _logs(self, place: int, sessions: Ints) -> Floats:
        index = INDICES[place]
        since = np.maximum(sessions - MONTH, 0) if index.fear else self._anchor
        moved = index.beta * COMMON * self._moved(self._market, 0, since, sessions)
        moved = moved + index.volatility / math.sqrt(STEPS) * self._moved(self._own, place, since, sessions)
        logs: Floats = np.log(index.value) + moved + (0.0 if index.fear else DRIFT * (sessions - since))
        return logs

    def _moved(self, walks: Walks, walk: int, since: Ints, until: Ints) -> Floats:
        steps = self._steps.at
        return walks.at(np.array([walk]), steps[until]) - walks.at(np.array([walk]), steps[since])


def _bars(ticker: str, t: Ints, o: Floats, h: Floats, low: Floats, c: Floats) -> Bars:
    """Bars of values alone."""
    none = np.full(len(t), np.nan)
    tickers, never = np.full(len(t), ticker), np.zeros(len(t), dtype=bool)
    return Bars(tickers, t, o, h, low, c, v=none, vw=none, n=np.full(len(t), -1), otc=never)
