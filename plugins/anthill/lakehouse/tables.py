"""Delta tables: made when missing, brought up to their declaration, and replaced a set of market days at a time."""

from __future__ import annotations

import datetime as dt
import random
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anthill.calendars import ranges
from anthill.lakehouse import statements, views

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


# Delta's word for a writer that another has overtaken: Databricks', Apache Spark's, and Sail's.
_OVERTAKEN = re.compile(r"DELTA_CONCURRENT_|\bConcurrent[A-Za-z]+Exception|Failed to commit transaction: ")
_TRIES = 10


class TableError(RuntimeError):
    """A table that exists cannot be brought up to its declaration by a job; the message says what to do."""


def make(spark: SparkSession, catalog: str, layer: str, *names: str) -> list[str]:
    """Create the table that a SQL file declares, or bring it up to date; the file's other statements."""
    first, *others = statements.read(statements.path(layer, *names), catalog)
    _bring_up_to_date(spark, first)
    return others


def create(spark: SparkSession, file: Path, catalog: str) -> None:
    """The same for a table or view of gold, whose other statements have words of their own."""
    _bring_up_to_date(spark, statements.filled(statements.creation(file), file, catalog))


def _bring_up_to_date(spark: SparkSession, creation: str) -> None:
    """Create a table, or bring it up to its declaration; a column that it lacked is NULL in the rows that are there."""
    table, columns = statements.declared(creation)
    if not table:
        views.publish(spark, creation)
        return
    spark.sql(creation)
    there = {field.name: field for field in spark.table(table).schema}
    for name, kind, required, comment in columns:
        if name not in there:
            spark.sql(f"ALTER TABLE {table} ADD COLUMNS ({name} {kind}{f' COMMENT {comment}' if comment else ''})")
        elif (found := there[name].dataType.simpleString()) != kind:
            raise TableError(
                f"{table}: its column {name} is {found}, declared is {kind}, and no job changes the type of rows "
                f"that are there. Declare it under another name, or drop the table and run silver, quality and gold "
                f"over all its market days"
            )
        elif not required and not there[name].nullable:
            spark.sql(f"ALTER TABLE {table} ALTER COLUMN {name} DROP NOT NULL")


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
    """Put rows in the place of those that match, in one commit; the rows must all match, and columns go by name."""
    there = spark.table(table).schema
    if unknown := [name for name in rows.columns if name not in there.names]:
        raise ValueError(f"{table}: has no column {', '.join(unknown)}, which its SQL gives")
    if required := [field.name for field in there if field.name not in rows.columns and not field.nullable]:
        raise TableError(
            f"{table}: its SQL gives no {', '.join(required)}, which must not be NULL there. "
            f"For a column that is not declared any more: ALTER TABLE {table} ALTER COLUMN {required[0]} DROP NOT NULL"
        )
    # In the table's order, which is another one where columns were added; what is not declared any more is NULL.
    given = [f"`{f.name}`" if f.name in rows.columns else f"CAST(NULL AS {f.dataType.simpleString()})" for f in there]
    rows.createOrReplaceTempView("replacement")
    _write(spark, f"INSERT INTO {table} REPLACE WHERE {where} SELECT {', '.join(given)} FROM replacement")


def replace_values(spark: SparkSession, table: str, where: str, values: Sequence[Sequence[Any]]) -> None:
    """The same with rows given as values, in the order in which the table's SQL file declares its columns."""
    _, rows = _frame(spark, table, values)
    replace(spark, table, where, rows)


def append_values(spark: SparkSession, table: str, values: Sequence[Sequence[Any]]) -> None:
    """Rows more, given as values in the order of the table's SQL file; nothing is written where there are none."""
    if values:
        columns, frame = _frame(spark, table, values)
        frame.createOrReplaceTempView("more")
        _write(spark, f"INSERT INTO {table} ({columns}) SELECT {columns} FROM more")


def _write(spark: SparkSession, statement: str) -> None:
    """Run a statement, and again where a job of another queue has written to the same table of quality meanwhile."""
    for tried in range(1, _TRIES + 1):
        try:
            spark.sql(statement)
            return
        except Exception as error:
            if tried == _TRIES or not _OVERTAKEN.search(str(error)):
                raise
        time.sleep(random.uniform(0.1, 0.5) * tried)  # noqa: S311 no secret


def _frame(spark: SparkSession, table: str, values: Sequence[Sequence[Any]]) -> tuple[str, DataFrame]:
    """The names of a table's columns, and rows of them."""
    _, layer, name = table.split(".")
    columns = statements.columns(layer, name)
    schema = ", ".join(f"`{column.name}` {column.type}" for column in columns)
    names = ", ".join(f"`{column.name}`" for column in columns)
    return names, spark.createDataFrame([tuple(row) for row in values], schema)
