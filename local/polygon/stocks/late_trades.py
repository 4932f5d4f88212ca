"""Trades that are reported late: bars of a session are revised on the three sessions after it."""

from dataclasses import replace

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.noise import Floats, Ints, Noise

TICKERS = 90
"""How many bars of a session are revised at some time, on average; at most a quarter of them."""
FINAL = 3
"""Sessions after which the bars of a session stay as they are."""


class LateTrades:
    """Which bars miss what: the chosen ones get their late trades 1, 2 or 3 sessions on, drawn by (session, place)."""

    def __init__(self, noise: Noise, places: int) -> None:
        self._noise, self._share = noise, min(TICKERS / places, 0.25)

    def without(self, bars: Bars, places: Ints, sessions: Ints, age: Ints) -> Bars:
        """Final bars of places on sessions as they were known `age` sessions later."""
        arrival = 1 + self._noise.below("late arrival", sessions, places, FINAL)
        late = self._noise.uniform("late", sessions, places) < self._share
        rows = np.flatnonzero(late & (age < arrival) & (bars.n != 0) & (bars.v != 0))
        if not len(rows):
            return bars
        return bars.exchanged(rows, self._early(bars.take(rows), places[rows], sessions[rows]))

    def _early(self, bars: Bars, places: Ints, sessions: Ints) -> Bars:
        """Bars less a part of their volume; some had not reached their high or low, and a quarter closed elsewhere."""
        part, reach, correction = (
            self._noise.uniform(f"late {name}", sessions, places) for name in ("part", "reach", "correction")
        )
        missing, digits = 0.002 + 0.03 * part, np.where(bars.c >= 1, 2, 4)
        c = _rounded(bars.c + np.where(correction < 0.25, 0.2 * (bars.o - bars.c), 0.0), digits)
        top, bottom = np.maximum(bars.o, c), np.minimum(bars.o, c)
        h = np.maximum(_rounded(bars.h - 0.4 * reach * (bars.h - top), digits), top)
        low = np.minimum(_rounded(bars.l + 0.4 * reach * (bottom - bars.l), digits), bottom)
        v = np.round(bars.v * (1 - missing), 6)
        return replace(
            bars, h=h, l=low, c=c,
            v=np.where(bars.v % 1 == 0, np.maximum(np.floor(v), 1), v),
            vw=np.clip(np.round(bars.vw + 0.1 * missing * (bars.o - bars.vw), 4), low, h),
            n=np.where(bars.n > 0, np.maximum(np.floor(bars.n * (1 - missing)).astype(np.int64), 1), bars.n),
        )  # fmt: skip


def _rounded(prices: Floats, digits: Ints) -> Floats:
    scale = 10.0**digits
    rounded: Floats = np.round(prices * scale) / scale
    return rounded
