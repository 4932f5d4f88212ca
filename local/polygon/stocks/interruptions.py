"""When securities with a script do not trade, and when they trade outside of the session."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from local.polygon.markets.bars import Bars, joined
from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.sessions import Sessions
from local.polygon.stocks.listings import STEP, Listings
from local.polygon.stocks.script import WHOLE
from local.polygon.ticks.trades import least_trades

AUCTION, BEFORE, AFTER = 0.12, 0.03, 0.05
"""The parts of a day's volume in the closing auction, before and after the session."""

_EARLY, _LATE = np.arange(-90, 0, 9), np.arange(4, 184, 18)  # minutes from the open, and from the close


class Interruptions:
    """What `script.yaml` says of sessions, by instrument."""

    def __init__(self, sessions: Sessions, listed: Listings) -> None:
        self._sessions = sessions
        cast = listed.scripted.items()
        self._halts = {(who, sessions.next_from(day)): part for who, one in cast for day, part in one.halts.items()}
        self._halted = {session for _, session in self._halts}
        self.extended = np.array([who for who, one in cast if one.extended], dtype=np.int64)
        self._untraded = {(who, sessions.next_from(day)) for who, one in cast for day in one.untraded}
        whole = {key for key, part in self._halts.items() if part == WHOLE}
        self._still = np.array([who * STEP + session for who, session in whole | self._untraded], dtype=np.int64)

    def still(self, instruments: Ints, sessions: Ints) -> Ints:
        """The rows in which nobody trades all day."""
        return np.flatnonzero(np.isin(instruments * STEP + sessions, self._still))

    def stilled(self, bars: Bars, rows: Ints, instruments: Ints, sessions: Ints, last: Floats) -> Bars:
        """The same bars with none at rows of a halt, and those without volume at the `last` prices."""
        quiet = [(who, session) in self._untraded for who, session in zip(instruments, sessions, strict=True)]
        nothing, unknown = np.zeros(len(rows)), np.full(len(rows), np.nan)
        n = np.where(quiet, -1, 0)
        return bars.exchanged(
            rows, replace(bars.take(rows), o=last, h=last, l=last, c=last, v=nothing, vw=unknown, n=n)
        )

    def halted(self, instruments: Ints, session: int) -> list[tuple[int, int, int]]:
        """The rows that are halted for a part of a session, with the minutes from and to which they are."""
        if session not in self._halted:
            return []
        parts = [(row, self._halts.get((int(who), session), WHOLE)) for row, who in enumerate(instruments)]
        return [(row, *part) for row, part in parts if part != WHOLE]


def hold(edges: Floats, high: Floats, low: Floats, begin: int, end: int) -> np.ndarray:
    """Lets the price of a row of minutes stand from one to another, in place; True for the minutes with trades."""
    top, bottom = high.max(), low.min()
    edges[begin + 1 : end + 1] = edges[begin]
    trades = (np.arange(len(high)) < begin) | (np.arange(len(high)) >= end)
    high[end], low[end] = max(high[end], edges[end]), min(low[end], edges[end])
    high[np.argmax(np.where(trades, high, -np.inf))] = top
    low[np.argmin(np.where(trades, low, np.inf))] = bottom
    return trades


def around(whole: Bars, regular: Bars, draw: Callable[[str, Ints], Floats], tick: Callable[[Floats], Floats]) -> Bars:
    """The minutes of a day (`whole`, one row) with those before and after its session and the closing auction.

    The last regular minute ends off the official close, which is the auction's.
    """
    close, opens, closes = float(whole.c[0]), int(regular.t[0]), int(regular.t[-1]) + 60_000
    before = _outside(whole, whole.o[0], opens + 60_000 * _EARLY, BEFORE, draw("before", _EARLY), tick)
    after = _outside(whole, close, closes + 60_000 * _LATE, AFTER, draw("after", _LATE), tick)
    auction = _outside(whole, close, np.array([closes]), AUCTION, np.zeros(1), tick)
    c = regular.c.copy()
    off = [price for price in (regular.o[-1], regular.l[-1], regular.h[-1]) if price != close]
    c[-1] = off[0] if off else close
    return joined([before, replace(regular, c=c), auction, after])


def _outside(
    whole: Bars, price: float, times: Ints, share: float, bell: Floats, tick: Callable[[Floats], Floats]
) -> Bars:
    """Minutes at about a price that share a part of a day's volume."""
    count = len(times)
    c = tick(price * (1 + 0.003 * bell))
    o = np.append(price, c[:-1])
    h, low = np.maximum(o, c), np.minimum(o, c)
    n = np.full(count, np.ceil(max(int(whole.n[0]), 1) * share / count), dtype=np.int64)
    n = np.maximum(n, least_trades(o, h, low, c))
    return Bars(
        tickers=np.repeat(whole.tickers, count), t=times, o=o, h=h, l=low, c=c,
        v=np.round(np.full(count, whole.v[0] * share / count), 6), vw=np.round((o + c) / 2, 4), n=n,
        otc=np.repeat(whole.otc, count),
    )  # fmt: skip
