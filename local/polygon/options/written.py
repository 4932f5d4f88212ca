"""Option contracts as files write them: sizes and deliverables that no ticker tells, and chains of days."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Row
from local.polygon.options.contracts import STANDARD, Contract, Contracts
from local.polygon.replayed.csv_rows import Folders, read_rows

MEASURES = ("implied_volatility", "delta", "gamma", "theta", "vega", "bid", "ask")
"""Columns of `options_chains` that may be empty."""


@dataclass(frozen=True)
class Written(Contracts):
    """Contracts with the tickers that files give them, and what else they deliver, as JSON ("" for nothing)."""

    names: np.ndarray
    beside: np.ndarray

    @property
    def tickers(self) -> np.ndarray:
        """As they are written."""
        return self.names

    def rows(self) -> list[Row]:
        """The contracts as the API describes them."""
        rows = super().rows()
        for row, beside in zip(rows, self.beside.tolist(), strict=True):
            row |= {"additional_underlyings": json.loads(beside)} if beside else {}
        return rows


@dataclass(frozen=True, order=True)
class Terms:
    """What one contract is from a day on, and before another; `underlying` and `shares` are those that it is for."""

    ticker: str
    since: dt.date
    until: dt.date
    underlying: str
    shares: int = STANDARD
    beside: str = ""


@dataclass(frozen=True)
class Quoted:
    """What a chain showed of a contract at a session's close, USD and contracts; NaN is what was not known."""

    price: float  # of the underlying
    interest: int
    measures: tuple[float, ...]


def terms(folder: Path | Folders) -> list[Terms]:
    """The rows of `options_contracts`."""
    return sorted(read_rows(folder, "options_contracts", _terms, optional=True))


def quotes(folder: Path | Folders, sessions: Sessions) -> dict[int, dict[str, Quoted]]:
    """The rows of `options_chains`, by session and ticker."""
    out: dict[int, dict[str, Quoted]] = {}

    def read(row: dict[str, str]) -> tuple[int, str, Quoted]:
        session = sessions.index(dt.date.fromisoformat(row["date"]))
        if session is None:
            raise ValueError(f"{row['date']} is no session of the New York Stock Exchange")
        measures = tuple(float(row[name] or "nan") for name in MEASURES)
        return session, row["ticker"], Quoted(float(row["underlying_price"]), int(row["open_interest"]), measures)

    for session, ticker, quoted in read_rows(folder, "options_chains", read, optional=True):
        out.setdefault(session, {})[ticker] = quoted
    return out


def columns(chosen: Iterable[Terms]) -> Written:
    """Contracts in the order of their tickers."""
    rows = [(each, contract) for each in sorted(chosen) if (contract := Contract.read(each.ticker))]
    return Written(
        symbol=np.array([each.underlying for each, _ in rows], dtype=np.str_),
        place=np.full(len(rows), -1),
        expiry=np.array([contract.expiry.toordinal() for _, contract in rows], dtype=np.int64),
        put=np.array([contract.put for _, contract in rows], dtype=bool),
        strike=np.array([contract.strike for _, contract in rows], dtype=float),
        shares=np.array([each.shares for each, _ in rows], dtype=np.int64),
        names=np.array([each.ticker for each, _ in rows], dtype=np.str_),
        beside=np.array([each.beside for each, _ in rows], dtype=np.str_),
    )


def _terms(row: dict[str, str]) -> Terms:
    contract = Contract.read(row["ticker"])
    if contract is None:
        raise ValueError(f"{row['ticker']} is no ticker of an option, such as O:AAPL140613C00650000")
    since = dt.date.fromisoformat(row["since"]) if row["since"] else dt.date.min
    until = dt.date.fromisoformat(row["until"]) if row["until"] else dt.date.max
    beside = row["additional_underlyings"]
    if beside and not isinstance(json.loads(beside), list):
        raise ValueError(f"{beside} is no list of what is delivered beside shares")
    shares = int(row["shares_per_contract"] or STANDARD)
    return Terms(row["ticker"], since, until, row["underlying"] or contract.root, shares, beside)
