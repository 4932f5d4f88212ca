"""Daily and minute bars from the price paths: what a session of each instrument looked like."""

import math
from dataclasses import replace
from functools import partial

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.minutes import paths_within
from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.stocks.interruptions import AFTER, AUCTION, BEFORE, Interruptions, around, hold
from local.polygon.stocks.listings import Listings
from local.polygon.stocks.minute_grid import MinuteGrid
from local.polygon.stocks.notable import NOTABLES
from local.polygon.stocks.prices import Prices
from local.polygon.ticks.trades import least_trades

_CHUNK = 256  # rows of minutes made at a time: what fits the processor's cache is fastest
OPENING, CLOSING = 60, 30
"""Minutes at the two ends of a session in which trading is heaviest."""


class Trading:
    """Bars as traded, before any adjustment for splits."""

    def __init__(self, noise: Noise, sessions: Sessions, listed: Listings, prices: Prices) -> None:
        self._noise, self._sessions, self._listed, self._prices = noise, sessions, listed, prices
        median = np.where(listed.otc[listed.i_place], np.log(4e4), np.log(2.5e6))
        self.turnover = median + 2.1 * noise.normal("turnover", listed.i_place, listed.i_start)
        at = np.searchsorted(listed.i_place, np.arange(len(NOTABLES)))
        self.turnover[at] = np.log([notable.turnover for notable in NOTABLES])
        self.turnover[list(listed.scripted)] = math.log(8e7)
        self._interruptions = Interruptions(sessions, listed)

    def day(self, session: int) -> tuple[Bars, Ints]:
        """Every place's bar of a session and its instrument, in the order of places; `n` is 0 where nobody traded."""
        segments = self._listed.segments_at(session)
        before = self._prices.path_all(max(session - 1, 0))
        sessions = np.full(len(segments), session)
        return self._bars(segments, sessions, before, self._prices.path_all(session)), self._listed.s_instrument[
            segments
        ]

    def days(self, segment: int, sessions: Ints) -> Bars:
        """The bars of one segment on some sessions of its life."""
        return self.at(np.full(len(sessions), segment), sessions)

    def at(self, segments: Ints, sessions: Ints) -> Bars:
        """The bar of each segment on the session beside it; `n` is 0 where nobody traded."""
        places = self._listed.i_place[self._listed.s_instrument[segments]]
        before = self._prices.path(places, np.maximum(sessions - 1, 0))
        return self._bars(segments, sessions, before, self._prices.path(places, sessions))

    def _bars(self, segments: Ints, sessions: Ints, before: Floats, after: Floats) -> Bars:
        instruments = self._listed.s_instrument[segments]
        places = self._listed.i_place[instruments]
        draw = partial(self._noise.normal, row=sessions, column=places)
        chance = partial(self._noise.uniform, row=sessions, column=places)
        volatility = self._prices.volatility_on(places, sessions)
        jump = self._prices.jump(places, sessions)
        start = before + 0.9 * jump + 0.3 * (after - before - jump) + 0.3 * volatility * draw("open")
        reach = 0.6 * volatility
        top = np.maximum(start, after) + reach * np.abs(draw("high"))
        bottom = np.minimum(start, after) - reach * np.abs(draw("low"))
        at = [self._prices.as_traded(instruments, places, path, sessions) for path in (start, top, bottom, after)]
        o, h, low, c = (_cents(price) for price in at)
        turnover = self.turnover[instruments] + 0.5 * draw("busy") + np.minimum(9 * np.abs(after - before), 1.2)
        worth = np.exp(turnover) * np.where(self._sessions.minutes[sessions] < 390, 0.45, 1.0)
        volume = worth / at[3]
        fractional = chance("fraction") < 0.6
        volume = np.where(fractional, np.round(volume, 6), np.floor(volume))
        n = np.floor(worth / (2500 + 9500 * chance("size"))).astype(np.int64)
        n = np.where(volume >= 1, n, 0)
        volume = np.where(n > 0, volume, 0.0)  # a bar that is not shown has no part in an average either
        typical = np.clip((o + h + low + 2 * c) / 5 + (h - low) * 0.05 * draw("vw"), low, h)
        rare = chance("absent")
        bars = Bars(
            tickers=self._listed.symbols[segments],
            t=self._sessions.stamps[sessions],
            o=o, h=h, l=low, c=c, v=volume,
            vw=np.where((rare < 0.003) & (n > 0), np.nan, np.round(typical, 4)),
            n=np.where((rare > 0.997) & (n > 0), -1, n),
            otc=self._listed.s_otc[segments],
        )  # fmt: skip
        rows = self._interruptions.still(instruments, sessions)
        if not len(rows):
            return bars
        who, when = instruments[rows], sessions[rows]
        last = _cents(self._prices.as_traded(who, places[rows], before[rows], when))
        return self._interruptions.stilled(bars, rows, who, when, last)

    def minutes(self, segments: Ints, session: int, days: Bars) -> MinuteGrid:
        """The minutes of a session that make up daily bars (`days`, one a segment)."""
        instruments = self._listed.s_instrument[segments]
        place = self._listed.i_place[instruments][:, None]
        count = int(self._sessions.minutes[session])
        minute = np.arange(count + 1)
        draw = partial(self._noise.normal, row=place * 8192 + session, column=minute)
        edges, h, low = paths_within(days, count, draw, _cents)
        halted = self._interruptions.halted(instruments, session)
        open_for_trade = np.ones((len(days), count), dtype=bool)
        for row, begin, end in halted:
            open_for_trade[row] = hold(edges[row], h[row], low[row], begin, end)
        weight = np.exp(0.6 * draw("minute busy")[:, 1:])
        weight *= np.where((minute[1:] <= OPENING) | (minute[1:] > count - CLOSING), 2.5, 1.0)
        share = weight / weight.sum(axis=1, keepdims=True)
        trades = np.maximum(days.n, 1)[:, None]
        busy = (share * trades > 0.5) | (h == days.h[:, None]) | (low == days.l[:, None])
        busy[:, [0, -1]] = True
        busy &= open_for_trade
        # Summed row by row: how numbers are grouped in a sum decides its last digit.
        traded = np.array([share[row][busy[row]].sum() for row in range(len(days))])
        share = np.where(busy, share, 0) / traded[:, None]
        middle = np.clip((edges[:, 1:] + edges[:, :-1] + h + low) / 4, low, h)
        regular = np.where(np.isin(instruments, self._interruptions.extended), 1 - AUCTION - BEFORE - AFTER, 1.0)
        v, n = np.round((days.v * regular)[:, None] * share, 6), np.ceil(trades * share).astype(np.int64)
        n = np.maximum(n, least_trades(edges[:, :-1], h, low, edges[:, 1:]))
        opens = int(self._sessions.opens[session])
        return MinuteGrid(days, opens, edges, h, low, v, np.round(middle, 4), n, busy)

    def around(self, segments: Ints, session: int, day: Bars, minutes: Bars) -> Bars:
        """The minutes of one segment's day with those outside of the session, where it has any."""
        instrument = self._listed.s_instrument[segments]
        if not np.isin(instrument, self._interruptions.extended).any():
            return minutes
        row = self._listed.i_place[instrument] * 8192 + session
        return around(day, minutes, lambda stream, minute: self._noise.normal(stream, row, minute + 1024), _cents)

    def so_far(self, segments: Ints, session: int, days: Bars, count: int) -> tuple[Bars, Bars]:
        """The bars of the first minutes of a session, and of the last minute among them; `n` is 0 where there is none.

        `days` are the bars of the whole session, one a segment.
        """
        day = minute = replace(days, n=np.zeros_like(days.n))
        traded = np.flatnonzero((days.n != 0) & (days.v != 0) & (count > 0))
        for rows in np.split(traded, range(_CHUNK, len(traded), _CHUNK)) if len(traded) else []:
            parts = self.minutes(segments[rows], session, days.take(rows)).so_far(count)
            day, minute = day.exchanged(rows, parts[0]), minute.exchanged(rows, parts[1])
        return day, minute


def _cents(prices: Floats) -> Floats:
    """Prices on the tick grid: cents from a dollar up, hundredths of a cent below."""
    return np.where(prices >= 1, np.round(prices, 2), np.maximum(np.round(prices, 4), 0.0001))
