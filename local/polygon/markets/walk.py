"""Random walks with random access: a step costs as many draws as the span has halves, whatever came before it."""

import math
from functools import lru_cache

import numpy as np

from local.polygon.markets.noise import Floats, Ints, Noise

SPAN = 8192
"""Steps a walk has unless it says otherwise; a power of two, above the sessions from 2003 to 2035."""


class Walks:
    """`width` independent Brownian walks from 0, one unit of variance a step, by halving (Lévy's construction)."""

    def __init__(self, noise: Noise, stream: str, width: int, span: int = SPAN) -> None:
        self._noise, self._stream, self._columns, self._span = noise, stream, np.arange(width), span
        self.all_at = lru_cache(maxsize=192)(self._all_at)

    def _all_at(self, step: int) -> Floats:
        """Every walk at one step."""
        if step == 0:
            return np.zeros(len(self._columns))
        draw = self._noise.normal(self._stream, step, self._columns)
        if step == self._span:
            return math.sqrt(self._span) * draw
        half = step & -step
        return (self.all_at(step - half) + self.all_at(step + half)) / 2 + math.sqrt(half / 2) * draw

    def at(self, walks: Ints, steps: Ints) -> Floats:
        """Walk `walks[i]` at step `steps[i]`."""
        walks, steps = np.broadcast_arrays(walks, steps)
        low, below = np.zeros(steps.shape, dtype=np.int64), np.zeros(steps.shape)
        above = math.sqrt(self._span) * self._noise.normal(self._stream, self._span, walks)
        half = self._span // 2
        while half:
            middle = (below + above) / 2 + math.sqrt(half / 2) * self._noise.normal(self._stream, low + half, walks)
            right = steps >= low + half
            low, half = low + np.where(right, half, 0), half // 2
            below, above = np.where(right, middle, below), np.where(right, above, middle)
        return below
