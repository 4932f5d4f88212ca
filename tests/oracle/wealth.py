"""Prices, factors, returns and windows of securities from their definitions in docs/concepts.md, with numpy alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
LOOK_BACK = 20
"""Market days before a day in which a close is still the one before it, and of a window."""
FEWEST = 10
"""Returns by which a day may be judged."""


@dataclass
class Security:
    """One thread: bars, ratios of splits that happen and cash a share of ex-dates, by the number of the session."""

    name: str
    bars: dict[int, dict[str, Any]] = field(default_factory=dict)
    splits: dict[int, float] = field(default_factory=dict)
    cash: dict[int, float] = field(default_factory=dict)


def gold(securities: list[Security], sessions: list[dt.date]) -> pl.DataFrame:
    """A row a bar: what gold's daily prices and returns must say of it, and the thread that it belongs to."""
    rows = [row for security in securities for row in _rows(security, sessions)]
    return pl.DataFrame(rows, infer_schema_length=None).sort("ticker", "market_date")


def _rows(security: Security, sessions: list[dt.date]) -> list[dict[str, Any]]:
    count = len(sessions)
    ratio, cash, close = np.ones(count), np.zeros(count), np.full(count, np.nan)
    for at, value in security.splits.items():
        ratio[at] = value
    for at, value in security.cash.items():
        cash[at] = value
    for at, bar in security.bars.items():
        close[at] = bar["c"]
    later_splits, later_kept = _later(ratio), _later(_kept(close, ratio, cash))
    totals, rows = np.full(count, np.nan), []
    for at in sorted(security.bars):
        simple, total = _returns(close, ratio, cash, at)
        totals[at] = np.log(1 + total) if total is not None else np.nan
        bar, split, kept = security.bars[at], later_splits[at], later_kept[at]
        row = {"ticker": bar["T"], "market_date": sessions[at], "thread": security.name, "adjusted_from": sessions[0]}
        for name, key in (("open", "o"), ("high", "h"), ("low", "l"), ("close", "c")):
            row |= {name: float(bar[key]), f"adj_{name}": bar[key] / split}
        row |= {
            "volume": float(bar["v"]),
            "vwap": bar.get("vw"),
            "trades": bar.get("n"),
            "adj_vwap": bar["vw"] / split if bar.get("vw") is not None else None,
            "adj_volume": bar["v"] * split,
            "relative_volume_20d": _relative_volume(security, ratio, at),
        }
        row |= {"split_factor": split, "total_return_factor": kept, "total_return_close": bar["c"] / split * kept}
        row |= {"simple_return": simple, "total_return": total}
        rows.append(row | {"log_return": None if simple is None else np.log(1 + simple)} | _window(totals, at))
    return rows


def _later(values: Floats) -> Floats:
    """For each session the product of the values of all later ones."""
    return np.append(np.cumprod(values[::-1])[::-1][1:], 1.0)


def _before(close: Floats, at: int) -> int | None:
    """The session of the close before, if it is not too long ago."""
    traded = np.flatnonzero(~np.isnan(close[max(at - LOOK_BACK, 0) : at]))
    return int(traded[-1]) + max(at - LOOK_BACK, 0) if len(traded) else None


def _kept(close: Floats, ratio: Floats, cash: Floats) -> Floats:
    """What part of a price is left on each ex-date, against the close before, in the shares of the ex-date."""
    kept = np.ones(len(close))
    for at in np.flatnonzero(cash).tolist():
        before = _before(close, at)
        if before is not None:
            part = cash[at] * ratio[before + 1 : at + 1].prod() / close[before]
            kept[at] = 1 - part if part < 1 else 1.0
    return kept


def _returns(close: Floats, ratio: Floats, cash: Floats, at: int) -> tuple[float | None, float | None]:
    """Of the price, and of the wealth of who held one share at the close before and spends nothing."""
    before = _before(close, at)
    if before is None:
        return None, None
    shares, money = 1.0, 0.0
    for day in range(before + 1, at + 1):
        shares *= ratio[day]
        money += shares * cash[day]
    return shares * close[at] / close[before] - 1, (shares * close[at] + money) / close[before] - 1


def _relative_volume(security: Security, ratio: Floats, at: int) -> float | None:
    """A day's volume by the mean of those of the 20 market days before on which it traded, in the day's shares."""
    before = [
        security.bars[day]["v"] * ratio[day + 1 : at + 1].prod()
        for day in range(at - LOOK_BACK, at)
        if day in security.bars and security.bars[day]["v"] > 0
    ]
    return float(security.bars[at]["v"] / np.mean(before)) if len(before) >= FEWEST else None


def _window(totals: Floats, at: int) -> dict[str, Any]:
    """Volatility of 20 market days, and how unlike the 20 before a day is."""
    latest, earlier = (totals[max(first, 0) : end] for first, end in ((at - 19, at + 1), (at - 20, at)))
    latest, earlier = latest[~np.isnan(latest)], earlier[~np.isnan(earlier)]
    out = {"volatility_20d": latest.std(ddof=1) if len(latest) >= FEWEST else None}
    if len(earlier) < FEWEST or np.isnan(totals[at]):
        return out | {"zscore": None, "is_anomaly": None, "anomaly_reason": None}
    distance, deviation = totals[at] - earlier.mean(), earlier.std(ddof=1)
    if deviation > 1e-9:
        strange, zscore, reason = abs(distance) > 6 * deviation, distance / deviation, "deviations"
    else:
        strange, zscore, reason = abs(distance) > 0.01, None, "stood still"
    return out | {"zscore": zscore, "is_anomaly": bool(strange), "anomaly_reason": reason if strange else None}


def differences(truth: pl.DataFrame, held: pl.DataFrame) -> dict[str, list[Any]]:
    """By column the rows that differ, floats by more than 1e-9; `missing` and `unknown` are rows of one side alone."""
    key = ["ticker", "market_date"]
    out = {
        "missing": truth.join(held, on=key, how="anti").select(key).rows(),
        "unknown": held.join(truth, on=key, how="anti").select(key).rows(),
        "doubled": held.filter(held.select(key).is_duplicated()).select(key).rows(),
    }
    both = truth.join(held, on=key, suffix="_held")
    for name in truth.columns:
        if name in held.columns and name not in key:
            right, got = pl.col(name), pl.col(f"{name}_held")
            same = right.eq_missing(got)
            if truth[name].dtype == pl.Float64:
                same |= ((right - got).abs() <= 1e-12 + 1e-9 * right.abs()).fill_null(value=False)
            out[name] = both.filter(~same).select(*key, name, f"{name}_held").rows()
    return {name: rows for name, rows in out.items() if rows}


def threads_differ(truth: pl.DataFrame, held: pl.DataFrame) -> tuple[dict[str, Any], dict[str, Any]]:
    """Threads that gold has as several securities, and securities of gold that are several threads."""
    pairs = truth.select("ticker", "market_date", "thread").join(
        held.select("ticker", "market_date", "security"), on=["ticker", "market_date"]
    )
    parted = pairs.group_by("thread").agg(pl.col("security").unique(), pl.col("ticker").unique())
    joined = pairs.group_by("security").agg(pl.col("thread").unique(), pl.col("ticker").unique())
    several = [{row[0]: row[1:] for row in each.rows() if len(row[1]) > 1} for each in (parted, joined)]
    return several[0], several[1]
