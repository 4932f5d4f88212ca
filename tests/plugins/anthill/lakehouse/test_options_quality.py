"""Quality of options: each expectation can fail, and an underlying without options is a warning that names it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from anthill import catalog
from anthill.calendars import market_days
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse import simulated_options as simulated
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_options import OptionsMarket, Row, bar, contract, snapshot

DAY, EXPIRY, GONE = dt.date(2024, 1, 5), dt.date(2024, 6, 21), dt.date(2023, 12, 15)
UNDERLYINGS = catalog.load("options").lists["underlying"]
CONTRACTS = [contract(underlying, EXPIRY, False, 50.0) for underlying in UNDERLYINGS]
FIRST, *OTHERS = CONTRACTS
CHAIN = [snapshot(known, 52.0, 0.3, 0.6) | {"last_quote": {"bid": 3.0, "ask": 3.1}} for known in CONTRACTS]
SILENT = [*CHAIN[:24], *(row | {"implied_volatility": 0} for row in CHAIN[24:])]
BARS = [bar(known["ticker"], DAY, 3.0) for known in CONTRACTS]
A_DAY = 86_400_000  # milliseconds


def chain(**changes: Any) -> list[Row]:
    """The chain of every underlying, the first contract changed."""
    return [CHAIN[0] | changes, *CHAIN[1:]]


def bars(**changes: Any) -> list[Row]:
    """A bar of every contract, the first one changed."""
    return [BARS[0] | changes, *BARS[1:]]


# What a day has in the place of its ordinary rows, and what of it must fail, with which number.
CASES: list[tuple[str, str, str, float, list[Any]]] = [
    ("contracts", "terms_positive", "critical", 1, [FIRST | {"shares_per_contract": 0}, *OTHERS]),
    ("contracts", "not_expired", "warn", 1, [*CONTRACTS, contract("AAPL", GONE, True, 9)]),
    ("contracts", "calls_and_puts", "warn", 1, [FIRST | {"contract_type": "other"}, *OTHERS]),
    ("contracts", "symbols_agree", "warn", 1, [FIRST | {"strike_price": 50.01}, *OTHERS]),
    ("contracts", "underlyings_have_contracts", "warn", 1, OTHERS),
    ("contracts", "row_count", "critical", 24, CONTRACTS[:24]),
    ("contracts", "quarantine_share", "critical", 3 / 53, [*CONTRACTS, 1, 2, 3]),
    ("contracts", "no_duplicates", "warn", 1, [*CONTRACTS, FIRST]),
    ("chain_snapshot", "nothing_negative", "critical", 1, chain(open_interest=-1)),
    ("chain_snapshot", "greeks_possible", "warn", 1, chain(greeks={"delta": -0.6, "gamma": 0.1, "vega": 1})),
    ("chain_snapshot", "bid_not_above_ask", "warn", 1, chain(last_quote={"bid": 3.2, "ask": 3.1})),
    ("chain_snapshot", "not_expired", "warn", 1, [*CHAIN, snapshot(contract("AAPL", GONE, True, 9), 52, 1, -1)]),
    ("chain_snapshot", "volatility_known", "warn", 0.48, SILENT),
    ("chain_snapshot", "underlying_priced", "warn", 0.98, chain(underlying_asset={"ticker": UNDERLYINGS[0]})),
    ("chain_snapshot", "underlyings_have_chains", "warn", 2, CHAIN[2:]),
    ("chain_snapshot", "row_count", "critical", 24, CHAIN[:24]),
    ("chain_snapshot", "quarantine_share", "critical", 3 / 53, [*CHAIN, None, "x", []]),
    ("chain_snapshot", "no_duplicates", "warn", 1, [*CHAIN, CHAIN[0]]),
    ("daily_bars", "prices_positive", "critical", 1, bars(v=-1)),
    ("daily_bars", "high_not_below_low", "critical", 1, bars(h=2.0)),
    ("daily_bars", "open_close_within", "warn", 1, bars(o=4.0)),
    ("daily_bars", "of_the_day", "critical", 0.02, bars(t=BARS[0]["t"] - A_DAY)),
    ("daily_bars", "not_expired", "warn", 1, [*BARS, bar("O:ZZZ231215C00050000", DAY, 1.0)]),
    ("daily_bars", "contracts_known", "warn", 1, [*BARS, bar("O:AAPL240621C00051000", DAY, 1.0)]),
    ("daily_bars", "underlyings_traded", "warn", 1, BARS[1:]),
    ("daily_bars", "row_count", "critical", 19, BARS[:19]),
    ("daily_bars", "quarantine_share", "critical", 3 / 53, [*BARS, *(bar(f"X{n}", DAY, 1.0) for n in range(3))]),
    ("daily_bars", "no_duplicates", "warn", 1, [*BARS, BARS[0]]),
]
# What cannot but fail with it.
ALSO = {
    ("contracts", "calls_and_puts"): {("contracts", "symbols_agree")},
    ("contracts", "row_count"): {("contracts", "underlyings_have_contracts")},
    ("chain_snapshot", "row_count"): {("chain_snapshot", "underlyings_have_chains")},
    ("daily_bars", "high_not_below_low"): {("daily_bars", "open_close_within")},
    ("daily_bars", "row_count"): {("daily_bars", "underlyings_traded")},
}
DAYS = market_days("XNYS", DAY, EXPIRY)[: 3 + len(CASES)]
ORDINARY, BROKEN = DAYS[:3], DAYS[3:]


@pytest.fixture(scope="module")
def shared(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with three ordinary days, then one that breaks something for each case, none of them checked."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"), page_rows=200, asset_class="options")
    for day in ORDINARY:
        put(lake, day)
    for day, (dataset, *_, rows) in zip(BROKEN, CASES, strict=True):
        put(lake, day, **{dataset: rows})
    lake.silver(DAYS[0], DAYS[-1])
    return lake


@pytest.fixture(scope="module")
def results(shared: Lake) -> pl.DataFrame:
    """The results of all days, of which those that are broken critically stop the run."""
    assert shared.quality(ORDINARY[0], ORDINARY[-1])["warnings"] == []
    with pytest.raises(QualityError, match=r"critical expectations of options are broken.*dev\.quality\.results"):
        shared.quality(DAYS[0], DAYS[-1])
    return shared.table("quality.results")


def put(lake: Lake, day: dt.date, **given: list[Any]) -> None:
    """Land an ordinary day, or one that differs in the rows of a dataset."""
    known = {"contracts": CONTRACTS, "daily_bars": BARS, "chain_snapshot": CHAIN} | given
    moved = [row | {"t": row["t"] + (day - DAY).days * A_DAY} for row in known["daily_bars"]]
    market = OptionsMarket([day], {day: known["contracts"]}, {day: moved}, {day: known["chain_snapshot"]})
    simulated.put_day(lake, market, day)


@pytest.mark.parametrize(("day", "case"), zip(BROKEN, CASES, strict=True), ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_a_broken_expectation_is_found(
    results: pl.DataFrame, day: dt.date, case: tuple[str, str, str, float, list[Any]]
) -> None:
    """It fails with its severity and the number observed, and nothing else does on that day."""
    dataset, expectation, severity, observed, _ = case
    failed = results.filter(~pl.col("passed"), pl.col("market_date") == day)
    found = {row[:2]: row[2:] for row in failed.select("dataset", "expectation", "severity", "observed").rows()}
    assert found.pop((dataset, expectation)) == (severity, pytest.approx(observed))
    assert found.keys() == ALSO.get((dataset, expectation), set())


def test_every_expectation_is_tried(results: pl.DataFrame) -> None:
    """Each is stored once a day, and there is a case for each but those that other tests break."""
    assert results.select("dataset", "market_date", "expectation").is_unique().all()
    assert results.group_by("market_date").len()["len"].n_unique() == 1
    elsewhere = {"loaded", "keys_unique", "after_close"}
    rest = results.filter(~pl.col("expectation").is_in(elsewhere)).select("dataset", "expectation")
    assert set(rest.rows()) == {(dataset, expectation) for dataset, expectation, *_ in CASES}


def test_underlyings_without_options_are_named(shared: Lake) -> None:
    """Up to ten of them, in the order of the alphabet."""
    day = ORDINARY[1]
    put(shared, day, contracts=CONTRACTS[:2], chain_snapshot=CHAIN[2:], daily_bars=BARS[:1])
    shared.silver(day)
    with pytest.raises(QualityError, match=r"contracts of 2024-01-08: 2 rows, recent days have 50"):
        shared.quality(day)
    said = dict(
        shared.table("quality.results").filter(pl.col("market_date") == day).select("expectation", "message").rows()
    )
    missing = ", ".join(sorted(UNDERLYINGS[2:])[:10])
    assert said["underlyings_have_contracts"] == f"48 of the underlyings asked for have no contracts: {missing}"
    two = ", ".join(UNDERLYINGS[:2])
    assert said["underlyings_have_chains"] == f"2 of the underlyings asked for have no chain: {two}"
    assert said["underlyings_traded"] == f"1 underlyings with contracts of which none traded: {UNDERLYINGS[1]}"


def test_answers_from_before_the_close_are_not_final(shared: Lake) -> None:
    """Neither chains nor bars may be of an open market."""
    day = ORDINARY[2]
    put(shared, day)
    shared.put("chain_snapshot", day, CHAIN, asof=f"{day}T20:30:00+00:00")
    lines = [simulated.HEADER, *(simulated.line(row | {"t": row["t"] + 4 * A_DAY}) for row in BARS)]
    shared.put_flat_file("daily_bars", day, lines, asof=f"{day}T20:45:00+00:00")
    shared.silver(day)
    with pytest.raises(QualityError, match=r"chain_snapshot .* -0\.5 hours after the close.*daily_bars .* -0\.3 hours"):
        shared.quality(day)


@pytest.mark.parametrize("lake", ["options"], indirect=True)
def test_chains_may_be_missing_and_bars_may_not(lake: Lake) -> None:
    """What the source has for the present only is not asked of a day gone by."""
    lake.put("contracts", DAY, CONTRACTS, asof="2024-01-05T23:00:00+00:00")
    lake.silver(DAY)
    with pytest.raises(QualityError, match=r"^1 critical .* daily_bars of 2024-01-05: options\.daily_bars is not"):
        lake.quality(DAY, datasets="")
