"""Contracts that live through a reverse split of their underlying: another root, fewer shares, the same strikes."""

import datetime as dt

import numpy as np
import pytest

from local.polygon.markets.clock import Clock
from local.polygon.options.contracts import Contract
from local.polygon.options.simulated import SimulatedOptions
from local.polygon.stocks.simulated import SimulatedStocks

SPLIT, LAST = dt.date(2026, 4, 15), dt.date(2026, 5, 15)
PUT = "O:MNDB1260515P00004000"


def rows(options: SimulatedOptions, day: dt.date) -> dict[str, dict[str, object]]:
    """The contracts on MNDB that are listed on a day, by ticker."""
    return {str(row["ticker"]): row for row in options.listed(day, "MNDB").rows()}


def closes(options: SimulatedOptions, stocks: SimulatedStocks) -> tuple[int, float, float]:
    """The session of the split, and what MNDB cost the day before and on it."""
    at = options.sessions.next_from(SPLIT)
    before, after = stocks.days("MNDB", at - 1, at, adjusted=False).c.tolist()
    return at, before, after


def test_the_root_and_the_shares_change(options: SimulatedOptions) -> None:
    """On the 15th every contract until mid May goes on as MNDB1 for 10 shares, beside a chain around the new price."""
    before, after = rows(options, dt.date(2026, 4, 14)), rows(options, SPLIT)
    through = {ticker for ticker, row in before.items() if str(SPLIT) <= str(row["expiration_date"]) <= str(LAST)}
    adjusted = {ticker: row for ticker, row in after.items() if ticker.startswith("O:MNDB1")}
    assert len(through) > 20
    assert {ticker.replace("MNDB1", "MNDB") for ticker in adjusted} == through
    assert {row["shares_per_contract"] for row in adjusted.values()} == {10}
    assert {row["shares_per_contract"] for row in (after | before).values()} == {10, 100}
    assert {row["underlying_ticker"] for row in after.values()} == {"MNDB"}
    assert len(after) - len(adjusted) > 50
    assert list(after) == sorted(after)


def test_they_cost_what_ten_shares_are_worth(options: SimulatedOptions, stocks: SimulatedStocks) -> None:
    """Each costs what exercise on a tenth of a share gives, and no more than a fifth of it beside."""
    at, before, after = closes(options, stocks)
    assert after / before == pytest.approx(10, rel=0.15)
    day, spot = options.day(at, adjusted=False, otc=False), after / 10
    read = [(Contract.read(ticker), close) for ticker, close in zip(day.tickers.tolist(), day.c.tolist(), strict=True)]
    own = [(one, close) for one, close in read if one and one.root == "MNDB1"]
    assert len(own) > 5
    for one, close in own:
        exercise = max((one.strike - spot) * (1 if one.put else -1), 0.0)
        assert exercise - 0.05 < close < exercise + 0.2 * spot


def test_one_contract_from_all_sides(options: SimulatedOptions, stocks: SimulatedStocks) -> None:
    """Bars of a range are those of the whole day, from the split to its expiry; it is known, and then expired."""
    at, _, _ = closes(options, stocks)
    last = options.sessions.next_from(LAST)
    bars = options.days(PUT, at - 30, last + 30, adjusted=False)
    sessions = np.searchsorted(options.sessions.midnights, bars.t)
    assert len(bars) > 3
    assert at <= sessions.min() <= sessions.max() <= last
    for row, session in enumerate(sessions.tolist()):
        whole = options.day(session, adjusted=False, otc=False)
        assert whole.c[whole.tickers == PUT].tolist() == [bars.c[row]]
        assert whole.v[whole.tickers == PUT].tolist() == [bars.v[row]]
    asked = Contract.read(PUT)
    assert asked is not None
    assert options.known(asked, LAST).rows()[0]["shares_per_contract"] == 10
    assert not len(options.known(asked, dt.date(2026, 4, 14)))
    gone = options.expired(dt.date(2026, 6, 1), "MNDB", LAST, LAST)
    assert PUT in gone.tickers.tolist()
    assert not [ticker for ticker in rows(options, dt.date(2026, 5, 18)) if ticker.startswith("O:MNDB1")]


def test_a_chain_shows_both(stocks: SimulatedStocks) -> None:
    """The chain as it stands on the day of the split has both roots beside one price of the underlying."""
    options = SimulatedOptions(stocks, Clock(SPLIT), 3)
    chain = options.chain("MNDB")
    assert chain is not None
    _, before, after = closes(options, stocks)
    assert chain.price == after
    asked = Contract.read(PUT)
    assert asked is not None
    row = chain.find(PUT)
    assert row is not None
    assert chain.contracts.tickers[row] == PUT
    value = max(asked.strike - after / 10, 0.0)
    assert value - 0.1 < chain.bid[row] <= chain.ask[row] < value + 0.9 * before
    assert chain.find(PUT.replace("MNDB1", "MNDB2")) is None
    assert len(set(chain.contracts.tickers.tolist())) == len(chain.contracts)
