"""The page of questions: every query runs over the declared columns, and its answer is computed again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from anthill.lakehouse import statements
from tests.docs.questions import PAGE, QUERIES
from tests.plugins.anthill.lakehouse.lake import sail

D30, D1, D2 = dt.date(2026, 6, 30), dt.date(2026, 7, 1), dt.date(2026, 7, 2)
EVER = dt.date(9999, 12, 31)

# What gold holds here: rows of the columns that an answer needs, the rest is NULL.
ROWS: dict[str, list[dict[str, Any]]] = {
    "gold.stocks_daily_prices": [
        {"ticker": ticker, "security": f"S{ticker}", "market_date": day, "close": close, "adj_close": close / 2,
         "total_return_close": close / 2.5, "split_factor": 2.0, "volume": volume, "vwap": close - 1, "type": kind}
        for ticker, closes, volume, kind in (
            ("AAPL", (100.0, 110.0, 99.0), 2e4, "share"), ("SPY", (50.0, 51.0, 52.0), 3e4, "fund"),
            ("THIN", (5.0, 6.0, 9.0), 10.0, "share"), ("WT", (5.0, 6.0, 9.0), 3e5, "warrant"))
        for day, close in zip((D30, D1, D2), closes, strict=True)
    ],
    "gold.stocks_daily_returns": [
        {"ticker": ticker, "security": f"S{ticker}", "market_date": day, "total_return": value}
        for ticker, values in (("AAPL", (None, 0.1, -0.1)), ("SPY", (None, 0.02, 0.0196)), ("THIN", (None, 0.2, 0.5)),
                               ("WT", (None, 0.2, 0.5)))
        for day, value in zip((D30, D1, D2), values, strict=True)
    ],
    "gold.options_implied_volatility": [
        {"underlying": name, "market_date": day, "expiry": expiry, "days_to_expiry": (expiry - day).days,
         "atm_volatility": 0.2, "put_volatility": 0.25, "call_volatility": 0.2, "skew": skew, "skew_basis": "delta",
         "contracts": 9}
        for name in ("AAPL", "SPY") for day in (D1, D2)
        for expiry, skew in ((dt.date(2026, 9, 18), None), (dt.date(2026, 7, 17), 0.05))
    ],
    "gold.options_smile": [
        {"underlying": "AAPL", "market_date": day, "expiry": dt.date(2026, 7, 17), "strike": strike, "type": kind,
         "moneyness": strike / 100, "implied_volatility": 0.3, "delta": 0.5}
        for day in (D1, D2) for strike in (80.0, 90.0, 110.0, 120.0) for kind in ("put", "call")
    ],
    "gold.stocks_series_stats": [
        {"ticker": name, "market_date": day, "mean_200d": 98.5, "momentum_252d": 0.2, "drawdown_252d": -0.1,
         "drawdown_sessions_252d": 3, "beta_250d": 1.2, "correlation_250d": 0.8, "benchmark": "SPY"}
        for name in ("SPY", "AAPL", "IBM") for day in (D1, D2)
    ],
    "gold.stocks_intraday_stats": [
        {"ticker": name, "market_date": D2, "intraday_vwap": 1.5, "intraday_close": 2.0}
        for name in ("SPY", "AAPL", "IBM")
    ],
    "gold.forex_cross_rates": [
        {"market_date": day, "base_currency": base, "quote_currency": quote, "rate": 1.5, "quoted_ticker": None}
        for day in (D1, D2) for base, quote in (("CHF", "USD"), ("CHF", "AUD"), ("EUR", "USD"))
    ],
    "gold.crypto_correlations": [
        {"market_date": day, "first_ticker": "A", "second_ticker": other, "correlation_30d": value, "days": 30}
        for day in (D1, D2) for other, value in (("B", 0.5), ("C", None), ("D", 0.9))
    ],
    "gold.stocks_instruments": [
        {"name": "Meta", "ticker_before": None, "ticker": "FB", "ticker_after": "META", "valid_from": D30,
         "valid_to": D1, "security": "m"},
        {"name": "Meta", "ticker_before": "FB", "ticker": "META", "ticker_after": None, "valid_from": D2,
         "valid_to": EVER, "security": "m"},
        {"name": "Apple", "ticker": "AAPL", "valid_from": D30, "valid_to": EVER, "security": "a"},
    ],
    "gold.stocks_series": [
        {"symbol": symbol, "security": security, "ticker": ticker, "market_date": day, "adj_close": 7.0}
        for symbol, security, ticker, day in (("META", "m", "META", D2), ("META", "m", "FB", D1),
                                              ("AAPL", "a", "AAPL", D2))
    ],
    "gold.stocks_short_interest": [
        {"ticker": ticker, "market_date": public, "settlement_date": counted, "short_interest": shares}
        for ticker, public, counted, shares in (
            ("AAPL", D30, dt.date(2026, 6, 15), 5), ("AAPL", dt.date(2026, 6, 9), dt.date(2026, 5, 29), 4),
            ("AAPL", dt.date(2026, 7, 9), dt.date(2026, 6, 30), 6), ("SPY", D2, dt.date(2026, 6, 15), 8))
    ],
    "gold.stocks_financials": [
        {"ticker": "AAPL", "timeframe": timeframe, "known_from": begin, "known_to": end,
         "period_end": dt.date(2026, 3, 31), "filing_date": begin, "diluted_eps": eps}
        for timeframe, begin, end, eps in (("trailing_twelve_months", D30, D1, 4.0),
                                           ("trailing_twelve_months", D2, EVER, 0.0), ("annual", D30, EVER, 9.0))
    ],
    "gold.stocks_news": [
        {"ticker": name, "market_date": day, "published_at": dt.datetime(2026, 7, 2, hour, tzinfo=dt.UTC), "title": "t"}
        for name, day, hour in (("SPY", D2, 5), ("AAPL", D2, 4), ("AAPL", D1, 3), ("IBM", D2, 1))
    ],
    "gold.indices_daily_returns": [
        {"ticker": name, "market_date": day, "simple_return": value}
        for name in ("I:SPX", "I:NDX") for day, value in ((D1, 0.019), (D2, 0.02))
    ],
    "quality.published": [
        {"asset_class": name, "gold_table": "news", "market_date": day,
         "computed_at": dt.datetime(2026, 7, 3, tzinfo=dt.UTC)}
        for name, day in (("stocks", D1), ("stocks", D2), ("forex", D2))
    ],
    "quality.results": [
        {"asset_class": name, "dataset": "news", "market_date": D2, "expectation": "e", "severity": "warn",
         "message": "m", "passed": passed}
        for name, passed in (("stocks", False), ("stocks", True), ("forex", False))
    ],
    "quality.changes": [
        {"asset_class": "stocks", "dataset": "news", "market_date": D2, "cause": cause, "change": "changed", "key": "k",
         "row_count": 1, "loaded_at": dt.datetime(2026, 7, 3, tzinfo=dt.UTC)}
        for cause in ("source", "logic")
    ],
}  # fmt: skip


def frame(table: str) -> pl.DataFrame:
    """The rows of a table, as polars has them."""
    return pl.DataFrame(ROWS[table], infer_schema_length=None)


def columns(table: str) -> dict[str, str]:
    """The declared columns and their types; of a view, whose types are its query's, those that the rows have."""
    layer, name = table.split(".")
    parts = [name] if layer == "quality" else name.split("_", 1)
    declared = {each.name: each.type for each in statements.columns(layer, *parts)}
    if declared:
        return declared
    text = statements.code(statements.path(layer, *parts))
    kinds = {float: "double", dt.date: "date", str: "string"}
    found = dict.fromkeys(re.findall(r"^  (\w+) COMMENT '", text, re.MULTILINE), "double")
    for row in ROWS[table]:
        found |= {key: kinds[type(value)] for key, value in row.items() if value is not None}
    return found


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Sail with these tables."""
    from pyspark.sql import SparkSession

    with sail() as remote:
        session = SparkSession.builder.remote(remote).create()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        session.sql("CREATE SCHEMA IF NOT EXISTS dev.gold")
        session.sql("CREATE SCHEMA IF NOT EXISTS dev.quality")
        session.sql("USE CATALOG dev")
        for table, rows in ROWS.items():
            declared = columns(table)
            assert {key for row in rows for key in row} <= set(declared), table
            values = ", ".join(f"({', '.join(literal(row.get(name)) for name in declared)})" for row in rows)
            typed = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in declared.items())
            session.sql(f"CREATE VIEW {table} AS SELECT {typed} FROM VALUES {values} AS t({', '.join(declared)})")
        yield session
        session.stop()


def literal(value: Any) -> str:
    """A value in SQL."""
    if isinstance(value, dt.datetime):
        return f"TIMESTAMP'{value:%Y-%m-%d %H:%M:%S}'"
    if isinstance(value, dt.date):
        return f"DATE'{value}'"
    if isinstance(value, str):
        return f"'{value}'"
    return "NULL" if value is None else str(value)


def answers() -> dict[str, list[tuple[Any, ...]]]:
    """What the first columns of each answer are, by polars and by hand."""
    prices, returns = frame("gold.stocks_daily_prices"), frame("gold.stocks_daily_returns")
    large = prices.filter((pl.col("market_date") == D2) & (pl.col("close") * pl.col("volume") > 1e6))
    large = large.filter(pl.col("type") != "warrant")
    moves = large.join(returns, on=["security", "market_date"]).sort(pl.col("total_return").abs(), descending=True)
    both = returns.filter(pl.col("ticker") == "AAPL").join(returns.filter(pl.col("ticker") == "SPY"), on="market_date")
    both = both.drop_nulls(["total_return", "total_return_right"])
    fund = returns.filter(pl.col("ticker") == "SPY").join(
        frame("gold.indices_daily_returns").filter(pl.col("ticker") == "I:SPX"), on="market_date"
    )
    apple = prices.filter(pl.col("ticker") == "AAPL").sort("market_date")
    return {
        "1 0": apple.select("market_date", "close", "adj_close", "total_return_close", "split_factor").rows(),
        "2 0": moves.select("ticker", "total_return", "close").rows(),
        "3 0": [(dt.date(2026, 7, 17), 15, 0.2, 9), (dt.date(2026, 9, 18), 78, 0.2, 9)],
        "4 0": [(dt.date(2026, 7, 17), 0.25, 0.2, 0.2, 0.05, "delta")],
        "5 0": [("AAPL", 98.0, 1.5, 2.0), ("SPY", 51.0, 1.5, 2.0)],
        "6 0": [("CHF", "AUD", 1.5), ("CHF", "USD", 1.5)],
        "4 1": [
            (dt.date(2026, 7, 17), strike, kind, strike / 100, 0.3, 0.5)
            for strike in (90.0, 110.0) for kind in ("call", "put")
        ],
        "7 0": [("A", "D", 0.9, 30), ("A", "B", 0.5, 30)],
        "7 1": [(both.select(pl.corr("total_return", "total_return_right")).item(), both.height)],
        "7 2": [(name, 98.5, 0.2, -0.1, 3, 1.2, 0.8, "SPY") for name in ("AAPL", "SPY")],
        "7 3": [(D30, 0.0), (D1, 0.0), (D2, 99 / 110 - 1)],
        "8 0": [("Meta", "FB", "META", None, D2, EVER, "m")],
        "8 1": [("META", D1, "FB", 7.0), ("META", D2, "META", 7.0)],
        "9 0": [("AAPL", dt.date(2026, 6, 15), 5), ("SPY", dt.date(2026, 6, 15), 8)],
        "10 0": [
            (day, "AAPL", close, dt.date(2026, 3, 31), filed, eps, ratio)
            for day, close, filed, eps, ratio in (
                (D30, 100.0, D30, 4.0, 25.0), (D1, 110.0, D30, 4.0, 27.5), (D2, 99.0, D2, 0.0, None),
            )
        ],
        "11 0": [
            (dt.datetime(2026, 7, 2, hour), name, None, value, "t")  # noqa: DTZ001 - the session's zone is UTC
            for hour, name, value in ((4, "AAPL", -0.1), (5, "SPY", 0.0196))
        ],
        "12 0": fund.select(
            "market_date", "simple_return", "total_return", difference=pl.col("total_return") - pl.col("simple_return")
        ).rows(),
        "13 0": [("news", 2, D1, D2)],
        "13 1": [(D2, "news", "e", "warn", "m")],
        "14 0": [("news", D2, "source", "changed", "k", None, None, None, 1)],
    }  # fmt: skip


def test_every_question_has_its_query_and_every_query_its_answer() -> None:
    """Fifteen, of which the last is a file."""
    assert len(re.findall(r"^## \d+\. ", PAGE, re.MULTILINE)) == 15
    assert set(QUERIES) == set(answers())


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_has_the_answer_that_it_promises(spark: Any, name: str) -> None:
    """Of the declared columns alone, in its order."""
    found = [tuple(row) for row in spark.sql(QUERIES[name]).collect()]
    wanted = answers()[name]
    assert found
    assert [row[: len(wanted[0])] for row in found] == [
        tuple(pytest.approx(value) if isinstance(value, float) else value for value in row) for row in wanted
    ]
