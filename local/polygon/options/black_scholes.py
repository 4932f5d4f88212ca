"""What options are worth after Black and Scholes; all arguments are arrays of one shape, years are of 365 days."""

from dataclasses import dataclass

import numpy as np

from local.polygon.markets.noise import Floats

RATE = 0.04
"""The rate of interest a year, continuously compounded; the simulated stocks pay no dividends into it."""

_SHORTEST = 1e-7  # years: at expiry a price is what exercise gives


@dataclass(frozen=True)
class Greeks:
    """`theta` for a day of the calendar, `vega` for a percentage point of volatility."""

    delta: Floats
    gamma: Floats
    theta: Floats
    vega: Floats


def value(spot: Floats, strike: Floats, years: Floats, volatility: Floats, put: np.ndarray) -> Floats:
    """The price of a share's worth; never below what exercise would give, since the options are American."""
    sign = np.where(put, -1.0, 1.0)
    first, second, discount = _terms(spot, strike, years, volatility)
    european = sign * (spot * cumulative(sign * first) - strike * discount * cumulative(sign * second))
    worth: Floats = np.maximum(european, np.maximum(sign * (spot - strike), 0.0))
    return worth


def greeks(spot: Floats, strike: Floats, years: Floats, volatility: Floats, put: np.ndarray) -> Greeks:
    """How the price moves with the share's, with time and with volatility."""
    sign = np.where(put, -1.0, 1.0)
    first, second, discount = _terms(spot, strike, years, volatility)
    root = np.sqrt(np.maximum(years, _SHORTEST))
    density = _density(first)
    decay = -spot * density * volatility / (2 * root) - sign * RATE * strike * discount * cumulative(sign * second)
    return Greeks(
        delta=sign * cumulative(sign * first),
        gamma=density / (spot * volatility * root),
        theta=decay / 365,
        vega=spot * density * root / 100,
    )


def cumulative(at: Floats) -> Floats:
    """The normal distribution, right to 1e-7 (Abramowitz and Stegun 26.2.17)."""
    size = np.minimum(np.abs(at), 40.0)
    step = 1 / (1 + 0.2316419 * size)
    series = 0.319381530 + step * (-0.356563782 + step * (1.781477937 + step * (-1.821255978 + step * 1.330274429)))
    beyond = _density(size) * step * series
    return np.where(at > 0, 1 - beyond, beyond)


def _terms(spot: Floats, strike: Floats, years: Floats, volatility: Floats) -> tuple[Floats, Floats, Floats]:
    """d1, d2 and the discount factor."""
    years = np.maximum(years, _SHORTEST)
    spread = volatility * np.sqrt(years)
    first = (np.log(spot / strike) + RATE * years) / spread + spread / 2
    return first, first - spread, np.exp(-RATE * years)


def _density(at: Floats) -> Floats:
    bell: Floats = np.exp(-at * at / 2) * 0.3989422804014327
    return bell
