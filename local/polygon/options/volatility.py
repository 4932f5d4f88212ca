"""The volatility that option prices imply: a level by underlying and day, a term structure and a smile."""

import numpy as np

from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.stocks.prices import Prices

MARKET = 0.009
"""The volatility a day that the market's own walk gives to every stock."""
KNOT = 21
"""Sessions from one level of the volatility to the next; between them it moves in a straight line."""


class Volatility:
    """Implied volatilities a year, found for any underlying (its place in the market) and session alone.

    At the money it is the volatility of the underlying's walk times 0.95 to 1.25, a number of its own, and then
    exp(level · exp(-years / 0.75)): the level of the day is 0.12 times the underlying's bell-shaped number plus 0.18
    times the market's, so that near expiries move most. A strike that lies x deviations from the price implies
    1 - 0.06 x + 0.015 x² times that, where x = log(strike / price) / (volatility · root of the years, a week at least),
    from -4 to 4.
    """

    def __init__(self, noise: Noise, prices: Prices) -> None:
        self._noise, self._volatility = noise, prices.volatility

    def at_the_money(self, places: Ints, sessions: Ints, years: Floats) -> Floats:
        """What an option with the price itself as its strike implies."""
        daily = np.sqrt(self._volatility[places] ** 2 + MARKET**2)
        usual = daily * np.sqrt(252) * (0.95 + 0.3 * self._noise.uniform("implied premium", places, 0))
        level = 0.12 * self._level("implied", places, sessions) + 0.18 * self._level("implied market", 0, sessions)
        found: Floats = usual * np.exp(level * np.exp(-years / 0.75))
        return found

    def _level(self, stream: str, row: Ints | int, sessions: Ints) -> Floats:
        knot, part = sessions // KNOT, sessions % KNOT / KNOT
        low, high = (self._noise.normal(stream, row, knot + step) for step in (0, 1))
        return low + (high - low) * part


def deviations(strike: Floats, spot: Floats, years: Floats, volatility: Floats) -> Floats:
    """How far strikes lie from the price, in standard deviations until expiry."""
    far: Floats = np.log(strike / spot) / (volatility * np.sqrt(np.maximum(years, 1 / 52)))
    return far


def smile(far: Floats) -> Floats:
    """What volatility at the money is multiplied by."""
    bounded = np.clip(far, -4.0, 4.0)
    return 1 - 0.06 * bounded + 0.015 * bounded * bounded
