"""Delta tables: made when missing, and replaced a set of market days at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anthill.calendars import ranges
from anthill.lakehouse import statements

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def make(spark: SparkSession, catalog: str, layer: str, *names: str) -> list[str]:
    """Create the table that a SQL file declares, unless it is there; the file's other statements."""
    first, *others = statements.read(statements.path(layer, *names), catalog)
    spark.sql(first)
    return others


def create(spark: SparkSession, file: Path, catalog: str) -> None:
    """Create the table or view of a SQL file whose other statements have words of their own."""
    spark.sql(statements.filled(statements.creation(file), file, catalog))


def version(spark: SparkSession, table: str) -> int:
    """The number of a Delta table's newest commit."""
    (newest,) = spark.sql(f"DESCRIBE HISTORY {table} LIMIT 1").collect()
    return int(newest["version"])


def on_days(calendar: str, days: Iterable[dt.date], **equal: str) -> str:
    """A predicate: rows of these market days, with these values in other columns.

    Neighbouring market days are one range: no row lies between them, and Sail takes a second for a list of 400 days.
    """
    bounds = [f"market_date BETWEEN DATE'{first}' AND DATE'{last}'" for first, last in ranges(calendar, days)]
    within = bounds[0] if len(bounds) == 1 else f"({' OR '.join(bounds)})"
    return " AND ".join([*(f"{column} = '{value}'" for column, value in equal.items()), within])


def portions(days: Iterable[dt.date], rows: Mapping[dt.date, int], room: int) -> list[list[dt.date]]:
    """The days in their order, in portions of at most so many rows, or of one day: memory does not grow with years."""
    found: list[list[dt.date]] = []
    left = 0
    for day in days:
        left -= rows.get(day, 0)
        if not found or left < 0:
            found.append([])
            left = room - rows.get(day, 0)
        found[-1].append(day)
    return found


def replace(spark: SparkSession, table: str, where: str, rows: DataFrame) -> None:
    """Put rows in the place of those that match, in one commit; the rows must all match, and columns go by position."""
    expected, given = spark.table(table).columns, rows.columns
    if expected != given:
        raise ValueError(f"{table}: has the columns {', '.join(expected)}, but its SQL gives {', '.join(given)}")
    rows.createOrReplaceTempView("replacement")
    spark.sql(f"INSERT INTO {table} REPLACE WHERE {where} SELECT * FROM replacement")


def replace_values(spark: SparkSession, table: str, where: str, values: Sequence[Sequence[Any]]) -> None:
    """The same with rows given as values, in the order of the table's columns."""
    schema = spark.table(table).schema
    for field in schema:
        field.nullable = True  # the table checks this itself
    replace(spark, table, where, spark.createDataFrame([tuple(row) for row in values], schema))
