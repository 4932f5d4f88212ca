"""Volatility clusters: large returns follow large ones, in the market and in single names."""

import datetime as dt

import numpy as np
import pytest

from local.polygon.markets.clock import Clock
from local.polygon.markets.noise import Noise
from local.polygon.stocks.indices import SimulatedIndices
from local.polygon.stocks.market_clock import MarketClock
from local.polygon.stocks.prices import WALK
from tests.local.polygon.simulated_markets import TODAY, played

YEARS = 5 * 252
NOISE = 2 / np.sqrt(YEARS)
"""What the autocorrelation of that many independent numbers hardly ever reaches."""


def sessions() -> tuple[int, int]:
    """The first and last session of the last five years."""
    last = played().sessions.last_until(TODAY - dt.timedelta(days=1))
    return last - YEARS, last


def autocorrelation(values: np.ndarray, lag: int) -> float:
    """Of a row of numbers with itself some sessions later."""
    centred = values - values.mean()
    return float((centred[lag:] * centred[:-lag]).sum() / (centred**2).sum())


def returns(ticker: str) -> np.ndarray:
    """The log returns of five years."""
    market = SimulatedIndices(7, Clock(TODAY), played().sessions) if ticker.startswith("I:") else played()
    return np.diff(np.log(market.days(ticker, *sessions(), adjusted=True).c))


@pytest.mark.parametrize("ticker", ["I:SPX", "SPY", "AAPL", "MSFT", "TSLA", "KO"])
def test_returns_cluster(ticker: str) -> None:
    """Sizes of returns go with those of the day before and of a week before; their signs do not."""
    found = returns(ticker)
    assert autocorrelation(np.abs(found), 1) > 1.5 * NOISE
    assert autocorrelation(np.abs(found), 5) > NOISE
    assert abs(autocorrelation(found, 1)) < 1.7 * NOISE
    assert ((found - found.mean()) ** 4).mean() / found.var() ** 2 > 4  # a bell has 3


def test_nearly_every_name_clusters() -> None:
    """Over five years, nine in ten places of the market have sizes of returns that follow one another."""
    first, last = sessions()
    paths = np.array([played().prices.path_all(session) for session in range(first, last + 1)])
    sizes = np.abs(np.diff(paths, axis=0))
    found = np.array([autocorrelation(sizes[:, place], 1) for place in range(sizes.shape[1])])
    assert np.mean(found > NOISE) > 0.9
    assert np.median(found) > 2.5 * NOISE


def test_names_have_a_part_of_their_own() -> None:
    """In a window of the market, some places are twice as restless as usual and others half."""
    first, last = sessions()
    paces = played().prices.volatility_on(played().prices.places, np.full(len(played().prices.places), last))
    paces = paces / played().prices.volatility
    assert np.percentile(paces, 95) / np.percentile(paces, 5) > 2
    assert first < last


def test_prices_stay_within_bounds() -> None:
    """Hardly a share ever costs less than ten cents or more than ten thousand, and a year's volatility is real."""
    for day in (dt.date(2003, 9, 10), dt.date(2008, 10, 10), dt.date(2019, 3, 1), TODAY):
        bars = played().day(played().sessions.next_from(day), adjusted=False, otc=False)
        assert np.mean((bars.c < 0.1) | (bars.c > 10_000)) < 0.01
        assert 8 < np.median(bars.c) < 200
    yearly = {ticker: returns(ticker).std() * np.sqrt(252) for ticker in ("I:SPX", "KO", "AAPL", "TSLA")}
    assert 0.1 < yearly["I:SPX"] < 0.3
    assert 0.12 < yearly["KO"] < yearly["AAPL"] < yearly["TSLA"] < 0.8


def test_days_are_as_wide_as_they_are_restless() -> None:
    """A session with many steps has a wider range between high and low than one with few."""
    first, last = sessions()
    bars = played().days("AAPL", first, last, adjusted=True)
    width = np.log(bars.h / bars.l)
    pace = played().prices.clock.pace[first : last + 1]
    assert np.median(width[pace > 2]) > 1.7 * np.median(width[pace < 0.6])


def test_a_clock_goes_only_forward() -> None:
    """Each session takes some steps, eight on average; a longer calendar has the same past, and fits the walk."""
    short, long = MarketClock(Noise(7), 200), MarketClock(Noise(7), 8190)
    assert long.at[:200].tolist() == short.at.tolist()
    assert np.diff(long.at).min() > 0
    assert long.at[0] == 0
    assert 6 < np.diff(long.at).mean() < 11
    for seed in range(40):
        assert MarketClock(Noise(seed), 8190).at[-1] < WALK
