"""Real daily bars of a market from a CSV file; README.md tells the format."""

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.sessions import Sessions
from local.polygon.replayed.csv_rows import Folders, read_rows

NYSE = "session of the New York Stock Exchange"
QUIET = 5
"""Sessions without a bar before the end of the file after which an instrument counts as gone."""


class ReplayedDays:
    """The bars of `{market}_daily` in a folder, in the order of sessions; `check` refuses tickers of others.

    `called` is what a day of the market is called where one is none.
    """

    def __init__(
        self, market: str, folder: Path | Folders, sessions: Sessions, called: str,
        check: Callable[[str], None] = lambda ticker: None, *, optional: bool = True,
    ) -> None:  # fmt: skip
        self._sessions, self._called, self._check = sessions, called, check
        rows = sorted(read_rows(folder, f"{market}_daily", self._bar, optional=optional))
        columns: list[Any] = list(zip(*rows, strict=True)) or [()] * 7
        self.session, self.ticker = np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.str_)
        self.prices = [np.array(column, dtype=float) for column in columns[2:]]

    def on(self, session: int) -> Ints:
        """The rows of a session."""
        return np.arange(*np.searchsorted(self.session, [session, session + 1]))

    def of(self, ticker: str, first: int, last: int) -> Ints:
        """The rows of a ticker from one session to another; both are included."""
        return np.flatnonzero((self.ticker == ticker) & (self.session >= first) & (self.session <= last))

    def bars(self, rows: Ints, times: Ints) -> Bars:
        """The bars of some rows, with the times of their sessions."""
        return bars_of(self.ticker[rows], times[self.session[rows]], [column[rows] for column in self.prices])

    @cached_property
    def lives(self) -> dict[str, tuple[int, int]]:
        """By ticker the first session, and the first one after the last (of all, for those still there at the end)."""
        lives: dict[str, tuple[int, int]] = {}
        for ticker in np.unique(self.ticker).tolist():
            own = self.session[self.ticker == ticker]
            still = own[-1] >= self.session[-1] - QUIET
            lives[ticker] = (int(own[0]), len(self._sessions.days) if still else int(own[-1]) + 1)
        return lives

    def _bar(self, row: dict[str, str]) -> tuple[int, str, float, float, float, float, float]:
        session = self._sessions.index(dt.date.fromisoformat(row["date"]))
        if session is None:
            raise ValueError(f"{row['date']} is no {self._called}")
        self._check(row["ticker"])
        o, h, low, c, v = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
        return session, row["ticker"], o, h, low, c, v


def bars_of(tickers: np.ndarray, t: Ints, prices: list[Floats]) -> Bars:
    """Bars of open, high, low, close and volume, which is all that files tell."""
    unknown, never = np.full(len(t), np.nan), np.zeros(len(t), dtype=bool)
    return Bars(tickers, t, *prices, vw=unknown, n=np.full(len(t), -1), otc=never)
