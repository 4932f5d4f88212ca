"""Panels of securities whose variance clusters: what a HAR is made for, and of which the truth is known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from anthill.calendars import market_days
from anthill.models import panel
from anthill.models.panel import Floats, Panel

_PLACES = (1, 5, 22, 252)


def features(securities: int, sessions: int, seed: int = 1, calendar: str = "XNYS") -> pa.Table:
    """A table of features of a market whose log variance is a sum of a slow and a fast walk."""
    chance = np.random.default_rng(seed)
    days = market_days(calendar, dt.date(2022, 1, 3), dt.date(2026, 12, 31))[:sessions]
    slow = np.zeros((sessions, securities))
    fast = np.zeros((sessions, securities))
    for at in range(1, sessions):
        slow[at] = 0.98 * slow[at - 1] + 0.12 * chance.standard_normal(securities)
        fast[at] = 0.7 * fast[at - 1] + 0.3 * chance.standard_normal(securities)
    true = 1e-4 * np.exp(slow + fast) * chance.uniform(0.5, 4, securities)
    variance = true * chance.gamma(4, 0.25, true.shape)
    returns = np.sqrt(true) * chance.standard_normal(true.shape)
    columns = {f"variance_{days_}d": _means(variance, days_, min(days_, 22)) for days_ in _PLACES}
    columns |= {"variance_ewma": _means(variance, 66, 22), "squared_return_20d": _means(returns**2, 20, 10)}
    columns |= {"return_1d": returns, "is_liquid": np.ones_like(true)}
    counts = np.minimum(np.arange(1, sessions + 1), 252)[:, None] * np.ones(securities)
    flat = {name: values.reshape(-1) for name, values in columns.items()}
    tickers = [f"S{number:04}" for number in range(securities)] * sessions
    dates = np.repeat(np.array(days, "datetime64[D]"), securities)
    numbers = {name: pa.array(values, mask=~np.isfinite(values)) for name, values in flat.items()}
    return pa.table({"ticker": tickers, "market_date": dates, **numbers, "days_with_variance": counts.reshape(-1)})


def market(securities: int = 40, sessions: int = 700, seed: int = 1) -> Panel:
    """The same as a panel."""
    return panel.of(features(securities, sessions, seed))


def _means(values: Floats, days: int, least: int) -> Floats:
    sums = np.cumsum(np.vstack([np.zeros(values.shape[1]), values]), axis=0)
    found = np.full(values.shape, np.nan)
    for at in range(least - 1, len(values)):
        start = max(at + 1 - days, 0)
        found[at] = (sums[at + 1] - sums[start]) / (at + 1 - start)
    return found
