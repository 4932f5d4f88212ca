"""Gold of options against an oracle, in whatever order and form its days arrive."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse import oracle_options as oracle
from tests.plugins.anthill.lakehouse import simulated_options as simulated
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_options import OptionsMarket, contract, snapshot

pytestmark = pytest.mark.parametrize("lake", ["options"], indirect=True)

FIRST, LAST = dt.date(2024, 1, 2), dt.date(2024, 2, 23)
CLOSE: dict[str, Any] = {"check_dtypes": False, "rel_tol": 1e-9, "abs_tol": 1e-12}


def assert_gold_is(lake: Lake, market: OptionsMarket) -> None:
    """Every gold table equals the oracle's, to 1e-9."""
    prices = oracle.prices(market)
    returns = oracle.returns(market, prices)
    assert_frame_equal(lake.table("gold.options_daily_prices").sort("ticker", "market_date"), prices, **CLOSE)
    got = lake.table("gold.options_daily_returns").sort("ticker", "market_date")
    assert_frame_equal(got.drop("zscore"), returns.drop("zscore"), **CLOSE)
    # A score divides by a deviation that may be small: its own rounding is 1e-9 of what it is made of.
    assert_frame_equal(got.select("zscore"), returns.select("zscore"), **CLOSE | {"abs_tol": 1e-9})
    summary = lake.table("gold.options_market_summary").sort("market_date")
    lists = ("most_active", "top_gainers", "top_losers")
    assert_frame_equal(summary.drop(lists), oracle.summary(prices, returns), **CLOSE)
    for row in summary.to_dicts():
        day = row["market_date"]
        assert [held["underlying"] for held in row["most_active"]] == oracle.most_active(prices, day)
        for name, best in (("top_gainers", True), ("top_losers", False)):
            assert [mover["ticker"] for mover in row[name]] == oracle.movers(prices, returns, day, best)
    assert_instruments_are(lake, oracle.instruments(market, prices))
    assert_rows_are(lake, "put_call_volume", "put_call_ratios", oracle.put_call_volume(prices))
    interest = oracle.put_call_open_interest(market)
    assert_rows_are(lake, "put_call_open_interest", "open_interest_ratios", interest)
    volatility = lake.table("gold.options_implied_volatility").sort("market_date", "underlying", "expiry")
    assert_frame_equal(volatility, oracle.implied_volatility(market), **CLOSE)
    smile = lake.table("gold.options_smile").sort("market_date", "ticker")
    assert_frame_equal(smile, oracle.smile(market), **CLOSE)


def assert_rows_are(
    lake: Lake, name: str, old_name: str, expected: dict[tuple[dt.date, str | None], tuple[float | None, ...]]
) -> None:
    """A table by day and underlying and the one of the whole market by day; under the old name both together."""
    rows = {row[:2]: row[2:] for row in lake.table(f"gold.options_{name}").rows()}
    rows |= {(row[0], None): row[1:] for row in lake.table(f"gold.options_market_{name}").rows()}
    old = lake.table(f"gold.options_{old_name}")
    assert {row[:2]: row[2:] for row in old.rows()} == rows
    assert "put_call_ratio" in old.columns
    assert rows.keys() == expected.keys()
    for key, values in expected.items():
        assert rows[key] == pytest.approx(values, rel=1e-9), key


def assert_instruments_are(lake: Lake, expected: dict[str, tuple[Any, ...]]) -> None:
    """One row a contract, whose key and identity no other has."""
    table = lake.table("gold.options_instruments")
    terms = (
        "underlying",
        "type",
        "valid_from",
        "valid_to",
        "last_seen",
        "strike",
        "shares_per_contract",
        "exercise_style",
    )
    assert dict(zip(table["ticker"], table.select(terms).rows(), strict=True)) == expected
    assert table["identity"].to_list() == table["ticker"].to_list()
    assert table["instrument_key"].n_unique() == table.height == len(expected)


def test_one_run_equals_the_oracle(lake: Lake) -> None:
    """Thirty-seven days at once, as flat files: all tables, every price with its instrument, and all cases in them."""
    market = simulated.market(FIRST, LAST)
    for day in market.sessions:
        simulated.put_day(lake, market, day)
    simulated.run(lake, market.sessions[0], market.sessions[-1])
    assert_gold_is(lake, market)
    assert lake.table("gold.options_daily_returns")["is_anomaly"].sum() >= 1
    prices = lake.table("gold.options_daily_prices")
    assert set(prices["shares_per_contract"]) == {37.0, 100.0}
    assert {"BB.B", "ZZZ"} <= set(prices["underlying"])
    volatility = lake.table("gold.options_implied_volatility")
    assert set(volatility["skew_basis"]) == {"delta", "moneyness", None}
    for priced in (True, False):
        some = volatility.filter(pl.col("underlying_price").is_not_null() == priced)
        assert some["atm_volatility"].count() > 0
    summary = lake.table("gold.options_market_summary")
    assert all(summary[name].list.len().max() == 5 for name in ("top_gainers", "top_losers"))
    facts = lake.table("gold.fact_daily_price")
    assert (facts.height, facts["instrument_key"].null_count()) == (prices.height, 0)
    names = lake.table("gold.dim_instrument").filter(pl.col("underlying") == "BB.B", pl.col("type") == "put")["name"]
    assert "BB.B 2024-04-08 33.6 put" in names.to_list()


@pytest.mark.long
def test_order_and_form_of_days_do_not_matter(lake: Lake) -> None:
    """Pieces in any order, bars by call on some days, a restated day: what one run over flat files gives."""
    market = simulated.market(FIRST, dt.date(2024, 1, 23), chain_days=1)
    listed = {day: {row["ticker"] for row in market.contracts[day]} for day in market.sessions}
    known = {day: [row for row in market.bars[day] if row["ticker"] in listed[day]] for day in market.sessions}
    market = market._replace(bars=known)
    wrong = market.sessions[6]
    before = market._replace(bars={**known, wrong: [{**row, "c": row["l"]} for row in known[wrong][:-3]]})
    pieces = [market.sessions[9:], market.sessions[:5], market.sessions[5:9]]
    for number, piece in enumerate(pieces):
        for day in piece:
            simulated.put_day(lake, before, day, by_call=bool(number % 2))
        simulated.run(lake, piece[0], piece[-1])
    simulated.put_day(lake, market, wrong)
    restated = lake.silver(wrong)["datasets"]["daily_bars"]
    assert restated["restated"] == {str(wrong): 3 + sum(row["c"] != row["l"] for row in known[wrong][:-3])}
    lake.quality(wrong, datasets="")
    lake.gold(wrong)
    assert_gold_is(lake, market)


def test_days_without_chains_have_all_but_what_needs_them(lake: Lake) -> None:
    """A day gone by is published without open interest and volatility, and gold says how fresh each table is."""
    market = simulated.market(FIRST, dt.date(2024, 1, 5), chain_days=1)
    for day in market.sessions:
        simulated.put_day(lake, market, day)
    last, earlier = market.sessions[-1], market.sessions[:-1]
    simulated.run(lake, last)
    lake.silver(earlier[0], earlier[-1])
    lake.quality(earlier[0], earlier[-1], datasets="")
    tables = lake.gold(earlier[0], earlier[-1])["tables"]
    assert tables["daily_prices"]["days"] == len(earlier)
    assert tables["implied_volatility"]["held_back"] == [str(day) for day in earlier]
    assert tables["implied_volatility"]["fresh_until"] == tables["daily_prices"]["fresh_until"] == str(last)
    assert_gold_is(lake, market)


def test_volatility_is_read_between_strikes_and_deltas(lake: Lake) -> None:
    """Four strikes whose answer is known by hand; a chain on one side of the price has no value at it."""
    lake.only("implied_volatility", datasets=("daily_bars",))
    day, expiry = FIRST, dt.date(2024, 2, 16)

    def held(put: bool, strike: float, volatility: float, delta: float, underlying: str = "AAA") -> dict[str, Any]:
        return snapshot(contract(underlying, expiry, put, strike), 100.0, volatility, delta)

    chain = [
        *(held(False, 95, 0.20, 0.7), held(True, 95, 0.24, -0.3)),
        *(held(False, 105, 0.30, 0.3), held(True, 105, 0.34, -0.7)),
        *(held(False, 115, 0.28, 0.1), held(True, 85, 0.36, -0.1)),
        *(held(False, 105, 0.5, 0.3, "CCC"), held(True, 105, 0.6, -0.7, "CCC")),
        *(
            snapshot(contract("DDD", expiry, False, strike), 0.5, vol, 0.5)
            for strike, vol in ((0.45, 0.2), (0.55, 0.3))
        ),
    ]
    contracts = [
        contract(row["underlying_asset"]["ticker"], expiry, False, row["details"]["strike_price"]) for row in chain
    ]
    contracts = list({row["ticker"]: row for row in contracts}.values())
    bars = [simulated.bar(contracts[0]["ticker"], day, 2.0)]
    simulated.put_day(lake, OptionsMarket([day], {day: contracts}, {day: bars}, {day: chain}), day)
    simulated.run(lake, day)
    both = {row["underlying"]: row for row in lake.table("gold.options_implied_volatility").to_dicts()}
    # At 100: half way from (0.20 + 0.24) / 2 to (0.30 + 0.34) / 2. Puts at -0.25: 3/4 of the way from -0.1 to -0.3.
    assert both["AAA"]["atm_volatility"] == pytest.approx(0.27)
    assert both["AAA"]["put_volatility"] == pytest.approx(0.36 - 0.12 * 0.75)
    assert both["AAA"]["call_volatility"] == pytest.approx(0.28 + 0.02 * 0.75)
    assert both["AAA"]["skew"] == pytest.approx(0.27 - 0.295)
    assert [both["CCC"][name] for name in ("atm_volatility", "skew", "skew_basis")] == [None, None, None]
    assert both["CCC"]["contracts"] == 2
    assert both["DDD"]["atm_volatility"] == pytest.approx(0.25)  # of a share that costs half a dollar


def test_adjusted_contracts_are_marked_and_in_no_volatility_or_ratio(lake: Lake) -> None:
    """What delivers 12.5 shares, or 100 and cash, is priced for that: by reference data, chain or root, each alone."""
    day, expiry = FIRST, dt.date(2024, 2, 16)
    cash = [{"type": "currency", "underlying": "USD", "amount": 150}]
    standard = [contract("AAA", expiry, put, strike) for put in (False, True) for strike in (95.0, 105.0)]
    fewer = contract("AAA", expiry, False, 96.0, "AAAX", 12.5)  # type: ignore[arg-type]
    with_cash = contract("AAA", expiry, False, 97.0, "AAAY") | {"additional_underlyings": cash}
    by_root = contract("AAA", expiry, False, 98.0, "AAA1")
    unlisted = contract("AAA", expiry, True, 98.0, "AAA2")
    nothing_more = [row | {"additional_underlyings": []} for row in standard]
    contracts = [*nothing_more, fewer, with_cash, by_root]
    traded = [*standard, fewer, with_cash, by_root, unlisted]
    chain = [snapshot(row, 100.0, 0.2 if row in standard else 0.9, 0.5, 10) for row in traded]
    chain[4] = snapshot(fewer | {"ticker": "O:AAAZ240216C00096000"}, 100.0, 0.9, 0.5, 10)  # which only the chain knows
    bars = [simulated.bar(row["ticker"], day, 2.0, 10) for row in traded]
    simulated.put_day(lake, OptionsMarket([day], {day: contracts}, {day: bars}, {day: chain}), day)
    simulated.run(lake, day)
    prices = lake.table("gold.options_daily_prices")
    assert set(prices.filter("is_adjusted")["ticker"]) == {row["ticker"] for row in traded[4:]}
    held = lake.table("gold.options_instruments")
    assert set(held.filter("is_adjusted")["ticker"]) == {row["ticker"] for row in traded[4:]}
    (volatility,) = lake.table("gold.options_implied_volatility").to_dicts()
    assert (volatility["contracts"], volatility["atm_volatility"]) == (4, pytest.approx(0.2))
    for whose in ("", "market_"):
        for what in ("volume", "open_interest"):
            ratios = lake.table(f"gold.options_{whose}put_call_{what}").select(f"call_{what}", f"put_{what}")
            assert ratios.rows() == [(20.0, 20.0)]


@pytest.mark.long
def test_a_symbol_that_lives_through_a_split_is_another_contract_from_then_on(lake: Lake) -> None:
    """AAA splits 7 for 1: its call at 95 costs 550 and then 5, which is no return of anybody; BBB goes on."""
    days = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 1, 5))
    expiry, split_day = dt.date(2024, 2, 16), days[2]
    calls = {name: contract(name, expiry, False, 95.0) for name in ("AAA", "BBB")}
    premiums = {"AAA": [550.0, 551.1, 5.0, 5.5], "BBB": [2.0, 2.2, 2.2, 1.1]}
    split = {"id": "S", "ticker": "AAA", "execution_date": str(split_day), "split_from": 1, "split_to": 7}
    lake.asset_class = "stocks"
    for day in days:
        lake.put("splits", day, [split] if day == split_day else [])
    lake.silver(days[0], days[-1])
    lake.quality(days[0], days[-1], datasets="splits")
    lake.asset_class, lake.commits = "options", {}
    for at, day in enumerate(days):
        bars = [simulated.bar(calls[name]["ticker"], day, closes[at]) for name, closes in premiums.items()]
        simulated.put_day(lake, OptionsMarket([day], {day: list(calls.values())}, {day: bars}, {}), day)
        simulated.run(lake, day)
    aaa, bbb = (calls[name]["ticker"] for name in calls)
    returns = lake.table("gold.options_daily_returns").sort("ticker", "market_date")
    expected = {aaa: [None, 551.1 / 550 - 1, None, 0.1], bbb: [None, 0.1, 0.0, -0.5]}
    for ticker, moves in expected.items():
        assert returns.filter(ticker=ticker)["simple_return"].to_list() == [pytest.approx(move) for move in moves]
    names = ("identity", "valid_from", "valid_to")
    held = lake.table("gold.options_instruments").sort("ticker", "valid_from")
    assert held.select(names).rows() == [
        (aaa, days[0], split_day - dt.timedelta(1)),
        (f"{aaa}@{split_day}", split_day, expiry),
        (bbb, days[0], expiry),
    ]
    facts = lake.table("gold.fact_daily_price").join(held, on="instrument_key").sort("ticker", "market_date")
    assert facts["identity"].to_list() == [aaa, aaa, *[f"{aaa}@{split_day}"] * 2, *[bbb] * 4]


def put_splits(lake: Lake, days: list[dt.date], splits: list[tuple[str, dt.date]]) -> None:
    """The stocks' splits of these days, landed, loaded and checked, as a run of stocks does beside that of options."""
    options, lake.asset_class = lake.commits, "stocks"
    lake.commits = {}
    for day in days:
        known = [name for name, split_day in splits if split_day == day]
        rows = [{"id": n, "ticker": n, "execution_date": str(day), "split_from": 1, "split_to": 7} for n in known]
        lake.put("splits", day, rows)
    lake.silver(days[0], days[-1])
    lake.quality(days[0], days[-1], datasets="splits")
    lake.asset_class, lake.commits = "options", options


@pytest.mark.long
def test_a_split_that_stocks_load_later_reaches_all_days_since(lake: Lake) -> None:
    """Its own day too, and days for which nobody asks again; a split that is not true after all leaves no trace."""
    days = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 1, 8))
    split_day, ticker = days[1], contract("AAA", dt.date(2024, 2, 16), False, 95.0)["ticker"]
    lake.only("instruments")
    listed = [contract("AAA", dt.date(2024, 2, 16), False, 95.0)]
    for day in days:
        bars = [simulated.bar(ticker, day, 5.0)]
        simulated.put_day(lake, OptionsMarket([day], {day: listed}, {day: bars}, {}), day)
    put_splits(lake, days[:1], [])
    simulated.run(lake, days[0], days[-2])
    plain, split = [ticker], f"{ticker}@{split_day}"
    prices = lambda: lake.table("gold.options_daily_prices").sort("market_date")["security"].to_list()  # noqa: E731
    assert prices() == plain * 4
    put_splits(lake, days[:3], [("AAA", split_day)])
    simulated.run(lake, days[-1])
    assert prices() == [ticker, *[split] * 4]
    spans = lake.table("gold.options_instruments").sort("valid_from").select("identity", "valid_from", "valid_to")
    ends = (split_day - dt.timedelta(1), dt.date(2024, 2, 16))
    assert spans.rows() == [(ticker, days[0], ends[0]), (split, split_day, ends[1])]
    put_splits(lake, days[1:2], [])
    assert lake.gold(days[-1])["tables"]["daily_prices"]["days"] == 4
    assert prices() == plain * 5
    assert lake.table("gold.options_instruments")["identity"].to_list() == plain


@pytest.mark.long
def test_instruments_are_what_a_computation_from_scratch_gives(lake: Lake) -> None:
    """In whatever order days of three months come: restated ones leave nothing of what they said before."""
    days = market_days("XNYS", dt.date(2024, 1, 29), dt.date(2024, 3, 5))
    expiry = dt.date(2024, 6, 21)
    names = ("AAA", "BBB", "CCC", "DDD")

    def put(day: dt.date, wrong: bool) -> None:
        """BBB and CCC are seen from a day on and up to a day, at other ends where the day is wrong, DDD only there."""
        at = days.index(day)
        seen = {"AAA": True, "BBB": at >= 5 or wrong, "CCC": at <= 20 or wrong, "DDD": wrong}
        listed = [contract(name, expiry, name == "BBB", 95.0) for name in names if seen[name]]
        style = {"exercise_style": "european" if wrong else "american", "shares_per_contract": 37 if wrong else 100}
        listed = [row | (style if row["ticker"].startswith("O:AAA") else {}) for row in listed]
        bars = [simulated.bar(row["ticker"], day, 5.0) for row in listed]
        simulated.put_day(lake, OptionsMarket([day], {day: listed}, {day: bars}, {}), day)

    lake.only("instruments")
    wrong = (days[2], days[-1])
    for day in days:
        put(day, wrong=day in wrong)
    for piece in (days[15:], days[:8], days[8:15]):
        simulated.run(lake, piece[0], piece[-1])
    assert "DDD" in set(lake.table("gold.options_instruments")["underlying"])
    for day in wrong:
        put(day, wrong=False)
        simulated.run(lake, day)
    columns = (
        "underlying",
        "valid_from",
        "valid_to",
        "last_seen",
        "exercise_style",
        "shares_per_contract",
        "is_adjusted",
    )
    got = lake.table("gold.options_instruments").sort("ticker")
    assert got.select(columns).rows() == [
        ("AAA", days[0], expiry, days[-1], "american", 100.0, False),
        ("BBB", days[5], expiry, days[-1], "american", 100.0, False),
        ("CCC", days[0], expiry, days[20], "american", 100.0, False),
    ]
    for name in ("underlyings", "daily_prices", "contract_months", "instruments"):
        lake.spark.sql(f"DROP TABLE dev.gold.options_{name}")
    lake.spark.sql("DROP TABLE dev.quality.published")
    shutil.rmtree(lake.root / "dev/gold")
    shutil.rmtree(lake.root / "dev/quality/published")
    lake.gold(days[-1])  # of one day: the months are those of all days that silver holds
    assert_frame_equal(lake.table("gold.options_instruments").sort("ticker"), got)


def test_movers_cost_half_a_dollar_and_move_a_hundred_thousand(lake: Lake) -> None:
    """At most five a side, the largest move first, those alike by name; the five underlyings traded most."""
    lake.only("market_summary")
    one, two = market_days("XNYS", FIRST, dt.date(2024, 1, 3))
    moves = {
        "A": (0.25, 0.5, 2000), "B": (1.0, 1.5, 5000), "C": (1.0, 1.5, 5000), "D": (1.0, 1.4, 5000),
        "E": (1.0, 1.3, 5000), "F": (1.0, 1.2, 5000), "CENT": (0.2, 0.49, 1e6), "THIN": (1.0, 4.0, 249),
        "STAY": (1.0, 1.0, 5000), "DOWN": (2.0, 1.0, 5001),
    }  # fmt: skip
    for day, at in ((one, 0), (two, 1)):
        known = [contract(name, dt.date(2024, 2, 16), False, 50.0) for name in moves]
        bars = [
            simulated.bar(c["ticker"], day, moves[c["underlying_ticker"]][at], moves[c["underlying_ticker"]][2])
            for c in known
        ]
        simulated.put_day(lake, OptionsMarket([day], {day: known}, {day: bars}, {}), day)
    simulated.run(lake, one, two)
    row = lake.table("gold.options_market_summary").filter(market_date=two).row(0, named=True)
    underlyings = {
        name: [mover["ticker"].removeprefix("O:")[:-15] for mover in row[name]]
        for name in ("top_gainers", "top_losers")
    }
    assert underlyings == {"top_gainers": ["A", "B", "C", "D", "E"], "top_losers": ["DOWN"]}
    assert [held["underlying"] for held in row["most_active"]] == ["CENT", "DOWN", "B", "C", "D"]
    assert (row["advancers"], row["decliners"], row["unchanged"], row["tickers"], row["underlyings"]) == (
        8,
        1,
        1,
        10,
        10,
    )
