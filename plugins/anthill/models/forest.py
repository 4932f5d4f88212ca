"""An isolation forest over bars in their own terms: how alone a bar stands, and which features set it apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from anthill.models.panel import Flags, Floats

FEATURES = ("move", "gap", "range", "wick", "volume", "forecast_error", "repeated")
NAMED = 3  # features of a bar at most
_COUNTS = 0.01  # of a score: what adds less is not named
_TREES = 100
_SEED = 73
_ROOM = 20_000  # bars that a forest is grown from and that others are ranked among: it takes 256 for a tree
_FAR = 1e6  # what is further is as far: a tree knows no infinity


class ForestError(RuntimeError):
    """There can be no forest; the message says why."""


@dataclass(frozen=True)
class Forest:
    """A forest, what is usual of each feature, and the scores of the bars that it grew from, in their order."""

    model: Any
    usual: Floats
    scores: Floats

    def score(self, bars: Floats) -> Floats:
        """How isolated each bar is: about 0.4 where it is ordinary, towards 1 where it stands alone."""
        found: Floats = -self.model.score_samples(_whole(bars, self.usual))
        return found

    def less_isolated(self, scores: Floats) -> Floats:
        """The part of the bars that the forest grew from whose score is lower."""
        return np.searchsorted(self.scores, scores) / len(self.scores)

    def contributions(self, bars: Floats) -> Floats:
        """Shapley values: by bar and feature its part of what the score is above that of a bar usual in everything."""
        kept, weights = _coalitions(bars.shape[1])
        found = np.empty(bars.shape)
        for at, bar in enumerate(_whole(bars, self.usual)):
            found[at] = self.score(np.where(kept, bar, self.usual)) @ weights
        return found

    def named(self, bars: Floats) -> list[str]:
        """Of each bar the features that set it apart, the one that counts most first."""
        found = []
        for row in self.contributions(bars):
            order = np.argsort(-row, kind="stable")[:NAMED]
            found.append(", ".join(FEATURES[at] for at in order if row[at] >= _COUNTS))
        return found


def grow(bars: Floats) -> Forest:
    """The forest of these bars, the same one of the same bars in the same order."""
    try:
        from sklearn.ensemble import IsolationForest
    except ImportError as error:
        raise ForestError("scikit-learn is not installed here: the group `models` has it") from error
    if len(bars) > _ROOM:
        bars = bars[np.sort(np.random.default_rng(_SEED).choice(len(bars), _ROOM, replace=False))]
    there = ~np.isnan(bars)
    usual = np.array([np.median(bars[there[:, at], at]) if there[:, at].any() else 0.0 for at in range(bars.shape[1])])
    known = _whole(bars, usual)
    model = IsolationForest(n_estimators=_TREES, random_state=_SEED).fit(known)
    return Forest(model, usual, np.sort(-model.score_samples(known)))


@cache
def _coalitions(count: int) -> tuple[Flags, Floats]:
    """All sets of features, and what the score of each counts for the share of each feature."""
    kept = np.array(list(product((False, True), repeat=count)))
    size = kept.sum(axis=1, keepdims=True)
    orders = [math.factorial(each) * math.factorial(count - 1 - each) / math.factorial(count) for each in range(count)]
    weight = np.array([*orders, 0.0])  # of a set by its size, where the feature comes next
    return kept, np.where(kept, weight[size - 1], -weight[size])


def _whole(bars: Floats, usual: Floats) -> Floats:
    """What a bar lacks is what is usual, and sets nothing apart."""
    found: Floats = np.clip(np.where(np.isnan(bars), usual, bars), -_FAR, _FAR)
    return found
