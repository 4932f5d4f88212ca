"""The rows of a statement: as they come, a chunk at a time, or all together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from anthill.warehouse import text
from anthill.warehouse.errors import QueryError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Rows:
    """Columns, and rows that are fetched as they are asked for, once; an error where they are not whole."""

    schema: pa.Schema
    total: int
    batches: Iterator[pa.RecordBatch]

    def reader(self) -> pa.RecordBatchReader:
        """The same as Arrow's reader."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.schema, self.batches)

    def all(self) -> Answer:
        """Everything, in memory."""
        import pyarrow as pa

        return Answer(pa.Table.from_batches(list(self.batches), self.schema))


@dataclass(frozen=True)
class Answer:
    """A whole answer in memory."""

    table: pa.Table

    @property
    def columns(self) -> list[str]:
        """The names."""
        return list(self.table.column_names)

    @property
    def rows(self) -> list[list[Any]]:
        """Rows of Python values; a structure is a mapping by field."""
        columns = [_values(column) for column in self.table.columns]
        return [list(row) for row in zip(*columns, strict=True)]

    def records(self) -> list[dict[str, Any]]:
        """Rows as mappings: numbers and booleans as such, all else as text."""
        unique(self.columns)
        return [{name: _plain(v) for name, v in zip(self.columns, row, strict=True)} for row in self.rows]


def _values(column: pa.ChunkedArray) -> list[Any]:
    """The values; of times in UTC without pyarrow's own way, which loads pandas, as long as a short command takes."""
    import pyarrow as pa

    if not pa.types.is_timestamp(column.type) or column.type.tz != "UTC":
        return list(column.to_pylist())
    naive = pa.timestamp(column.type.unit)
    values = [value for chunk in column.chunks for value in chunk.view(naive).to_pylist()]
    return [value and value.replace(tzinfo=dt.UTC) for value in values]


def unique(columns: list[str]) -> None:
    """QueryError where two columns have one name, which a mapping or a Parquet file cannot hold."""
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise QueryError(f"more than one column is called {', '.join(twice)}: name them apart (SELECT … AS …)")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | dict | tuple | bytes | dt.date | dt.time):
        return text.of(value)
    return value
