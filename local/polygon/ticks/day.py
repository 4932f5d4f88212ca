"""The trades and quotes of stocks by ticker and session, as they are known by now."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from local.polygon.markets.bars import Bars
from local.polygon.markets.market import Markets
from local.polygon.markets.noise import Noise
from local.polygon.ticks.quotes import Quotes, quotes_of
from local.polygon.ticks.trades import Trades, trades_of

_SEED = 23


def trades(markets: Markets, ticker: str, session: int) -> Trades:
    """The trades of the bars of a session."""
    sessions = markets.stocks.sessions
    opens = int(sessions.opens[session])
    closes = opens + int(sessions.minutes[session]) * 60_000
    return trades_of(_minutes(markets, ticker, session), Noise(_SEED), ticker, opens, closes)


def quotes(markets: Markets, ticker: str, session: int) -> Quotes:
    """The quotes around them."""
    return quotes_of(_minutes(markets, ticker, session), Noise(_SEED), ticker)


def _minutes(markets: Markets, ticker: str, session: int) -> Bars:
    return markets.stocks.minutes(ticker, session, session, adjusted=False)


Made = Callable[[Markets, str, int], Trades | Quotes]


@dataclass(frozen=True)
class Asked:
    """A day of a ticker as it is known at a moment (ms UTC)."""

    markets: Markets = field(compare=False)
    ticker: str
    session: int
    now: int


def kept(make: Made) -> Callable[[Asked], Trades | Quotes]:
    """The same, made once for one server: pages of an answer are asked for one by one."""
    return lru_cache(maxsize=8)(lambda asked: make(asked.markets, asked.ticker, asked.session))
