"""Losses by their definition, walk-forward that knows nothing of its quarter, and the rule of promotion."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from anthill.models import panel as panels
from anthill.models.evaluation import BASELINE, Loss, qlike, relative, walk_forward, whole
from anthill.models.panel import FLOOR, Floats, Panel
from anthill.models.promotion import judge
from tests.plugins.anthill.models.simulated import features, market


class Recorded:
    """Remembers what it was fitted to, and says 1."""

    fitted: ClassVar[list[Panel]] = []

    def fit(self, panel: Panel) -> Recorded:
        """Keep the panel."""
        self.fitted.append(panel)
        return self

    def predict(self, panel: Panel) -> Floats:
        """The variance of the day."""
        return panel.columns["variance_1d"]


def test_qlike_is_its_definition_with_a_floor() -> None:
    """0 where the forecast is right, more below than above, and finite where a price stood still."""
    actual, forecast = np.array([1e-4, 2e-4, 1e-4, 0.0]), np.array([1e-4, 1e-4, 2e-4, 1e-4])
    wanted = [0, 1 - math.log(2), math.log(2) - 0.5, FLOOR / 1e-4 - math.log(FLOOR / 1e-4) - 1]
    assert qlike(actual, forecast) == pytest.approx(wanted)


def test_the_next_day_is_the_market_s_next_day() -> None:
    """What did not trade on it has none, and no security takes another's."""
    table = features(3, 40)
    keep = [not (row["ticker"] == "S0001" and at // 3 == 20) for at, row in enumerate(table.to_pylist())]
    held = panels.of(table.filter(keep))
    days = sorted(set(held.days.tolist()))
    mine = {(t, d): at for at, (t, d) in enumerate(zip(held.tickers, held.days.tolist(), strict=True))}
    assert math.isnan(held.next_variance[mine["S0001", days[19]]])
    assert math.isnan(held.next_variance[mine["S0000", days[-1]]])
    for ticker in ("S0000", "S0002"):
        there, after = mine[ticker, days[19]], mine[ticker, days[20]]
        assert held.next_variance[there] == held.columns["variance_1d"][after]
        assert held.next_square[there] == held.columns["return_1d"][after] ** 2


def test_a_quarter_is_forecast_by_what_was_over_before_it() -> None:
    """Neither a row of the quarter nor one whose next day lies in it is fitted to; no quarter is left out."""
    Recorded.fitted.clear()
    losses, ratios = walk_forward("stocks", market(30, 400), {"recorded": Recorded})
    quarters = [loss.quarter for loss in losses if loss.model == "recorded"]
    assert quarters == ["2022Q2", "2022Q3", "2022Q4", "2023Q1", "2023Q2", "2023Q3"]
    starts = ["2022-04-01", "2022-07-01", "2022-10-03", "2023-01-03", "2023-04-03", "2023-07-03"]
    for start, fitted in zip(starts, Recorded.fitted, strict=True):
        last = fitted.days.max()
        assert np.busday_count(last, np.datetime64(start)) in (2, 3)  # the last but one market day, or a holiday more
        assert np.isfinite(fitted.next_variance).all()
    assert len(ratios["recorded"]) == sum(loss.rows for loss in losses if loss.model == BASELINE)


def test_what_nobody_trades_counts_for_nothing() -> None:
    """Not even a row that does not say whether anybody does."""
    held = market(3, 300)
    liquid = np.where(held.tickers == "S0000", 0.0, 1.0)
    liquid[held.tickers == "S0001"] = np.nan
    odd = replace(held, columns={**held.columns, "is_liquid": liquid})
    losses, _ = walk_forward("stocks", odd, {"recorded": Recorded})
    alone, _ = walk_forward("stocks", held.where(held.tickers == "S0002"), {"recorded": Recorded})
    assert losses == alone


def losses_of(**by_model: list[float]) -> list[Loss]:
    """QLIKE by quarter of each model, and 1 for the mean to beat."""
    size = len(next(iter(by_model.values())))
    models = {**by_model, BASELINE: [1.0] * size}
    return [
        Loss("stocks", f"2024Q{at + 1}", name, 100, value, 0.0, value)
        for name, values in models.items()
        for at, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("challenger", "better"),
    [
        ([0.6, 0.6, 0.6, 0.6], True),  # everywhere
        ([0.6, 0.6, 0.6, 0.8], True),  # three quarters of four
        ([0.1, 0.71, 0.71, 0.71], False),  # the whole, by one quarter
        ([0.6, 0.6, 0.71, 0.71], False),  # half of them is not more than half
        ([0.69, 0.69, 0.69, 0.9], False),  # three quarters, and worse on the whole
        ([0.7, 0.7, 0.7, 0.7], False),  # the same
    ],
)
def test_the_rule_wants_the_whole_and_most_quarters(challenger: list[float], better: bool) -> None:
    """Better in one quarter, by however much, promotes nobody."""
    verdict = judge(losses_of(har=[0.7] * 4, boosted=challenger), "har", "boosted")
    assert verdict.better is better
    assert f"in {sum(value < 0.7 for value in challenger)} of 4 quarters" in verdict.why


def test_asset_classes_count_alike() -> None:
    """However many securities one has."""
    losses = [*losses_of(har=[0.5]), *(each._replace(asset_class="forex", rows=1) for each in losses_of(har=[0.9]))]
    assert whole(losses, "har") == pytest.approx(0.7)
    assert whole(losses, "har", "forex") == pytest.approx(0.9)
    assert relative(losses, "har") == {"2024Q1": pytest.approx(0.7)}
