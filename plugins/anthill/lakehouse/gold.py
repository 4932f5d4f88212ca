"""Gold: the analysts' tables of some market days, and of the days whose numbers depend on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill.calendars import market_days, shift
from anthill.catalog import AssetClass
from anthill.lakehouse import statements, tables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REACH = 40  # market days back that a row may depend on: 20 returns, each on a close up to 20 days earlier


class GoldError(RuntimeError):
    """Gold cannot be computed; the message says for which days and what to do."""


def run(
    spark: SparkSession, *, catalog: str, asset_class: str, market_date_from: str, market_date_to: str
) -> dict[str, Any]:
    """Compute every gold table for the days from first to last whose quality has passed: counts a table.

    A table that reads silver is computed for those days only. One that is built on other gold tables is computed
    for the published days up to 40 market days later too, since a late day changes them.
    """
    declared = declarations.load(asset_class)
    first, last = dt.date.fromisoformat(market_date_from), dt.date.fromisoformat(market_date_to)
    passed = _passed(spark, catalog, declared)
    sessions = market_days(declared.calendar, first, last)
    days = [day for day in sessions if passed.get(day, False)]
    if not days:
        raise GoldError(
            f"{asset_class}: no market day from {first} to {last} has passed its quality checks; "
            f"gold is left as it is. Run the quality job for these days and look at {catalog}.quality.results."
        )
    _view_of_market_days(spark, declared, {*passed, *days})
    later: list[dt.date] = []
    counts: dict[str, Any] = {}
    for name in declared.gold:
        table = Table(spark, catalog, declared, name)
        if table.reads_silver:
            counts[name] = table.compute(days)
            later = table.published(days[-1], shift(declared.calendar, days[-1], REACH))
        else:
            counts[name] = table.compute([*days, *(day for day in later if passed.get(day, True))])
    return {
        "asset_class": asset_class,
        "from": market_date_from,
        "to": market_date_to,
        "held_back": [str(day) for day in sessions if passed.get(day) is False],
        "tables": counts,
    }


def _passed(spark: SparkSession, catalog: str, declared: AssetClass) -> dict[dt.date, bool]:
    """Every market day that was checked, and whether all its critical expectations are met."""
    tables.make(spark, catalog, "quality", "results")
    rows = spark.sql(
        f"SELECT market_date, bool_and(passed OR severity <> 'critical') AS passed FROM {catalog}.quality.results "
        f"WHERE asset_class = '{declared.asset_class}' GROUP BY market_date"
    ).collect()
    return {row["market_date"]: row["passed"] for row in rows}


def _view_of_market_days(spark: SparkSession, declared: AssetClass, known: set[dt.date]) -> None:
    """The view `market_days`: market_date and session, its number, over all days known and their reach."""
    first = shift(declared.calendar, min(known), -REACH)
    days = market_days(declared.calendar, first, max(known))
    numbered = [(day, session) for session, day in enumerate(days)]
    spark.createDataFrame(numbered, "market_date DATE, session INT").createOrReplaceTempView("market_days")


class Table:
    """One gold table and its SQL, whose statements run in order.

    A SELECT gives the rows of the days computed. A MERGE brings the rows staged in `{restated}` into other days. The
    words of its SQL are {days}, a predicate on market_date; {first}, {last} and {reach}, the first and last day and the
    one up to which rows before may matter; {restated}, a table for what is to be merged.
    """

    def __init__(self, spark: SparkSession, catalog: str, declared: AssetClass, name: str) -> None:
        self.spark = spark
        self.catalog = catalog
        self.calendar = declared.calendar
        self.file = statements.path("gold", declared.asset_class, name)
        self.name = f"{catalog}.{statements.table('gold', declared.asset_class, name)}"
        # Out of gold, where analysts look: it is a step on the way.
        self.restated = f"{catalog}.quality.{declared.asset_class}_{name}_restated"
        self.reads_silver = "{silver}" in self.file.read_text()

    def compute(self, days: Sequence[dt.date]) -> dict[str, int]:
        """Replace the rows of these days, then merge what they change in earlier ones; the counts of both."""
        restated = 0
        for statement in self._statements(days):
            verb = statement.split(None, 1)[0].upper()
            if verb in ("SELECT", "WITH"):
                tables.replace(self.spark, self.name, tables.on_days(days), self.spark.sql(statement))
            elif verb == "MERGE":
                restated = self.spark.table(self.restated).count()
                if restated:
                    self.spark.sql(statement)
            else:
                self.spark.sql(statement)
        rows = self.spark.table(self.name).where(tables.on_days(days)).count()
        return {"days": len(days), "rows": rows, "restated_rows": restated}

    def published(self, after: dt.date, until: dt.date) -> list[dt.date]:
        """The market days that the table holds after one day, until another."""
        within = f"market_date > DATE'{after}' AND market_date <= DATE'{until}'"
        rows = self.spark.table(self.name).where(within).select("market_date").distinct().collect()
        return sorted(row["market_date"] for row in rows)

    def _statements(self, days: Sequence[dt.date]) -> list[str]:
        reach = shift(self.calendar, days[0], -REACH)
        return statements.read(
            self.file,
            self.catalog,
            restated=self.restated,
            days=tables.on_days(days),
            first=f"DATE'{days[0]}'",
            last=f"DATE'{days[-1]}'",
            reach=f"DATE'{reach}'",
        )
