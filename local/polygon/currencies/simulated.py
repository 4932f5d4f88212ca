"""Simulated markets of currency pairs: foreign exchange and coins."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from local.polygon.currencies.currency_values import CurrencyValues
from local.polygon.currencies.pairs import Pairs, ticker_row, ticker_table
from local.polygon.currencies.stretches import Stretches
from local.polygon.markets.bars import Bars, joined, merged
from local.polygon.markets.clock import Clock
from local.polygon.markets.minutes import path_within
from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Row, Table

SPREAD = 3e-5
"""Relative noise of one price: the three of a triangle close within 4 basis points."""
FEWEST = 12
"""Trades of the quietest stretch that has a bar."""


class SimulatedPairs:
    """The pairs of a seed under a clock; `broken` adds log errors to the last price of UTC days, by ticker and day.

    Nothing here splits or trades over the counter, and a day that is not over has bars up to the present moment.
    """

    adjusts = True

    def __init__(
        self, name: str, noise: Noise, clock: Clock, sessions: Sessions, pairs: Pairs,
        broken: Mapping[tuple[str, dt.date], float],
    ) -> None:  # fmt: skip
        self.name, self.sessions = name, sessions
        self._noise, self._clock, self._pairs = noise, clock, pairs
        self._stretches, self._tickers = Stretches.of(sessions), pairs.tickers
        self._tables = lru_cache(maxsize=6)(self._table)
        self._values = CurrencyValues(noise, name, sessions, pairs.currencies, self._stretches.a_session)
        self._broken = {
            (int(place), int(self._stretches.made_of(np.array([sessions.next_from(day)]), local=False)[0, -1])): error
            for (ticker, day), error in broken.items()
            for place in np.flatnonzero(self._tickers == ticker)
        }

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of a UTC day, `t` its end, or for coins any minute of it."""
        bars, pairs, _ = self._days(np.arange(len(self._tickers)), np.array([session]), local=False)
        if self._pairs.counted:
            return replace(bars, t=np.full(len(bars), self.sessions.stamps[session]))
        minute = self._noise.below(f"{self.name} stamp", session, pairs, 1440)
        return replace(bars, t=self.sessions.midnights[session] + 60_000 * minute)

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of a pair on days of the market's zone, `t` their midnights; both sessions are included."""
        bars, _, sessions = self._days(self._places(ticker), np.arange(first, last + 1), local=True)
        return replace(bars, t=self.sessions.midnights[sessions])

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of a pair on days of the market's zone; both sessions are included."""
        stretches = self._stretches.made_of(np.arange(first, last + 1), local=True).ravel()
        places = self._places(ticker)
        bars, pairs, stretches = self._begun(np.repeat(places, len(stretches)), np.tile(stretches, len(places)))
        rows = enumerate(zip(pairs.tolist(), stretches.tolist(), strict=True))
        return joined([self._minutes(bars.take(slice(row, row + 1)), *where) for row, where in rows])

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """Pairs listed on a day, or those that had left by then."""
        return self._tables(day, active)

    def _table(self, day: dt.date, active: bool) -> Table:
        session = self.sessions.last_until(day)
        gone = self._pairs.end <= session
        alive = (self._pairs.start <= session) & ~gone
        return ticker_table([self._row(pair, day) for pair in np.flatnonzero(alive if active else gone).tolist()])

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """All that is told about a pair as of a day, or None if it was not listed."""
        session = self.sessions.last_until(day)
        for pair in self._places(ticker).tolist():
            if self._pairs.start[pair] <= session < self._pairs.end[pair]:
                return self._row(pair, day)
        return None

    def _places(self, ticker: str) -> Ints:
        return np.flatnonzero(self._tickers == ticker)

    def _row(self, pair: int, day: dt.date) -> Row:
        base, quote = (self._pairs.currencies[int(side[pair])] for side in (self._pairs.base, self._pairs.quote))
        end = int(self._pairs.end[pair])
        gone = self.sessions.days[end] if end <= self.sessions.last_until(day) else None
        return ticker_row(str(self._tickers[pair]), self._pairs.market, base, quote, day, gone)

    def _days(self, pairs: Ints, sessions: Ints, *, local: bool) -> tuple[Bars, Ints, Ints]:
        """The bar of each pair on each session's day, where it has one; with its pair and its session."""
        stretches = self._stretches.made_of(sessions, local=local).ravel()
        bars, who, stretches = self._traded(np.repeat(pairs, len(stretches)), np.tile(stretches, len(pairs)))
        sessions = self._stretches.session_of(stretches, local=local)
        days = who * len(self.sessions.days) + sessions
        first = np.flatnonzero(np.diff(days, prepend=-1))
        return merged(bars, days), who[first], sessions[first]

    def _traded(self, pairs: Ints, stretches: Ints) -> tuple[Bars, Ints, Ints]:
        """The bars of pairs in stretches, of those that traded by now; with their pairs and stretches."""
        bars, pairs, stretches = self._begun(pairs, stretches)
        running = self._stretches.ends[stretches] > self._clock.ms
        if not running.any():
            return bars, pairs, stretches
        over = np.flatnonzero(~running)
        parts, rows = [bars.take(over)], [over]
        for row in np.flatnonzero(running).tolist():
            so_far = self._minutes(bars.take(slice(row, row + 1)), int(pairs[row]), int(stretches[row]))
            parts.append(merged(so_far, np.zeros(len(so_far), dtype=np.int64)))
            rows.append(np.full(len(parts[-1]), row))
        kept = np.concatenate(rows)
        order = np.argsort(kept, kind="stable")
        return joined(parts).take(order), pairs[kept[order]], stretches[kept[order]]

    def _begun(self, pairs: Ints, stretches: Ints) -> tuple[Bars, Ints, Ints]:
        """The bars of whole stretches that began before now, of the pairs that were listed and traded."""
        known = (stretches >= 0) & (stretches < len(self._stretches.starts))
        pairs, stretches = pairs[known], stretches[known]
        session = self._stretches.session_of(stretches, local=False)
        open_now = (self._stretches.minutes[stretches] > 0) & (self._stretches.starts[stretches] < self._clock.ms)
        kept = open_now & (self._pairs.start[pairs] <= session) & (session < self._pairs.end[pairs])
        pairs, stretches = pairs[kept], stretches[kept]
        bars = self._whole(pairs, stretches)
        kept = bars.n > 0
        return bars.take(kept), pairs[kept], stretches[kept]

    def _whole(self, pairs: Ints, stretches: Ints) -> Bars:
        """The bars of pairs in whole stretches, `n` 0 where nobody traded."""
        draw = partial(self._noise.normal, row=stretches, column=pairs)
        share = self._stretches.minutes[stretches] / 1440
        start = self._logs(pairs, stretches) + SPREAD * draw(f"{self.name} open")
        end = self._logs(pairs, stretches + 1) + SPREAD * draw(f"{self.name} close") + self._errors(pairs, stretches)
        reach = 0.5 * self._pairs.volatility[pairs] * np.sqrt(share)
        top = np.maximum(start, end) + reach * np.abs(draw(f"{self.name} high"))
        bottom = np.minimum(start, end) - reach * np.abs(draw(f"{self.name} low"))
        scale = _scale(np.exp(end))
        o, h, low, c = (np.round(np.exp(path) * scale) / scale for path in (start, top, bottom, end))
        busy = self._pairs.turnover[pairs] + 0.4 * draw(f"{self.name} busy") + np.minimum(9 * np.abs(end - start), 1.2)
        worth = np.exp(busy) * share
        if self._pairs.counted:
            n = np.maximum(np.floor(worth), FEWEST)
            v = n
        else:
            n = np.floor(worth / (150 + 850 * self._noise.uniform(f"{self.name} size", stretches, pairs)))
            n = np.where(n >= FEWEST, n, 0)
            v = np.round(worth / np.exp(self._values.at(self._pairs.base[pairs], stretches + 1)), 6)
        return Bars(
            tickers=self._tickers[pairs], t=self._stretches.starts[stretches], o=o, h=h, l=low, c=c, v=v,
            vw=np.round((o + h + low + 2 * c) / 5, 4), n=n.astype(np.int64), otc=np.zeros(len(pairs), dtype=bool),
        )  # fmt: skip

    def _minutes(self, whole: Bars, pair: int, stretch: int) -> Bars:
        """The minute bars up to now that make up a stretch's bar (`whole`, one row), quiet minutes left out."""
        count = int(self._stretches.minutes[stretch])
        minute = np.arange(count + 1)
        scale = _scale(whole.c)

        def draw(stream: str) -> Floats:
            return self._noise.normal(f"{self.name} {stream}", pair << 20 | stretch, minute)

        edges, h, low = path_within(whole, count, draw, lambda prices: np.round(prices * scale) / scale)
        weight = np.exp(0.6 * draw("minute busy")[1:])
        trades = int(whole.n[0])
        busy = weight / weight.sum() * (trades - 4) > 1
        busy[[0, -1, int(np.argmax(h)), int(np.argmin(low))]] = True
        upto = np.cumsum(weight[busy] / weight[busy].sum())  # shares add up to the whole, to the last digit
        n = 1 + np.diff(np.round(upto * (trades - busy.sum())), prepend=0.0).astype(np.int64)
        v = n.astype(float) if self._pairs.counted else np.diff(np.round(upto * whole.v[0], 6), prepend=0.0)
        bars = Bars(
            tickers=np.full(len(n), whole.tickers[0]), t=whole.t[0] + 60_000 * minute[:-1][busy],
            o=edges[:-1][busy], h=h[busy], l=low[busy], c=edges[1:][busy], v=np.round(v, 6),
            vw=np.round((edges[1:] + edges[:-1] + h + low)[busy] / 4, 4), n=n, otc=np.zeros(len(n), dtype=bool),
        )  # fmt: skip
        return bars.take(bars.t + 60_000 <= self._clock.ms)

    def _logs(self, pairs: Ints, edges: Ints) -> Floats:
        return self._values.at(self._pairs.base[pairs], edges) - self._values.at(self._pairs.quote[pairs], edges)

    def _errors(self, pairs: Ints, stretches: Ints) -> Floats:
        errors = np.zeros(len(pairs))
        for (pair, stretch), error in self._broken.items():
            errors[(pairs == pair) & (stretches == stretch)] = error
        return errors


def _scale(prices: Floats) -> Floats:
    """What prices are multiplied by to be whole numbers: they have six digits that count, at most ten decimals."""
    scale: Floats = 10.0 ** np.clip(5 - np.floor(np.log10(prices)), 0, 10)
    return scale
