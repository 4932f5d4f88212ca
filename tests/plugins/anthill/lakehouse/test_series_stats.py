"""Where a series stands against its own past and its benchmark: what the definitions say, in any order of days."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pyspark.sql import SparkSession

from anthill import catalog
from anthill.calendars import market_days
from anthill.include import include_dir
from anthill.lakehouse import gold_table, statements
from tests.oracle import wealth
from tests.oracle.wealth import Security
from tests.plugins.anthill.lakehouse import oracle_series as oracle
from tests.plugins.anthill.lakehouse import simulated_bars as simulated
from tests.plugins.anthill.lakehouse.bars_gold import FRAMES
from tests.plugins.anthill.lakehouse.lake import Lake, bar
from tests.plugins.anthill.lakehouse.oracle_series import FIGURES
from tests.plugins.anthill.lakehouse.simulated_bars import BarMarket, Price

SQL = include_dir() / "sql/gold/series_stats.sql"
DAYS = market_days("XNYS", dt.date(2022, 1, 3), dt.date(2024, 1, 31))
COLUMNS = ["ticker", "security", "market_date", *FIGURES, "benchmark"]


def assert_same(held: pl.DataFrame, wanted: pl.DataFrame) -> None:
    """Cell by cell to 1e-9, and NULL where the other has it."""
    names = [name for name in COLUMNS if name in held.columns]
    assert_frame_equal(held.sort("ticker", "market_date").select(names), wanted.select(names), **FRAMES)


@pytest.fixture(scope="module")
def spark(sail: str) -> Any:
    """A session for the shared SQL alone."""
    session = SparkSession.builder.remote(sail).create()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    yield session
    session.stop()


def walks(seed: int, holes: float, cents: int, unknown: int) -> pl.DataFrame:
    """The benchmark, what goes with it, what has holes, what leaps and then stands still, and what falls each day."""
    chance, rows = random.Random(seed), []
    closes = {"BENCH": 100.0, "WITH": 20.0, "HOLES": 5.0, "STILL": 1.0, "FALLS": 9000.0}
    for at, day in enumerate(DAYS[:275]):
        shared = chance.gauss(0, 0.01)
        for ticker, before in closes.items():
            own = chance.gauss(0, 0.01)
            moved = {"BENCH": shared, "WITH": 1.3 * shared + own / 2, "HOLES": own, "FALLS": -0.01}.get(ticker, 0.0)
            moved += 4.0 * (ticker == "STILL" and at == 9)
            closes[ticker] = max(round(before * math.exp(moved), cents), 10**-cents)
            if (ticker == "HOLES" and chance.random() < holes) or (at == 40 and holes):
                continue
            rows.append(
                {"ticker": ticker, "security": f"s{ticker}", "market_date": day, "close": closes[ticker],
                 "total": closes[ticker] * (1.001**at if ticker == "WITH" else 1), "scale": 2.0 if at < 100 else 1.0,
                 "day_return": closes[ticker] / before - 1 if at else None, "unknown": int(at >= unknown)}
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 9999),
    holes=st.sampled_from([0.0, 0.02, 0.1, 0.3]),
    cents=st.sampled_from([1, 2, 6]),
    unknown=st.sampled_from([0, 3, 230, 260]),
    benchmark=st.sampled_from(["BENCH", "WITH", "STILL", None]),
)
def test_figures_are_what_the_definitions_say(
    spark: SparkSession, seed: int, holes: float, cents: int, unknown: int, benchmark: str | None
) -> None:
    """Through holes, equal highs, prices that stand still, unknown actions, and without a benchmark."""
    observed = walks(seed, holes, cents, unknown)
    spark.createDataFrame(observed.to_arrow()).createOrReplaceTempView("observed")
    numbered = pl.DataFrame({"market_date": DAYS, "session": range(7, 7 + len(DAYS))})
    spark.createDataFrame(numbered.to_arrow()).createOrReplaceTempView("market_days")
    words = {"days": f"market_date >= DATE'{DAYS[15]}'", "benchmark": f"'{benchmark}'" if benchmark else "NULL"}
    text = statements.filled(f"WITH {statements.code(SQL)} SELECT * FROM measured", SQL, "dev", **words)
    held = pl.from_arrow(spark.sql(text).toArrow())
    assert isinstance(held, pl.DataFrame)
    wanted = oracle.stats(observed, DAYS, benchmark).filter(pl.col("market_date") >= DAYS[15])
    assert_same(held, wanted)
    assert all(wanted[name].is_not_null().any() for name in ("mean_200d", "momentum_21d")) or unknown > 200


def indices(first_close: float, days: list[dt.date]) -> BarMarket:
    """Three indices that move with the first; another value of all of them on the first day."""
    chance, prices = random.Random(1), {}
    closes = {"I:SPX": 4000.0, "I:NDX": 12000.0, "I:VIX": 20.0}
    for at, day in enumerate(days):
        shared = chance.gauss(0, 0.01)
        closes = {name: close * math.exp(shared + chance.gauss(0, 0.005)) for name, close in closes.items()}
        held = {name: close * (first_close if at == 0 else 1) for name, close in closes.items()}
        prices[day] = [Price(name, close, 0.0) for name, close in held.items()]
    return simulated.market_of("indices", prices)


def observed_of(market: BarMarket) -> pl.DataFrame:
    """What the figures of pairs and indices are made from."""
    bars = [(row["T"], day, row["c"]) for day, rows in market.bars.items() for row in rows]
    frame = pl.DataFrame(bars, orient="row", schema=["ticker", "market_date", "close"]).sort("ticker", "market_date")
    change = pl.col("close") / pl.col("close").shift(1).over("ticker") - 1
    return frame.with_columns(
        security=pl.col("ticker"), total=pl.col("close"), scale=1.0, day_return=change, unknown=0
    )  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("lake", ["indices"], indirect=True)
def test_days_in_any_order_and_a_restated_one_give_the_same(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The later half first, the last day alone; then another first day: 252 days move behind 41 whose returns may."""
    lake.only("series_stats")
    days = DAYS[:300]
    before, after = indices(1.5, days), indices(1.0, days)
    monkeypatch.setattr(gold_table, "_FAR_BATCH", 250)  # rows: some 80 days at a time
    for market, some in ((before, days[120:-1]), (before, days[:120]), (before, days[-1:]), (after, days[:1])):
        for day in some:
            bodies = [{"ticker": row["T"], "results": [{key: row[key] for key in "ohlct"}]} for row in market.bars[day]]
            lake.put_bodies("daily_bars", day, bodies, len(bodies))
        lake.silver(some[0], some[-1])
        lake.quality(some[0], some[-1], datasets="daily_bars")
        counts = lake.gold(some[0], some[-1])["tables"]
    assert counts["series_stats"]["days"] == 41 + 252
    held = lake.table("gold.indices_series_stats")
    assert_same(held, oracle.stats(observed_of(after), days, "I:SPX"))
    last = held.filter(market_date=days[252])
    assert last.select(FIGURES).null_count().sum_horizontal().item() == 0
    assert last.filter(ticker="I:SPX").select("beta_60d", "correlation_250d").row(0) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
def test_another_benchmark_outdates_every_day(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is declared is part of what a day was computed by; without one there is nothing to compare with."""
    lake.only("series_stats", datasets=("minute_bars",))
    days = market_days("24/7", dt.date(2024, 2, 1), dt.date(2024, 2, 3))
    prices = {day: [Price("X:BTCUSD", 2.0 + at, 1.0, "BTC", "USD")] for at, day in enumerate(days)}
    simulated.put(lake, simulated.market_of("crypto", prices)._replace(minutes={}))
    lake.silver(days[0], days[-1])
    lake.quality(days[0], days[-1], datasets="grouped_daily")
    lake.gold(days[0], days[-1])
    assert set(lake.table("gold.crypto_series_stats")["benchmark"]) == {"X:BTCUSD"}
    assert lake.gold(days[0], days[-1])["tables"]["series_stats"]["days"] == 0
    declared = lake.declared()
    monkeypatch.setattr(Lake, "declared", lambda _: msgspec.structs.replace(declared, benchmark=None))
    assert lake.gold(days[0], days[-1])["tables"]["series_stats"]["days"] == 3
    assert set(lake.table("gold.crypto_series_stats")["benchmark"]) == {None}


def test_every_declared_benchmark_is_one_that_is_landed() -> None:
    """A ticker of the lists of its asset class, so that minutes or bars of it are there."""
    for name in catalog.asset_classes():
        declared = catalog.load(name)
        assert declared.benchmark is None or any(declared.benchmark in each for each in declared.lists.values()), name


def stocks(days: list[dt.date]) -> tuple[list[Security], dict[dt.date, list[Any]], dict[dt.date, list[Any]]]:
    """A fund, a share that is split and pays, and one that goes on under another ticker; their splits and dividends."""
    chance, actions = random.Random(2), days[24]
    held = [Security(name) for name in ("SPY", "SPLIT", "FIGI-R")]
    for at in range(len(days)):
        for number, security in enumerate(held):
            ticker = ("NEW" if at >= 12 else "OLD") if number == 2 else security.name
            close = round((400, 90 if at < 24 else 30, 8)[number] * math.exp(chance.gauss(0, 0.02)), 2)
            security.bars[at] = bar(ticker, close)
    held[1].splits[24], held[1].cash[24] = 3.0, 0.5
    split = {"id": "s", "ticker": "SPLIT", "execution_date": str(actions), "split_from": 1, "split_to": 3}
    paid = {"id": "d", "ticker": "SPLIT", "ex_dividend_date": str(actions), "cash_amount": 0.5, "currency": "USD"}
    return held, {actions: [split]}, {actions: [paid]}


@pytest.mark.long
def test_shares_go_along_the_security_and_later_actions_change_nothing(lake: Lake) -> None:
    """Means in shares of the day, the rest on total return: a split and dividend after a day leave its row alone."""
    lake.only("series_stats")
    days = DAYS[:30]
    held, splits, dividends = stocks(days)
    for at, day in enumerate(days):
        bars = [security.bars[at] for security in held]
        lake.put_day(day, bars, splits.get(day, ()), dividends.get(day, ()))
        listed = [
            {"ticker": row["T"], "active": True, "type": "CS"} | ({"composite_figi": each.name} if at_ == 2 else {})
            for at_, (each, row) in enumerate(zip(held, bars, strict=True))
        ]
        lake.put("tickers", day, listed, shard="active")
    lake.run(days[0], days[23])
    early = lake.table("gold.stocks_series_stats")
    lake.run(days[24], days[-1])
    table = lake.table("gold.stocks_series_stats")
    assert_same(table.filter(pl.col("market_date") < days[24]), early.sort("ticker", "market_date"))
    truth = oracle.of_wealth(wealth.gold(held, days))
    assert_same(table.drop("security"), oracle.stats(truth, days, "SPY"))
    renamed = table.filter(ticker="NEW", market_date=days[21])
    assert renamed.select("mean_20d", "momentum_21d").null_count().sum_horizontal().item() == 0
    assert table["security"].n_unique() == 3
