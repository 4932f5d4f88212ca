"""What forecasts the next day's variance from what is known of a day: HAR, boosted trees, and the mean to beat."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from anthill.models.panel import FLOOR, Flags, Floats, Panel

_LEAST = 1e-4  # of its mean of 252 days that a variance is taken for


class Estimator(Protocol):
    """Fits a panel's next variances and forecasts those of another; both panels are whole."""

    def fit(self, panel: Panel) -> Estimator:
        """Learn from rows whose next variance is known."""
        ...

    def predict(self, panel: Panel) -> Floats:
        """A variance a row, above 0."""
        ...


class Mean20:
    """The mean squared return of 20 days: what gold has without any model."""

    def fit(self, panel: Panel) -> Mean20:
        """Nothing is learned."""
        return self

    def predict(self, panel: Panel) -> Floats:
        """As it is."""
        return np.maximum(panel.columns["squared_return_20d"], FLOOR)


class Har:
    """Variance of a day, a week and a month, the fall of the day, and the week's ends, by gamma regression of its log.

    One regression serves all securities, each in units of its own mean of 252 days. Gamma deviance is twice QLIKE: it
    is trained on what it is judged by.
    """

    def __init__(self) -> None:
        self._regression: Any = None
        self._used: Flags = np.array([], bool)

    def fit(self, panel: Panel) -> Har:
        """Newton's method on a handful of coefficients; a market without Sundays has none for them."""
        from sklearn.linear_model import GammaRegressor

        own = panel.columns["variance_252d"]
        target = np.maximum(panel.next_variance / own, _LEAST)
        self._regression = GammaRegressor(alpha=0, solver="newton-cholesky", max_iter=100, tol=1e-8)
        given = _regressors(panel)
        self._used = np.ptp(given, axis=0) > 0
        self._regression.fit(given[:, self._used], target)
        return self

    def predict(self, panel: Panel) -> Floats:
        """In the units of the security again."""
        found: Floats = self._regression.predict(_regressors(panel)[:, self._used])
        return np.maximum(found * panel.columns["variance_252d"], FLOOR)


class Boosted:
    """The same and a little more, by boosted trees with the same loss."""

    def __init__(self, rounds: int = 100) -> None:
        self._rounds = rounds
        self._trees: Any = None

    def fit(self, panel: Panel) -> Boosted:
        """The same rows give the same trees."""
        from lightgbm import LGBMRegressor

        target = np.maximum(panel.next_variance / panel.columns["variance_252d"], _LEAST)
        self._trees = LGBMRegressor(
            objective="gamma", n_estimators=self._rounds, learning_rate=0.05, num_leaves=31, min_child_samples=200,
            deterministic=True, force_row_wise=True, random_state=1, n_jobs=2, verbose=-1,
        )  # fmt: skip
        self._trees.fit(_more_regressors(panel), target)
        return self

    def predict(self, panel: Panel) -> Floats:
        """In the units of the security again."""
        found: Floats = self._trees.predict(_more_regressors(panel))
        return np.maximum(found * panel.columns["variance_252d"], FLOOR)


KINDS: dict[str, type[Har] | type[Boosted]] = {"har": Har, "boosted": Boosted}


def _regressors(panel: Panel) -> Floats:
    own = panel.columns["variance_252d"]
    logs = [_log(panel.columns[f"variance_{days}d"], own) for days in (1, 5, 22)]
    fall = np.clip(panel.columns["return_1d"] / np.sqrt(own), -5, 0)
    # A Sunday of currencies has two or three hours: little comes before it, and little is known after it.
    weekday = (panel.days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    ends = [(weekday == day).astype(float) for day in (4, 6)]
    return np.column_stack([*logs, fall, *ends, ends[1] * logs[0]])


def _more_regressors(panel: Panel) -> Floats:
    own = panel.columns["variance_252d"]
    logs = [_log(panel.columns[name], own) for name in ("variance_ewma", "squared_return_20d")]
    return np.column_stack([_regressors(panel), *logs, np.log(np.maximum(own, FLOOR))])


def _log(values: Floats, own: Floats) -> Floats:
    return np.log(np.maximum(values / own, _LEAST))
