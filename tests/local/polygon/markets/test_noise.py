"""Numbers drawn by address."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from local.polygon.markets.noise import Noise


def test_a_number_does_not_depend_on_its_company() -> None:
    """A number drawn alone is the one drawn among many."""
    many = Noise(7).normal("a", np.arange(50)[:, None], np.arange(70))
    assert many[31, 12] == Noise(7).normal("a", 31, 12)


def test_seeds_streams_and_addresses_differ() -> None:
    """Another seed, stream, row or column gives other numbers, unrelated to these."""
    columns = np.arange(20_000)
    base = Noise(7).normal("a", 1, columns)
    others = [Noise(8).normal("a", 1, columns), Noise(7).normal("b", 1, columns), Noise(7).normal("a", 2, columns)]
    others.append(Noise(7).normal("a", 1, columns + 1))
    assert all(abs(np.corrcoef(base, other)[0, 1]) < 0.03 for other in others)


def test_distributions() -> None:
    """Uniforms fill (0, 1) evenly and normals have mean 0 and variance 1."""
    uniform = Noise(7).uniform("u", np.arange(300)[:, None], np.arange(300))
    assert 0 < uniform.min() < 0.001 < 0.999 < uniform.max() < 1
    assert np.allclose(np.histogram(uniform, 10, (0, 1))[0] / uniform.size, 0.1, atol=0.005)
    normal = Noise(7).normal("n", np.arange(300)[:, None], np.arange(300))
    assert abs(normal.mean()) < 0.02
    assert abs(normal.std() - 1) < 0.01


@given(st.integers(1, 2**40), st.integers(0, 10_000), st.integers(0, 2**30))
def test_below_keeps_its_bound(bound: int, row: int, column: int) -> None:
    """Whole numbers stay within 0 and the bound."""
    assert 0 <= int(Noise(1).below("b", row, column, bound)) < bound
