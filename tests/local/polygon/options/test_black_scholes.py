"""Values and greeks, against the formula written out for one option."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.polygon.options.black_scholes import RATE, cumulative, greeks, value

SPOTS = st.floats(1, 2000)
MONEYNESS = st.floats(0.4, 2.5)
YEARS = st.floats(1 / 365, 2)
VOLATILITIES = st.floats(0.08, 1.2)


def normal(at: float) -> float:
    """The normal distribution of the standard library."""
    return (1 + math.erf(at / math.sqrt(2))) / 2


def by_hand(spot: float, strike: float, years: float, volatility: float, put: bool) -> float:
    """The European price."""
    spread = volatility * math.sqrt(years)
    first = (math.log(spot / strike) + (RATE + volatility**2 / 2) * years) / spread
    call = spot * normal(first) - strike * math.exp(-RATE * years) * normal(first - spread)
    return call - spot + strike * math.exp(-RATE * years) if put else call


def columns(*values: float) -> list[np.ndarray]:
    """Each number as an array of one."""
    return [np.array([value]) for value in values]


@given(SPOTS, MONEYNESS, YEARS, VOLATILITIES, st.booleans())
def test_values(spot: float, moneyness: float, years: float, volatility: float, put: bool) -> None:
    """The price is the formula's, or what exercise gives where that is more."""
    strike = spot * moneyness
    exercise = max(strike - spot if put else spot - strike, 0)
    found = value(*columns(spot, strike, years, volatility), np.array([put]))[0]
    assert found == pytest.approx(max(by_hand(spot, strike, years, volatility, put), exercise), abs=2e-6 * spot + 1e-9)


@given(SPOTS, MONEYNESS, YEARS, VOLATILITIES, st.booleans())
def test_greeks_are_slopes(spot: float, moneyness: float, years: float, volatility: float, put: bool) -> None:
    """Delta, vega and theta are how much the formula's price moves with the share, a point of volatility and a day."""
    strike = spot * moneyness
    found = greeks(*columns(spot, strike, years, volatility), np.array([put]))

    def slope(at: int, size: float) -> float:
        arguments = [spot, strike, years, volatility]
        above, below = list(arguments), list(arguments)
        above[at] += size
        below[at] -= size
        return (by_hand(*above, put) - by_hand(*below, put)) / (2 * size)

    assert found.delta[0] == pytest.approx(slope(0, spot * 1e-4), abs=1e-3)
    assert found.vega[0] == pytest.approx(slope(3, 1e-4) / 100, abs=1e-5 * spot)
    assert found.theta[0] == pytest.approx(-slope(2, years * 1e-3) / 365, abs=1e-5 * spot, rel=1e-3)
    assert found.gamma[0] >= 0


@given(st.floats(-9, 9))
def test_the_normal_distribution(at: float) -> None:
    """The approximation is right to 1e-7."""
    assert cumulative(np.array([at]))[0] == pytest.approx(normal(at), abs=1e-7)


def test_at_expiry() -> None:
    """Without time an option is worth what exercise gives."""
    found = value(*columns(100.0, 90.0, 0.0, 0.3), np.array([False]))
    assert found[0] == pytest.approx(10)
