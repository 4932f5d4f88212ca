"""What gold's anomalies stand on, from the definitions in docs/concepts.md, a bar at a time in plain Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Bar(NamedTuple):
    """The prices and the volume of a day."""

    open: float
    high: float
    low: float
    close: float
    volume: float


def forecast(bars: Sequence[Bar]) -> float:
    """The deviation expected of the day after these: EWMA with 0.94 of range variance, each cut at 20 medians."""
    pairs = list(zip(bars[-40:], bars[-39:], strict=False))
    variances = [_variance(before, bar) for before, bar in pairs]
    cut = 20 * median(variances)
    weights = [0.94**age for age in range(len(variances), 0, -1)]
    weighed = sum(weight * min(one, cut) for weight, one in zip(weights, variances, strict=True))
    return math.sqrt(weighed / sum(weights))


def _variance(before: Bar, bar: Bar) -> float:
    """Garman and Klass of the session, and the square of the night."""
    session = 0.5 * math.log(bar.high / bar.low) ** 2 - (2 * math.log(2) - 1) * math.log(bar.close / bar.open) ** 2
    return math.log(bar.open / before.close) ** 2 + session


def far_range(bars: Sequence[Bar]) -> float:
    """The log range that is 6 scaled median deviations above the median of 39 days."""
    ranges = [math.log(bar.high / bar.low) for bar in bars[-39:]]
    return median(ranges) + 6 * 1.4826 * median(abs(each - median(ranges)) for each in ranges)


def usual_volume(bars: Sequence[Bar]) -> float:
    """The median volume of 39 days, in logarithms."""
    return median(math.log(bar.volume) for bar in bars[-39:])


def far_volume(bars: Sequence[Bar]) -> float:
    """How far from it a log volume is strange: 7 scaled median deviations, and a factor of 20."""
    logs = [math.log(bar.volume) for bar in bars[-39:]]
    return max(7 * 1.4826 * median(abs(each - median(logs)) for each in logs), math.log(20))
