"""Foreign exchange: 60 pairs of 27 currencies."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from local.polygon.currencies.pairs import NOT_YET, Currency, Pairs
from local.polygon.currencies.simulated import SimulatedPairs
from local.polygon.markets.clock import Clock
from local.polygon.markets.noise import Noise
from local.polygon.markets.sessions import forex_week
from local.polygon.stocks.notable import ANCHOR_DAY

_FILE: dict[str, Any] = msgspec.yaml.decode(Path(__file__).with_name("forex.yaml").read_bytes())


def _currency(value: float | None = None, per_dollar: float = 1.0, **more: Any) -> Currency:
    return Currency(value=1 / per_dollar if value is None else value, **more)


CURRENCIES = tuple(_currency(**row) for row in _FILE["currencies"])
PAIRS = tuple(_FILE["pairs"])
"""The most traded first."""

BROKEN = {
    ("C:EURGBP", dt.date(2026, 6, 11)): 0.009,
    ("C:AUDNZD", dt.date(2026, 6, 24)): -0.012,
}
"""Days of the whole market that end with a triangle left open, as log errors of the cross rate's close."""


def simulated_forex(seed: int, clock: Clock, count: int = len(PAIRS)) -> SimulatedPairs:
    """The foreign exchange market of a seed: its `count` most traded pairs, quotes counted as volume."""
    if not 0 <= count <= len(PAIRS):
        raise ValueError(f"a simulated foreign exchange market has at most {len(PAIRS)} pairs, not {count}")
    places = {currency.code: at for at, currency in enumerate(CURRENCIES)}
    names = PAIRS[:count]
    pairs = Pairs(
        prefix="C:",
        market="fx",
        currencies=CURRENCIES,
        base=np.array([places[name[:3]] for name in names], dtype=np.int64),
        quote=np.array([places[name[3:]] for name in names], dtype=np.int64),
        start=np.zeros(count, dtype=np.int64),
        end=np.full(count, NOT_YET),
        turnover=np.log(190_000.0) - 0.055 * np.arange(count),
        counted=True,
    )
    sessions = forex_week(max(clock.today.year, ANCHOR_DAY.year) + 1)
    return SimulatedPairs("forex", Noise(seed), clock, sessions, pairs, BROKEN)
