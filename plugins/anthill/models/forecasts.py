"""The forecasts of some market days: of every security one, or the reason why there is none."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from anthill import catalog as declarations
from anthill.calendars import shift
from anthill.models import panel
from anthill.models.evaluation import qlike
from anthill.models.panel import NEEDED, Panel
from anthill.models.registry import Held

if TYPE_CHECKING:
    import pyarrow as pa

_OF_A_YEAR = {"XNYS": 252, "forex": 313, "24/7": 365}  # market days
_LEAST_DAYS = 22  # with a variance
DAYS = 20  # over which the champion must not lose to the mean


def of(asset_class: str, features: pa.Table, champion: Held | None, why: str, now: dt.datetime) -> pa.Table:
    """Rows of gold.volatility_forecasts; without a champion each says why."""
    import pyarrow as pa

    rows = panel.of(features)
    calendar = declarations.load(asset_class).calendar
    whole, variance = rows.whole, np.full((3, len(rows)), np.nan)
    reasons = _reasons(features, rows)
    if champion and asset_class in champion.forecaster.estimators:
        if whole.any():
            variance[:, whole] = champion.forecaster.forecast(asset_class, rows.where(whole))
    else:
        lacks = f"version {champion.version} has not learned {asset_class}" if champion else why
        reasons = np.full(len(rows), lacks, object)
    there = np.isfinite(variance[0])
    reasons = np.where(there, None, reasons)
    next_day = {day: shift(calendar, day.item(), 1) for day in np.unique(rows.days)}
    volatility = np.sqrt(variance[0])
    columns = {
        "asset_class": np.full(len(rows), asset_class, object),
        "ticker": rows.tickers,
        "market_date": rows.days,
        "forecast_date": [next_day[day] for day in rows.days],
        "variance": _nullable(variance[0]),
        "variance_low": _nullable(variance[1]),
        "variance_high": _nullable(variance[2]),
        "volatility": _nullable(volatility),
        "volatility_annualised": _nullable(volatility * np.sqrt(_OF_A_YEAR[calendar])),
        "mean_variance_20d": _nullable(rows.columns["squared_return_20d"]),
        "is_liquid": rows.universe,
        "model_version": pa.array([champion.version if champion and at else None for at in there], pa.string()),
        "reason": pa.array(reasons, pa.string()),
        "made_at": pa.array([now] * len(rows), pa.timestamp("us", "UTC")),
    }
    return pa.table(columns)


def _nullable(values: panel.Floats) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, pa.float64(), mask=~np.isfinite(values))


def _reasons(features: pa.Table, rows: Panel) -> panel.Flags:
    """Of each row of the panel what a forecast lacks."""
    counts = {
        (ticker, day): count
        for ticker, day, count in zip(
            *(features.column(name).to_pylist() for name in ("ticker", "market_date", "days_with_variance")),
            strict=True,
        )
    }
    missing = {name: ~np.isfinite(rows.columns[name]) for name in NEEDED}
    found = []
    for at, (ticker, day) in enumerate(zip(rows.tickers, rows.days.tolist(), strict=True)):
        count = counts[ticker, day] or 0
        lacks = [name for name in NEEDED if missing[name][at]]
        if count < _LEAST_DAYS:
            found.append(
                f"too short a history: {count:.0f} of 252 market days have a variance, {_LEAST_DAYS} are needed"
            )
        else:
            found.append(f"the day has no {', '.join(lacks)}" if lacks else "the price has stood still for a year")
    return np.array(found, object)


def beaten(judged: pa.Table) -> str:
    """A line where the mean of 20 days has lost less than the champion over the newest 20 days; "" where not."""
    days = judged.column("market_date").to_numpy().astype("datetime64[D]")
    newest = np.unique(days)[-DAYS:]
    if len(newest) < DAYS:
        return ""
    rows = np.isin(days, newest)
    actual, said, mean = (judged.column(name).to_numpy()[rows] for name in ("actual", "variance", "mean_variance_20d"))
    ours, theirs = (_by_day(qlike(actual, each), days[rows]) for each in (said, mean))
    if ours <= theirs:
        return ""
    return (
        f"from {newest[0]} to {newest[-1]} the mean of 20 days had a QLIKE of {theirs:.4f}, the champion {ours:.4f} "
        f"({int(rows.sum()):,} forecasts)"
    )


def _by_day(losses: panel.Floats, days: np.ndarray) -> float:
    """The mean of the days' means: a day of many securities is one day."""
    _, at = np.unique(days, return_inverse=True)
    return float(np.mean(np.bincount(at, losses) / np.bincount(at)))
