"""Random walks with random access."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from local.polygon.markets.noise import Noise
from local.polygon.markets.walk import SPAN, Walks

WALKS = Walks(Noise(7), "w", 300)


@given(st.integers(0, SPAN - 1), st.integers(0, 299))
def test_both_ways_to_a_value_agree(step: int, walk: int) -> None:
    """One value asked for alone is exactly the one found with all the others."""
    assert WALKS.at(np.array([walk]), np.array([step]))[0] == WALKS.all_at(step)[walk]


def test_steps_are_brownian() -> None:
    """Increments have the variance of the time between, and do not follow one another."""
    steps = np.arange(4000, 4400)
    path = WALKS.at(np.arange(300)[:, None], steps)
    daily = np.diff(path, axis=1)
    assert abs(daily.std() - 1) < 0.02
    assert abs((path[:, 100] - path[:, 0]).std() - 10) < 1
    assert abs(np.corrcoef(daily[:, :-1].ravel(), daily[:, 1:].ravel())[0, 1]) < 0.03
