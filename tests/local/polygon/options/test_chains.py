"""Which contracts are listed when."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.polygon.app import Settings
from local.polygon.markets.clock import Clock
from local.polygon.options.contracts import Contract
from local.polygon.options.simulated import SimulatedOptions
from local.polygon.stocks.notable import NOTABLES
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.options.conftest import UNDERLYINGS

FIRST = dt.date(2014, 6, 2)
DAYS = st.dates(FIRST, dt.date(2026, 6, 30))


def tickers(options: SimulatedOptions, day: dt.date, symbol: str | None = None) -> list[str]:
    """What is listed on a day."""
    found: list[str] = options.listed(day, symbol).tickers.tolist()
    return found


@settings(max_examples=25)
@given(day=DAYS, later=st.integers(1, 40))
def test_what_is_listed_stays_until_it_expires(options: SimulatedOptions, day: dt.date, later: int) -> None:
    """Strikes are only added, but for the companies that were split, renamed or replaced in between."""
    then = day + dt.timedelta(days=later)
    before, after = options.listed(day, None), options.listed(then, None)
    assert len(before) > 1000
    kept = set(after.tickers.tolist())
    alive = before.take(before.expiry >= then.toordinal())
    lost = {str(ticker) for ticker in alive.tickers.tolist()} - kept
    changed = {Contract.read(ticker).root for ticker in lost}
    for root in changed:
        whole = alive.take(np.char.replace(alive.symbol, ".", "") == root)
        # A chain goes as a whole (a strike of the new one may be the same): nothing else is lost.
        assert len(lost & set(whole.tickers.tolist())) > 0.5 * len(whole)
    assert len(changed) <= 6


@settings(max_examples=30)
@given(day=DAYS, pick=st.integers(0, 10**6))
def test_a_contract_knows_its_life(options: SimulatedOptions, day: dt.date, pick: int) -> None:
    """A contract that is listed on a day has bars on no session before its listing, and was not listed then."""
    sessions, listed = options.sessions, options.listed(day, None)
    own = listed.take(slice(pick % len(listed), pick % len(listed) + 1))
    ticker, symbol = str(own.tickers[0]), str(own.symbol[0])
    here, earliest = sessions.last_until(day), sessions.next_from(FIRST)
    lives = options._chains.lives(Contract.read(ticker))
    first, last = next((first, last) for _, first, last in lives if first <= here <= last)
    assert ticker in tickers(options, sessions.days[max(first, earliest)], symbol)
    assert ticker in tickers(options, sessions.days[last], symbol)
    if first > earliest and not any(until == first - 1 for _, _, until in lives):
        assert ticker not in tickers(options, sessions.days[first - 1], symbol)


def test_a_split_begins_a_chain_anew(options: SimulatedOptions) -> None:
    """ANTH is split 4 for 1 on 2026-06-15: strikes lie around the price as traded on both sides."""
    before, after = (options.listed(dt.date(2026, 6, day), "ANTH").strike for day in (12, 15))
    assert 400 < np.median(before) < 600
    assert 90 < np.median(after) < 150


def test_a_new_symbol_is_a_new_root(options: SimulatedOptions) -> None:
    """FRMC is called FMCA from 2026-06-16 on, and so are its options; BRK.B's are written without the point."""
    assert not tickers(options, dt.date(2026, 6, 16), "FRMC")
    old, new = tickers(options, dt.date(2026, 6, 15), "FRMC"), tickers(options, dt.date(2026, 6, 16), "FMCA")
    assert {ticker.replace("FRMC", "FMCA") for ticker in old} <= set(new)
    assert all(ticker.startswith("O:BRKB2") for ticker in tickers(options, dt.date(2026, 6, 16), "BRK.B"))


def test_tickers_are_in_order_and_unique(options: SimulatedOptions) -> None:
    """Contracts come in the order of their tickers, listed or expired."""
    day = dt.date(2026, 6, 30)
    for found in (options.listed(day, None), options.expired(day, None, dt.date(2026, 5, 1), day)):
        names = found.tickers.tolist()
        assert names == sorted(set(names))


def test_the_shape_of_a_chain(options: SimulatedOptions) -> None:
    """Calls and puts at the same strikes; weeklies to two years of quarterlies; strikes around the price."""
    chain = options.listed(dt.date(2026, 6, 30), "SPY")
    calls, puts = chain.take(~chain.put), chain.take(chain.put)
    assert calls.strike.tolist() == puts.strike.tolist()
    days = np.unique(chain.expiry) - dt.date(2026, 6, 30).toordinal()
    assert 14 <= len(days) <= 22
    assert days[-1] > 700
    price = options.chain("SPY").price
    for expiry in np.unique(chain.expiry):
        strikes = calls.strike[calls.expiry == expiry]
        assert strikes[0] < 0.9 * price < 1.1 * price < strikes[-1]
        assert len(set(np.diff(strikes).round(6).tolist())) == 1


@pytest.mark.parametrize("count", [1, len(NOTABLES), UNDERLYINGS])
def test_fewer_underlyings_are_the_same(stocks: SimulatedStocks, options: SimulatedOptions, count: int) -> None:
    """How many underlyings there are changes nothing about each."""
    few = SimulatedOptions(stocks, Clock(dt.date(2026, 7, 1)), count)
    day = dt.date(2026, 6, 29)
    assert len(np.unique(few.listed(day, None).symbol)) == count
    assert tickers(few, day, "ANTH") == tickers(options, day, "ANTH")
    session = options.sessions.index(day)
    whole, part = (market.day(session, adjusted=False, otc=False) for market in (options, few))
    own = np.char.startswith(whole.tickers, "O:ANTH2")
    same = np.char.startswith(part.tickers, "O:ANTH2")
    for name in ("tickers", "o", "h", "l", "c", "v", "n"):
        assert getattr(whole, name)[own].tolist() == getattr(part, name)[same].tolist()


def test_the_whole_market() -> None:
    """The underlyings of a server that is told nothing else have 65,000 to 90,000 contracts on any day."""
    stocks = SimulatedStocks(7, Clock(dt.date(2026, 7, 1)), stocks=1000, otc=0)
    options = SimulatedOptions(stocks, Clock(dt.date(2026, 7, 1)), Settings.underlyings)
    for day in (dt.date(2014, 6, 9), dt.date(2020, 3, 3), dt.date(2026, 6, 12), dt.date(2026, 6, 30)):
        listed = options.listed(day, None)
        assert len(np.unique(listed.symbol)) == 56
        assert 65_000 < len(listed) < 90_000


def test_no_underlyings() -> None:
    """None at all is refused."""
    with pytest.raises(ValueError, match="at least 1"):
        SimulatedOptions(None, Clock(dt.date(2026, 7, 1)), 0)  # type: ignore[arg-type]
