"""A simulated panel of stocks with clustering volatility and genuine jumps, and faults of each kind planted in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

KINDS = ("bad_close", "bad_high_or_low", "split_missing", "stale", "volume_unit")
STEPS = 26  # quarters of an hour of a session, of which a bar has the first, highest, lowest and last price
JUMPS = 0.002  # of all days have news: the price moves at once, and stays
ROOM = 25  # sessions before the first fault of a security: there is something to compare with
BARS = ("open", "high", "low", "close")


@dataclass(frozen=True)
class Fault:
    """A fault that was planted: kind, security, and the sessions on which its bars are wrong."""

    kind: str
    ticker: str
    sessions: tuple[int, ...]


def panel(tickers: int, days: Sequence[dt.date], seed: int) -> Iterator[pl.DataFrame]:
    """The bars of so many tickers on these days, some hundred tickers a frame."""
    for first in range(0, tickers, 250):
        yield _bars(first, min(250, tickers - first), days, np.random.default_rng((seed, first)))


def _bars(first: int, count: int, days: Sequence[dt.date], draw: np.random.Generator) -> pl.DataFrame:
    """Prices on a GARCH(1,1) of fat tails and a night, with the volume that moves with them."""
    sessions = len(days)
    typical = np.exp(draw.normal(np.log(0.02), 0.5, count))  # of a day
    shocks = draw.standard_t(5, (sessions, count)) * np.sqrt(3 / 5)
    variance = np.empty((sessions, count))
    latest = typical**2
    for at in range(sessions):
        variance[at] = latest
        latest = 0.05 * typical**2 + 0.1 * latest * shocks[at] ** 2 + 0.85 * latest
    deviation = np.sqrt(np.minimum(variance, 25 * typical**2))
    night = 0.5 * deviation * draw.standard_normal((sessions, count))
    news = draw.random((sessions, count)) < JUMPS
    night += news * draw.choice([-1, 1], (sessions, count)) * draw.uniform(0.05, 0.3, (sessions, count))
    step = 0.85 * deviation / np.sqrt(STEPS)
    high = np.zeros((sessions, count))
    low, path = np.zeros((sessions, count)), np.zeros((sessions, count))
    scale = np.abs(shocks) ** 0.5  # the day's own activity
    for _ in range(STEPS):
        path += step * scale * draw.standard_normal((sessions, count))
        high, low = np.maximum(high, path), np.minimum(low, path)
    opens = np.log(draw.uniform(5, 300, count)) + np.cumsum(night + path, axis=0) - path
    activity = draw.normal(0, 0.35, (sessions, count)) + 0.5 * np.log1p(np.abs(path + night) / deviation) + 1.2 * news
    volume = np.exp(draw.uniform(np.log(2e4), np.log(2e7), count) + activity)
    return pl.DataFrame(
        {
            "ticker": np.tile([f"T{first + at:05}" for at in range(count)], sessions),
            "market_date": np.repeat(np.array(days, dtype="datetime64[D]"), count),
            "session": np.repeat(np.arange(sessions), count),
            "open": np.round(np.exp(opens), 4).ravel(),
            "high": np.round(np.exp(opens + high), 4).ravel(),
            "low": np.round(np.exp(opens + low), 4).ravel(),
            "close": np.round(np.exp(opens + path), 4).ravel(),
            "volume": np.round(volume).ravel(),
        }
    )


def planted(bars: pl.DataFrame, each: int, seed: int) -> tuple[pl.DataFrame, list[Fault]]:
    """The same bars with so many faults of each kind, never two near each other in one security."""
    draw = np.random.default_rng(seed)
    sessions = bars["session"].max() + 1
    names = bars["ticker"].unique().sort().to_list()
    values = {
        name: bars.sort("session", "ticker")[name].to_numpy().reshape(sessions, -1).copy() for name in (*BARS, "volume")
    }
    taken = np.zeros((sessions, len(names)), dtype=bool)
    faults = []
    for kind in KINDS:
        for _ in range(each):
            while True:
                at, who = int(draw.integers(ROOM, sessions - 5)), int(draw.integers(len(names)))
                if not taken[max(at - 10, 0) : at + 10, who].any():
                    break
            taken[at - 3 : at + 4, who] = True
            wrong = _PLANT[kind](values, at, who, draw)
            faults.append(Fault(kind, names[who], wrong))
    ordered = bars.sort("session", "ticker")
    return ordered.with_columns(**{name: pl.Series(value.ravel()) for name, value in values.items()}), faults


def _bad_close(values: dict[str, np.ndarray], at: int, who: int, draw: np.random.Generator) -> tuple[int, ...]:
    """One wrong last trade, 10 to 60 % off, for a day."""
    values["close"][at, who] *= np.exp(draw.choice([-1, 1]) * draw.uniform(0.1, 0.6))
    return _within(values, at, who)


def _bad_extreme(values: dict[str, np.ndarray], at: int, who: int, draw: np.random.Generator) -> tuple[int, ...]:
    """One wrong print above or below all others, 10 to 60 % off."""
    side = draw.choice(["high", "low"])
    values[side][at, who] *= np.exp((1 if side == "high" else -1) * draw.uniform(0.1, 0.6))
    return (at,)


def _no_split(values: dict[str, np.ndarray], at: int, who: int, draw: np.random.Generator) -> tuple[int, ...]:
    """A split, or a reverse one, that nobody announced: prices and share counts are others from the day on."""
    ratio = draw.choice([1.5, 2, 3, 4, 5, 10, 1 / 5, 1 / 10, 1 / 20])
    for name in BARS:
        values[name][at:, who] /= ratio
    values["volume"][at:, who] *= ratio
    return (at,)


def _stale(values: dict[str, np.ndarray], at: int, who: int, draw: np.random.Generator) -> tuple[int, ...]:
    """The bar of a day again on the next two to four days."""
    last = at + int(draw.integers(2, 5))
    for name in (*BARS, "volume"):
        values[name][at + 1 : last + 1, who] = values[name][at, who]
    return tuple(range(at + 1, last + 1))


def _lots(values: dict[str, np.ndarray], at: int, who: int, draw: np.random.Generator) -> tuple[int, ...]:
    """A volume in lots of 100, or in thousands; or one in shares that was multiplied."""
    values["volume"][at, who] *= draw.choice([1 / 1000, 1 / 100, 100, 1000])
    return (at,)


def _within(values: dict[str, np.ndarray], at: int, who: int) -> tuple[int, ...]:
    """A bar whose high and low contain its close."""
    values["high"][at, who] = max(values[name][at, who] for name in BARS)
    values["low"][at, who] = min(values[name][at, who] for name in BARS)
    return (at,)


_PLANT = {
    "bad_close": _bad_close,
    "bad_high_or_low": _bad_extreme,
    "split_missing": _no_split,
    "stale": _stale,
    "volume_unit": _lots,
}
