"""The features and the forecasts as tables: what is read of them, and the forecasts of some days replaced."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill.lakehouse import tables
from anthill.models import panel
from anthill.models.panel import Panel

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

TABLE = "volatility_features"
FORECASTS = "volatility_forecasts"


def asset_classes() -> list[str]:
    """Those that have features."""
    return [name for name in declarations.asset_classes() if TABLE in declarations.load(name).gold]


def read(spark: SparkSession, catalog: str, asset_class: str, first: dt.date, last: dt.date) -> pa.Table:
    """The features of these days; no rows where the table is not there yet."""
    table = f"{catalog}.gold.{asset_class}_{TABLE}"
    names = ["ticker", "market_date", *panel.FEATURES, "days_with_variance"]
    if not spark.catalog.tableExists(table):
        kinds = {"ticker": "STRING", "market_date": "DATE", "is_liquid": "BOOLEAN"}
        empty = ", ".join(f"CAST(NULL AS {kinds.get(name, 'DOUBLE')}) AS {name}" for name in names)
        return spark.sql(f"SELECT {empty} WHERE false").toArrow()
    if "security" in spark.table(table).columns:
        names.append("security")
    within = f"market_date BETWEEN DATE'{first}' AND DATE'{last}'"
    return spark.sql(f"SELECT {', '.join(names)} FROM {table} WHERE {within}").toArrow()


def history(spark: SparkSession, catalog: str, asset_class: str, last: dt.date) -> Panel:
    """All that is known up to a day, with what came of each next day."""
    return panel.of(read(spark, catalog, asset_class, dt.date(1970, 1, 1), last))


def forecast_days(spark: SparkSession, catalog: str, asset_class: str) -> set[dt.date]:
    """The market days of which there is a forecast."""
    tables.make(spark, catalog, "gold", FORECASTS)
    rows = spark.sql(
        f"SELECT DISTINCT market_date FROM {catalog}.gold.{FORECASTS} "
        f"WHERE asset_class = '{asset_class}' AND variance IS NOT NULL"
    ).collect()
    return {row["market_date"] for row in rows}


def replace_forecasts(spark: SparkSession, catalog: str, asset_class: str, days: set[dt.date], rows: Any) -> None:
    """Put the forecasts of these days, an Arrow table, in the place of those that are there."""
    where = tables.on_days(declarations.load(asset_class).calendar, days, asset_class=asset_class)
    tables.replace(spark, f"{catalog}.gold.{FORECASTS}", where, spark.createDataFrame(rows))


def judged(spark: SparkSession, catalog: str, asset_class: str, last: dt.date) -> pa.Table:
    """Of the newest forecasts of what is liquid: the market day, both forecasts, and what came of the next day."""
    first = last - dt.timedelta(days=60)
    return spark.sql(
        f"SELECT told.market_date, told.variance, told.mean_variance_20d, held.variance_1d AS actual "
        f"FROM {catalog}.gold.{FORECASTS} told "
        f"JOIN {catalog}.gold.{asset_class}_{TABLE} held "
        f"ON held.ticker = told.ticker AND held.market_date = told.forecast_date "
        f"WHERE told.asset_class = '{asset_class}' AND told.market_date BETWEEN DATE'{first}' AND DATE'{last}' "
        f"AND told.is_liquid AND told.variance > 0 AND told.mean_variance_20d >= 0 AND held.variance_1d >= 0"
    ).toArrow()
