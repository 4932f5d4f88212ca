"""Option contracts as columns, and the tickers that the Options Clearing Corporation writes for them."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.tables import Row

_TICKER = re.compile(r"O:([A-Z]{1,5}\d?)(\d{6})([CP])(\d{8})")
_HEAD = "U15"
STANDARD = 100
"""Shares that a contract is for, unless it was adjusted."""


@dataclass(frozen=True)
class Contracts:
    """Contracts in the order of their tickers; `expiry` counts days as `date.toordinal` does, `strike` is in USD."""

    symbol: np.ndarray  # of the underlying
    place: Ints  # of the underlying in the market; -1 where there is none
    expiry: Ints
    put: np.ndarray
    strike: Floats
    shares: Ints  # that one contract is for: 100, but for adjusted ones

    def __len__(self) -> int:
        return len(self.place)

    def take(self, rows: np.ndarray | slice) -> "Contracts":
        """The contracts at some rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})

    @property
    def tickers(self) -> np.ndarray:
        """`O:ROOTyymmddC00150000`."""
        # A chain has few beginnings and few strikes, each of them many times: they are written out once.
        halves = self.expiry * 2 + self.put
        halves = halves * 2 + (self.shares != STANDARD)
        edges = np.flatnonzero((halves[1:] != halves[:-1]) | (self.symbol[1:] != self.symbol[:-1])) + 1
        first = np.concatenate([[0], edges]).astype(np.int64)[: len(self)]
        columns = (self.symbol, self.shares, self.expiry, self.put)
        begins = zip(*(column[first].tolist() for column in columns), strict=True)
        heads = [
            f"O:{root(name, shares)}{dt.date.fromordinal(day):%y%m%d}{'P' if put else 'C'}"
            for name, shares, day, put in begins
        ]
        different, strike = np.unique(thousandths(self.strike), return_inverse=True)
        tails = np.array([f"{number:08}" for number in different.tolist()], dtype="U8")
        whole: np.ndarray = np.strings.add(
            np.array(heads, _HEAD).repeat(np.diff(first, append=len(self))), tails[strike]
        )
        return whole

    def rows(self) -> list[Row]:
        """The contracts as the API describes them."""
        tickers = self.tickers.tolist()
        columns = (tickers, *(getattr(self, name).tolist() for name in ("symbol", "expiry", "put", "strike", "shares")))
        return [
            {
                "cfi": "OPASPS" if put else "OCASPS",
                "contract_type": "put" if put else "call",
                "exercise_style": "american",
                "expiration_date": dt.date.fromordinal(day).isoformat(),
                "primary_exchange": "BATO",
                "shares_per_contract": shares,
                "strike_price": int(strike) if strike.is_integer() else strike,
                "ticker": ticker,
                "underlying_ticker": symbol,
            }
            for ticker, symbol, day, put, strike, shares in zip(*columns, strict=True)
        ]


@dataclass(frozen=True)
class Contract:
    """What one ticker says."""

    root: str
    expiry: dt.date
    put: bool
    strike: float

    @classmethod
    def read(cls, ticker: str) -> "Contract | None":
        """The contract of a ticker such as O:AAPL140613C00650000; None if it is not written so."""
        if (found := _TICKER.fullmatch(ticker)) is None:
            return None
        name, day, kind, strike = found.groups()
        try:
            expiry = dt.date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
        except ValueError:
            return None
        return cls(name, expiry, kind == "P", int(strike) / 1000)

    def on(self, symbol: str, place: int, times: int = 1, shares: int = STANDARD) -> Contracts:
        """The same contract as columns, so many times, on an underlying and its place."""
        values = (symbol, place, self.expiry.toordinal(), self.put, self.strike, shares)
        columns = (np.array([value]).repeat(times) for value in values)
        return Contracts(*columns)


def root(symbol: str, shares: int = STANDARD) -> str:
    """How the tickers of a stock's options begin: BRK.B's with BRKB; those for another number of shares end in 1."""
    return symbol.replace(".", "") + ("" if shares == STANDARD else "1")


def thousandths(strikes: Floats) -> Ints:
    """Strikes as whole thousandths of a dollar, as tickers have them."""
    return np.rint(strikes * 1000).astype(np.int64)


def joined_contracts(parts: Sequence[Contracts]) -> Contracts:
    """Contracts one after the other; no parts are no contracts."""
    if not parts:
        whole = np.empty(0, dtype=np.int64)
        return Contracts(np.empty(0, dtype="U8"), whole, whole, np.empty(0, dtype=bool), np.empty(0), whole)
    return Contracts(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Contracts.__dataclass_fields__)
    )


def in_order(contracts: Contracts) -> Contracts:
    """The contracts in the order of their tickers."""
    symbols, back = np.unique(contracts.symbol, return_inverse=True)
    roots = np.array([root(symbol) for symbol in symbols.tolist()], dtype=np.str_)[back]
    standard = contracts.shares == STANDARD  # after a root with a 1 comes the one that goes on with a year's 2
    return contracts.take(np.lexsort((contracts.strike, contracts.put, contracts.expiry, standard, roots)))
