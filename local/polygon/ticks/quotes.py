"""Quotes around the prices of minute bars; some are locked or crossed, some have one side only."""

import zlib
from dataclasses import dataclass

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.ticks.trades import MINUTE, Draw

A_MINUTE = 20
"""How many come in a minute that has a bar."""


@dataclass(frozen=True)
class Quotes:
    """Quotes of a ticker on a day in their order; times in ns UTC."""

    sip: Ints
    bid: Floats
    ask: Floats
    bid_size: Ints
    ask_size: Ints
    bid_exchange: Ints
    ask_exchange: Ints
    sequence: Ints
    tape: int

    def __len__(self) -> int:
        return len(self.sip)


def quotes_of(minutes: Bars, noise: Noise, ticker: str) -> Quotes:
    """The quotes of a day's minute bars."""
    draw = Draw(noise, zlib.crc32(ticker.encode()))
    count = np.arange(len(minutes) * A_MINUTE)
    row, step = count // A_MINUTE, count % A_MINUTE
    tick = np.where(minutes.l >= 1, 0.01, 0.0001)[row]
    middle = minutes.o[row] + (minutes.c - minutes.o)[row] * step / A_MINUTE
    kind, wide = draw.uniform("kind", count), 1 + draw.below("spread", count, 5)
    wide = np.where(kind < 0.02, 0, np.where(kind < 0.03, -1, wide))  # locked, crossed
    bid = np.round(np.floor(middle / tick) * tick, 4)
    ask = np.round(bid + wide * tick, 4)
    one_sided = kind > 0.99
    sizes = 1 + draw.below("bid size", count, 30), 1 + draw.below("ask size", count, 30)
    within = ((step + draw.uniform("quote", count)) / A_MINUTE * MINUTE).astype(np.int64)
    return Quotes(
        sip=minutes.t[row] * 10**6 + within,
        bid=bid,
        ask=np.where(one_sided, 0.0, ask),
        bid_size=sizes[0],
        ask_size=np.where(one_sided, 0, sizes[1]),
        bid_exchange=10 + draw.below("bidder", count, 3),
        ask_exchange=np.where(one_sided, 0, 10 + draw.below("offerer", count, 3)),
        sequence=500 + 2 * count,
        tape=1 + draw.key % 3,
    )
