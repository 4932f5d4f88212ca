"""What contracts cost and how often they trade."""

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.polygon.answers.plans import PLANS
from local.polygon.markets.bars import Bars
from local.polygon.markets.clock import Clock
from local.polygon.options.black_scholes import RATE
from local.polygon.options.contracts import Contract
from local.polygon.options.simulated import SimulatedOptions
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.options.conftest import UNDERLYINGS
from tests.local.polygon.options.test_black_scholes import by_hand

DAYS = [dt.date(2014, 6, 9), dt.date(2019, 11, 29), dt.date(2026, 6, 12), dt.date(2026, 6, 30)]


def day_of(options: SimulatedOptions, day: dt.date) -> Bars:
    """All bars of a day."""
    session = options.sessions.index(day)
    assert session is not None
    return options.day(session, adjusted=False, otc=False)


def frame(bars: Bars) -> pl.DataFrame:
    """Bars with what their tickers say."""
    read = [Contract.read(ticker) for ticker in bars.tickers.tolist()]
    facts = {"root": [c.root for c in read], "expiry": [c.expiry for c in read], "put": [c.put for c in read]}
    numbers = {name: getattr(bars, name) for name in ("o", "h", "l", "c", "v", "vw", "n")}
    return pl.DataFrame({"ticker": bars.tickers.tolist()} | facts | {"strike": [c.strike for c in read]} | numbers)


@pytest.mark.parametrize("day", DAYS)
def test_bars_are_sound(options: SimulatedOptions, day: dt.date) -> None:
    """Prices in cents and in order, whole volumes, as many trades as can be; many contracts do not trade."""
    bars = frame(day_of(options, day))
    listed = options.listed(day, None)
    assert 0.2 < len(bars) / len(listed) < 0.8
    assert set(bars["ticker"]) <= set(listed.tickers.tolist())
    ordered = (pl.col("l") <= pl.min_horizontal("o", "c", "vw")) & (pl.col("h") >= pl.max_horizontal("o", "c", "vw"))
    assert bars.select(ordered.all()).item()
    prices = ((pl.col(name) * 100 - (pl.col(name) * 100).round()).abs() < 1e-6 for name in ("o", "h", "l", "c"))
    assert bars.select(pl.all_horizontal(*prices).all(), (pl.col("l") >= 0.01).all().alias("least")).row(0) == (
        True,
        True,
    )
    assert bars.select(
        ((pl.col("v") >= pl.col("n")) & (pl.col("n") >= 1) & (pl.col("v").floor() == pl.col("v"))).all()
    ).item()
    single = bars.filter(pl.col("n") == 1)
    assert len(single) > 50
    assert single.select((pl.col("h") == pl.col("l")).all()).item()


@pytest.mark.parametrize("day", DAYS)
def test_prices_leave_no_free_money(options: SimulatedOptions, day: dt.date) -> None:
    """With the strike calls fall and puts rise, by no more than the strikes differ, and to the cent."""
    bars = frame(day_of(options, day)).sort("root", "expiry", "put", "strike")
    keys = ["root", "expiry", "put"]
    step = bars.with_columns(
        rise=pl.col("c").diff().over(keys), apart=pl.col("strike").diff().over(keys)
    ).drop_nulls()  # fmt: skip
    signed = pl.when(pl.col("put")).then(pl.col("rise")).otherwise(-pl.col("rise"))
    assert len(step) > 1000
    assert step.select(((signed > -0.011) & (signed < pl.col("apart") + 0.011)).all()).item()


def test_closes_are_black_and_scholes(options: SimulatedOptions) -> None:
    """The chain's volatility and the stock's close give the quote's middle and, where it traded, the close."""
    chain = options.chain("ANTH")
    rows = chain.rows(np.arange(len(chain.contracts)), PLANS["advanced"])
    today = dt.datetime.fromtimestamp(chain.moment / 1000, dt.UTC).date()
    seen = 0
    for row in rows:
        if "implied_volatility" not in row:
            continue
        about, price = row["details"], row["underlying_asset"]["price"]
        put = about["contract_type"] == "put"
        years = (dt.date.fromisoformat(about["expiration_date"]) - today).days / 365
        exercise = max((about["strike_price"] - price) * (1 if put else -1), 0)
        worth = max(by_hand(price, about["strike_price"], years, row["implied_volatility"], put), exercise)
        assert row["last_quote"]["midpoint"] == pytest.approx(worth, abs=0.011)
        if row["day"] and row["day"]["last_updated"] // 10**9 > (chain.moment // 1000 - 86_400):
            assert row["day"]["close"] == pytest.approx(max(worth, 0.01), abs=0.0051)
            seen += 1
    assert seen > 200


def test_calls_and_puts_are_at_par(options: SimulatedOptions) -> None:
    """At the money a call less a put is the share less the discounted strike."""
    chain = options.chain("SPY")
    near = chain.contracts.take(np.abs(chain.contracts.strike / chain.price - 1) < 0.03)
    middle = {
        row["details"]["ticker"]: row["last_quote"]["midpoint"]
        for row in chain.rows(np.arange(len(chain.contracts)), PLANS["advanced"])
    }
    today = dt.date(2026, 7, 1)
    calls = near.take(~near.put)
    assert len(calls) > 20
    for ticker in calls.tickers.tolist():
        contract = Contract.read(ticker)
        years = (contract.expiry - today).days / 365
        put = ticker[:-9] + "P" + ticker[-8:]
        forward = chain.price - contract.strike * math.exp(-RATE * years)
        assert middle[ticker] - middle[put] == pytest.approx(forward, abs=0.03 + 0.02 * chain.price * years)


def test_greeks_are_left_out_where_the_price_does_not_tell(options: SimulatedOptions) -> None:
    """Deep and expiring contracts have neither greeks nor volatility, others have both and they make sense."""
    chain = options.chain("SPY")
    rows = chain.rows(np.arange(len(chain.contracts)), PLANS["advanced"])
    assert all(("greeks" in row) == ("implied_volatility" in row) for row in rows)
    without = [row for row in rows if "greeks" not in row]
    assert 10 < len(without) < 0.5 * len(rows)
    assert all(abs(row["details"]["strike_price"] / chain.price - 1) > 0.03 for row in without)
    for row in rows:
        if "greeks" in row:
            sign = -1 if row["details"]["contract_type"] == "put" else 1
            assert 0 <= sign * row["greeks"]["delta"] <= 1
            assert 0.05 < row["implied_volatility"] < 2


def test_volatility_is_a_smile(options: SimulatedOptions) -> None:
    """Low strikes imply more than strikes at the money, and near expiries differ more from day to day than far ones."""
    chain = options.chain("SPY")
    far = np.unique(chain.contracts.expiry)[6]
    own = (chain.contracts.expiry == far) & ~chain.contracts.put
    strikes, implied = chain.contracts.strike[own], chain.volatility[own]
    assert implied[0] > implied[np.argmin(np.abs(strikes - chain.price))] * 1.05
    assert implied[-1] > implied.min()


@settings(max_examples=30)
@given(pick=st.integers(0, 10**6), day=st.sampled_from(DAYS))
def test_a_range_is_what_the_whole_day_says(options: SimulatedOptions, pick: int, day: dt.date) -> None:
    """The bar of a contract is the same alone and among all, and of the minutes that make it up."""
    whole = day_of(options, day)
    at, session = pick % len(whole), options.sessions.index(day)
    ticker = str(whole.tickers[at])
    alone = options.days(ticker, session, session, adjusted=False)
    for name in ("o", "h", "l", "c", "v", "vw", "n"):
        assert getattr(alone, name).tolist() == [getattr(whole, name)[at]]
    minutes = options.minutes(ticker, session, session, adjusted=False)
    assert (minutes.o[0], minutes.h.max(), minutes.l.min(), minutes.c[-1]) == (alone.o, alone.h, alone.l, alone.c)
    assert (minutes.v.sum(), minutes.n.sum()) == (alone.v, alone.n)
    assert minutes.v.min() >= 1
    assert minutes.n.min() >= 1
    assert (np.diff(minutes.t) > 0).all()
    assert options.sessions.opens[session] <= minutes.t[0] <= minutes.t[-1] < options.sessions.closes[session]


def test_a_day_is_found_without_its_past(stocks: SimulatedStocks, options: SimulatedOptions) -> None:
    """A market that was asked for nothing before says the same."""
    day_of(options, DAYS[1])
    fresh = SimulatedOptions(stocks, Clock(dt.date(2026, 7, 1)), UNDERLYINGS)
    one, other = day_of(options, DAYS[2]), day_of(fresh, DAYS[2])
    assert all(getattr(one, name).tolist() == getattr(other, name).tolist() for name in ("tickers", "o", "c", "v"))


def test_nothing_is_known_before_the_close(stocks: SimulatedStocks) -> None:
    """While a session lasts its bars are not there, and the chain stands at the close before."""
    noon = SimulatedOptions(stocks, Clock(dt.date(2026, 7, 1), dt.time(12)), 3)
    evening = SimulatedOptions(stocks, Clock(dt.date(2026, 7, 1)), 3)
    session = evening.sessions.index(dt.date(2026, 7, 1))
    ticker = str(day_of(evening, dt.date(2026, 7, 1)).tickers[0])
    assert len(evening.days(ticker, session, session, adjusted=False)) == 1
    assert len(noon.days(ticker, session, session, adjusted=False)) == 0
    assert noon.chain("ANTH").moment < evening.chain("ANTH").moment


def test_open_interest_grows_with_age(stocks: SimulatedStocks) -> None:
    """Nothing is held of a chain on its first day, more as it grows older."""
    held = []
    for day in (dt.date(2026, 6, 15), dt.date(2026, 6, 17), dt.date(2026, 7, 15)):
        held.append(SimulatedOptions(stocks, Clock(day), 3).chain("ANTH").interest.sum())
    assert held[0] == 0 < held[1] < held[2]


def test_before_there_were_options(stocks: SimulatedStocks) -> None:
    """Nothing is listed and no chain stands before the first day of the options' history."""
    early = SimulatedOptions(stocks, Clock(dt.date(2003, 9, 10)), 3)
    assert early.chain("ANTH") is None
    assert len(early.listed(dt.date(2003, 9, 10), None)) == len(early.listed(dt.date(1990, 1, 1), "ANTH")) == 0
