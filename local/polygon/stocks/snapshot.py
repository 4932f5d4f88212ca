"""How every stock stands at one moment."""

from dataclasses import dataclass

import numpy as np

from local.polygon.markets.bars import Bars


@dataclass(frozen=True)
class Snapshot:
    """By ticker today's bar so far, its latest minute, and the bar of the session before; `n` is 0 for none."""

    tickers: np.ndarray
    day: Bars
    minute: Bars
    previous: Bars

    def take(self, rows: np.ndarray) -> "Snapshot":
        """Some of the tickers."""
        return Snapshot(self.tickers[rows], self.day.take(rows), self.minute.take(rows), self.previous.take(rows))


def aligned(bars: Bars, tickers: np.ndarray) -> Bars:
    """A bar for each of some sorted tickers, `n` 0 where there is none."""
    whole, real = np.zeros(len(tickers), dtype=np.int64), np.zeros(len(tickers))
    nothing = Bars(tickers, whole, real, real, real, real, real, real, whole, np.zeros(len(tickers), dtype=bool))
    return nothing.exchanged(np.searchsorted(tickers, bars.tickers), bars)
