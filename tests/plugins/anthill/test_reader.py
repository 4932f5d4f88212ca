"""`anthill.read`: one table or view in four libraries, the same rows in each."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import anthill
from anthill.warehouse.errors import QueryError
from anthill.warehouse.warehouse import Warehouse

PRICES = "stocks.daily_prices"


class Asked(Warehouse):
    """Writes down its statements."""

    def __init__(self, other: Warehouse) -> None:
        super().__init__(other._workspace, other.catalog, other.warehouse_id)
        self.statements: list[str] = []

    def stream(self, statement: str, **values: str) -> Any:
        """As it is."""
        self.statements.append(statement)
        return super().stream(statement, **values)


@pytest.fixture
def asked(warehouse: Warehouse) -> Asked:
    """The warehouse, and what is asked of it."""
    return Asked(warehouse)


def test_polars_is_lazy(asked: Asked) -> None:
    """Only the columns, rows and days that a query needs are fetched; a view, with its structures and zones."""
    lazy = anthill.read(PRICES, "2026-07-01", "2026-07-01", warehouse=asked).polars()
    assert lazy.collect_schema()["seen_at"] == pl.Datetime("us", "UTC")
    assert lazy.collect_schema()["bar"] == pl.Struct({"Open": pl.Float64, "tags": pl.List(pl.String)})
    assert asked.statements[-1].endswith("LIMIT 0")
    found = lazy.filter(pl.col("ticker") >= "T2").select("adj_close").sort("adj_close").collect()
    assert found["adj_close"].to_list() == [6 / 3 / 2, 7 / 3 / 2]
    assert "`bar`" not in asked.statements[-1]
    assert "*" not in asked.statements[-1]
    assert lazy.head(2).collect().height == 2
    assert asked.statements[-1].endswith("LIMIT 2")
    assert lazy.select(pl.len()).collect().item() == 4
    assert lazy.filter(pl.col("ticker") == "T3").head(1).collect()["ticker"].to_list() == ["T3"]


def test_pandas_and_duckdb_have_the_same_rows(asked: Asked) -> None:
    """A frame in memory, and a relation that SQL goes on with."""
    frame = anthill.read(PRICES, columns=["ticker", "adj_close"], warehouse=asked).pandas()
    assert list(frame.columns) == ["ticker", "adj_close"]
    assert sorted(frame["adj_close"]) == [number / 3 / 2 for number in range(12)]
    connection = duckdb.connect()
    relation = anthill.read("gold.stocks_daily_prices", warehouse=asked).duckdb(connection)
    for _ in range(2):
        ((total,),) = relation.filter("ticker = 'T1'").aggregate("sum(adj_close)").fetchall()
        assert total == pytest.approx((1 + 5 + 9) / 6)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A session of Spark that has the same table."""
    from pyspark.sql import SparkSession

    from tests.plugins.anthill.lakehouse.lake import sail

    with sail() as remote:
        session = SparkSession.builder.remote(remote).create()
        session.sql("CREATE SCHEMA IF NOT EXISTS dev.gold")
        session.range(3).createOrReplaceTempView("numbers")
        yield session
        session.stop()


def test_a_notebook_reads_by_its_session(spark: Any, tmp_path: Path) -> None:
    """With the session's rights; the other libraries get what it reads."""
    spark.sql(
        f"CREATE TABLE dev.gold.stocks_days USING delta LOCATION '{tmp_path}/days' AS "
        "SELECT DATE'2026-07-01' AS market_date, id AS n FROM numbers"
    )
    reading = anthill.read("stocks.days", first="2026-07-01", columns=["n"], spark=spark, catalog="dev")
    assert sorted(row.n for row in reading.spark().collect()) == [0, 1, 2]
    assert reading.polars().filter(pl.col("n") > 0).collect().height == 2
    assert sorted(reading.pandas()["n"]) == [0, 1, 2]


def test_without_a_session_there_is_no_frame(asked: Asked) -> None:
    """It is said what there is instead."""
    with pytest.raises(QueryError, match=r"pass spark=, or take \.polars\(\)"):
        anthill.read(PRICES, warehouse=asked).spark()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"table": "stocks.daily_price"}, "did you mean gold.stocks_daily_prices"),
        ({"table": PRICES, "columns": ["close"]}, "no column `close`"),
        ({"table": PRICES, "first": "1.7.2026"}, "write YYYY-MM-DD"),
        ({"table": "a b"}, "no name of a table"),
    ],
)
def test_what_is_not_there_is_told_at_once(asked: Asked, given: dict[str, Any], said: str) -> None:
    """Before anything is read."""
    with pytest.raises(QueryError, match=said):
        anthill.read(**given, warehouse=asked)
    assert not asked.statements


def test_nothing_heavy_is_loaded_for_the_name() -> None:
    """Airflow imports the package on every parse, and the command at every start."""
    heavy = "{'pyarrow', 'polars', 'pandas', 'duckdb', 'openpyxl', 'boto3', 'urllib3'}"
    code = f"import sys, anthill, anthill.reader, anthill.cli.export; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
