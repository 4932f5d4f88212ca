"""What is in a flat file: the daily bars of a market as CSV."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from local.polygon.markets.bars import Bars, joined
from local.polygon.markets.clock import NEW_YORK
from local.polygon.markets.market import BarMarket, Markets, WholeMarket
from local.polygon.markets.noise import Floats
from local.polygon.markets.sessions import UTC
from local.polygon.ticks import day as days
from local.polygon.ticks.written import QUOTE_COLUMNS, TRADE_COLUMNS, quote_lines, trade_lines

COLUMNS = "ticker,volume,open,close,high,low,window_start,transactions"


class WholeDay(Protocol):
    """A market that has the bars of a day together."""

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of everything that traded on a session."""


@dataclass(frozen=True)
class Dataset:
    """A folder of the bucket: its market, the bars of a session of it, and where its days begin."""

    market: Callable[[Markets], BarMarket]
    bars: Callable[[Markets, int], Bars]
    zone: ZoneInfo
    final_after: Callable[[Markets], int] = lambda markets: 0  # sessions

    def text(self, markets: Markets, session: int, *, lacks: int = 0) -> str:
        """The CSV of a session, by ticker, without every so many-th row if some are lacking."""
        bars = self.bars(markets, session)
        bars = bars.take(np.argsort(bars.tickers, kind="stable"))
        bars = bars.take(np.arange(1, len(bars) + 1) % lacks != 0) if lacks else bars
        midnight = dt.datetime.combine(self.market(markets).sessions.days[session], dt.time(), self.zone)
        return csv_text(bars, int(midnight.timestamp()) * 10**9)


@dataclass(frozen=True)
class TickDataset:
    """A folder of trades or quotes of stocks: only those that the server has in flat files."""

    columns: str
    lines: Callable[[Markets, str, int], list[str]]

    def market(self, markets: Markets) -> BarMarket:
        """The market whose days they are."""
        return markets.stocks

    def final_after(self, markets: Markets) -> int:
        """Sessions after which the files stay as they are."""
        return markets.stocks.final_after

    def text(self, markets: Markets, session: int, *, lacks: int = 0) -> str:
        """The CSV of a session, by ticker and time."""
        return "".join(
            [f"{self.columns}\n", *(line for ticker in markets.ticks for line in self.lines(markets, ticker, session))]
        )


def csv_text(bars: Bars, window_start: int) -> str:
    """Bars with the header line; what is not known is left empty."""
    columns = [_words(values) for values in (bars.v, bars.o, bars.c, bars.h, bars.l)]
    trades = ["" if n < 0 else n for n in bars.n.tolist()]
    lines = [
        f"{ticker},{v},{o},{c},{h},{low},{window_start},{n}\n"
        for ticker, v, o, c, h, low, n in zip(bars.tickers.tolist(), *columns, trades, strict=True)
    ]
    return "".join([f"{COLUMNS}\n", *lines])


def _words(values: Floats) -> list[str]:
    """Whole numbers without a fraction, others as short as they can be told apart, nothing for what is no number."""
    different, back = np.unique(values, return_inverse=True)  # many are alike, and writing them out takes long
    texts = map(repr, different.tolist())
    words = ["" if text == "nan" else text[:-2] if text.endswith(".0") else text for text in texts]
    return [words[at] for at in back.tolist()]


def _whole(choose: Callable[[Markets], WholeDay]) -> Callable[[Markets, int], Bars]:
    return lambda markets, session: choose(markets).day(session, adjusted=False, otc=False)


def _pairs(choose: Callable[[Markets], WholeMarket]) -> Callable[[Markets, int], Bars]:
    """Bars whose tickers part the two sides, as C:EUR-USD."""

    def bars(markets: Markets, session: int) -> Bars:
        market = choose(markets)
        listed = market.tickers(market.sessions.days[session], active=True).columns
        sides = (listed[name].tolist() for name in ("ticker", "base_currency_symbol", "currency_symbol"))
        parted = {ticker: f"{ticker[:2]}{base}-{quote}" for ticker, base, quote in zip(*sides, strict=True)}
        found = market.day(session, adjusted=False, otc=False)
        return replace(found, tickers=np.array([parted[ticker] for ticker in found.tickers.tolist()], dtype=np.str_))

    return bars


def _indices(markets: Markets, session: int) -> Bars:
    """The bars of every index: no answer has them all."""
    market = markets.indices
    tickers = market.tickers(market.sessions.days[session], active=True).columns["ticker"].tolist()
    return joined([market.days(ticker, session, session, adjusted=False) for ticker in tickers])


DATASETS: dict[str, Dataset | TickDataset] = {
    "global_crypto": Dataset(lambda markets: markets.crypto, _pairs(lambda markets: markets.crypto), UTC),
    "global_forex": Dataset(lambda markets: markets.forex, _pairs(lambda markets: markets.forex), UTC),
    "us_indices": Dataset(lambda markets: markets.indices, _indices, NEW_YORK),
    "us_options_opra": Dataset(lambda markets: markets.options, _whole(lambda markets: markets.options), NEW_YORK),
    "us_stocks_sip": Dataset(
        lambda markets: markets.stocks,
        _whole(lambda markets: markets.stocks),
        NEW_YORK,
        lambda markets: markets.stocks.final_after,
    ),
    "us_stocks_sip/quotes_v1": TickDataset(
        QUOTE_COLUMNS, lambda markets, ticker, session: quote_lines(ticker, days.quotes(markets, ticker, session))
    ),
    "us_stocks_sip/trades_v1": TickDataset(
        TRADE_COLUMNS, lambda markets, ticker, session: trade_lines(ticker, days.trades(markets, ticker, session))
    ),
}
"""By the prefix of their keys, in order; daily bars are what a prefix without a folder has."""
