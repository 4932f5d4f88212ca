"""`anthill.read("stocks.daily_prices")`: a table or view as polars, pandas, DuckDB or Spark has it.

In a notebook of Databricks it is read by its Spark session, elsewhere by the warehouse that DATABRICKS_HOST,
DATABRICKS_WAREHOUSE_ID and DATABRICKS_TOKEN name. Either way with the rights of whoever
asks, and views as well as tables.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anthill.export.table import Question, checked
from anthill.warehouse import environment
from anthill.warehouse.errors import QueryError
from anthill.warehouse.names import full_name
from anthill.warehouse.warehouse import Warehouse

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

Day = dt.date | str | None


def read(
    table: str,
    first: Day = None,
    last: Day = None,
    columns: Sequence[str] = (),
    *,
    catalog: str = "",
    spark: SparkSession | None = None,
    warehouse: Warehouse | None = None,
) -> Reading:
    """A table, its market days from `first` to `last` (both included; YYYY-MM-DD) and its columns; all without them.

    Nothing is read before a method of the Reading is called. QueryError where a table, a column or a right is missing.
    """
    if warehouse is None and (session := spark or _session()):
        names = (full_name(table), _day(first), _day(last), tuple(columns))
        return Reading(Question(*names), _Spark(session, catalog))
    asked = warehouse or environment.warehouse(catalog)
    return Reading(checked(asked, table, _day(first), _day(last), columns), _Sql(asked))


@dataclass(frozen=True)
class Reading:
    """A question to a table, not asked yet."""

    question: Question
    source: _Spark | _Sql

    def polars(self) -> pl.LazyFrame:
        """A LazyFrame: only the columns and rows that the query needs are fetched, in bounded memory."""
        import polars as pl
        from polars.io.plugins import register_io_source

        empty = pl.from_arrow(self.source.schema(self.question).empty_table())
        assert isinstance(empty, pl.DataFrame)  # noqa: S101 - of a table with columns

        def batches(
            columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            asked = replace(self.question, columns=tuple(columns)) if columns else self.question
            for batch in self.source.reader(asked, rows if predicate is None else None):
                frame = pl.from_arrow(batch)
                assert isinstance(frame, pl.DataFrame)  # noqa: S101 - of a batch with columns
                if predicate is not None:
                    frame = frame.filter(predicate)
                if rows is not None:
                    frame = frame.head(rows)
                    rows -= frame.height
                yield frame
                if rows == 0:
                    return

        return register_io_source(batches, schema=empty.schema)

    def pandas(self) -> pd.DataFrame:
        """A DataFrame, whole in memory."""
        frame: pd.DataFrame = self.arrow().read_pandas()
        return frame

    def duckdb(self, connection: duckdb.DuckDBPyConnection | None = None) -> duckdb.DuckDBPyRelation:
        """A relation over all rows, whole in memory, of this connection or the default one."""
        import duckdb

        # A relation runs again at each call: over rows that come once, the second call would see none.
        return (connection or duckdb.default_connection()).from_arrow(self.arrow().read_all())

    def spark(self) -> DataFrame:
        """A Spark DataFrame, where there is a Spark session."""
        return self.source.frame(self.question)

    def arrow(self) -> pa.RecordBatchReader:
        """Arrow's batches, which are read once."""
        return self.source.reader(self.question)


class _Sql:
    """Reads by a warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def schema(self, question: Question) -> pa.Schema:
        return self._warehouse.stream(f"{question.sql()} LIMIT 0").schema

    def reader(self, question: Question, rows: int | None = None) -> pa.RecordBatchReader:
        return self._warehouse.stream(question.sql() + ("" if rows is None else f" LIMIT {rows}")).reader()

    def frame(self, question: Question) -> DataFrame:
        raise QueryError(
            f"there is no Spark session to read {question.table} with: run this on Databricks, pass spark=, or take "
            f".polars(), .pandas() or .duckdb()"
        )


class _Spark:
    """Reads by a Spark session; `catalog` is its current one where none is named."""

    def __init__(self, session: SparkSession, catalog: str) -> None:
        self._session, self._catalog = session, catalog

    def frame(self, question: Question) -> DataFrame:
        table = (
            f"{self._catalog}.{question.table}" if self._catalog and question.table.count(".") == 1 else question.table
        )
        return self._session.sql(replace(question, table=table).sql())

    def schema(self, question: Question) -> pa.Schema:
        return self.frame(question).limit(0).toArrow().schema

    def reader(self, question: Question, rows: int | None = None) -> pa.RecordBatchReader:
        frame = self.frame(question)
        return (frame if rows is None else frame.limit(rows)).toArrow().to_reader()


def _session() -> SparkSession | None:
    """The session of this notebook; pyspark is not loaded for the question."""
    if (sql := sys.modules.get("pyspark.sql")) is None:
        return None
    found: SparkSession | None = sql.SparkSession.getActiveSession()
    return found


def _day(given: Day) -> dt.date | None:
    if isinstance(given, dt.datetime):
        return given.date()
    try:
        return dt.date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise QueryError(f"{given!r} is no day; write YYYY-MM-DD") from None
