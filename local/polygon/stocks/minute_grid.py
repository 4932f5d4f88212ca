"""The minutes of one session for many instruments at once."""

from dataclasses import dataclass, replace

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.noise import Floats, Ints


@dataclass(frozen=True)
class MinuteGrid:
    """A row for each bar of `days`, a column a minute; `busy` where somebody traded, which the first minute always is.

    `edges` are the prices between minutes, one column more than the others; `opens` in ms UTC.
    """

    days: Bars
    opens: int
    edges: Floats
    h: Floats
    l: Floats  # noqa: E741 - the API's own name
    v: Floats
    vw: Floats
    n: Ints
    busy: np.ndarray

    def minutes(self, row: int) -> Bars:
        """The minute bars of one instrument."""
        busy = self.busy[row]
        times = self.opens + 60_000 * np.arange(len(busy))
        whole = Bars(
            tickers=np.full(len(busy), self.days.tickers[row]), t=times, o=self.edges[row, :-1], h=self.h[row],
            l=self.l[row], c=self.edges[row, 1:], v=self.v[row], vw=self.vw[row], n=self.n[row],
            otc=np.zeros(len(busy), dtype=bool),
        )  # fmt: skip
        return whole.take(busy)

    def so_far(self, count: int) -> tuple[Bars, Bars]:
        """The bars of the first `count` minutes (at least one), and of the last of them in which somebody traded."""
        busy, rows = self.busy[:, :count], np.arange(len(self.days))
        last = count - 1 - np.argmax(busy[:, ::-1], axis=1)
        v = np.where(busy, self.v[:, :count], 0.0)
        volume, worth = v.sum(axis=1), (v * self.vw[:, :count]).sum(axis=1)
        close = self.edges[rows, last + 1]
        day = replace(
            self.days,
            o=self.edges[:, 0],
            h=np.where(busy, self.h[:, :count], -np.inf).max(axis=1),
            l=np.where(busy, self.l[:, :count], np.inf).min(axis=1),
            c=close,
            v=np.round(volume, 6),
            vw=np.round(worth / np.maximum(volume, 1e-9), 4),
            n=np.where(busy, self.n[:, :count], 0).sum(axis=1),
        )
        at = rows, last
        minute = replace(
            self.days, t=self.opens + 60_000 * last, o=self.edges[at], h=self.h[at], l=self.l[at], c=close,
            v=self.v[at], vw=self.vw[at], n=self.n[at],
        )  # fmt: skip
        return day, minute
