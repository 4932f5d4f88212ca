"""Indices: they follow the simulated stock market, and are values without volume."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from local.polygon.markets.clock import Clock
from local.polygon.stocks.indices import INDICES, SimulatedIndices
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.serving import Server

NEW_YORK = ZoneInfo("America/New_York")
CLOCK = Clock(dt.date(2026, 7, 1))
STOCKS = SimulatedStocks(7, CLOCK, stocks=300, otc=0)
MARKET = SimulatedIndices(7, CLOCK, STOCKS.sessions)
LAST = STOCKS.sessions.last_until(CLOCK.today)


def returns(ticker: str, many: int = 250) -> np.ndarray:
    """Log returns of an index over the last sessions."""
    return np.diff(np.log(MARKET.days(ticker, LAST - many, LAST, adjusted=False).c))


def test_indices_follow_the_stocks() -> None:
    """SPX moves with the average stock of the simulated market, and VIX against it."""
    closes = []
    for session in range(LAST - 250, LAST + 1):
        bars = STOCKS.day(session, adjusted=True, otc=False)
        closes.append(dict(zip(bars.tickers.tolist(), np.log(bars.c).tolist(), strict=True)))
    average = [np.mean([b[name] - a[name] for name in a.keys() & b.keys()]) for a, b in pairwise(closes)]
    assert np.corrcoef(average, returns("I:SPX"))[0, 1] > 0.9
    assert np.corrcoef(average, returns("I:VIX"))[0, 1] < -0.5
    assert returns("I:VIX").std() > 3 * returns("I:SPX").std()


def test_a_fund_follows_its_index() -> None:
    """SPY has the returns of SPX up to small noise, at about a tenth of its level, for years."""
    bars = [STOCKS.day(session, adjusted=True, otc=False) for session in range(LAST - 1000, LAST + 1)]
    fund = np.array([day.c[day.tickers == "SPY"][0] for day in bars])
    index = MARKET.days("I:SPX", LAST - 1000, LAST, adjusted=False).c
    assert np.corrcoef(np.diff(np.log(fund)), np.diff(np.log(index)))[0, 1] > 0.99
    assert 0.09 < (fund / index).min() < (fund / index).max() < 0.11


def test_levels() -> None:
    """On the anchor day an index is at its value; fear comes back to its own, whatever the years bring."""
    at = STOCKS.sessions.index(dt.date(2026, 6, 1))
    assert at is not None
    for index in INDICES:
        bars = MARKET.days(f"I:{index.symbol}", 0, LAST, adjusted=False)
        if index.fear:
            assert 0.7 < np.median(bars.c) / index.value < 1.4
        else:
            assert bars.c[at] == pytest.approx(index.value, rel=1e-3)
        assert (bars.h >= np.maximum(bars.o, bars.c)).all()
        assert (bars.l <= np.minimum(bars.o, bars.c)).all()
        assert (bars.l > 0).all()


@pytest.mark.parametrize(("day", "count"), [(dt.date(2026, 6, 15), 390), (dt.date(2025, 11, 28), 210)])
@pytest.mark.parametrize("ticker", ["I:SPX", "I:VIX"])
def test_minutes_make_the_day(ticker: str, day: dt.date, count: int) -> None:
    """Each minute of a session, half or whole, has a bar, and together they are the day's."""
    at = STOCKS.sessions.index(day)
    assert at is not None
    whole = MARKET.days(ticker, at, at, adjusted=False)
    minutes = MARKET.minutes(ticker, at, at, adjusted=False)
    assert (minutes.o[0], minutes.c[-1]) == (whole.o[0], whole.c[0])
    assert (minutes.h.max(), minutes.l.min()) == (whole.h[0], whole.l[0])
    assert minutes.t.tolist() == [int(STOCKS.sessions.opens[at]) + 60_000 * minute for minute in range(count)]


def test_a_session_that_is_not_over_goes_on() -> None:
    """Before the opening there is no bar, during the session one up to now, afterwards the one that stays."""
    clock = Clock(dt.date(2026, 6, 16), dt.time(9))
    market = SimulatedIndices(7, clock, STOCKS.sessions)
    at = STOCKS.sessions.last_until(clock.today)
    assert len(market.days("I:SPX", at, at, adjusted=False)) == 0
    clock.time = dt.time(11)
    running = market.days("I:SPX", at, at, adjusted=False)
    final = MARKET.days("I:SPX", at, at, adjusted=False)
    assert len(market.minutes("I:SPX", at, at, adjusted=False)) == 90
    assert (running.o[0], running.t[0]) == (final.o[0], final.t[0])
    assert running.c[0] != final.c[0]
    clock.time = dt.time(16)
    assert market.days("I:SPX", at, at, adjusted=False).rows(ticker=True) == final.rows(ticker=True)


@pytest.mark.parametrize("span", ["1/minute", "1/day", "1/week", "2/hour"])
def test_rows_are_values_alone(small: Server, span: str) -> None:
    """Bars of any length have no volume, average, count or adjustment."""
    page = small.page(f"/v2/aggs/ticker/I:SPX/range/{span}/2026-06-15/2026-06-18")
    assert "adjusted" not in page
    assert {name for row in page["results"] for name in row} == set("ohlct")


def test_daily_bars_and_the_previous_close(small: Server) -> None:
    """Days are those of the exchange at midnight New York; the previous close is at 16:00."""
    days = small.page("/v2/aggs/ticker/I:NDX/range/1/day/2026-06-17/2026-06-30")["results"]
    times = [dt.datetime.fromtimestamp(row["t"] / 1000, NEW_YORK) for row in days]
    assert [time.day for time in times] == [17, 18, 22, 23, 24, 25, 26, 29, 30]
    assert {time.hour for time in times} == {0}
    page = small.page("/v2/aggs/ticker/I:NDX/prev")
    assert "adjusted" not in page
    row = page["results"][0]
    assert row == {"T": "I:NDX"} | days[-1] | {"t": days[-1]["t"] + 16 * 3_600_000}
    assert small.page("/v2/aggs/ticker/I:NOPE/range/1/day/2026-06-17/2026-06-30")["resultsCount"] == 0


def test_wrong_size() -> None:
    """More indices than there are is refused with the number."""
    with pytest.raises(ValueError, match="at most 20"):
        SimulatedIndices(7, CLOCK, STOCKS.sessions, 21)
