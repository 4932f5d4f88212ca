"""Instruments with a place of their own: companies with a script for June 2026, and the best-known stocks and funds."""

import datetime as dt
from pathlib import Path

import msgspec

ANCHOR_DAY = dt.date(2026, 6, 1)
"""The day on which a notable instrument closes at its `price`, up to rounding."""


class Notable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One instrument; `price` and `turnover` (a day) in USD, splits as (from, to), jumps as log returns."""

    symbol: str
    name: str
    price: float
    turnover: float
    volatility: float = 0.013
    kind: str = "CS"
    splits: dict[dt.date, tuple[int, int]] = {}
    jumps: dict[dt.date, float] = {}
    renamed: tuple[dt.date, str] | None = None
    adjusted_until: dt.date | None = None  # the last expiry of contracts that live on through its consolidation
    follows: str = ""  # the index, as much moved as the market, that a fund goes with


NOTABLES = msgspec.yaml.decode(Path(__file__).with_name("notable.yaml").read_bytes(), type=tuple[Notable, ...])
"""A notable's place is its line in the file."""
