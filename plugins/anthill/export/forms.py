"""Rows as Parquet, CSV, Excel or JSON, batch by batch; what a form cannot hold is noted, or refused."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import math
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Protocol

from anthill.export.errors import ExportError
from anthill.warehouse import text
from anthill.warehouse.answer import unique

if TYPE_CHECKING:
    import pyarrow as pa

EXCEL_ROWS = 1_048_576  # of a sheet, with its header
EXCEL_TEXT = 32_767  # characters of a cell
_ESCAPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|_(?=x[0-9A-Fa-f]{4}_)")


class Form(Protocol):
    """Writes batches of one schema; `notes` says how it wrote what it cannot hold as it is."""

    notes: list[str]

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""

    def close(self) -> None:
        """Write what is still held."""

    def abandon(self) -> None:
        """Let go of what is held: the file is given up."""


class Parquet:
    """Parquet, zstd: every type as it is, times with their zone, structures with their fields."""

    def __init__(self, sink: IO[bytes], schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        unique(schema.names)
        self.notes: list[str] = []
        self._writer = pq.ParquetWriter(sink, schema, compression="zstd")

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a row group."""
        self._writer.write_batch(batch)

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()

    def abandon(self) -> None:
        """Nothing is held beside the file."""


class Csv:
    """CSV: NULL is an empty field, an empty text is "", numbers are whole, structures JSON, bytes hexadecimal."""

    def __init__(self, sink: IO[bytes], schema: pa.Schema) -> None:
        import pyarrow as pa
        from pyarrow import csv

        self._texts = [at for at, field in enumerate(schema) if pa.types.is_nested(field.type) or _is_bytes(field)]
        for at in self._texts:
            schema = schema.set(at, pa.field(schema.field(at).name, pa.string()))
        self.notes = _note("as JSON text", [schema.field(at).name for at in self._texts])
        self._schema = schema
        self._writer = csv.CSVWriter(sink, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        import pyarrow as pa

        columns = list(batch.columns)
        for at in self._texts:
            values = columns[at].to_pylist()
            columns[at] = pa.array([None if value is None else text.of(value) for value in values], pa.string())
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))

    def close(self) -> None:
        """Write what is still held."""
        self._writer.close()

    def abandon(self) -> None:
        """Nothing is held beside the file."""


class Json:
    """A JSON array of objects, one a line."""

    def __init__(self, sink: IO[bytes], schema: pa.Schema) -> None:
        unique(schema.names)
        self.notes: list[str] = []
        self._sink, self._between = sink, "[\n"

    def write(self, batch: pa.RecordBatch) -> None:
        """Add objects."""
        for row in batch.to_pylist(maps_as_pydicts=None):
            self._sink.write(f"{self._between}{json.dumps(text.json_value(row))}".encode())
            self._between = ",\n"

    def close(self) -> None:
        """End the array."""
        self._sink.write(b"[]\n" if self._between == "[\n" else b"\n]\n")

    def abandon(self) -> None:
        """Nothing is held beside the file."""


class Excel:
    """A sheet: times in UTC, for Excel has no zones, to the millisecond; structures as JSON.

    Rows wait in a file of TMPDIR until the sheet is whole.
    """

    def __init__(self, sink: IO[bytes], schema: pa.Schema) -> None:
        import pyarrow as pa
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell

        self._book, self._sink, self._rows = Workbook(write_only=True), sink, 1
        self._sheet = self._book.create_sheet("rows")
        self._cell = WriteOnlyCell
        self._sheet.freeze_panes = "A2"
        self._names = schema.names
        self._sheet.append([self._text(name, name) for name in schema.names])
        kinds = [(field.name, field.type) for field in schema]
        zoned = [name for name, kind in kinds if pa.types.is_timestamp(kind) and kind.tz]
        self.notes = _note("as UTC without a time zone", zoned)
        self.notes += _note("as JSON text", [name for name, kind in kinds if pa.types.is_nested(kind)])
        self._noted: dict[str, set[str]] = {}

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; ExportError where a sheet cannot hold them."""
        self._rows += batch.num_rows
        if self._rows > EXCEL_ROWS:
            raise ExportError(
                f"a sheet of Excel holds {EXCEL_ROWS - 1:,} rows, and these are more: fewer days, or parquet or csv"
            )
        columns = [column.to_pylist() for column in batch.columns]
        with _room():
            for row in zip(*columns, strict=True):
                self._sheet.append([self._value(name, value) for name, value in zip(self._names, row, strict=True)])

    def close(self) -> None:
        """Write the file."""
        with _room():
            self._book.save(self._sink)
        for how, columns in self._noted.items():
            self.notes += _note(how, sorted(columns))

    def abandon(self) -> None:
        """End the file in TMPDIR."""
        with contextlib.suppress(Exception):
            self._sheet.close()

    def _value(self, name: str, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | Decimal) and _digits(value) > 15:
            return self._noting("in part as text, being of more than 15 digits", name, value)
        if isinstance(value, float) and not math.isfinite(value):
            return self._noting("in part as text, being no numbers", name, value)
        if isinstance(value, dt.datetime):
            plain = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
            if plain.year < 1900:
                return self._noting("in part as text, being before 1900", name, value)
            if plain.microsecond % 1000:
                self._noted.setdefault("to the millisecond", set()).add(name)
            return plain
        if isinstance(value, dt.date) and value.year < 1900:
            return self._noting("in part as text, being before 1900", name, value)
        if isinstance(value, int | float | Decimal | dt.date):
            return value
        return self._text(name, text.of(value))

    def _noting(self, how: str, name: str, value: Any) -> Any:
        self._noted.setdefault(how, set()).add(name)
        return self._text(name, text.of(value))

    def _text(self, name: str, value: str) -> Any:
        """A text, which is never a formula; what XML cannot hold is written as Excel writes it."""
        escaped = _ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", value)
        if len(escaped) > EXCEL_TEXT:
            raise ExportError(
                f"a cell of Excel holds {EXCEL_TEXT:,} characters, and `{name}` has one of {len(value):,}: leave "
                f"that column out, or take parquet or csv"
            )
        cell = self._cell(self._sheet, value="")
        cell.value, cell.data_type = escaped, "s"
        return cell


FORMS: dict[str, type[Parquet | Csv | Excel | Json]] = {"parquet": Parquet, "csv": Csv, "xlsx": Excel, "json": Json}


def write(form: Form, batches: Iterator[pa.RecordBatch]) -> int:
    """Write all batches; how many rows there were."""
    rows = 0
    try:
        for batch in batches:
            form.write(batch)
            rows += batch.num_rows
        form.close()
    except BaseException:
        form.abandon()
        raise
    return rows


@contextmanager
def _room() -> Iterator[None]:
    """An error of the library's own file as the error of the system that it is."""
    try:
        from lxml.etree import LxmlError
    except ImportError:  # the library then writes without it
        yield
        return
    try:
        yield
    except LxmlError as error:
        raise OSError(errno.ENOSPC, f"{error} in {tempfile.gettempdir()}") from error


def _note(how: str, columns: list[str]) -> list[str]:
    return [f"{', '.join(columns)}: {how}"] if columns else []


def _digits(value: int | Decimal) -> int:
    return len(Decimal(value).normalize().as_tuple().digits)


def _is_bytes(field: pa.Field) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(field.type))
