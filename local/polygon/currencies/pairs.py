"""What pairs of currencies are made of: their two sides, and when they are listed."""

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.tables import Row, Table, table_of

NOT_YET = 1 << 30
"""The `end` of a pair that has not left."""


@dataclass(frozen=True)
class Currency:
    """Money or a coin: `value` in USD on the anchor day, `volatility` and `drift` (log) a session.

    `shared` is how much of its movement it has in common with the others; `jumps` are log returns of scripted days.
    """

    code: str
    name: str
    value: float
    volatility: float
    shared: float = 0.6
    drift: float = 0.0
    jumps: dict[dt.date, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Pairs:
    """Pairs in columns: `base` and `quote` are places in `currencies`; a pair is listed from session `start` to `end`.

    `turnover` is the log of what a session sees of it: quotes where `counted`, else USD.
    """

    prefix: str  # of the tickers
    market: str  # as the list of tickers calls it
    currencies: tuple[Currency, ...]
    base: Ints
    quote: Ints
    start: Ints
    end: Ints
    turnover: Floats
    counted: bool

    @property
    def tickers(self) -> np.ndarray:
        """C:EURUSD, X:BTCUSD."""
        codes = np.array([currency.code for currency in self.currencies])
        tickers: np.ndarray = np.char.add(self.prefix, np.char.add(codes[self.base], codes[self.quote]))
        return tickers

    @property
    def volatility(self) -> Floats:
        """How much each pair moves in a session, from what its two sides do not have in common."""
        sizes = np.array([currency.volatility for currency in self.currencies])
        shared = sizes * np.array([currency.shared for currency in self.currencies])
        own = np.sqrt(sizes**2 - shared**2)
        together = shared[self.base] - shared[self.quote]
        whole: Floats = np.sqrt(own[self.base] ** 2 + own[self.quote] ** 2 + together**2)
        return whole


def ticker_row(ticker: str, market: str, base: Currency, quote: Currency, day: dt.date, gone: dt.date | None) -> Row:
    """A pair in the list of tickers as of a day; `gone` is the first day without it, where that has come."""
    row: Row = {
        "ticker": ticker,
        "name": f"{base.name} - {quote.name}",
        "market": market,
        "locale": "global",
        "active": gone is None,
        "currency_symbol": quote.code,
        "currency_name": quote.name,
        "base_currency_symbol": base.code,
        "base_currency_name": base.name,
        "last_updated_utc": f"{day}T00:00:00Z",
    }
    return row if gone is None else row | {"delisted_utc": f"{gone}T00:00:00Z"}


def ticker_table(rows: list[Row]) -> Table:
    """The list of tickers of pairs, or of anything else without a company behind it."""
    names = ["ticker", "name", "market", "locale", "type", "primary_exchange", "exchange", "cik", "currency_name"]
    table = table_of(rows, [*names, "currency_symbol", "base_currency_symbol", "base_currency_name"])
    return Table(table.columns, table.write, ("ticker", "name"))
