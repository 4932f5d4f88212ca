"""What every market can be asked, simulated or replayed."""

import datetime as dt
from typing import Protocol

from local.polygon.bars import Bars
from local.polygon.sessions import Sessions
from local.polygon.tables import Row, Table


class StockMarket(Protocol):
    """US stocks as they are known on the market's `today`."""

    today: dt.date
    sessions: Sessions

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of everything that traded on a session, `t` at 16:00 New York."""

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of what carried `ticker`, `t` at midnight New York; both sessions are included."""

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of what carried `ticker`; both sessions are included."""

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """Instruments listed on a day, or those that had left by then."""

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """All about one instrument as of a day, or None if the ticker was not listed."""

    @property
    def splits(self) -> Table:
        """Share-count changes that are known on `today`."""

    @property
    def dividends(self) -> Table:
        """Cash dividends that are declared by `today`."""

    @property
    def news(self) -> Table:
        """Articles published by `today`."""
