"""Walk-forward: each quarter is forecast by what was fitted to the quarters before it, and judged by QLIKE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from anthill.models.estimators import Estimator, Mean20
from anthill.models.panel import FLOOR, Floats, Panel, first_day, quarter_name

BASELINE = "mean_20d"
QUARTERS = 8  # at most so many, the newest
_LEAST_ROWS = 250  # to fit, and a year of one security


class Loss(NamedTuple):
    """What a model lost in a quarter of an asset class, against the variance by range and the squared return."""

    asset_class: str
    quarter: str
    model: str
    rows: int
    qlike: float
    mse: float
    qlike_of_square: float


def qlike(actual: Floats, forecast: Floats) -> Floats:
    """Of each row actual / forecast - ln(actual / forecast) - 1, both not below the floor: 0 is a perfect forecast."""
    ratio = np.maximum(actual, FLOOR) / np.maximum(forecast, FLOOR)
    found: Floats = ratio - np.log(ratio) - 1
    return found


def walk_forward(asset_class: str, panel: Panel, kinds: Mapping[str, type]) -> tuple[list[Loss], dict[str, Floats]]:
    """The losses of each kind and of the mean of 20 days, on the same rows; of each kind actual / forecast of all."""
    known = panel.where(panel.whole & panel.universe & np.isfinite(panel.next_variance) & _has_mean(panel))
    losses: list[Loss] = []
    ratios: dict[str, list[Floats]] = {name: [] for name in kinds}
    for quarter, before, asked in _steps(known):
        fitted: dict[str, Estimator] = {name: kind().fit(before) for name, kind in kinds.items()}
        for name, model in {BASELINE: Mean20(), **fitted}.items():
            forecast = model.predict(asked)
            losses.append(_loss(asset_class, quarter, name, asked, forecast))
            if name in ratios:
                ratios[name].append(asked.next_variance / forecast)
    return losses, {name: np.concatenate(found) for name, found in ratios.items() if found}


def _has_mean(panel: Panel) -> np.ndarray:
    return np.isfinite(panel.columns["squared_return_20d"])


def _steps(known: Panel) -> Iterator[tuple[int, Panel, Panel]]:
    """A quarter, the rows whose next day was over before it began, and its own rows."""
    quarters = known.quarters
    for quarter in np.unique(quarters)[-QUARTERS:]:
        # The row of a day is judged by the day after it: that of the last day before the quarter lies in it.
        start = np.datetime64(first_day(int(quarter)), "D")
        earlier = np.unique(known.days[known.days < start])
        if not len(earlier):
            continue
        before = known.where(known.days < earlier[-1])
        if len(before) >= _LEAST_ROWS:
            yield int(quarter), before, known.where(quarters == quarter)


def _loss(asset_class: str, quarter: int, name: str, asked: Panel, forecast: Floats) -> Loss:
    squares = np.isfinite(asked.next_square)
    return Loss(
        asset_class,
        quarter_name(quarter),
        name,
        len(asked),
        float(qlike(asked.next_variance, forecast).mean()),
        float(((asked.next_variance - forecast) ** 2).mean()),
        float(qlike(asked.next_square[squares], forecast[squares]).mean()),
    )


def relative(losses: Iterable[Loss], model: str) -> dict[str, float]:
    """QLIKE of a model by quarter, as a part of the baseline's; asset classes count alike."""
    by = {(loss.quarter, loss.asset_class, loss.model): loss.qlike for loss in losses}
    found: dict[str, list[float]] = {}
    for (quarter, asset_class, name), value in by.items():
        if name == model:
            found.setdefault(quarter, []).append(value / by[quarter, asset_class, BASELINE])
    return {quarter: float(np.mean(values)) for quarter, values in sorted(found.items())}


def whole(losses: Iterable[Loss], model: str, asset_class: str = "") -> float:
    """QLIKE of a model over all quarters as a part of the baseline's, rows alike within an asset class."""
    mine, theirs = _sums(losses, model), _sums(losses, BASELINE)
    ratios = [mine[name] / theirs[name] for name in mine if asset_class in ("", name)]
    return float(np.mean(ratios)) if ratios else float("nan")


def _sums(losses: Iterable[Loss], model: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for loss in losses:
        if loss.model == model:
            found[loss.asset_class] = found.get(loss.asset_class, 0.0) + loss.qlike * loss.rows
    return found
