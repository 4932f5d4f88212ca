"""What a version of the model is: an estimator and its error by asset class, and its input and output."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from anthill.models.estimators import Estimator
from anthill.models.panel import NEEDED, Floats, Panel

INPUT = (*NEEDED, "variance_ewma", "squared_return_20d")
BAND = (0.1, 0.9)  # of actual / forecast over the walk-forward: what the interval leaves out on either side


@dataclass
class Forecaster:
    """Forecasts by asset class, of one kind."""

    kind: str
    estimators: dict[str, Estimator] = field(default_factory=dict)
    bands: dict[str, tuple[float, float]] = field(default_factory=dict)

    def learn(self, asset_class: str, estimator: Estimator, ratios: Floats) -> None:
        """An asset class, fitted, with actual / forecast of its walk-forward."""
        low, high = np.quantile(ratios, BAND)
        self.estimators[asset_class] = estimator
        self.bands[asset_class] = (float(low), float(high))

    def forecast(self, asset_class: str, panel: Panel) -> tuple[Floats, Floats, Floats]:
        """The variance of the next day, and the ends of its interval; the panel is whole."""
        variance = self.estimators[asset_class].predict(panel)
        low, high = self.bands[asset_class]
        return variance, variance * low, variance * high
