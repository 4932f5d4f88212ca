"""A statement's rows as files of a folder, a chunk each: Arrow streams, or lists of text as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

INLINE_BYTES = 25 << 20  # what a result that is sent inline may have
_JSON_CHUNK, _ARROW_CHUNK = 1 << 20, 16 << 20  # bytes of a chunk, more or less
_SLICE = 8192  # rows that are looked at together


class InlineLimitError(Exception):
    """The result is too large to be sent inline; the message is the service's own."""


def file(folder: Path, index: int) -> Path:
    """Where a chunk lies."""
    return folder / f"{index:06}"


def write(tables: Iterable[pa.Table], folder: Path, form: str) -> Iterator[dict[str, int]]:
    """Write chunks in the form that is asked for; the rows and bytes of each."""
    folder.mkdir(parents=True)
    make = {"JSON_ARRAY": _json_chunks, "ARROW_STREAM": _arrow_chunks}[form]
    for index, (rows, data) in enumerate(make(tables)):
        file(folder, index).write_bytes(data)
        yield {"row_count": rows, "byte_count": len(data)}


def within(chunks: Iterable[dict[str, int]], limit: int) -> list[dict[str, int]]:
    """The chunks; InlineLimitError once they have more bytes than may be sent inline."""
    found, total = [], 0
    for chunk in chunks:
        found.append(chunk)
        total += chunk["byte_count"]
        if total > limit:
            raise InlineLimitError(
                f"Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of at "
                f"most {limit} bytes. Please execute the statement with disposition=EXTERNAL_LINKS if you want to "
                f"download the full result."
            )
    return found


def _slices(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    for table in tables:
        for start in range(0, table.num_rows, _SLICE):
            yield table.slice(start, _SLICE)


def _arrow_chunks(tables: Iterable[pa.Table]) -> Iterator[tuple[int, bytes]]:
    return _gathered(_slices(tables), lambda part: part.nbytes, _ARROW_CHUNK, _arrow)


def _json_chunks(tables: Iterable[pa.Table]) -> Iterator[tuple[int, bytes]]:
    rows = (_texts(part) for part in _slices(tables))
    return _gathered(rows, lambda part: len(json.dumps(part)), _JSON_CHUNK, _json)


def _gathered(
    parts: Iterable[Any], size: Callable[[Any], int], most: int, pack: Callable[[list[Any]], tuple[int, bytes]]
) -> Iterator[tuple[int, bytes]]:
    held: list[Any] = []
    total = 0
    for part in parts:
        held.append(part)
        total += size(part)
        if total >= most:
            yield pack(held)
            held, total = [], 0
    if held:
        yield pack(held)


def _arrow(parts: list[pa.Table]) -> tuple[int, bytes]:
    import pyarrow as pa

    table = pa.concat_tables(parts)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return table.num_rows, sink.getvalue().to_pybytes()


def _json(parts: list[list[list[str | None]]]) -> tuple[int, bytes]:
    rows = [row for part in parts for row in part]
    return len(rows), json.dumps(rows).encode()


def _texts(table: pa.Table) -> list[list[str | None]]:
    columns = [[text(value) for value in column.to_pylist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def text(value: Any) -> str | None:
    """A value as the SQL statements API gives it in JSON: text, or null."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, default=str)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(timespec="milliseconds") + ("Z" if value.tzinfo else "")
    return str(value)
