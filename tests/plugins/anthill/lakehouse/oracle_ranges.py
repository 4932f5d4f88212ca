"""How far prices moved by their ranges, and what may be known of it, from the definitions, with numpy alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from tests.plugins.anthill.lakehouse.oracle_series import Floats

RANGES = ("overnight_return", "day_return", "session_variance", "range_variance", "clipped_variance")
FEATURES = (
    "return_1d", "variance_1d", "variance_5d", "variance_22d", "variance_252d", "variance_ewma", "squared_return_20d",
)  # fmt: skip


def ranges(bars: pl.DataFrame, sessions: Sequence[dt.date]) -> pl.DataFrame:
    """A row a bar of `bars`: security, market_date, its four prices, and opened and closed as wealth has them."""
    return _by_security(bars, sessions, ("open", "high", "low", "close", "opened", "closed"), RANGES, _ranges)


def features(variances: pl.DataFrame, sessions: Sequence[dt.date]) -> pl.DataFrame:
    """A row a row of `variances`: security, market_date, day_return and clipped_variance."""
    return _by_security(variances, sessions, ("day_return", "clipped_variance"), FEATURES, _features)


def _by_security(frame: pl.DataFrame, sessions: Sequence[dt.date], given: Any, named: Any, of: Any) -> pl.DataFrame:
    place = {day: at for at, day in enumerate(sessions)}
    rows: list[dict[str, Any]] = []
    for (security,), series in frame.group_by("security"):
        line = {name: np.full(len(sessions), np.nan) for name in given}
        for row in series.to_dicts():
            for name in given:
                if row[name] is not None:
                    line[name][place[row["market_date"]]] = row[name]
        found = of(line)
        for day in series["market_date"]:
            values = {name: float(found[name][place[day]]) for name in named}
            held = {name: None if np.isnan(value) else value for name, value in values.items()}
            rows.append({"security": security, "market_date": day, **held})
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(named, pl.Float64)).sort("security", "market_date")


def _ranges(line: dict[str, Floats]) -> dict[str, Floats]:
    size = len(line["close"])
    found = {name: np.full(size, np.nan) for name in RANGES}
    possible = (np.minimum(np.minimum(line["open"], line["low"]), line["close"]) > 0) & (line["high"] >= line["low"])
    for at in np.flatnonzero(possible):
        high, body = np.log(line["high"][at] / line["low"][at]), np.log(line["close"][at] / line["open"][at])
        found["session_variance"][at] = max(high**2 / 2 - (2 * np.log(2) - 1) * body**2, 0)
        before = [back for back in range(at - 1, max(at - 21, -1), -1) if possible[back]]
        if before:
            found["overnight_return"][at] = np.log(line["opened"][at] / line["closed"][before[0]])
            found["day_return"][at] = np.log(line["closed"][at] / line["closed"][before[0]])
    found["range_variance"] = found["overnight_return"] ** 2 + found["session_variance"]
    for at in range(size):
        window = found["range_variance"][max(at - 66, 0) : at]
        window = window[~np.isnan(window)]
        if len(window) >= 10:
            middle = np.median(window)
            found["clipped_variance"][at] = np.clip(found["range_variance"][at], middle / 20, middle * 20)
    return found


def _features(line: dict[str, Floats]) -> dict[str, Floats]:
    variance, moved = line["clipped_variance"], line["day_return"]
    found = {name: np.full(len(variance), np.nan) for name in FEATURES}
    found["return_1d"], found["variance_1d"] = moved, variance
    for at in range(len(variance)):
        for length, least in ((5, 4), (22, 18), (252, 22)):
            found[f"variance_{length}d"][at] = _mean(variance[max(at + 1 - length, 0) : at + 1], least)
        found["squared_return_20d"][at] = _mean(moved[max(at - 19, 0) : at + 1] ** 2, 10)
        if not np.isnan(found["variance_22d"][at]):
            year = variance[max(at - 251, 0) : at + 1]
            weights = 0.94 ** np.arange(len(year))[::-1]
            there = ~np.isnan(year)
            found["variance_ewma"][at] = np.average(year[there], weights=weights[there])
    return found


def _mean(window: Floats, least: int) -> float:
    there = window[~np.isnan(window)]
    return float(there.mean()) if len(there) >= least else np.nan
