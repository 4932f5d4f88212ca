"""A market to report on: 53 stocks over a hundred market days, a few coins, options of one underlying, no forex."""

from __future__ import annotations

from typing import Any

from anthill.lakehouse import statements
from anthill.warehouse.warehouse import Warehouse
from docs.site import samples
from tests.local.test_blanks import LACKING, numbers

STOCKS, DAYS = 53, 104
FIRST, LAST = "2026-02-02", "2026-06-25"
SAMPLES = samples.read()
_DAYS = (
    f"SELECT market_date, CAST(row_number() OVER (ORDER BY market_date) AS INT) AS d FROM ("
    f"SELECT explode(sequence(DATE'{FIRST}', DATE'{LAST}', INTERVAL 1 DAY)) AS market_date) every"
    " WHERE dayofweek(market_date) BETWEEN 2 AND 6"
)
_STOCKS = (
    f"SELECT *, 20 + 3 * n + n * sin(d / (5 + n % 7)) + 2 * sin(d * 1.9 + n) AS close FROM ({_DAYS}) days"
    f" CROSS JOIN (SELECT n, concat('T', lpad(CAST(n AS STRING), 2, '0')) AS ticker"
    f" FROM (SELECT explode(sequence(1, {STOCKS})) AS n) numbered) names"
)
_COINS = (
    f"SELECT *, 100 * n + 5 * sin(d * n) AS close FROM ({_DAYS}) days CROSS JOIN (SELECT explode(sequence(1, 3)) AS n)"
    " coins"
)
_COIN = "concat('X:COIN', n)"
_LAST = f"SELECT explode(sequence(1, 9)) AS n, DATE'{LAST}' AS market_date"


def _mover(ticker: str, moved: float, close: float) -> str:
    return (
        f"array(named_struct('ticker', '{ticker}', 'simple_return', CAST({moved} AS DOUBLE),"
        f" 'close', CAST({close} AS DOUBLE)))"
    )


# By table: the rows that it is made from, and the columns that have a value.
TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "stocks_daily_prices": (
        _STOCKS,
        # T53 splits two for one on the 60th day.
        {
            "ticker": "ticker",
            "security": "ticker",
            "market_date": "market_date",
            "close": "CASE WHEN n = 53 AND d < 60 THEN 2 * close ELSE close END",
            "adj_close": "close",
            "total_return_close": "close * (0.97 + 0.03 * d / 104)",
            "volume": "100000 * (1 + d % 5)",
            "type": "'share'",
            "relative_volume_20d": "CASE WHEN d > 10 THEN 1 + 0.1 * (d % 3) END",
            "trades": "1000",
        },
    ),
    "stocks_daily_returns": (
        _STOCKS,
        {
            "ticker": "ticker",
            "security": "ticker",
            "market_date": "market_date",
            "simple_return": "CASE WHEN d > 1 THEN 0.02 * sin(d * 1.3 + n) END",
            "volatility_20d_annualised": "CASE WHEN d > 10 AND n > 1 THEN 0.2 + 0.05 * sin(d / 9.0 + n) END",
        },
    ),
    "stocks_market_summary": (
        _DAYS,
        {
            "market_date": "market_date",
            "tickers": "53",
            "advancers": "20 + d % 13",
            "decliners": "33 - d % 13",
            "turnover": "1000000000 * (3 + sin(d / 4.0))",
            "median_return": "0.003 * sin(d)",
            "anomalies": "d % 2",
            "top_gainers": _mover("T07", 0.19, 41),
            "top_losers": _mover("T09", -0.17, 7),
        },
    ),
    "stocks_corporate_actions": (
        f"SELECT * FROM ({_DAYS}) days WHERE d = 60",
        {"ticker": "'T53'", "market_date": "market_date", "split_ratio": "2"},
    ),
    "stocks_news": (
        _LAST,
        {
            "ticker": "'T53'",
            "market_date": "market_date",
            "title": "concat('<b>Quarter</b> ', n, ' & more')",
            "published_at": "CAST(market_date AS TIMESTAMP)",
            "publisher": "'The Wire'",
            "sentiment": "'neutral'",
        },
    ),
    "fact_daily_price": (
        _STOCKS,
        {
            "asset_class": "'stocks'",
            "ticker": "ticker",
            "market_date": "market_date",
            "volume": "100000 * (1 + d % 5)",
        },
    ),
    "stocks_volatility_features": (
        _STOCKS,
        {
            "ticker": "ticker",
            "market_date": "market_date",
            "variance_1d": "CASE WHEN d > 11 THEN 0.0002 + 0.0001 * sin(d + n) END",
        },
    ),
    # Of the last ten days and the day after; T52 is too young.
    "volatility_forecasts": (
        f"SELECT * FROM ({_STOCKS}) held WHERE d >= 95",
        {
            "asset_class": "'stocks'",
            "ticker": "ticker",
            "market_date": "market_date",
            "forecast_date": "date_add(market_date, CASE WHEN dayofweek(market_date) = 6 THEN 3 ELSE 1 END)",
            "variance": "CASE WHEN n <> 52 THEN 0.0002 + 0.000001 * n END",
            "variance_low": "CASE WHEN n <> 52 THEN 0.00005 END",
            "variance_high": "CASE WHEN n <> 52 THEN 0.0004 + 0.000001 * d END",
            "volatility": "CASE WHEN n <> 52 THEN sqrt(0.0002 + 0.000001 * n) END",
            "volatility_annualised": "CASE WHEN n <> 52 THEN sqrt(252 * (0.0002 + 0.000001 * n)) END",
            "model_version": "CASE WHEN n <> 52 THEN '7' END",
            "reason": "CASE WHEN n = 52 THEN 'too short a history' END",
        },
    ),
    # One a day, more than a table of the market shows; each fourth is known a day late, each third was corrected.
    "stocks_anomalies": (
        f"SELECT * FROM ({_DAYS}) days",
        {
            "ticker": "CASE WHEN d = 70 THEN 'T53' ELSE concat('T', 40 + d % 9) END",
            "market_date": "market_date",
            "reason": "CASE WHEN d % 4 = 0 THEN 'comes_back' ELSE 'wick' END",
            "size": "d / 8.0",
            "size_means": "'scaled median deviations'",
            "known_on": "date_add(market_date, CASE WHEN d % 4 = 0 THEN 1 ELSE 0 END)",
            "corrected_at": "CASE WHEN d % 3 = 0 THEN CAST(date_add(market_date, 2) AS TIMESTAMP) END",
            "source_uri": "'s3://bronze/r000001.jsonl.gz'",
        },
    ),
    # Of every second one; the forest was silent on the day of T53.
    "anomaly_opinions": (
        f"SELECT * FROM ({_DAYS}) days WHERE d % 2 = 0",
        {
            "asset_class": "'stocks'",
            "ticker": "CASE WHEN d = 70 THEN 'T53' ELSE concat('T', 40 + d % 9) END",
            "market_date": "market_date",
            "less_isolated": "CASE WHEN d <> 70 THEN 0.9 + d / 10000.0 END",
            "features": "CASE WHEN d <> 70 THEN 'wick, range' END",
            "reason": "CASE WHEN d = 70 THEN 'no forest: 12 of the 66 market days' END",
            "made_at": "CAST(market_date AS TIMESTAMP)",
        },
    ),
    "crypto_anomalies": (f"SELECT * FROM ({_DAYS}) days WHERE d < 0", {}),
    "crypto_daily_prices": (
        _COINS,
        {"ticker": _COIN, "market_date": "market_date", "close": "close", "trades": "10 - n"},
    ),
    "crypto_daily_returns": (
        _COINS,
        {"ticker": _COIN, "market_date": "market_date", "simple_return": "CASE WHEN d > 1 THEN 0.01 * cos(d * n) END"},
    ),
    "crypto_market_summary": (
        _DAYS,
        {
            "market_date": "market_date",
            "tickers": "3",
            "advancers": "1",
            "decliners": "2",
            "turnover": "5000000 + d",
            "anomalies": "0",
        },
    ),
    "crypto_correlations": (
        _LAST,
        {"market_date": "market_date", "first_ticker": "'X:COIN1'", "second_ticker": "'X:COIN2'"},
    ),
    "options_put_call_volume": (
        _DAYS,
        {
            "market_date": "market_date",
            "underlying": "'T53'",
            "call_turnover": "1000000.0 + 9000 * d",
            "put_turnover": "800000.0",
            "put_call_volume_ratio": "0.7 + 0.2 * sin(d / 6.0)",
            "put_call_turnover_ratio": "0.9 + 0.1 * cos(d / 6.0)",
        },
    ),
    "options_smile": (
        "SELECT e, s FROM (SELECT explode(sequence(1, 6)) AS e) expiries"
        " CROSS JOIN (SELECT explode(sequence(0, 12)) AS s) strikes",
        {
            "market_date": f"DATE'{LAST}'",
            "underlying": "'T53'",
            "expiry": f"date_add(DATE'{LAST}', 14 * e)",
            "moneyness": "0.7 + 0.05 * s",
            "implied_volatility": "0.25 + 0.02 * e + 0.9 * (0.05 * s - 0.3) * (0.05 * s - 0.3)",
        },
    ),
    "options_implied_volatility": (
        _LAST,
        {
            "market_date": "market_date",
            "underlying": "'T53'",
            "days_to_expiry": "14 * n",
            "atm_volatility": "0.25 + 0.01 * n",
            "put_volatility": "0.28 + 0.01 * n",
            "call_volatility": "0.24 + 0.01 * n",
        },
    ),
}


def fill(warehouse: Warehouse) -> None:
    """Make the tables; what has no expression is NULL. Of crypto gold has published three days, of stocks all."""
    for table, (rows, columns) in TABLES.items():
        kinds = SAMPLES[table].types if table in SAMPLES else _declared("gold", table)
        assert set(columns) <= set(kinds), table
        chosen = ", ".join(f"CAST({columns.get(name, 'NULL')} AS {kind}) AS `{name}`" for name, kind in kinds.items())
        warehouse.query(f"CREATE TABLE dev.gold.{table} USING delta AS SELECT {chosen} FROM ({rows}) made")
    warehouse.query(f"CREATE TABLE dev.quality.published USING delta AS {_published()}")


def _published() -> str:
    kinds = {column.name: column.type for column in statements.columns("quality", "published")}
    parts = []
    for asset_class, table, days in (
        ("stocks", "daily_prices", DAYS),
        ("crypto", "daily_prices", 3),
        ("crypto", "x", 1),
    ):
        given = {"asset_class": f"'{asset_class}'", "gold_table": f"'{table}'", "market_date": "market_date"}
        columns = ", ".join(f"CAST({given.get(name, 'NULL')} AS {kind}) AS {name}" for name, kind in kinds.items())
        parts.append(f"SELECT {columns} FROM ({_DAYS}) AS {asset_class}_{table} WHERE d > {DAYS - days}")
    return " UNION ALL ".join(parts)


def _declared(layer: str, table: str) -> dict[str, str]:
    """The columns of a table that the catalogue has no sample of."""
    names = [table] if statements.path(layer, table).exists() else table.split("_", 1)
    return {column.name: column.type for column in statements.columns(layer, *names)}


def counted() -> dict[str, Any]:
    """What the summary of the run says."""
    classes = {"stocks": numbers(), "crypto": numbers(**LACKING), "options": numbers()}
    return {"asset_classes": classes, "sources": {}}
