"""Gold of crypto against an oracle: every day of the week, dollars and other quotes, the most traded correlated."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.plugins.anthill.lakehouse import oracle_bars as oracle
from tests.plugins.anthill.lakehouse import simulated_bars as simulated
from tests.plugins.anthill.lakehouse.bars_gold import FRAMES, assert_common_gold_is, assert_rows_are
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.simulated_bars import BarMarket, Price

pytestmark = pytest.mark.parametrize("lake", ["crypto"], indirect=True)

FIRST, LAST = dt.date(2024, 2, 1), dt.date(2024, 3, 15)


def assert_gold_is(lake: Lake, market: BarMarket) -> None:
    """Every gold table of crypto equals the oracle's, to 1e-9."""
    listed = oracle.dollar_pairs(market)
    in_dollars = pl.format("{} {}", "market_date", "ticker").is_in([f"{day} {ticker}" for day, ticker in listed])
    turnover = pl.col("close") * pl.col("volume")
    joined = assert_common_gold_is(lake, market, in_dollars & (turnover >= 1_000_000))
    money = joined.filter(in_dollars).group_by("market_date").agg(turnover=turnover.sum()).sort("market_date")
    summary = lake.table("gold.crypto_market_summary").sort("market_date")
    assert_frame_equal(summary.select("market_date", "turnover"), money, **FRAMES)
    returns = lake.table("gold.crypto_daily_returns").drop_nulls("volatility_20d")
    assert returns["annualised_volatility"].to_list() == returns["volatility_20d_annualised"].to_list()
    key = ("market_date", "first_ticker", "second_ticker")
    assert_rows_are(lake, "crypto_correlations", oracle.correlations(market, joined), *key)


@pytest.mark.long
def test_gold_equals_the_oracle_and_again_after_a_restatement(lake: Lake) -> None:
    """Six weeks in two pieces, the later first, then other bars for one day of them."""
    market = simulated.crypto(FIRST, LAST)
    wrong = market.sessions[14]
    simulated.put(lake, market)
    lake.put("grouped_daily", wrong, [bar | {"c": bar["o"]} for bar in market.bars[wrong]])
    lake.run(market.sessions[22], market.sessions[-1])
    lake.run(market.sessions[0], market.sessions[21])
    lake.put("grouped_daily", wrong, market.bars[wrong])
    lake.run(wrong)
    assert_gold_is(lake, market)
    correlations = lake.table("gold.crypto_correlations")
    assert correlations.group_by("market_date").len()["len"].max() == 190
    assert correlations["correlation_30d"].is_null().any()
    assert correlations["correlation_30d"].is_not_null().any()
    assert lake.table("gold.crypto_daily_returns")["is_anomaly"].sum() == 1


def test_without_the_reference_data_there_are_prices_and_no_money(lake: Lake) -> None:
    """A day whose list of tickers is missing has prices and returns, and no summary or correlations."""
    market = simulated.crypto(dt.date(2024, 2, 1), dt.date(2024, 2, 2))
    one, two = market.sessions
    simulated.put(lake, market)
    for shard in ("active", "delisted"):
        del lake.commits["tickers", two, shard]
    lake.silver(one, two)
    lake.quality(one, two, datasets="grouped_daily")
    tables = lake.gold(one, two)["tables"]
    assert {name: table["fresh_until"] for name, table in tables.items()} == {
        **dict.fromkeys(("daily_prices", "daily_returns", "anomalies", "series_stats"), str(two)),
        **dict.fromkeys(("intraday_stats", "minute_bars", "range_variances", "volatility_features"), str(two)),
        **dict.fromkeys(("market_summary", "correlations", "instruments"), str(one)),
    }


def test_movers_are_dollar_pairs_that_move_a_million(lake: Lake) -> None:
    """Quoted in USD by the list of the day, however it is spelled; of a million dollars exactly, too."""
    lake.only("market_summary", "correlations", datasets=("minute_bars",))
    one, two = dt.date(2024, 2, 1), dt.date(2024, 2, 2)
    moves = {"AUSD": 2e5, "BUSD": 199_999.0, "CEUR": 1e6, "DUSD": 1e6, "GONE": 1e6}  # close on 5 in the end
    closes = {one: 2.0, two: 5.0}
    days = {
        day: [Price(f"X:{name}", close - (name == "DUSD"), volume, name[0], name[1:]) for name, volume in moves.items()]
        for day, close in closes.items()
    }
    market = simulated.market_of("crypto", days)
    for day in days:
        rows = [row for row in market.tickers[day] if row["ticker"] != "X:GONE"]
        market.tickers[day] = [row | {"currency_symbol": row["currency_symbol"].lower()} for row in rows]
        market.delisted[day] = [{**rows[0], "ticker": "X:GONE", "active": False, "currency_symbol": "USD"}]
    simulated.put(lake, market._replace(minutes={}))
    lake.silver(one, two)
    lake.quality(one, two, datasets="grouped_daily,tickers")
    lake.gold(one, two)
    row = lake.table("gold.crypto_market_summary").filter(market_date=two).row(0, named=True)
    assert [mover["ticker"] for mover in row["top_gainers"]] == ["X:DUSD", "X:AUSD"]
    assert row["turnover"] == 5 * 2e5 + 5 * 199_999 + 4 * 1e6
    pairs = (
        lake.table("gold.crypto_correlations").filter(market_date=two).select("first_ticker", "second_ticker", "days")
    )
    assert sorted(pairs.rows()) == [("X:AUSD", "X:BUSD", 1), ("X:AUSD", "X:DUSD", 1), ("X:BUSD", "X:DUSD", 1)]
