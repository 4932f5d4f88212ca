"""Gold: the analysts' tables of some market days, and of the days whose numbers depend on them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill.calendars import market_days, session_close, session_open, shift
from anthill.catalog import AssetClass
from anthill.lakehouse import star, tables
from anthill.lakehouse.gold_table import REACH, GoldTable
from anthill.lakehouse.published import Published

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


_SHOWN = 20  # days of a table that are named as held back


class GoldError(RuntimeError):
    """Gold cannot be computed; the message says for which days and what to do."""


def run(
    spark: SparkSession, *, catalog: str, asset_class: str, market_date_from: str, market_date_to: str
) -> dict[str, Any]:
    """Compute what is missing or outdated in gold from first to last: counts a table.

    A table has a market day when every dataset that it reads has passed its quality checks for that day. A table that
    looks back is computed for the published days up to 40 market days later too, since a late day changes them.
    """
    declared = declarations.load(asset_class)
    first, last = dt.date.fromisoformat(market_date_from), dt.date.fromisoformat(market_date_to)
    passed = passed_days(spark, catalog, declared)
    checked = sorted({day for days in passed.values() for day in days})
    if not any(first <= day <= last for day in checked):
        raise GoldError(
            f"{asset_class}: no dataset of any market day from {first} to {last} has passed its quality checks; "
            f"gold is left as it is. Run the quality job for these days and look at {catalog}.quality.results."
        )
    _view_of_market_days(spark, declared, checked)
    published = Published(spark, catalog, declared)
    done: dict[str, GoldTable] = {}
    counts: dict[str, Any] = {}
    for name in declared.gold:
        table = done[name] = GoldTable(spark, catalog, declared, name, done)
        ready = table.ready(passed)
        asked = [day for day in ready if first <= day <= last]
        outdated, known = published.outdated(table, asked), published.days(name) & set(ready)
        counts[name] = table.compute(outdated, known, published.loaded(table))
        published.note(table)
        counts[name]["fresh_until"] = str(ready[-1]) if ready else None
        held_back = [day for day in checked if first <= day <= last and day not in ready]
        counts[name]["held_back"] = [str(day) for day in held_back[:_SHOWN]]
    published.save()
    star.publish(spark, catalog)
    return {"asset_class": asset_class, "from": market_date_from, "to": market_date_to, "tables": counts}


def passed_days(spark: SparkSession, catalog: str, declared: AssetClass) -> dict[str, set[dt.date]]:
    """The market days of each dataset that were checked and met all their critical expectations."""
    tables.make(spark, catalog, "quality", "results")
    rows = spark.sql(
        f"SELECT dataset, market_date FROM {catalog}.quality.results WHERE asset_class = '{declared.asset_class}' "
        f"GROUP BY dataset, market_date HAVING bool_and(passed OR severity <> 'critical')"
    ).collect()
    days: dict[str, set[dt.date]] = {name: set() for name in declared.datasets}
    for row in rows:
        if row["dataset"] in days:
            days[row["dataset"]].add(row["market_date"])
    return days


def _view_of_market_days(spark: SparkSession, declared: AssetClass, known: list[dt.date]) -> None:
    """The view `market_days`, over all days known and their reach.

    It has market_date, session, its number, and opens_at and closes_at (UTC).
    """
    calendar = declared.calendar
    days = market_days(calendar, shift(calendar, known[0], -REACH), known[-1])
    numbered = [(day, at, session_open(calendar, day), session_close(calendar, day)) for at, day in enumerate(days)]
    columns = "market_date DATE, session INT, opens_at TIMESTAMP, closes_at TIMESTAMP"
    spark.createDataFrame(numbered, columns).createOrReplaceTempView("market_days")
