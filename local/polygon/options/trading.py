"""What a session of each contract looked like: its bar, where anybody traded it, and its open interest."""

from dataclasses import dataclass, replace

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.options.black_scholes import value
from local.polygon.options.contracts import STANDARD, Contracts, thousandths
from local.polygon.options.volatility import Volatility, deviations, smile

OPEN_HOURS = 6.5 / 24
"""How much longer an option has at the open than at the close, in days."""
VOLUME = 6e-6
"""Contracts traded at the money with a day to live, for each share of the underlying that trades."""


@dataclass(frozen=True)
class Quotes:
    """Contracts on a session each, with the underlying's bar as traded; `far` as in `deviations`."""

    contracts: Contracts
    sessions: Ints
    stock: Bars
    days: Ints  # until expiry
    volatility: Floats
    far: Floats

    def take(self, rows: np.ndarray) -> "Quotes":
        """The quotes at some rows."""
        whole = (self.contracts.take(rows), self.sessions[rows], self.stock.take(rows))
        return Quotes(*whole, self.days[rows], self.volatility[rows], self.far[rows])

    def worth(self, spot: Floats, more_days: float = 0.0) -> Floats:
        """Prices at a price of the underlying, so many days before the session's close."""
        years = (self.days + more_days) / 365
        return value(spot, self.contracts.strike, years, self.volatility, self.contracts.put)


class OptionTrading:
    """Bars and open interest, each found by its contract and session alone."""

    def __init__(self, noise: Noise, sessions: Sessions, volatility: Volatility) -> None:
        self._noise, self._sessions, self._volatility = noise, sessions, volatility
        self._ordinals = np.array([day.toordinal() for day in sessions.days])

    def quotes(self, contracts: Contracts, sessions: Ints, stock: Bars) -> Quotes:
        """The contracts, each on a session with its underlying's bar as traded, for each of its hundred shares."""
        days = contracts.expiry - self._ordinals[sessions]
        years = days / 365
        middle = self._volatility.at_the_money(contracts.place, sessions, years)
        far = deviations(contracts.strike, stock.c, years, middle)
        return Quotes(contracts, sessions, stock, days, middle * smile(far), far)

    def bars(self, quotes: Quotes) -> tuple[Bars, np.ndarray]:
        """The bars of the contracts that traded, `t` at midnight New York, and their rows among `quotes`."""
        volume = self._volume(quotes)
        rows = np.flatnonzero((volume >= 1) & (quotes.stock.n != 0))
        quotes, v = quotes.take(rows), volume[rows]
        stock, sessions = quotes.stock, quotes.sessions
        n = np.clip(np.floor(v * (0.1 + 0.5 * self._uniform("option trades", quotes))), 1, v).astype(np.int64)
        best, worst = (np.where(quotes.contracts.put, *pair) for pair in ((stock.l, stock.h), (stock.h, stock.l)))
        o, c = ticks(quotes.worth(stock.o, OPEN_HOURS)), closes(quotes)
        o = np.where(n == 1, c, o)
        h, low = np.maximum(o, c), np.minimum(o, c)
        h = np.where(n > 2, np.maximum(h, ticks(quotes.worth(best, OPEN_HOURS / 2))), h)
        low = np.where(n > 2, np.minimum(low, ticks(quotes.worth(worst, OPEN_HOURS / 2))), low)
        typical = np.round((o + h + low + 2 * c) / 5, 4)
        return Bars(
            tickers=quotes.contracts.tickers, t=self._sessions.midnights[sessions], o=o, h=h, l=low, c=c, v=v,
            vw=np.clip(typical, low, h), n=n, otc=np.zeros(len(rows), dtype=bool),
        ), rows  # fmt: skip

    def open_interest(self, quotes: Quotes, turnover: Floats, age: Ints) -> Floats:
        """Contracts held at a session's end; they grow in number in the first 30 sessions (`age`) of an expiry."""
        shares = turnover / quotes.stock.c
        noise = np.exp(1.1 * self._normal("open interest", quotes, quotes.sessions * 0))
        drift = 1 + 0.1 * self._normal("open interest drift", quotes, quotes.sessions // 5)
        held = 40 * VOLUME * shares * np.exp(-0.3 * quotes.far**2) / (1 + quotes.days / 180) * noise * drift
        return np.floor(held * np.clip(age / 30, 0, 1))

    def _volume(self, quotes: Quotes) -> Floats:
        """Contracts traded: most of them near the money and near expiry, puts more on days on which the stock falls."""
        stock, put = quotes.stock, quotes.contracts.put
        tilt = 0.2 * self._noise.normal("put call", quotes.contracts.place, quotes.sessions)
        tilt = tilt + 6 * (stock.o - stock.c) / stock.o - 0.15
        near = np.exp(-0.35 * quotes.far**2) / (1 + quotes.days / 20)
        busy = np.exp(1.6 * self._normal("option volume", quotes, quotes.sessions))
        return np.floor(VOLUME * stock.v * near * busy * np.exp(np.where(put, tilt, -tilt)))

    def _normal(self, stream: str, quotes: Quotes, column: Ints) -> Floats:
        return self._noise.normal(stream, address(quotes.contracts), column)

    def _uniform(self, stream: str, quotes: Quotes) -> Floats:
        return self._noise.uniform(stream, address(quotes.contracts), quotes.sessions)


def parts_of(stock: Bars, part: Floats) -> Bars:
    """Bars of a part of a share each; it trades as much less."""
    if (part == 1).all():
        return stock
    prices = {name: getattr(stock, name) * part for name in ("o", "h", "l", "c", "vw", "v")}
    return replace(stock, **prices)


def closes(quotes: Quotes) -> Floats:
    """Prices at the session's close, traded or not."""
    return ticks(quotes.worth(quotes.stock.c))


def ticks(prices: Floats) -> Floats:
    """Prices in cents, one cent at least."""
    return np.maximum(np.round(prices, 2), 0.01)


def address(contracts: Contracts) -> Ints:
    """A number for each contract that is no other's: its place, expiry, kind and strike."""
    adjusted = (contracts.shares != STANDARD).astype(np.int64) << 61
    halves = (contracts.place << 18) + ((contracts.expiry - 730_000) << 1) + contracts.put
    numbers: Ints = adjusted + (halves << 28) + thousandths(contracts.strike)
    return numbers
