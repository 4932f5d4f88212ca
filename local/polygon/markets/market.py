"""What every market can be asked, simulated or replayed, and all the markets of a server."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from local.polygon.markets.bars import Bars
from local.polygon.markets.clock import Clock
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Row, Table
from local.polygon.options.contracts import Contract, Contracts
from local.polygon.options.snapshots import Chain
from local.polygon.stocks.snapshot import Snapshot


class BarMarket(Protocol):
    """A market whose tickers have bars."""

    @property
    def name(self) -> str:
        """As in `plans.REACHES`."""

    @property
    def adjusts(self) -> bool:
        """Whether its answers say that bars are adjusted for splits, or not."""

    @property
    def sessions(self) -> Sessions:
        """The days on which it trades."""

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of a ticker, `t` at the midnights of the sessions; both sessions are included."""

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of a ticker; both sessions are included."""

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """All about one instrument as of a day, or None if the list of tickers had none by that name."""


class Market(BarMarket, Protocol):
    """A market with a list of its tickers."""

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """Instruments listed on a day, or those that had left by then."""


class WholeMarket(Market, Protocol):
    """A market with an answer for all its tickers on a day."""

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of everything that traded on a session."""


class StockMarket(WholeMarket, Protocol):
    """US stocks as they are known today."""

    @property
    def final_after(self) -> int:
        """Sessions after which bars stay as they are; 0 if they are never revised."""

    @property
    def splits(self) -> Table:
        """Share-count changes that are known today."""

    @property
    def dividends(self) -> Table:
        """Cash dividends that are declared by today."""

    @property
    def news(self) -> Table:
        """Articles published by now."""

    def events(self, ticker_or_figi: str) -> Row | None:
        """What the entity behind an identifier has been called up to today, or None if there is none."""

    def snapshot(self, moment: int, *, otc: bool) -> Snapshot:
        """Every ticker as it stood at a moment of today (ms UTC)."""


class OptionsMarket(BarMarket, Protocol):
    """Options, which come and go too fast for a list of tickers like the others'."""

    def __hash__(self) -> int:
        """What is kept about a market is kept by it."""

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of every contract that traded on a session."""

    def listed(self, day: dt.date, symbol: str | None) -> Contracts:
        """What may be traded on a day, on one underlying or all."""

    def expired(self, day: dt.date, symbol: str | None, first: dt.date, last: dt.date) -> Contracts:
        """What had expired before a day, of the expiries between two others."""

    def known(self, contract: Contract, day: dt.date) -> Contracts:
        """One contract, if it was listed by a day."""

    def chain(self, symbol: str) -> Chain | None:
        """The contracts on an underlying as they stand at the latest close; None if there are no options on it."""


class Fundamentals(Protocol):
    """What is published about listed companies, as it is known in the evening of a day."""

    def statements(self, kind: str, evening: dt.date) -> Table:
        """The `balance`, `income` or `cash_flow` statements that are filed by then."""

    def ratios(self, evening: dt.date) -> Table:
        """Ratios at the latest close."""

    def shorts(self, day: str, asked: tuple[tuple[str, str], ...], since: dt.date, evening: dt.date) -> Table:
        """Short volume (`day` is `date`) or interest (`settlement_date`), for a query's filters on tickers and days."""


@dataclass(frozen=True)
class Markets:
    """All that one server answers for, under one clock."""

    clock: Clock
    stocks: StockMarket
    forex: WholeMarket
    crypto: WholeMarket
    indices: Market
    options: OptionsMarket
    fundamentals: Fundamentals | None  # replayed bars tell nothing about companies
    ticks: tuple[str, ...] = ()  # the stocks whose trades and quotes are in flat files

    def of(self, ticker: str) -> BarMarket:
        """The market that a ticker belongs to by its prefix; stocks have none."""
        markets = {"C:": self.forex, "X:": self.crypto, "I:": self.indices, "O:": self.options}
        return markets.get(ticker[:2], self.stocks)
