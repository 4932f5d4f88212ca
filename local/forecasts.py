"""Forecasts in the demo: the DAG `models` learns from the days but the last month, and forecasts that month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from anthill import catalog
from local import demo, notebooks
from local.airflow_api import AirflowApi
from local.stack import Stack

DAG = "models"
UNSEEN = 22  # market days at the end, of which no model has seen what it is to say
WARM_UP = 33  # market days before one has all features
LEAST = WARM_UP + 66 + UNSEEN  # with as many between as a quarter of stocks has: the rule compares by quarters

Days = Mapping[str, Sequence[dt.date]]


def enough(days: Days) -> list[str]:
    """The asset classes that can be learned from: before the last month, a quarter with features follows another."""
    from anthill.models.features import TABLE

    found = []
    for name, asked in days.items():
        if len(asked) < LEAST or TABLE not in catalog.load(name).gold:
            continue
        if _quarter(asked[WARM_UP]) != _quarter(asked[-1 - UNSEEN]):
            found.append(name)
    return found


def _quarter(day: dt.date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def make(stack: Stack, api: AirflowApi, days: Days, progress: demo.Progress) -> None:
    """Train where MLflow is, then forecast the last month; without it the rows say why there is no forecast."""
    if max(map(len, days.values())) < LEAST or not (names := enough(days)) or _done(stack, names, days):
        return
    cut = max(days[name][-1 - UNSEEN] for name in names)
    forms = [{"market_date_from": str(cut), "market_date_to": str(max(days[name][-1] for name in names))}]
    if notebooks.has_mlflow(stack.options.notebooks):
        progress.line(f"Training the volatility model on the market days up to {cut}, then forecasts")
        forms.insert(0, {"action": "train", "market_date_from": str(cut), "market_date_to": str(cut)})
    else:
        progress.line("Forecasts say that MLflow is not installed: `make models` sets it up")
    demo.end_earlier_runs(api, [DAG], progress)
    for form in forms:
        demo.watch(stack, api, [demo.trigger(api, DAG, form, DAG)], progress)


def _done(stack: Stack, names: Sequence[str], days: Days) -> bool:
    """Whether an earlier run has forecast the last of these days."""
    rows = stack.warehouse().records(
        "SELECT asset_class, max(market_date) AS newest FROM gold.volatility_forecasts"
        " WHERE variance IS NOT NULL GROUP BY asset_class ORDER BY asset_class"
    )
    newest = {row["asset_class"]: row["newest"] for row in rows}
    return all(name in newest and newest[name] >= days[name][-1] for name in names)
