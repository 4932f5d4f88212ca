"""Trades and quotes: silver has each as it was reported, bars come out of trades, spreads out of quotes."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anthill import catalog
from anthill.lakehouse import load_apart
from local.polygon.answers.codes import CONDITIONS
from local.polygon.app import Settings, markets_of
from local.polygon.ticks import day as days
from local.polygon.ticks.written import TRADE_COLUMNS, trade_lines, trade_rows
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.ticking import turned_on

DAY = dt.date(2026, 6, 30)
OPEN = dt.datetime(2026, 6, 30, 13, 30, tzinfo=dt.UTC)
NS = int(OPEN.timestamp()) * 10**9
TICKERS = ("TMKZ", "VGXpG", "JZA.RT")  # the last one has minutes in which trades are taken back
QUOTE = {
    "bid_price": 10.0, "ask_price": 10.02, "bid_size": 3, "ask_size": 5, "bid_exchange": 11, "ask_exchange": 12,
    "participant_timestamp": NS, "tape": 1, "conditions": [1],
}  # fmt: skip
TRADE = {"exchange": 11, "participant_timestamp": NS - 5, "price": 10.0, "size": 100, "tape": 3}


@pytest.fixture
def ticks(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake with no more than what ticks read and make."""
    declared = turned_on(tmp_path, "AAA", *TICKERS)
    monkeypatch.setattr(catalog, "load", lambda name: declared)
    lake.only("spreads", datasets=("trades", "quotes", "minute_bars", "conditions"))
    return lake


def results(lake: Lake) -> dict[str, tuple[float, bool]]:
    """What the reconciliation says: observed and passed."""
    told = lake.table("quality.results").filter(pl.col("compared_with") == "trades")
    return {row["expectation"]: (row["observed"], row["passed"]) for row in told.iter_rows(named=True)}


def test_minutes_come_out_of_trades_by_the_rules_of_their_conditions(ticks: Lake) -> None:
    """A simulated day, of one ticker by REST, of others from the file: no minute differs; then some are made to."""
    markets = markets_of(Settings(dt.date(2026, 7, 1), stocks=60, otc=0, underlyings=3, forex=3, crypto=3, indices=3))
    session = markets.stocks.sessions.index(DAY)
    assert session is not None
    by_rest, *of_file = TICKERS
    found = {name: days.trades(markets, name, session) for name in TICKERS}
    pages = [json.loads(row) for row in trade_rows(found[by_rest], slice(None))]
    ticks.put("trades", DAY, pages, shard=by_rest)
    ticks.put("trades", DAY, [], shard="AAA")
    for name in of_file:
        lines = [line.rstrip("\n") for line in trade_lines(name, found[name])]
        ticks.put_flat_file("trades", DAY, [TRADE_COLUMNS, *lines], shard=name)
        assert any('"' in line for line in lines)
    ticks.put("conditions", DAY, [row for row in CONDITIONS if row["asset_class"] == "stocks"])
    bars = {name: markets.stocks.minutes(name, session, session, adjusted=False) for name in TICKERS}
    rows = {name: [json.loads(row) for row in each.rows(ticker=False)] for name, each in bars.items()}
    put_bars(ticks, rows)
    loaded = ticks.silver(DAY)["datasets"]["trades"]
    assert (loaded["quarantined"], loaded["duplicates"]) == (0, 0)
    assert loaded["silver_rows"] == sum(map(len, found.values()))

    silver = ticks.table("silver.stocks_trades").filter(pl.col("ticker") == TICKERS[2]).sort("sequence_number")
    assert silver["sip_ns"].to_list() == found[TICKERS[2]].sip.tolist()
    assert silver["size"].to_list() == found[TICKERS[2]].size.tolist()
    ticks.reconcile(DAY)
    count = sum(map(len, rows.values()))
    told = results(ticks)
    assert told["minutes_equal"] == (count, True)
    assert told["trades_taken_back"][0] > 100
    assert {name: seen for name, seen in told.items() if name != "minutes_equal"} == {
        "minutes_rebuilt": (0, True),
        "minutes_traded": (0, True),
        "minutes_barred": (0, True),
        "trades_taken_back": (sum(int((each.correction % 12 != 0).sum()) for each in found.values()), True),
        "conditions_known": (0, True),
    }

    first, second, third, *_ = rows[TICKERS[1]]
    first["c"] += 0.01
    second["vw"] = round(second["vw"] + 0.001, 4)
    rows[TICKERS[1]].remove(third)
    rows[TICKERS[0]].append({**first, "n": 1})
    taken = {each["t"] for each in rows[TICKERS[0]][:-1]}
    rows[TICKERS[0]][-1]["t"] = next(
        at for at in range(int(OPEN.timestamp()) * 1000, 10**14, 60_000) if at not in taken
    )
    put_bars(ticks, rows)
    ticks.silver(DAY)
    ticks.reconcile(DAY)
    told = results(ticks)
    assert [told[name] for name in ("minutes_rebuilt", "minutes_traded", "minutes_barred")] == [
        (2, False),
        (1, False),
        (1, False),
    ]
    assert told["minutes_equal"] == (count - 3, True)


def put_bars(lake: Lake, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Commit the bars of some tickers, a page each."""
    bodies = [{"status": "OK", "ticker": name, "results": each} for name, each in rows.items()]
    lake.put_bodies("minute_bars", DAY, bodies, sum(map(len, rows.values())))


@pytest.mark.parametrize("rows", [1, 2_000_000], ids=["by part", "at one go"])
def test_a_trade_is_kept_as_it_was_reported(ticks: Lake, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nanoseconds whole, a correction beside what it corrects, one report once; what cannot be read is set aside."""
    monkeypatch.setattr(load_apart, "_ROWS", rows)
    told = {"id": "7", "sip_timestamp": NS + 123_456_789, "sequence_number": 5}
    reports = [
        {**TRADE, **told, "correction": 1},
        {**TRADE, **told, "sequence_number": 9, "correction": 12, "price": 10.5, "conditions": [14, 41]},
        {**TRADE, **told, "sequence_number": 9, "correction": 12, "price": 10.5, "conditions": [14, 41]},
        {**TRADE, **told, "exchange": 4, "trf_id": 201, "trf_timestamp": NS + 99},  # the same id by another way
        {**TRADE, **told, "id": "8", "sequence_number": "5.5"},
        {**TRADE, **told, "id": "9", "conditions": ["x"]},
        {**TRADE, **told, "id": "10", "price": None},
    ]
    ticks.put("trades", DAY, reports, shard="AAA")
    for name in TICKERS:
        ticks.put("trades", DAY, [{**TRADE, **told}, {**TRADE, **told, "size": "many"}], shard=name)
    ticks.put("trades", DAY, [{**TRADE, **told}], shard="ONCE")  # on the list no more
    loaded = ticks.silver(DAY)["datasets"]["trades"]
    assert [loaded[name] for name in ("bronze_rows", "silver_rows", "duplicates", "quarantined")] == [14, 7, 1, 6]
    whole = ticks.table("silver.stocks_trades")
    counts = dict(whole["ticker"].value_counts().iter_rows())
    assert counts == {"AAA": 3, "ONCE": 1, **dict.fromkeys(TICKERS, 1)}
    assert ticks.table("quality.quarantine")["source_uri"].n_unique() == 4
    assert ticks.silver(DAY)["datasets"]["trades"]["unchanged"] == 1
    del ticks.commits["trades", DAY, "ONCE"]
    ticks.put("trades", DAY, [], shard=TICKERS[0])
    assert ticks.silver(DAY)["datasets"]["trades"]["silver_rows"] == 5
    assert ticks.table("quality.quarantine")["source_uri"].n_unique() == 3
    assert len(ticks.table("silver.stocks_trades")) == 5
    names = (
        "ticker",
        "exchange_id",
        "trf_id",
        "trade_id",
        "sequence_number",
        "sip_ns",
        "price",
        "conditions",
        "correction",
    )
    silver = ticks.table("silver.stocks_trades").filter(pl.col("ticker") == "AAA").sort("trf_id", "sequence_number")
    assert silver.select(names).rows() == [
        ("AAA", 11, 0, "7", 5, NS + 123_456_789, 10.0, None, 1),
        ("AAA", 11, 0, "7", 9, NS + 123_456_789, 10.5, [14, 41], 12),
        ("AAA", 4, 201, "7", 5, NS + 123_456_789, 10.0, None, 0),
    ]
    assert silver["sip_at"][0] == OPEN + dt.timedelta(microseconds=123_456)


def test_spreads_weigh_quotes_by_the_time_they_stood(ticks: Lake) -> None:
    """By hand: one from before the open, a locked, a crossed and a one-sided one, one that stands for minutes."""
    second = 10**9
    sequence = iter(range(1, 100))

    def quote(at: int, **how: Any) -> dict[str, Any]:
        return {**QUOTE, "sip_timestamp": NS + at, "sequence_number": next(sequence), **how}

    rows = [
        quote(-400 * second, bid_price=1.0, ask_price=2.0),
        quote(-5 * second, ask_price=10.04),  # 10 s of the first minute
        quote(10 * second),  # 20 s
        quote(30 * second, ask_price=10.0),  # locked for 5 s
        quote(35 * second, bid_price=10.5, ask_price=10.4),  # crossed for 1 s
        quote(36 * second, ask_price=0, ask_size=0),  # one-sided for 4 s
        quote(40 * second, bid_size=9),  # stands for no time
        quote(40 * second, ask_price=10.10, bid_size=7),  # 20 s, and two minutes and 15 s more
        quote(195 * second, ask_price=10.0),  # locked until the close
    ]
    ticks.put("quotes", DAY, rows, shard="AAA")
    for name in TICKERS:
        ticks.put("quotes", DAY, [], shard=name)
    ticks.silver(DAY)
    ticks.quality(DAY, datasets="quotes")
    ticks.spark.sql("CREATE TABLE dev.gold.stocks_instruments (ticker STRING, security STRING, since DATE, until DATE)")
    ticks.gold(DAY)
    gold = ticks.table("gold.stocks_spreads").sort("bar_start")
    assert len(gold) == 390
    minute = gold.row(0, named=True)
    assert minute["bar_start"].replace(tzinfo=dt.UTC) == OPEN
    assert (minute["quote_count"], minute["locked_count"], minute["crossed_count"]) == (5, 1, 1)
    assert [minute[f"{name}_seconds"] for name in ("quoted", "locked", "crossed", "one_sided")] == [50, 5, 1, 4]
    close = lambda found, wanted: math.isclose(found, wanted, rel_tol=1e-9)  # noqa: E731
    assert close(minute["quoted_spread"], (10 * 0.04 + 20 * 0.02 + 20 * 0.10) / 50)
    assert close(minute["relative_spread"], (10 * 0.04 / 10.02 + 20 * 0.02 / 10.01 + 20 * 0.10 / 10.05) / 50)
    assert close(minute["quoted_middle"], (10 * 10.02 + 20 * 10.01 + 20 * 10.05) / 50)
    assert close(minute["bid_depth"], (30 * 3 + 20 * 7) / 50)
    assert close(minute["ask_depth"], 5)
    middle = gold.row(2, named=True)
    assert (middle["quote_count"], middle["quoted_seconds"], middle["security"]) == (0, 60, "AAA")
    last = gold.row(-1, named=True)
    assert last["bar_start"].replace(tzinfo=dt.UTC) == OPEN + dt.timedelta(minutes=389)
    assert (last["locked_seconds"], last["quoted_spread"]) == (60, None)
    assert gold["quoted_seconds"].sum() + gold["locked_seconds"].sum() == 390 * 60 - 5
