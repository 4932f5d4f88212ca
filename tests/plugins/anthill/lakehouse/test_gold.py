"""Gold against an oracle, in whatever order its days arrive."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill import closures
from anthill.calendars import market_days
from anthill.lakehouse import gold_table, quality, star, statements, tables
from anthill.lakehouse.gold import GoldError
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse import oracle, simulated
from tests.plugins.anthill.lakehouse.lake import Lake, bar

FIRST = dt.date(2024, 1, 2)


def assert_gold_is(lake: Lake, market: oracle.Market) -> None:
    """Every gold table equals the oracle's, to 1e-9."""
    prices = oracle.prices(market)
    returns = oracle.returns(market, prices)
    close = {"check_dtypes": False, "rel_tol": 1e-9, "abs_tol": 1e-12}
    held = lake.table("gold.stocks_daily_prices").sort("ticker", "market_date")
    assert_frame_equal(held.drop("security"), prices, **close)
    got = lake.table("gold.stocks_daily_returns").sort("ticker", "market_date")
    for frame in (held, got):  # no identifiers: a ticker is a security, and another one after 30 days without it
        named = frame.filter(pl.col("security") != pl.col("ticker"))
        assert set(named["ticker"]) <= {"S06"}
        assert named["security"].n_unique() <= 1
    got = got.drop("security")
    assert_frame_equal(got.drop("zscore"), returns.drop("zscore"), **close)
    # A score divides by a deviation that may be small: its own rounding is 1e-9 of what it is made of.
    assert_frame_equal(got.select("zscore"), returns.select("zscore"), check_dtypes=False, rel_tol=1e-9, abs_tol=1e-9)
    summary = lake.table("gold.stocks_market_summary").sort("market_date")
    assert_frame_equal(summary.drop("top_gainers", "top_losers"), oracle.summary(prices, returns), **close)
    for row in summary.to_dicts():
        for name, best in (("top_gainers", True), ("top_losers", False)):
            expected = oracle.movers(prices, returns, row["market_date"], best)
            assert [m["ticker"] for m in row[name]] == [m["ticker"] for m in expected]
            for field in ("simple_return", "close"):
                assert [m[field] for m in row[name]] == pytest.approx([m[field] for m in expected], rel=1e-9)


def put(lake: Lake, market: oracle.Market) -> None:
    """Land every day of a market."""
    for day in market.sessions:
        lake.put_day(day, market.bars[day], market.splits[day], market.dividends[day])


def test_one_run_equals_the_oracle_and_again_changes_nothing(lake: Lake) -> None:
    """Sixty days at once: prices, returns, volatility, scores, breadth and movers; a second run computes none of it."""
    market = simulated.market(FIRST, dt.date(2024, 3, 28))
    put(lake, market)
    lake.run(market.sessions[0], market.sessions[-1])
    returns = lake.table("gold.stocks_daily_returns")
    prices = lake.table("gold.stocks_daily_prices")
    assert prices.filter((pl.col("split_factor") != 1) & (pl.col("total_return_factor") != 1)).height > 0
    assert returns["is_anomaly"].sum() >= 1
    assert returns["simple_return"].abs().max() < 1, "a split shows as a return"
    assert_gold_is(lake, market)
    again = lake.gold(market.sessions[3], market.sessions[-2])
    assert {name: table["days"] for name, table in again["tables"].items() if table["days"]} == {}
    key = ("ticker", "market_date")
    assert_frame_equal(lake.table("gold.stocks_daily_returns").sort(key), returns.sort(key), check_exact=True)


@pytest.mark.long
def test_portions_make_no_difference(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Years are checked and computed some days at a time: all expectations and tables are as if at once."""
    lake.only("market_summary")
    market = simulated.market(FIRST, dt.date(2024, 2, 6))
    put(lake, market)
    made: list[list[list[dt.date]]] = []
    in_portions = tables.portions

    def portions(*given: Any) -> list[list[dt.date]]:
        made.append(in_portions(*given))
        return made[-1]

    with monkeypatch.context() as patch:
        patch.setattr(quality, "_AT_ONCE", 100)
        patch.setattr(gold_table, "_BATCH", 100)
        patch.setattr(tables, "portions", portions)
        lake.run(market.sessions[0], market.sessions[-1])
    assert sum(len(portions) in (3, 4) for portions in made) > 5, "not much came in portions"
    assert_gold_is(lake, market)
    key = ("dataset", "market_date", "expectation")
    checked = lake.table("quality.results").drop("checked_at").sort(key)
    lake.quality(market.sessions[0], market.sessions[-1])
    assert_frame_equal(lake.table("quality.results").drop("checked_at").sort(key), checked)


@pytest.mark.long
def test_order_of_days_does_not_matter(lake: Lake) -> None:
    """Pieces of a market that arrive in any order, a restated day and a retracted split give what one run gives."""
    lake.only("market_summary")
    market = simulated.market(FIRST, dt.date(2024, 2, 13))
    chance = random.Random(1)
    wrong_day, gone = market.sessions[18], market.sessions[10]
    before = {**market.bars, wrong_day: [bar(row["T"], row["c"] * 1.5) for row in market.bars[wrong_day][:-2]]}
    retracted = {"id": "X", "ticker": "S11", "execution_date": str(gone), "split_from": 1, "split_to": 4}
    put(lake, market._replace(bars=before, splits={**market.splits, gone: [retracted]}))
    edges = [0, *sorted(chance.sample(range(1, len(market.sessions)), 2)), len(market.sessions)]
    pieces = [market.sessions[a:b] for a, b in itertools.pairwise(edges)]
    chance.shuffle(pieces)
    for piece in pieces:
        lake.run(piece[0], piece[-1])
    for day in (wrong_day, gone):
        lake.put_day(day, market.bars[day], market.splits[day], market.dividends[day])
    lake.run(gone, wrong_day)
    assert_gold_is(lake, market)


def test_a_split_rewrites_only_its_tickers_past(lake: Lake) -> None:
    """A split that arrives on a later day adjusts the rows of its ticker before it, and no other."""
    one, two, three = simulated.market(FIRST, dt.date(2024, 1, 4)).sessions
    lake.only("daily_prices")
    for day, close in ((one, 70.0), (two, 77.0)):
        lake.put_day(day, [bar("AAA", close), bar("BBB", close)])
    lake.run(one, two)
    split = {"id": "s", "ticker": "AAA", "execution_date": str(three), "split_from": 1, "split_to": 7}
    lake.put_day(three, [bar("AAA", 11.0), bar("BBB", 77.0)], splits=[split])
    lake.silver(three)
    lake.quality(three)
    tables = lake.gold(three)["tables"]
    assert (tables["traded_prices"]["days"], tables["traded_prices"]["rows"]) == (1, 2)
    assert tables["corporate_actions"]["rows"] == 1
    prices = lake.table("gold.stocks_daily_prices").sort("ticker", "market_date")
    assert prices["adj_close"].to_list() == [10.0, 11.0, 11.0, 70.0, 77.0, 77.0]
    assert prices["close"].to_list() == [70.0, 77.0, 11.0, 70.0, 77.0, 77.0]


def test_a_day_that_fails_its_checks_stays_out(lake: Lake) -> None:
    """Gold takes no day whose quality failed, keeps what it had of it, and says which days it held back."""
    days = simulated.market(FIRST, dt.date(2024, 1, 5)).sessions
    lake.only("daily_returns", "instruments")
    for day in days:
        lake.put_day(day, [bar("AAA", 10.0), bar("BBB", 20.0)])
    lake.run(days[0], days[-1])
    before = lake.table("gold.stocks_daily_prices").sort("ticker", "market_date")
    lake.put("grouped_daily", days[1], [bar("AAA", -10.0), bar("BBB", 30.0)])
    lake.silver(days[1])
    with pytest.raises(QualityError, match=r"grouped_daily of 2024-01-03: 1 rows with a price of 0 or less"):
        lake.quality(days[1])
    done = lake.gold(days[0], days[-1])
    tables = done["tables"]
    prices = done["standing"]["daily_prices"]
    assert "grouped_daily" in prices["reads"]
    assert prices["published"] == ["2024-01-02", "2024-01-04/2024-01-05"]
    (held,) = prices["held_back"]
    assert (held["days"], held["outdated"]) == (["2024-01-03"], True)
    assert re.fullmatch(r"grouped_daily broke (\w+, )*\w+", held["why"])
    (broken,) = lake.spark.sql(
        "SELECT array_sort(collect_list(expectation)) AS names FROM dev.quality.results WHERE NOT passed "
        "AND severity = 'critical' AND dataset = 'grouped_daily' AND market_date = DATE'2024-01-03'"
    ).collect()
    assert held["why"].removeprefix("grouped_daily broke ").split(", ") == broken["names"]
    assert done["standing"]["instruments"]["held_back"] == []
    assert tables["daily_returns"]["held_back"] == ["2024-01-03"]
    assert tables["instruments"]["held_back"] == []
    assert_frame_equal(lake.table("gold.stocks_daily_prices").sort("ticker", "market_date"), before)


def test_gold_of_days_that_silver_lacks_is_refused(lake: Lake) -> None:
    """The message says which days, and what to run first."""
    with pytest.raises(GoldError, match=r"silver holds no market day from 2024-01-02 to 2024-01-02.*Run the silver"):
        lake.gold(FIRST)


def test_a_dataset_that_is_missing_holds_back_only_what_reads_it(lake: Lake) -> None:
    """Without splits no price of the day is published, and the instruments are; landed later, it is made up for."""
    one, two = simulated.market(FIRST, dt.date(2024, 1, 3)).sessions
    lake.only("daily_prices", "instruments")
    lake.put_day(one, [bar("AAA", 10.0)])
    lake.run(one)
    lake.put_day(two, [bar("AAA", 11.0)])
    late = lake.commits.pop(("splits", two, ""))
    lake.silver(two)
    with pytest.raises(QualityError, match=r"stocks\.splits is not loaded"):
        lake.quality(two)
    tables = lake.gold(two)["tables"]
    assert (tables["traded_prices"]["fresh_until"], tables["instruments"]["fresh_until"]) == (str(one), str(two))
    assert lake.table("gold.stocks_daily_prices")["market_date"].to_list() == [one]
    lake.commits["splits", two, ""] = late
    lake.run(two)
    assert lake.table("gold.stocks_daily_prices").sort("market_date")["market_date"].to_list() == [one, two]


@pytest.mark.long
def test_a_renamed_and_a_recycled_ticker_stay_two_things(lake: Lake) -> None:
    """One company takes a new symbol, another one the old symbol: three instruments, and each price knows its own."""
    one, two, three = simulated.market(FIRST, dt.date(2024, 1, 4)).sessions
    listed = {
        one: [("OLD", "FIGI1")],
        two: [("NEW", "FIGI1")],
        three: [("NEW", "FIGI1"), ("OLD", "FIGI2")],
    }
    for day, tickers in listed.items():
        lake.put_day(day, [bar(ticker, 10.0) for ticker, _ in tickers])
        rows = [{"ticker": ticker, "active": True, "composite_figi": figi} for ticker, figi in tickers]
        lake.put("tickers", day, rows, shard="active")
    lake.run(one, two)
    lake.run(three)
    known = lake.table("gold.dim_instrument").sort("valid_from", "ticker")
    forever = dt.date(9999, 12, 31)
    assert known.select("ticker", "identity", "valid_from", "valid_to").rows() == [
        ("OLD", "FIGI1", one, one),
        ("NEW", "FIGI1", two, forever),
        ("OLD", "FIGI2", three, forever),
    ]
    facts = lake.table("gold.fact_daily_price").join(known, on="instrument_key", how="left")
    assert sorted(facts.select("ticker", "market_date", "identity").rows()) == [
        ("NEW", two, "FIGI1"),
        ("NEW", three, "FIGI1"),
        ("OLD", one, "FIGI1"),
        ("OLD", three, "FIGI2"),
    ]


def test_forecasts_have_a_place_before_the_first_one(lake: Lake) -> None:
    """Readers are given a table that is there; what the job `models` has put into it stays."""
    star.publish(lake.spark, "dev")
    assert lake.table("gold.volatility_forecasts").height == lake.table("gold.anomaly_opinions").height == 0
    given = {"asset_class": "'stocks'", "ticker": "'AAPL'", "market_date": "'2024-06-03'", "made_at": "'2024-06-04'"}
    columns = statements.columns("gold", "volatility_forecasts")
    row = ", ".join(f"CAST({given.get(each.name, 'NULL')} AS {each.type}) AS {each.name}" for each in columns)
    lake.spark.sql(f"INSERT INTO dev.gold.volatility_forecasts SELECT {row}")
    star.publish(lake.spark, "dev")
    assert lake.table("gold.volatility_forecasts")["ticker"].to_list() == ["AAPL"]


def test_dates_carry_the_sessions_of_every_market(lake: Lake) -> None:
    """A holiday, an early close, a Sunday and a leap day as the calendars have them."""
    star.publish(lake.spark, "dev")
    dates = {row["date"]: row for row in lake.table("gold.dim_date").to_dicts()}
    assert len(dates) == (max(dates) - dt.date(2003, 1, 1)).days + 1
    assert dates[dt.date(2024, 2, 29)]["day_name"] == "Thursday"
    assert not dates[dt.date(2024, 7, 4)]["is_us_session"]
    assert dates[dt.date(2024, 7, 3)]["is_us_early_close"]
    sunday, saturday = dates[dt.date(2024, 6, 9)], dates[dt.date(2024, 6, 8)]
    assert (sunday["is_forex_session"], sunday["is_us_session"], saturday["is_forex_session"]) == (True, False, False)
    assert (sunday["day_of_week"], sunday["forex_opens_at"].hour) == (7, 21)


def test_dates_follow_what_is_declared_and_announced(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day of mourning, a storm, an early close: the newest list before the day counts, if its load passed."""
    days = [dt.date(2024, 6, 3), dt.date(2024, 6, 4), dt.date(2024, 6, 5)]
    storm, early, withdrawn, unchecked = (dt.date(2024, 6, day) for day in (10, 11, 12, 13))
    hours = {"open": "2024-06-11T13:30:00.000Z", "close": "2024-06-11T17:00:00.000Z"}

    def off(exchange: str, day: dt.date, status: str = "closed", **other: str) -> dict[str, str]:
        return {"exchange": exchange, "date": str(day), "name": "storm", "status": status, **other}

    lists = [
        [off("NYSE", withdrawn)],
        [off("NYSE", storm), off("NYSE", early, "early-close", **hours), off("OTC", dt.date(2024, 6, 14))],
        [off("NYSE", unchecked)],
    ]
    for day, rows in zip(days, lists, strict=True):
        lake.put_bodies("market_holidays", day, [rows], len(rows))
    lake.silver(days[0], days[2])
    lake.quality(days[0], days[1], datasets="market_holidays")

    def sessions() -> dict[dt.date, dict[str, Any]]:
        star.publish(lake.spark, "dev")
        dates = lake.table("gold.dim_date").filter(pl.col("date").is_between(dt.date(2024, 6, 7), dt.date(2024, 6, 18)))
        return {row["date"]: row for row in dates.to_dicts() if row["is_us_session"]}

    held = sessions()
    assert [day.day for day in held] == [7, 11, 12, 13, 14, 17, 18]
    assert [day.day for day, row in held.items() if row["is_us_early_close"]] == [early.day]
    assert (held[early]["us_closes_at"].hour, held[withdrawn]["us_closes_at"].hour) == (17, 20)
    declared = tmp_path / "closures.yaml"
    declared.write_text(
        "XNYS:\n  2024-06-17: day of mourning\n  2024-06-11: {close: '15:00', by: a broker, reason: storm}\n"
        "  2024-06-18: {close: '13:00', by: NYSE, reason: storm}\n"
    )
    monkeypatch.setattr(closures, "FILE", declared)
    held = sessions()
    assert [day.day for day in held] == [7, 11, 12, 13, 14, 18]
    assert [held[dt.date(2024, 6, day)]["us_closes_at"].hour for day in (11, 18)] == [19, 17], "who declares, decides"
    version = tables.version(lake.spark, "dev.gold.dim_date")
    sessions()
    assert tables.version(lake.spark, "dev.gold.dim_date") == version, "nothing is new, and nothing is written"


def test_what_is_held_back_is_named_up_to_twenty_times(lake: Lake) -> None:
    """A table that lacks a dataset names the first twenty days that wait for it; warnings hold nothing back."""
    days = market_days("XNYS", FIRST, dt.date(2024, 2, 29))[:22]
    lake.only("traded_prices", "instruments")
    lake.silver(FIRST, commits=[])
    tables.make(lake.spark, "dev", "quality", "results")
    schema = lake.spark.table("dev.quality.results").schema
    now = dt.datetime.now(dt.UTC)
    about = (now, "", "", "the SQL's digest", None)
    none = dict.fromkeys(("bronze_rows", "silver_rows", "duplicates", "conflicts", "quarantined"), 0)
    lake.note_loads(
        [
            {"asset_class": "stocks", "dataset": name, "market_date": day, "asof": now, **none}
            for day in days
            for name in ("tickers", "splits")
        ]
    )
    results = [
        *(("stocks", "tickers", day, "any", "warn", 1.0, "= 0", False, "1", *about) for day in days),
        *(("stocks", "tickers", day, "some", "critical", 0.0, "= 0", True, "0", *about) for day in days),
        ("stocks", "tickers", days[0], "other", "critical", 1.0, "= 0", False, "1", *about),
        ("stocks", "undeclared", days[0], "other", "critical", 1.0, "= 0", True, "1", *about),
        ("forex", "splits", days[0], "other", "critical", 1.0, "= 0", True, "1", *about),
    ]
    lake.spark.createDataFrame(results, schema).createOrReplaceTempView("given")
    lake.spark.sql("INSERT INTO dev.quality.results SELECT * FROM given")
    done = lake.gold(days[0], days[-1])
    assert (done["asset_class"], done["from"], done["to"]) == ("stocks", str(days[0]), str(days[-1]))
    listed, prices = done["tables"]["instruments"], done["tables"]["traded_prices"]
    assert (listed["days"], listed["fresh_until"]) == (21, str(days[-1]))
    assert (prices["days"], prices["fresh_until"]) == (0, None)
    assert prices["held_back"] == [str(day) for day in days[:20]]
    assert listed["held_back"] == [str(days[0])]
    failed, unchecked = done["held_back"]
    assert failed == f"stocks.tickers of {days[0]}: broke a critical expectation: see quality.results"
    shown = ", ".join(str(day) for day in days[:20])
    assert unchecked == (
        f"stocks.splits of {shown} and 2 more: not checked since they were loaded: run the quality job"
    )
    assert "nothing_done" not in done
