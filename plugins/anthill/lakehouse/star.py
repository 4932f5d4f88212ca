"""The star schema over all asset classes: one table of dates, and views over what each asset class has in gold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from anthill import calendars, catalog
from anthill.include import tables_of_jobs
from anthill.lakehouse import sessions, statements, tables, views
from anthill.lakehouse.sessions import Session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_FIRST_DAY = dt.date(calendars.FIRST_YEAR, 1, 1)
_EVERY_DAY = "24/7"
_CALENDARS = {"XNYS": "us", "forex": "forex"}  # and the names of their columns
_VIEWS = {"dim_instrument": "instruments", "fact_daily_price": "daily_prices"}  # view -> what each asset class brings


def publish(spark: SparkSession, unity_catalog: str) -> dict[str, str]:
    """Bring the dates up to the sessions that are known, and the views up to the asset classes that are in gold.

    Their names, each with the digest of its SQL.
    """
    publish_dates(spark, unity_catalog)
    there = ["dim_date"]
    for view, part in _VIEWS.items():
        file = statements.path("gold", "star", view)
        parts = []
        for name in catalog.asset_classes():
            table = f"{unity_catalog}.{statements.table('gold', name, part)}"
            if spark.catalog.tableExists(table):
                # Where nothing is ever renamed, or the table is from before securities were told apart: the ticker.
                security = "security" if "security" in spark.table(table).columns else "ticker"
                parts.append(statements.read(file, unity_catalog, asset_class=name, security=security, union="")[0])
        if parts:
            words = {"asset_class": "", "security": "", "union": " UNION ALL ".join(parts)}
            views.publish(spark, statements.read(file, unity_catalog, **words)[1])
            there.append(view)
    # Jobs fill them; they are there before, so that readers have their rights, and a page says that they are empty.
    for name in tables_of_jobs():
        tables.create(spark, statements.path("gold", name), unity_catalog)
    return {name: statements.digest("gold", "star", name) for name in there}


def publish_dates(spark: SparkSession, unity_catalog: str) -> None:
    """Write dim_date up to the end of next year where it has not all sessions as they are known."""
    last = dt.date(dt.datetime.now(dt.UTC).year + 1, 12, 31)
    (select,) = tables.make(spark, unity_catalog, "gold", "star", "dim_date")
    table = f"{unity_catalog}.gold.dim_date"
    known = sessions.known(spark, unity_catalog, _FIRST_DAY, last)
    if _held(spark, table) == _wanted(known):
        return
    columns = "calendar STRING, market_date DATE, opens_at TIMESTAMP, closes_at TIMESTAMP"
    spark.createDataFrame([tuple(session) for session in known], columns).createOrReplaceTempView("sessions")
    tables.replace(spark, table, "true", spark.sql(select))


def _wanted(known: Sequence[Session]) -> list[int]:
    """Numbers that tell sets of sessions apart: how many days, and sums of opens and closes in seconds."""
    found = [sum(session.calendar == _EVERY_DAY for session in known)]
    for calendar in _CALENDARS:
        for moment in ("opens_at", "closes_at"):
            found.append(sum(int(getattr(each, moment).timestamp()) for each in known if each.calendar == calendar))
    return found


def _held(spark: SparkSession, table: str) -> list[int]:
    """The same of the table."""
    moments = [f"{name}_{moment}" for name in _CALENDARS.values() for moment in ("opens_at", "closes_at")]
    sums = ", ".join(f"sum(unix_timestamp({moment}))" for moment in moments)
    (row,) = spark.sql(f"SELECT count(*), {sums} FROM {table}").collect()
    return list(row)
