"""The clocks that an answer's time is held against: one from the future would be newer than all that follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from anthill.sources.errors import BadAnswerError

_MOST_AHEAD = dt.timedelta(hours=1)


class Clocks:
    """This machine's clock, and S3's where it is known, which is asked in doubt only."""

    def __init__(self) -> None:
        self.of_s3: Callable[[], dt.datetime | None] = lambda: None

    def check(self, what: str, moment: dt.datetime, url: str) -> None:
        """BadAnswerError for a moment over an hour ahead of both clocks; one that lies behind them is believed."""
        here = dt.datetime.now(dt.UTC)
        if moment <= here + _MOST_AHEAD:
            return
        there = self.of_s3()
        if there is not None and moment <= there + _MOST_AHEAD:
            return
        others = f"this machine's clock ({here:%Y-%m-%d %H:%M})"
        others += f" and of S3's ({there:%Y-%m-%d %H:%M})" if there else ""
        raise BadAnswerError(f"{what} is {moment:%Y-%m-%d %H:%M} UTC, over an hour ahead of {others}", url)
