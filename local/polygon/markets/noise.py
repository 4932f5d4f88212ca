"""Numbers drawn by address: every (stream, row, column) of a seed has one value, found on its own."""

import math
import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SILVER = np.uint64(0xC2B2AE3D27D4EB4F)
_PAIRS = np.uint64(0x0000FFFF0000FFFF)


class Noise:
    """Numbers of one seed; the same on every machine, since they come from integer arithmetic."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, stream: str, row: ArrayLike, column: ArrayLike) -> Floats:
        """Numbers in (0, 1), of the shape that `row` and `column` broadcast to."""
        bits = self._bits(stream, row, column) >> np.uint64(11)
        return (bits.astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, stream: str, row: ArrayLike, column: ArrayLike) -> Floats:
        """Bell-shaped numbers, mean 0 and variance 1: the sum of four 16-bit uniforms, so never beyond 3.5."""
        bits = self._bits(stream, row, column)
        pairs = (bits & _PAIRS) + ((bits >> np.uint64(16)) & _PAIRS)
        total = (pairs & np.uint64(0xFFFFFFFF)) + (pairs >> np.uint64(32))
        return (total.astype(np.float64) - 131070.0) * (math.sqrt(3.0) / 65536.0)

    def below(self, stream: str, row: ArrayLike, column: ArrayLike, bound: int) -> Ints:
        """Whole numbers from 0 to `bound` - 1."""
        return (self._bits(stream, row, column) % np.uint64(bound)).astype(np.int64)

    def _bits(self, stream: str, row: ArrayLike, column: ArrayLike) -> NDArray[np.uint64]:
        key = np.uint64((self.seed * 0x2545F4914F6CDD1D + zlib.crc32(stream.encode()) * 0xD6E8FEB86659FD93) % 2**64)
        with np.errstate(over="ignore"):  # wrapping around is the arithmetic meant here
            rows = _mix(np.asarray(row, dtype=np.int64).astype(np.uint64) * _GOLDEN + key)
            return _mix(rows + np.asarray(column, dtype=np.int64).astype(np.uint64) * _SILVER)


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of splitmix64."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
