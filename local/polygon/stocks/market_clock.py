"""The clock by which stocks move: a session takes more steps of their walks in restless times, fewer in quiet ones."""

import numpy as np

from local.polygon.markets.noise import Floats, Ints, Noise

STEPS = 8
"""Steps of a walk that a session takes on average."""

_SPEEDS = ((0.985, 0.5), (0.92, 0.5))  # what of restlessness is left a session later, and its size (log)
_LEAST, _MOST = 2, 6 * STEPS


class MarketClock:
    """`at` is the step at each session's end, `pace` how many steps it took as a part of the usual."""

    def __init__(self, noise: Noise, sessions: int) -> None:
        restless = sum(_fading(noise.normal(f"activity {keep}", 0, np.arange(sessions)), keep) * size
                       for keep, size in _SPEEDS)  # fmt: skip
        variance = sum(size**2 for _, size in _SPEEDS)
        steps = np.clip(np.rint(STEPS * np.exp(restless - variance / 2)), _LEAST, _MOST).astype(np.int64)
        self.at: Ints = np.cumsum(steps) - steps[0]
        self.pace: Floats = steps / STEPS


def _fading(shocks: Floats, keep: float) -> Floats:
    """A row that forgets what was at a pace, variance 1; what comes after a moment does not change what was before."""
    found, value, fresh = np.empty(len(shocks)), float(shocks[0]), np.sqrt(1 - keep**2)
    for at, shock in enumerate(shocks.tolist()):
        value = keep * value + fresh * shock
        found[at] = value
    return found
