"""Bars that miss their late trades: a few, a little, for three sessions, and only if asked for."""

import datetime as dt
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.polygon.markets.bars import Bars
from local.polygon.markets.clock import Clock
from local.polygon.markets.noise import Noise
from local.polygon.stocks.late_trades import FINAL, TICKERS, LateTrades
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.simulated_markets import simulated

DAY = dt.date(2026, 6, 10)
CLOCK = Clock(DAY)


@cache
def revised() -> SimulatedStocks:
    """The same market, whose late trades come by CLOCK."""
    return SimulatedStocks(7, CLOCK, late_trades=True)


@cache
def session() -> int:
    """The session that is looked at."""
    return simulated().sessions.next_from(DAY)


def seen(sessions_later: int) -> Bars:
    """The bars of the day as they are known so many sessions later."""
    CLOCK.today = revised().sessions.days[session() + sessions_later]
    return revised().day(session(), adjusted=False, otc=True)


def differing(one: Bars, other: Bars) -> np.ndarray:
    """Which rows are not the same."""
    return np.array([a != b for a, b in zip(one.rows(ticker=True), other.rows(ticker=True), strict=True)])


def test_bars_become_final() -> None:
    """Some tens of bars change with each of three sessions, then none; in the end they are what they always were."""
    views = [seen(later) for later in range(6)]
    changes = [int(differing(*pair).sum()) for pair in pairwise(views)]
    assert all(10 < change < TICKERS for change in changes[:FINAL])
    assert changes[FINAL:] == [0, 0]
    final = simulated().day(session(), adjusted=False, otc=True)
    assert final.rows(ticker=True) == views[FINAL].rows(ticker=True)


def test_what_is_missing_is_small() -> None:
    """Volumes and counts only grow, highs rise and lows fall, prices move by less than the day's range."""
    early, final = seen(0), simulated().day(session(), adjusted=False, otc=True)
    rows = differing(early, final)
    assert (early.tickers == final.tickers).all()
    early, final = early.take(rows), final.take(rows)
    assert ((early.v <= final.v) & (early.v >= 0.95 * final.v - 1)).all()
    assert (early.n <= final.n).all()
    assert ((early.h <= final.h) & (early.l >= final.l)).all()
    assert (early.h >= np.maximum(early.o, early.c)).all()
    assert (early.l <= np.minimum(early.o, early.c)).all()
    assert (early.o == final.o).all()
    corrected = (early.c != final.c).mean()
    assert 0.05 < corrected < 0.5
    average = ~np.isnan(early.vw)
    assert ((early.l <= early.vw) & (early.vw <= early.h))[average].all()


def test_every_answer_about_a_day_agrees() -> None:
    """The bars of one ticker, whole or by minutes, are those of the whole market, on each of the days."""
    late = np.flatnonzero(differing(seen(0), simulated().day(session(), adjusted=False, otc=True)))
    for later in range(FINAL + 1):
        view = seen(later)
        for at in late[:4].tolist():
            ticker = str(view.tickers[at])
            day = revised().days(ticker, session(), session(), adjusted=False)
            minutes = revised().minutes(ticker, session(), session(), adjusted=False)
            assert (day.c[0], day.v[0], day.h[0], day.l[0]) == (view.c[at], view.v[at], view.h[at], view.l[at])
            assert (minutes.c[-1], minutes.h.max(), minutes.l.min()) == (view.c[at], view.h[at], view.l[at])
            assert minutes.v.sum() == pytest.approx(view.v[at], rel=1e-6)


def test_off_unless_asked_for() -> None:
    """Without the option the first view is the final one."""
    plain = SimulatedStocks(7, Clock(DAY), stocks=300, otc=10)
    later = SimulatedStocks(7, Clock(dt.date(2026, 7, 1)), stocks=300, otc=10)
    rows = [market.day(session(), adjusted=False, otc=True).rows(ticker=True) for market in (plain, later)]
    assert rows[0] == rows[1]


@settings(max_examples=60)
@given(
    price=st.floats(0.0001, 5000), volume=st.floats(1, 1e9), place=st.integers(0, 39), session=st.integers(0, 6000),
    count=st.sampled_from([-1, 1, 7, 100_000]),
)  # fmt: skip
def test_any_bar_stays_a_bar(price: float, volume: float, place: int, session: int, count: int) -> None:
    """Of the thinnest and the dearest stock, too: prices in order, and something traded."""
    late = LateTrades(Noise(7), 40)
    one = np.array([price])
    high, low = np.round(one * 1.02 + 0.0001, 4), np.round(one * 0.99, 4)
    o, c = np.round(one, 4), np.round(one * 1.01, 4)
    bar = Bars(
        np.array(["A"]), np.array([0]), o, np.maximum(high, np.maximum(o, c)), np.minimum(low, np.minimum(o, c)), c,
        np.array([volume]), one, np.array([count]), np.array([False]),
    )  # fmt: skip
    found = late.without(bar, np.array([place]), np.array([session]), np.array([0]))
    assert found.l[0] <= min(found.o[0], found.c[0]) <= max(found.o[0], found.c[0]) <= found.h[0]
    assert 0 < found.v[0] <= volume
    assert found.n[0] == -1 if count == -1 else 1 <= found.n[0] <= count
