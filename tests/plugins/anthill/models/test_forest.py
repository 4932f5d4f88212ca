"""A bar that is odd in one thing has that named first, by a contribution that is what its definition says."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not here: make test-models")

from anthill.models.forest import FEATURES, NAMED, Forest, grow
from anthill.models.panel import Floats


def ordinary(count: int, seed: int) -> Floats:
    """Bars whose features know nothing of one another; hardly one in a hundred is repeated."""
    chance = np.random.default_rng(seed)
    bars = chance.standard_normal((count, len(FEATURES)))
    bars[:, FEATURES.index("repeated")] = chance.random(count) < 0.01
    return bars


@pytest.fixture(scope="module")
def forest() -> Forest:
    """Grown from three thousand ordinary bars."""
    return grow(ordinary(3000, 1))


def odd(forest: Forest, name: str, value: float = 9.0) -> Floats:
    """A bar that is usual in all but one thing."""
    bar = forest.usual.copy()
    bar[FEATURES.index(name)] = value
    return bar[np.newaxis]


@pytest.mark.parametrize("name", FEATURES)
def test_what_was_planted_is_named_first(forest: Forest, name: str) -> None:
    """And alone: what is usual sets nothing apart."""
    bar = odd(forest, name, 1.0 if name == "repeated" else 9.0)
    assert forest.named(bar) == [name]
    (contributions,) = forest.contributions(bar)
    usual = forest.usual[np.newaxis]
    assert contributions[FEATURES.index(name)] == pytest.approx((forest.score(bar) - forest.score(usual))[0])
    assert np.count_nonzero(np.abs(contributions) > 1e-12) == 1


def test_the_larger_part_comes_first_and_few_are_named(forest: Forest) -> None:
    """By what each adds to the score on the average of all orders in which they can be made what they are."""
    bar = np.array([[1.0, 9.0, 1.5, 0.8, 1.2, 2.0, 0.0]])
    named = forest.named(bar)[0].split(", ")
    assert (len(named), named[0]) == (NAMED, "gap")
    scores: dict[frozenset[int], float] = {}

    def score(kept: frozenset[int]) -> float:
        if kept not in scores:
            some = [bar[0, at] if at in kept else forest.usual[at] for at in range(len(FEATURES))]
            scores[kept] = float(forest.score(np.array([some]))[0])
        return scores[kept]

    shares = dict.fromkeys(FEATURES, 0.0)
    for order in itertools.permutations(range(len(FEATURES))):
        for place, at in enumerate(order):
            before = frozenset(order[:place])
            shares[FEATURES[at]] += (score(before | {at}) - score(before)) / math.factorial(len(FEATURES))
    assert dict(zip(FEATURES, forest.contributions(bar)[0], strict=True)) == pytest.approx(shares, abs=1e-12)
    assert named == sorted(shares, key=lambda name: -shares[name])[:NAMED]


def test_a_score_is_ranked_among_the_bars_it_grew_from(forest: Forest) -> None:
    """What stands alone is above nearly all of them, and an ordinary bar in the middle of them."""
    grown = forest.score(ordinary(3000, 1))
    for bar in (odd(forest, "gap", 12.0), ordinary(1, 9)):
        score = forest.score(bar)
        assert forest.less_isolated(score)[0] == pytest.approx(np.mean(grown < score[0]))
    everywhere = np.full((1, len(FEATURES)), 9.0)
    assert forest.less_isolated(forest.score(everywhere))[0] == 1
    assert forest.score(forest.usual[np.newaxis])[0] < 0.5 < forest.score(everywhere)[0]


def test_it_is_the_same_forest_again() -> None:
    """Of the same bars, more than it grows from among them; of others another."""
    bars = ordinary(21_000, 3)
    one, same, other = grow(bars), grow(bars), grow(bars[1:])
    asked = ordinary(50, 4)
    assert one.score(asked).tolist() == same.score(asked).tolist()
    assert one.score(asked).tolist() != other.score(asked).tolist()
    assert len(one.scores) == 20_000


def test_what_is_not_known_sets_nothing_apart() -> None:
    """A feature that an asset class has not, one that a bar lacks, and one beyond all numbers."""
    bars = ordinary(500, 5)
    bars[:, FEATURES.index("volume")] = math.nan
    forest = grow(bars)
    bar = odd(forest, "move", math.inf)
    bar[0, [FEATURES.index("volume"), FEATURES.index("wick")]] = math.nan
    assert forest.named(bar) == ["move"]
    assert np.isfinite(forest.score(bar)).all()
