"""Silver of options: nested chains, flat files and answers by call become rows; what cannot be read is set aside."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from anthill import catalog
from anthill.lakehouse import silver
from tests.plugins.anthill.lakehouse import simulated_options as simulated
from tests.plugins.anthill.lakehouse.lake import ASOF, Lake
from tests.plugins.anthill.lakehouse.simulated_options import HEADER, bar, contract, line, snapshot

DAY, EXPIRY = dt.date(2024, 1, 3), dt.date(2024, 2, 16)
CALL = contract("AAA", EXPIRY, False, 12.5)
GOOD = bar(CALL["ticker"], DAY, 2.0)
OTHER = "O:BBB240216P00040000"

NOTHING = "; ".join(f"{name} is missing" for name in ("ticker", "open", "high", "low", "close", "volume"))

# Each raw row that silver cannot take, with the reason that quarantine must give.
BAD_BARS: list[tuple[str, str]] = [
    (line(GOOD | {"ticker": "AAA"}), "ticker: cannot read 'AAA' as STRING"),
    (line(GOOD | {"ticker": "O:AAA240231C00012500"}), "ticker: cannot read 'O:AAA240231C00012500' as STRING"),
    (line(GOOD | {"ticker": "O:AAA240216X00012500"}), "ticker: cannot read 'O:AAA240216X00012500' as STRING"),
    (line(GOOD | {"ticker": ""}), "ticker is missing"),
    (line(GOOD | {"c": "n/a"}), "close: cannot read 'n/a' as DOUBLE"),
    (line(GOOD | {"c": 9e12}), "close: 9000000000000.0 is garbage, above 1e+09"),
    (line(GOOD | {"v": ""}), "volume is missing"),
    (line(GOOD | {"n": 1.5}), "trades: cannot read '1.5' as BIGINT"),
    (line(GOOD | {"t": "2024-01-03"}), "window_start: cannot read '2024-01-03000000' as TIMESTAMP"),
    ("O:AAA240216C00012500,5,1", NOTHING),
    (line(GOOD) + ",8", NOTHING),
]
BAD_CONTRACTS: list[tuple[Any, str]] = [
    (CALL | {"expiration_date": "soon"}, "expiry: cannot read 'soon' as DATE"),
    (CALL | {"strike_price": None}, "strike is missing"),
    (CALL | {"underlying_ticker": ""}, "underlying is empty"),
    (CALL | {"underlying_ticker": "A\ufffd"}, "underlying: cannot read 'A\ufffd' as STRING"),
    (CALL | {"strike_price": 9e12}, "strike: 9000000000000.0 is garbage, above 1e+09"),
    (CALL | {"ticker": [1]}, "ticker: cannot read '[1]' as STRING"),
    (CALL | {"correction": "x"}, "correction: cannot read 'x' as INT"),
    ("text", 'row is no JSON object: "text"'),
]
WHOLE = snapshot(CALL, 14.0, 0.25, 0.6)
BAD_SNAPSHOTS: list[tuple[Any, str]] = [
    (WHOLE | {"details": {}}, "ticker is missing; type is missing; expiry is missing; strike is missing"),
    (WHOLE | {"underlying_asset": None}, "underlying is missing"),
    (WHOLE | {"greeks": {"delta": "high"}}, "delta: cannot read 'high' as DOUBLE"),
    (WHOLE | {"last_trade": {"price": 9e12}}, "last_price: 9000000000000.0 is garbage, above 1e+09"),
    (WHOLE | {"open_interest": {}}, "open_interest: cannot read '{}' as DOUBLE"),
    (WHOLE | {"last_quote": {"last_updated": -1}}, "quoted_at: cannot read '-1' as TIMESTAMP"),
    (None, "row is no JSON object: null"),
]


@pytest.fixture(scope="module")
def shared(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """One lake for tests that put a day in the place of the one before."""
    return Lake(sail, tmp_path_factory.mktemp("lake"), asset_class="options")


def reasons(lake: Lake, dataset: str) -> list[str]:
    """Why rows of a dataset are in quarantine."""
    return lake.table("quality.quarantine").filter(pl.col("dataset") == dataset)["reason"].to_list()


def test_what_cannot_be_read_is_set_aside_with_its_reason(shared: Lake) -> None:
    """Of every dataset the good row is loaded, each bad one has its reason, and the counts add up."""
    lines = [HEADER, line(bar(OTHER, DAY, 3.0)), *(text for text, _ in BAD_BARS)]
    shared.put_flat_file("daily_bars", DAY, lines)
    shared.put("contracts", DAY, [contract("BBB", EXPIRY, True, 40), *(row for row, _ in BAD_CONTRACTS)])
    shared.put("chain_snapshot", DAY, [snapshot(CALL, 14.0, 0.25, 0.6), *(row for row, _ in BAD_SNAPSHOTS)])
    counts = shared.silver(DAY)["datasets"]
    cases = {"daily_bars": BAD_BARS, "contracts": BAD_CONTRACTS, "chain_snapshot": BAD_SNAPSHOTS}
    for dataset, bad in cases.items():
        count = counts[dataset]
        assert (count["bronze_rows"], count["silver_rows"], count["quarantined"]) == (1 + len(bad), 1, len(bad))
        assert sorted(reasons(shared, dataset)) == sorted(reason for _, reason in bad)


@pytest.mark.parametrize("lake", ["options"], indirect=True)
def test_a_chain_is_what_the_api_gave(lake: Lake) -> None:
    """Nested values come through, to the microsecond; what a row or a plan lacks is NULL."""
    full = snapshot(CALL, 14.25, 0.251, 0.61, interest=1543) | {
        "break_even_price": 151.2,
        "day": {"close": 120.73, "volume": 868, "last_updated": 1704232800000000000, "change": 4.5},
        "last_quote": {"ask": 120.3, "ask_size": 4, "bid": 120.28, "bid_size": 8, "last_updated": 1605195918507251700},
        "last_trade": {"conditions": [209], "price": 0.05, "size": 2, "sip_timestamp": 1675280958783136800},
    }
    bare = snapshot(contract("BB.B", EXPIRY, True, 40), None, None, None)
    lake.put("chain_snapshot", DAY, [full, bare], asof="2024-01-03T23:00:01+00:00")
    lake.silver(DAY)
    rows = {row["underlying"]: row for row in lake.table("silver.options_chain_snapshot").to_dicts()}
    row = rows["AAA"]
    assert (row["ticker"], row["type"], row["expiry"], row["strike"]) == (CALL["ticker"], "call", EXPIRY, 12.5)
    assert (row["implied_volatility"], row["delta"], row["gamma"], row["theta"], row["vega"]) == (
        0.251,
        0.61,
        0.01,
        -0.02,
        0.1,
    )
    assert (row["bid"], row["ask"], row["bid_size"], row["ask_size"]) == (120.28, 120.3, 8, 4)
    assert (row["last_price"], row["last_size"], row["bar_close"], row["bar_volume"]) == (0.05, 2, 120.73, 868)
    assert (row["open_interest"], row["underlying_price"], row["break_even_price"]) == (1543, 14.25, 151.2)
    tick = dt.timedelta(microseconds=1)
    assert abs(row["quoted_at"] - dt.datetime(2020, 11, 12, 15, 45, 18, 507251, dt.UTC)) <= tick
    assert abs(row["last_traded_at"] - dt.datetime(2023, 2, 1, 19, 49, 18, 783136, dt.UTC)) <= tick
    assert row["bar_start"] == row["underlying_updated_at"] == dt.datetime(2024, 1, 2, 22, tzinfo=dt.UTC)
    assert row["asof"] == dt.datetime(2024, 1, 3, 23, 0, 1, tzinfo=dt.UTC)
    lacking = ("implied_volatility", "delta", "bid", "quoted_at", "last_price", "bar_close", "underlying_price")
    assert [rows["BB.B"][name] for name in lacking] == [None] * len(lacking)


@pytest.mark.parametrize("lake", ["options"], indirect=True)
def test_a_flat_file_and_calls_by_contract_give_the_same_rows(lake: Lake) -> None:
    """Nanoseconds of the one and milliseconds of the other are one time; contracts that did not trade have no row."""
    bars = [bar(CALL["ticker"], DAY, 2.0, 3), bar(OTHER, DAY, 0.01, 7.5e07)]
    facts = ("ticker", "open", "high", "low", "close", "volume", "trades", "window_start")
    tables = []
    for by_call in (False, True):
        if by_call:
            answers = [(bars[0]["ticker"], bars[0]), ("O:AAA240216P00012500", None), (bars[1]["ticker"], bars[1])]
            simulated.put_range_bars(lake, DAY, answers, ASOF)
        else:
            lake.put_flat_file("daily_bars", DAY, [HEADER, *map(line, bars)])
        counts = lake.silver(DAY)["datasets"]["daily_bars"]
        assert (counts["bronze_rows"], counts["silver_rows"], counts["quarantined"]) == (2, 2, 0)
        tables.append(lake.table("silver.options_daily_bars").sort("ticker").select(facts))
    assert counts["changed_rows"] == 0
    assert tables[0].equals(tables[1])
    assert tables[0]["window_start"].to_list() == [dt.datetime(2024, 1, 3, 5, tzinfo=dt.UTC)] * 2
    assert tables[0]["volume"].to_list() == [3.0, 7.5e07]


@pytest.mark.parametrize("lake", ["options"], indirect=True)
def test_a_flat_file_read_in_another_way_is_loaded_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its columns are called is a part of what was loaded."""
    lake.put_flat_file("daily_bars", DAY, [HEADER, line(bar(CALL["ticker"], DAY, 2.0))])
    lake.silver(DAY)
    declared = catalog.load("options")
    bars = declared.datasets["daily_bars"]
    assert bars.flat_file is not None
    swapped = {"high": "low", "low": "high"}
    fields = {name: swapped.get(column, column) for name, column in bars.flat_file.fields.items()}
    changed = msgspec.structs.replace(bars, flat_file=msgspec.structs.replace(bars.flat_file, fields=fields))
    known = msgspec.structs.replace(declared, datasets={**declared.datasets, "daily_bars": changed})
    monkeypatch.setattr(silver.declarations, "load", lambda _: known)
    assert lake.silver(DAY)["datasets"]["daily_bars"]["loaded"] == 1


@pytest.mark.parametrize("lake", ["options"], indirect=True)
def test_additional_deliverables_stay_as_json(lake: Lake) -> None:
    """What a contract delivers after a merger is kept whole; one that occurs twice is one row."""
    odd = CALL | {"additional_underlyings": [{"amount": 44, "type": "equity", "underlying": "VMW"}], "correction": 2}
    lake.put("contracts", DAY, [odd, contract("AAA", EXPIRY, True, 12.5), odd | {"cfi": "OCEFPS"}])
    counts = lake.silver(DAY)["datasets"]["contracts"]
    assert (counts["silver_rows"], counts["duplicates"], counts["conflicts"]) == (2, 1, 1)
    row = lake.table("silver.options_contracts").filter(pl.col("type") == "call").to_dicts()[0]
    assert row["additional_underlyings"].replace(" ", "") == '[{"amount":44,"type":"equity","underlying":"VMW"}]'
    assert (row["correction"], row["shares_per_contract"]) == (2, 100.0)


_NEARLY = st.from_regex(r"O:[A-Z0-9]{1,6}[0-3]\d[01]\d[0-3]\d[CPX]\d{7,9}", fullmatch=True)


@given(tickers=st.lists(st.one_of(_NEARLY, st.text("O:AC19 .p", min_size=1)), min_size=60, max_size=150, unique=True))
@settings(max_examples=2, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
def test_only_symbols_that_can_be_taken_apart_are_loaded(shared: Lake, tickers: list[str]) -> None:
    """Whatever stands in a file, silver holds exactly the symbols with a root, a real date, a type and a strike."""
    shared.put_flat_file("daily_bars", DAY, [HEADER, *(line(GOOD | {"ticker": ticker}) for ticker in tickers)])
    counts = shared.silver(DAY)["datasets"]["daily_bars"]
    loaded = set(shared.table("silver.options_daily_bars")["ticker"])
    assert loaded == {ticker for ticker in tickers if _is_symbol(ticker)}
    if counts["loaded"]:
        assert counts["quarantined"] == len(tickers) - len(loaded)


def _is_symbol(ticker: str) -> bool:
    found = re.fullmatch(r"O:[A-Z0-9]+(\d\d)(\d\d)(\d\d)[CP]\d{8}", ticker, re.ASCII)
    try:
        return bool(found and dt.date(2000 + int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return False
