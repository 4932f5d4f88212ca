"""Simulated pairs: bars of minutes, ranges and whole days agree, cross rates agree, and the past stays."""

import datetime as dt
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.polygon.currencies.crypto import simulated_crypto
from local.polygon.currencies.forex import BROKEN, PAIRS, simulated_forex
from local.polygon.currencies.simulated import SimulatedPairs
from local.polygon.markets.bars import Bars
from local.polygon.markets.clock import Clock

CLOCK = Clock(dt.date(2026, 7, 1))
FOREX, CRYPTO = simulated_forex(7, CLOCK), simulated_crypto(7, CLOCK)
MARKETS = [FOREX, CRYPTO]
DAY = 86_400_000
JUNE = [dt.date(2026, 6, day) for day in range(1, 31)]
QUIET = [day for day in JUNE if FOREX.sessions.index(day) is not None and day not in {day for _, day in BROKEN}]


def session(market: SimulatedPairs, day: dt.date) -> int:
    """The session of a day that has one."""
    found = market.sessions.index(day)
    assert found is not None
    return found


def whole(market: SimulatedPairs, day: dt.date) -> Bars:
    """The whole market's bars of a UTC day."""
    return market.day(session(market, day), adjusted=False, otc=False)


def one(bars: Bars, ticker: str) -> Bars:
    """The bar of a ticker among others."""
    return bars.take(bars.tickers == ticker)


def check_sum(day: Bars, minutes: Bars) -> None:
    """A day's bar opens, closes, peaks and trades as its minutes do."""
    assert len(day) == 1
    assert (minutes.o[0], minutes.c[-1]) == (day.o[0], day.c[0])
    assert (minutes.h.max(), minutes.l.min()) == (day.h[0], day.l[0])
    assert minutes.v.sum() == pytest.approx(day.v[0], rel=1e-9)
    assert minutes.n.sum() == day.n[0]
    assert (minutes.h >= np.maximum(minutes.o, minutes.c)).all()
    assert (minutes.l <= np.minimum(minutes.o, minutes.c)).all()
    assert (np.diff(minutes.t) > 0).all()
    assert (minutes.t % 60_000 == 0).all()
    assert (minutes.n > 0).all()


@settings(max_examples=25)
@given(st.sampled_from(MARKETS), st.integers(0, 59), st.dates(dt.date(2022, 1, 1), dt.date(2026, 6, 29)))
def test_minutes_make_the_days(market: SimulatedPairs, pair: int, day: dt.date) -> None:
    """Minute bars add up to the day of a range, in the zone of ranges, and to the whole market's UTC day."""
    at = market.sessions.next_from(day)
    bars = market.day(at, adjusted=False, otc=False)
    ticker = str(bars.tickers[pair % len(bars)])
    minutes = market.minutes(ticker, at, at, adjusted=False)
    check_sum(market.days(ticker, at, at, adjusted=False), minutes)
    around = market.minutes(ticker, max(at - 1, 0), at, adjusted=False)
    begin = market.sessions.stamps[at] + 1 - DAY
    check_sum(one(bars, ticker), around.take((around.t >= begin) & (around.t < begin + DAY)))


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
@pytest.mark.parametrize("day", [dt.date(2013, 4, 2), dt.date(2020, 2, 28), dt.date(2026, 6, 14)])
def test_bars_are_plausible(market: SimulatedPairs, day: dt.date) -> None:
    """Highs are highest, lows are lowest, and all that is there traded."""
    bars = whole(market, day)
    assert (bars.h >= np.maximum(bars.o, bars.c)).all()
    assert (bars.l <= np.minimum(bars.o, bars.c)).all()
    assert (bars.l > 0).all()
    assert (bars.v > 0).all()
    assert (bars.n > 0).all()
    assert len(set(bars.tickers.tolist())) == len(bars) > 0


def gaps(day: dt.date) -> dict[str, float]:
    """By cross rate, how far it closes from the product of the two legs that share a currency with it."""
    bars = whole(FOREX, day)
    closes = dict(zip((ticker[2:] for ticker in bars.tickers.tolist()), np.log(bars.c).tolist(), strict=True))
    both = closes | {name[3:] + name[:3]: -rate for name, rate in closes.items()}
    found: dict[str, float] = {}
    codes = sorted({name[:3] for name in both})
    for one, two, three in permutations(codes, 3):
        if one + two in closes and two + three in both and one + three in both:
            gap = abs(both[one + two] + both[two + three] - both[one + three])
            found[f"C:{one}{two}"] = min(found.get(f"C:{one}{two}", 1.0), gap)
    return found


@pytest.mark.parametrize("day", QUIET[::3])
def test_triangles_close(day: dt.date) -> None:
    """Every pair with two legs is within 5 basis points of their product, on days without a script."""
    found = gaps(day)
    assert len(found) > 40
    assert max(found.values()) < 5e-4


@pytest.mark.parametrize(("broken", "error"), BROKEN.items(), ids=lambda part: str(part))
def test_scripted_triangles_stay_open(broken: tuple[str, dt.date], error: float) -> None:
    """A scripted cross rate closes far from its legs on its day, alone, and is back on the next."""
    ticker, day = broken
    found = gaps(day)
    assert {name for name, gap in found.items() if gap > 5e-4} == {ticker}
    assert found[ticker] == pytest.approx(abs(error), abs=5e-4)
    assert max(gaps(day + dt.timedelta(days=1)).values()) < 5e-4


def test_bitcoin_pairs_agree_with_dollars() -> None:
    """ETHBTC is ETHUSD over BTCUSD."""
    bars = whole(CRYPTO, dt.date(2026, 6, 13))
    eth, btc, cross = (float(one(bars, f"X:{name}").c[0]) for name in ("ETHUSD", "BTCUSD", "ETHBTC"))
    assert cross == pytest.approx(eth / btc, rel=5e-4)


@pytest.mark.parametrize("make", [simulated_forex, simulated_crypto])
def test_the_past_depends_on_the_seed_alone(make: type[SimulatedPairs]) -> None:
    """A server of another year has the same bars on a day of the past; another seed has others."""
    day = dt.date(2021, 3, 9)
    early, late, other = make(7, Clock(dt.date(2021, 6, 1))), make(7, Clock(dt.date(2030, 1, 2))), make(8, CLOCK)
    rows = [whole(market, day).rows(ticker=True) for market in (early, late, other)]
    assert rows[0] == rows[1] != rows[2]


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
def test_a_day_that_is_not_over_goes_on(market: SimulatedPairs) -> None:
    """Today has what happened until now: the same opening, growing volume, and at the end the bar that stays."""
    clock = Clock(dt.date(2026, 6, 16))
    make = {"forex": simulated_forex, "crypto": simulated_crypto}[market.name]
    running = make(7, clock)
    final = whole(market, dt.date(2026, 6, 16)).take(slice(0, 5))
    volumes = []
    for time in (dt.time(3), dt.time(9, 30), dt.time(18)):
        clock.time = time
        bars = whole(running, clock.today).take(slice(0, 5))
        assert (bars.tickers.tolist(), bars.o.tolist()) == (final.tickers.tolist(), final.o.tolist())
        assert (bars.h <= final.h).all()
        volumes.append(bars.v)
        ticker = str(bars.tickers[0])
        at = session(running, clock.today)
        minutes = running.minutes(ticker, at, at, adjusted=False)
        assert minutes.t[-1] + 60_000 <= clock.ms
        check_sum(running.days(ticker, at, at, adjusted=False), minutes)
    assert (volumes[0] < volumes[1]).all()
    assert (volumes[1] < volumes[2]).all()
    assert (volumes[2] < final.v).all()
    clock.today = dt.date(2026, 6, 17)
    assert whole(running, dt.date(2026, 6, 16)).take(slice(0, 5)).rows(ticker=True) == final.rows(ticker=True)


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
def test_days_beyond_the_calendar(market: SimulatedPairs) -> None:
    """Before the first day and after today there are no bars, and nothing is listed before the first day."""
    ticker = str(whole(market, dt.date(2026, 6, 15)).tickers[0])
    last = len(market.sessions.days) - 1
    assert len(market.days(ticker, -1, -1, adjusted=False)) == 0
    assert len(market.days(ticker, session(market, dt.date(2026, 7, 2)), last, adjusted=False)) == 0
    assert len(market.minutes("C:NOSUCH", 0, last, adjusted=False)) == 0
    assert len(market.tickers(dt.date(2003, 9, 10), active=True)) == 0
    assert market.details(ticker, dt.date(2003, 9, 10)) is None


@pytest.mark.parametrize(("make", "words"), [(simulated_forex, "at most 60"), (simulated_crypto, "cannot have -1")])
def test_wrong_sizes(make: type[SimulatedPairs], words: str) -> None:
    """A number of pairs that cannot be is refused with a reason."""
    with pytest.raises(ValueError, match=words):
        make(7, CLOCK, -1)


def test_sizes() -> None:
    """A smaller market has the most traded pairs, with the same bars; an empty one answers nothing."""
    day = dt.date(2026, 6, 15)
    for make, market, first in ((simulated_forex, FOREX, f"C:{PAIRS[0]}"), (simulated_crypto, CRYPTO, "X:BTCUSD")):
        few = whole(make(7, CLOCK, 3), day)
        assert len(few) == 3
        assert one(few, first).c[0] == one(whole(market, day), first).c[0]
        assert len(whole(make(7, CLOCK, 0), day)) == 0
