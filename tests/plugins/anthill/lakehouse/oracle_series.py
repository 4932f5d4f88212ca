"""Where a series stands against its own past and its benchmark, from the definitions, with numpy alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
FIGURES = (
    "mean_20d", "mean_50d", "mean_200d", "momentum_21d", "momentum_63d", "momentum_252d", "drawdown_252d",
    "drawdown_sessions_252d", "beta_60d", "beta_250d", "correlation_60d", "correlation_250d",
)  # fmt: skip
GIVEN = ("close", "total", "scale", "day_return", "unknown")
STILL = 1e-9


def stats(observed: pl.DataFrame, sessions: Sequence[dt.date], benchmark: str | None) -> pl.DataFrame:
    """A row a series and day of `observed`, which has ticker, security, market_date and what is GIVEN of each."""
    compared = _line(observed.filter(pl.col("ticker").eq_missing(pl.lit(benchmark))), sessions)["day_return"]
    rows: list[dict[str, Any]] = []
    for (security,), series in observed.group_by("security"):
        line = _line(series, sessions)
        for ticker, day in series.select("ticker", "market_date").rows():
            at = sessions.index(day)
            known = {"ticker": ticker, "security": security, "market_date": day, "benchmark": benchmark}
            rows.append(known | _figures(line, compared, at))
    types = dict.fromkeys(FIGURES, pl.Float64) | {"benchmark": pl.String}
    return pl.DataFrame(rows, schema_overrides=types).sort("ticker", "market_date")


def _line(series: pl.DataFrame, sessions: Sequence[dt.date]) -> dict[str, Floats]:
    """Each column over all sessions, NaN where there is nothing."""
    found = {name: np.full(len(sessions), np.nan) for name in GIVEN}
    for row in series.to_dicts():
        for name in GIVEN:
            found[name][sessions.index(row["market_date"])] = np.nan if row[name] is None else row[name]
    return found


def _figures(line: dict[str, Floats], compared: Floats, at: int) -> dict[str, float | None]:
    unknown, total = line["unknown"], line["total"]
    out: dict[str, float | None] = dict.fromkeys(FIGURES)
    for length in (20, 50, 200):
        window = _window(line["close"], at, length)
        if _full(window, length) and unknown[at - length + 1] == unknown[at]:
            out[f"mean_{length}d"] = float(np.nanmean(window) * line["scale"][at])
    for length in (21, 63, 252):
        if at >= length and unknown[at - length] == unknown[at] and not np.isnan(total[at - length]):
            out[f"momentum_{length}d"] = float(total[at] / total[at - length] - 1)
    window = _window(total, at, 252)
    if _full(window, 252) and unknown[at - 251] == unknown[at]:
        high = np.nanmax(window)
        out["drawdown_252d"] = float(total[at] / high - 1)
        out["drawdown_sessions_252d"] = float(251 - np.flatnonzero(window == high).max())
    for length in (60, 250):
        out |= _compared(_window(line["day_return"], at, length), _window(compared, at, length), length)
    return out


def _compared(own: Floats, theirs: Floats, length: int) -> dict[str, float | None]:
    """Beta and correlation of the days on which both have a return."""
    both = own + theirs
    if not _full(both, length):
        return {}
    own, theirs = own[~np.isnan(both)], theirs[~np.isnan(both)]
    covariance = np.cov(own, theirs, ddof=1)[0, 1]
    mine, its = own.std(ddof=1), theirs.std(ddof=1)
    moves = its > STILL
    return {
        f"beta_{length}d": float(covariance / its**2) if moves else None,
        f"correlation_{length}d": float(covariance / mine / its) if moves and mine > STILL else None,
    }


def _window(values: Floats, at: int, length: int) -> Floats:
    """So many sessions up to this one; fewer where there are no more."""
    return values[max(at - length + 1, 0) : at + 1]


def _full(window: Floats, length: int) -> bool:
    """A value on the first session, and on nine in ten of all."""
    return bool(len(window) == length and not np.isnan(window[0]) and (~np.isnan(window)).sum() >= 0.9 * length)


def of_wealth(truth: pl.DataFrame) -> pl.DataFrame:
    """What is observed of stocks, from what the definitions say of their prices and returns; all actions are known."""
    return truth.select(
        "ticker",
        "market_date",
        security="thread",
        close="adj_close",
        total="total_return_close",
        scale="split_factor",
        day_return="total_return",
        unknown=pl.lit(0),
    )
