"""The star schema over all asset classes: one table of dates, and views over what each asset class has in gold."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, get_args

from anthill import calendars, catalog
from anthill.lakehouse import statements, tables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_FIRST_DAY = dt.date(calendars.FIRST_YEAR, 1, 1)
_VIEWS = {"dim_instrument": "instruments", "fact_daily_price": "daily_prices"}  # view -> what each asset class brings


def publish(spark: SparkSession, unity_catalog: str) -> None:
    """Bring the dates up to the end of next year, and the views up to the asset classes that are in gold."""
    _publish_dates(spark, unity_catalog)
    for view, part in _VIEWS.items():
        file = statements.path("gold", "star", view)
        classes = [
            name
            for name in catalog.asset_classes()
            if spark.catalog.tableExists(f"{unity_catalog}.{statements.table('gold', name, part)}")
        ]
        if classes:
            parts = [statements.read(file, unity_catalog, asset_class=name, union="")[0] for name in classes]
            create = statements.read(file, unity_catalog, asset_class="", union=" UNION ALL ".join(parts))[1]
            spark.sql(create)


def _publish_dates(spark: SparkSession, unity_catalog: str) -> None:
    """Write dim_date where it does not reach the end of next year."""
    last = dt.date(dt.datetime.now(dt.UTC).year + 1, 12, 31)
    others = tables.make(spark, unity_catalog, "gold", "star", "dim_date")
    if spark.table(f"{unity_catalog}.gold.dim_date").where(f"date = DATE'{last}'").limit(1).collect():
        return
    sessions = [
        (name, day, calendars.session_open(name, day), calendars.session_close(name, day))
        for name in get_args(catalog.Calendar)
        for day in calendars.market_days(name, _FIRST_DAY, last)
    ]
    columns = "calendar STRING, market_date DATE, opens_at TIMESTAMP, closes_at TIMESTAMP"
    spark.createDataFrame(sessions, columns).createOrReplaceTempView("sessions")
    (dates,) = others
    tables.replace(spark, f"{unity_catalog}.gold.dim_date", "true", spark.sql(dates))
