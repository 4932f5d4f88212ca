"""Quality of options: each expectation can fail, and an underlying without options is a warning that names it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from anthill import catalog
from anthill.calendars import market_days
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse import simulated_options as simulated
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.recorded import assert_as_recorded
from tests.plugins.anthill.lakehouse.simulated_options import OptionsMarket, Row, bar, contract, snapshot
from tests.plugins.anthill.lakehouse.verdicts import (
    OF_EVERY_DATASET,
    assert_doubled_rows_are_found,
    assert_verdicts_follow,
    failed,
)

DAY, EXPIRY, GONE = dt.date(2024, 1, 5), dt.date(2024, 6, 21), dt.date(2023, 12, 15)
UNDERLYINGS = catalog.load("options").lists["underlying"]
A_DAY = 86_400_000  # milliseconds
Change = Callable[[list[Any]], list[Any]]


def contracts(day: dt.date) -> list[Row]:
    """A call and a put of every underlying; one pair expires on the day, one call is on one share at 1 dollar."""
    both = [
        contract(underlying, day if number == 2 else EXPIRY, put, 50.0)
        for number, underlying in enumerate(UNDERLYINGS)
        for put in (False, True)
    ]
    small = contract(UNDERLYINGS[1], EXPIRY, False, 0.5, shares=1)
    return [*both[:2], small, *both[3:]]


def chain(day: dt.date) -> list[Row]:
    """Their chain, with all that is just possible: half of it has a volatility, 99 % a price of the underlying."""
    rows = [
        snapshot(known, 52.0, None if number % 2 else 0.3, -0.4 if number % 2 else 0.6)
        | {"last_quote": {"bid": 3.0, "ask": 3.0 if number == 6 else 3.1}}
        for number, known in enumerate(contracts(day))
    ]
    edges: dict[int, Row] = {
        3: {"greeks": {"delta": -1, "gamma": 0, "vega": 0}},
        4: {"implied_volatility": None},
        6: {"greeks": {"delta": 1, "gamma": 0.1, "vega": 1}, "open_interest": 0},
        7: {"greeks": {"delta": 0, "gamma": 0.1, "vega": 1}, "implied_volatility": 0},
        8: {"greeks": {"delta": 0, "gamma": 0.1, "vega": 1}, "last_quote": {"bid": 0, "ask": 3.1}},
        9: {"underlying_asset": {"ticker": UNDERLYINGS[4]}},
        10: {"underlying_asset": {"ticker": UNDERLYINGS[5], "price": 0.5}},
    }
    return [row | edges.get(number, {}) for number, row in enumerate(rows)]


def bars(day: dt.date) -> list[Row]:
    """A bar of every contract but the last, and one of a root that is not listed, which is of the day before.

    Their times are those of the first day.
    """
    rows = [bar(known["ticker"], DAY, 3.0) for known in contracts(day)[:-1]] + [bar("O:ZZZ240621C00050000", DAY, 1.0)]
    still = {"v": 0} | dict.fromkeys("ohlc", 0.5)
    return [*rows[:2], rows[2] | still, *rows[3:-1], rows[-1] | {"t": rows[-1]["t"] - A_DAY}]


def first(**other: Any) -> Change:
    """The first row changed."""
    return lambda rows: [rows[0] | other, *rows[1:]]


def second(**other: Any) -> Change:
    """The second row changed."""
    return lambda rows: [rows[0], rows[1] | other, *rows[2:]]


def more(*rows: Any) -> Change:
    """Some rows beside the others."""
    return lambda known: [*known, *rows]


def greeks(delta: float, gamma: float = 0.1, vega: float = 1) -> Row:
    """The greeks of a contract."""
    return {"greeks": {"delta": delta, "gamma": gamma, "vega": vega}}


def of_another(number: int) -> Change:
    """So many contracts are said to be on the underlying of the last one."""
    return lambda rows: [
        *(row | {"underlying_asset": rows[-1]["underlying_asset"]} for row in rows[:number]),
        *rows[number:],
    ]


_STRANGE = [bar(f"X{number}", DAY, 1.0) for number in range(6)]
_UNLISTED = [bar(f"O:ZZZ240621C{strike:08d}", DAY, 1.0) for strike in range(24)]
_FREE = contract("AAPL", EXPIRY, True, 0)
# What is changed of a day's ordinary rows, and what of it must fail, with which number.
CASES: list[tuple[str, str, str, float, Change]] = [
    ("contracts", "terms_positive", "critical", 1, first(shares_per_contract=0)),
    ("contracts", "terms_positive", "critical", 1, more(_FREE)),
    ("contracts", "not_expired", "warn", 1, more(contract("AAPL", GONE, True, 9))),
    ("contracts", "calls_and_puts", "warn", 1, first(contract_type="other")),
    ("contracts", "symbols_agree", "warn", 1, first(strike_price=50.01)),
    ("contracts", "symbols_agree", "warn", 1, first(expiration_date="2024-06-22")),
    ("contracts", "underlyings_have_contracts", "warn", 1, lambda rows: rows[2:]),
    ("contracts", "underlyings_have_contracts", "warn", 12, lambda rows: rows[24:]),
    ("contracts", "row_count", "critical", 49, lambda rows: rows[50:99]),
    ("contracts", "quarantine_share", "critical", 6 / 106, more(*range(6))),
    ("contracts", "no_duplicates", "warn", 1, lambda rows: [*rows, rows[0]]),
    ("chain_snapshot", "nothing_negative", "critical", 1, first(open_interest=-1)),
    ("chain_snapshot", "nothing_negative", "critical", 1, more(snapshot(_FREE, 52.0, 0.3, -0.4))),
    ("chain_snapshot", "nothing_negative", "critical", 1, first(last_quote={"bid": -1, "ask": 3})),
    ("chain_snapshot", "nothing_negative", "critical", 1, second(implied_volatility=-0.1)),
    ("chain_snapshot", "nothing_negative", "critical", 1, lambda rows: _priced_at_nothing(rows)),
    ("chain_snapshot", "greeks_possible", "warn", 1, first(**greeks(-0.01))),
    ("chain_snapshot", "greeks_possible", "warn", 1, first(**greeks(1.01))),
    ("chain_snapshot", "greeks_possible", "warn", 1, second(**greeks(0.01))),
    ("chain_snapshot", "greeks_possible", "warn", 1, second(**greeks(-1.01))),
    ("chain_snapshot", "greeks_possible", "warn", 1, first(**greeks(0.6, gamma=-0.1))),
    ("chain_snapshot", "greeks_possible", "warn", 1, first(**greeks(0.6, vega=-0.1))),
    ("chain_snapshot", "bid_not_above_ask", "warn", 1, first(last_quote={"bid": 3.2, "ask": 3.1})),
    ("chain_snapshot", "not_expired", "warn", 1, more(snapshot(contract("AAPL", GONE, True, 9), 52, 1, -1))),
    ("chain_snapshot", "volatility_known", "warn", 48 / 98, first(implied_volatility=0)),
    ("chain_snapshot", "underlying_priced", "warn", 0.98, first(underlying_asset={"ticker": UNDERLYINGS[0]})),
    ("chain_snapshot", "underlyings_have_chains", "warn", 2, of_another(4)),
    ("chain_snapshot", "underlyings_have_chains", "warn", 12, of_another(24)),
    ("chain_snapshot", "row_count", "critical", 49, lambda rows: rows[50:99]),
    ("chain_snapshot", "quarantine_share", "critical", 6 / 106, more(None, "x", [], 1, 2, 3)),
    ("chain_snapshot", "no_duplicates", "warn", 1, lambda rows: [*rows, rows[0]]),
    ("daily_bars", "prices_positive", "critical", 1, first(v=-1)),
    ("daily_bars", "prices_positive", "critical", 1, first(l=0)),
    ("daily_bars", "high_not_below_low", "critical", 1, first(h=2.0)),
    ("daily_bars", "open_close_within", "warn", 1, first(o=4.0)),
    ("daily_bars", "open_close_within", "warn", 1, first(c=2.5)),
    ("daily_bars", "of_the_day", "critical", 0.02, lambda rows: [rows[0] | {"t": rows[-1]["t"]}, *rows[1:]]),
    ("daily_bars", "not_expired", "warn", 1, more(bar("O:ZZZ231215C00050000", DAY, 1.0))),
    ("daily_bars", "contracts_known", "warn", 1, more(bar("O:AAPL240621C00051000", DAY, 1.0))),
    ("daily_bars", "underlyings_traded", "warn", 1, lambda rows: [*_UNLISTED[:2], *rows[2:]]),
    ("daily_bars", "underlyings_traded", "warn", 12, lambda rows: [*_UNLISTED, *rows[24:]]),
    ("daily_bars", "row_count", "critical", 39, lambda rows: rows[61:]),
    ("daily_bars", "quarantine_share", "critical", 6 / 106, more(*_STRANGE)),
    ("daily_bars", "no_duplicates", "warn", 1, lambda rows: [*rows, rows[0]]),
]
# What cannot but fail with it.
ALSO = {
    ("contracts", "calls_and_puts"): {("contracts", "symbols_agree")},
    ("contracts", "row_count"): {("contracts", "underlyings_have_contracts")},
    ("chain_snapshot", "row_count"): {("chain_snapshot", "underlyings_have_chains")},
    ("daily_bars", "high_not_below_low"): {("daily_bars", "open_close_within")},
    ("daily_bars", "row_count"): {("daily_bars", name) for name in ("underlyings_traded", "of_the_day")},
}
DAYS = market_days("XNYS", DAY, EXPIRY)[: 3 + len(CASES)]
ORDINARY, BROKEN = DAYS[:3], DAYS[3:]


def _priced_at_nothing(rows: list[Row]) -> list[Row]:
    """One price more than is allowed to be missing is there, and is 0."""
    return [*rows[:9], rows[9] | {"underlying_asset": {"ticker": UNDERLYINGS[4], "price": 0}}, *rows[10:]]


@pytest.fixture(scope="module")
def shared(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with three ordinary days, then one that breaks something for each case, none of them checked."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"), page_rows=200, asset_class="options")
    for day in ORDINARY:
        put(lake, day)
    for day, (dataset, *_, change) in zip(BROKEN, CASES, strict=True):
        put(lake, day, **{dataset: change})
    lake.silver(DAYS[0], DAYS[-1])
    return lake


@pytest.fixture(scope="module")
def results(shared: Lake) -> pl.DataFrame:
    """The results of all days, of which those that are broken critically stop the run."""
    assert shared.quality(ORDINARY[0], ORDINARY[-1])["warnings"] == []
    with pytest.raises(QualityError, match=r"critical expectations of options are broken.*dev\.quality\.results"):
        shared.quality(DAYS[0], DAYS[-1])
    return shared.table("quality.results")


def put(lake: Lake, day: dt.date, **changes: Change) -> None:
    """Land an ordinary day, or one that differs in the rows of a dataset."""
    known = {"contracts": contracts(day), "daily_bars": bars(day), "chain_snapshot": chain(day)}
    known |= {dataset: change(known[dataset]) for dataset, change in changes.items()}
    known["daily_bars"] = [row | {"t": row["t"] + (day - DAY).days * A_DAY} for row in known["daily_bars"]]
    market = OptionsMarket([day], *({day: known[name]} for name in ("contracts", "daily_bars", "chain_snapshot")))
    simulated.put_day(lake, market, day)


@pytest.mark.parametrize(("day", "case"), zip(BROKEN, CASES, strict=True), ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_a_broken_expectation_is_found(
    results: pl.DataFrame, day: dt.date, case: tuple[str, str, str, float, Change]
) -> None:
    """It fails with its severity and the number observed, and nothing else does on that day."""
    dataset, expectation, severity, observed, _ = case
    broken = failed(results, day)
    found = {row[:2]: row[2:] for row in broken.select("dataset", "expectation", "severity", "observed").rows()}
    assert found.pop((dataset, expectation)) == (severity, pytest.approx(observed, abs=1e-5))
    assert found.keys() == ALSO.get((dataset, expectation), set())


def test_every_expectation_is_tried(results: pl.DataFrame) -> None:
    """Each is stored once a day, and there is a case for each but those that other tests break."""
    assert results.select("dataset", "market_date", "expectation").is_unique().all()
    assert results.group_by("market_date").len()["len"].n_unique() == 1
    elsewhere = {"loaded", "keys_unique", "after_close", *OF_EVERY_DATASET}
    rest = results.filter(~pl.col("expectation").is_in(elsewhere)).select("dataset", "expectation")
    assert set(rest.rows()) == {(dataset, expectation) for dataset, expectation, *_ in CASES}


def test_underlyings_without_options_are_named(results: pl.DataFrame) -> None:
    """Up to ten of them, in the order of the alphabet."""
    names = ", ".join(sorted(UNDERLYINGS[:12])[:10])
    said = results.filter(~pl.col("passed"), observed=12.0).select("expectation", "message").rows()
    assert dict(said) == {
        "underlyings_have_contracts": f"12 of the underlyings asked for have no contracts: {names}",
        "underlyings_have_chains": f"12 of the underlyings asked for have no chain: {names}",
        "underlyings_traded": f"12 underlyings with contracts of which none traded: {names}",
    }


def test_every_verdict_follows_from_its_number(results: pl.DataFrame) -> None:
    """On all days, broken or not."""
    assert_verdicts_follow(results)


def test_a_key_that_is_there_twice_is_found(shared: Lake, results: pl.DataFrame) -> None:
    """Silver keeps keys unique; were it to fail, quality says so with the number of rows."""
    assert_doubled_rows_are_found(shared, ORDINARY[1], results)


@pytest.mark.parametrize("lake", ["options"], indirect=True)
def test_chains_may_be_missing_and_bars_may_not(lake: Lake) -> None:
    """What the source has for the present only is not asked of a day gone by."""
    lake.put("contracts", DAY, contracts(DAY), asof="2024-01-05T23:00:00+00:00")
    lake.silver(DAY)
    with pytest.raises(QualityError, match=r"^1 critical .* daily_bars of 2024-01-05: options\.daily_bars is not"):
        lake.quality(DAY, datasets="")


def test_results_are_those_on_record(results: pl.DataFrame) -> None:
    """Each expectation, with its severity, limit, verdict and message, on good days and on one that breaks it."""
    assert_as_recorded(results, "options")
