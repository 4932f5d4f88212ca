"""Real minute bars of a market from a CSV file; README.md tells the format."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.clock import Clock
from local.polygon.markets.sessions import Sessions
from local.polygon.replayed.csv_rows import Folders, read_rows
from local.polygon.replayed.days import bars_of

MINUTE = 60_000


class ReplayedMinutes:
    """The bars of `{market}_minutes` in a folder, each on a day of the market; without the file there are none."""

    def __init__(self, market: str, folder: Path | Folders, clock: Clock, sessions: Sessions) -> None:
        self._clock, self._sessions = clock, sessions
        rows = sorted(read_rows(folder, f"{market}_minutes", self._bar, optional=True))
        columns: list[Any] = list(zip(*rows, strict=True)) or [()] * 8
        self._ticker = np.array(columns[0], dtype=np.str_)
        self._t, self._session = (np.array(column, dtype=np.int64) for column in columns[1:3])
        self._prices = [np.array(column, dtype=float) for column in columns[3:]]

    def bars(self, ticker: str, first: int, last: int) -> Bars:
        """The minutes of a ticker that are over, on the days from one session to another."""
        known = (self._ticker == ticker) & (self._session >= first) & (self._session <= last)
        rows = np.flatnonzero(known & (self._t + MINUTE <= self._clock.ms))
        return bars_of(self._ticker[rows], self._t[rows], [column[rows] for column in self._prices])

    def sessions_of(self, bars: Bars) -> np.ndarray:
        """The session of each bar's day."""
        found: np.ndarray = np.searchsorted(self._sessions.midnights, bars.t, side="right") - 1
        return found

    def _bar(self, row: dict[str, str]) -> tuple[str, int, int, float, float, float, float, float]:
        start = dt.datetime.fromisoformat(row["start"])
        if start.tzinfo is None or start.second or start.microsecond:
            raise ValueError(f"{row['start']} is no beginning of a minute with its zone, such as 2014-04-03T13:30Z")
        day = start.astimezone(self._sessions.zone).date()
        session = self._sessions.index(day)
        if session is None:
            raise ValueError(f"{day} is no day of the market")
        o, h, low, c, v = (float(row[name]) for name in ("open", "high", "low", "close", "volume"))
        return row["ticker"], int(start.timestamp()) * 1000, session, o, h, low, c, v
