"""The way of prices through bars, minute by minute."""

from collections.abc import Callable

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.noise import Floats


def paths_within(
    whole: Bars, count: int, draw: Callable[[str], Floats], tick: Callable[[Floats], Floats]
) -> tuple[Floats, Floats, Floats]:
    """The prices at the `count` + 1 edges of the minutes of bars, and the minutes' highs and lows, one row a bar.

    `draw` gives `count` + 1 bell-shaped numbers of a stream for each bar; `tick` puts prices on the grid of the market.
    """
    o, h, low, c = (values[:, None] for values in (whole.o, whole.h, whole.l, whole.c))
    minute, rows = np.arange(count + 1), np.arange(len(whole))
    walk = np.cumsum(draw("minute"), axis=1) * (h - low) / np.sqrt(count)
    first, last = walk[:, :1], walk[:, -1:]
    bridge = walk - first + (o - (last - first - c + o) * minute / count)
    edges = np.clip(tick(bridge), low, h)
    edges[:, 0], edges[:, -1] = whole.o, whole.c
    spread, left, right = (h - low) / count, edges[:, :-1], edges[:, 1:]
    highs = np.minimum(tick(np.maximum(right, left) + spread * np.abs(draw("minute high")[:, 1:])), h)
    lows = np.maximum(tick(np.minimum(right, left) - spread * np.abs(draw("minute low")[:, 1:])), low)
    highs[rows, np.argmax(highs, axis=1)], lows[rows, np.argmin(lows, axis=1)] = whole.h, whole.l
    return edges, highs, lows


def path_within(
    whole: Bars, count: int, draw: Callable[[str], Floats], tick: Callable[[Floats], Floats]
) -> tuple[Floats, Floats, Floats]:
    """`paths_within` for one bar: rows as plain arrays."""
    edges, highs, lows = paths_within(whole, count, lambda stream: draw(stream)[None, :], tick)
    return edges[0], highs[0], lows[0]
