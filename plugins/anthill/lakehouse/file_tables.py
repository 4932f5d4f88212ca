"""Tables of files as rows: decoded as they are declared, some thousand lines at a time, whatever their size."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from anthill import spreadsheet
from anthill.lakehouse.page_rows import FAULT, ROW

_BLOCK = 4 << 20  # bytes that are parsed at once
_MARK = "\x1e"  # before a letter that stands for a carriage return, or for the mark itself
_LINEAGE = ("market_date", "shard", "revision", "asof", "source_uri")


class Form(msgspec.Struct, frozen=True):
    """How tables are written; `fields` are the columns to take, and what they are called."""

    encoding: str
    delimiter: str
    fields: Mapping[str, str]
    sheet: spreadsheet.Form | None


def batches(
    known: Mapping[str, Sequence[Any]],
    headers: Mapping[str, Sequence[str]],
    form: Form,
    with_text: bool,
    objects: Iterable[Any],
) -> Iterator[Any]:
    """Objects as batches of Arrow, path and content, to batches of their rows; runs where Spark does.

    `known` and `headers` are by key: what is known of an object, and its columns. With text, each row has its own.
    """
    for batch in objects:
        for path, content in zip(batch["path"].to_pylist(), batch["content"], strict=True):
            key = next(key for key in known if path.endswith(key))
            tables = _sheet if form.sheet else _lines
            for columns, texts, faults in tables(content.as_buffer(), headers[key], form, with_text):
                yield _batch(known[key], form, columns, texts, faults)


def _lines(data: Any, header: Sequence[str], form: Form, with_text: bool) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    """Columns by name, texts and faults of the lines, block by block; a line of another length has a fault only."""
    import pyarrow as pa
    from pyarrow import compute, csv

    odd: list[tuple[str, str]] = []
    returns = _Returns()

    def set_aside(row: csv.InvalidRow) -> str:
        counts = f"line {row.number} has {row.actual_columns} values, the header {row.expected_columns}"
        odd.append((returns.shown(row.text), counts))
        return "skip"

    taken = list(header) if with_text else [name for name in header if name in form.fields]
    lines = csv.open_csv(
        pa.TransformInputStream(pa.CompressedInputStream(pa.BufferReader(data), "gzip"), returns.hide),
        csv.ReadOptions(
            use_threads=False, block_size=_BLOCK, skip_rows=1, column_names=list(header), encoding=form.encoding
        ),
        csv.ParseOptions(
            delimiter=form.delimiter, quote_char=False, ignore_empty_lines=False, invalid_row_handler=set_aside
        ),
        csv.ConvertOptions(column_types=dict.fromkeys(header, pa.string()), include_columns=taken),
    )
    for batch in lines:
        columns = {name: returns.restored(batch.column(name)) for name in taken}
        texts = compute.binary_join_element_wise(*columns.values(), form.delimiter) if with_text else None
        nulls = pa.scalar(None, pa.string())
        yield (
            {name: compute.if_else(compute.equal(each, ""), nulls, each) for name, each in columns.items()},
            texts,
            None,
        )
        if odd:
            yield from _odd(odd)
            odd.clear()
    yield from _odd(odd)


class _Returns:
    """Carriage returns inside lines: pyarrow would end a line there, and a line ends with a newline or with both."""

    def __init__(self) -> None:
        self._held = b""
        self._is_any = False

    def hide(self, piece: Any) -> bytes:
        """The next bytes, as pyarrow may have them; it gives none at the end."""
        data = self._held + bytes(piece)
        self._held = b"\r" if piece and data.endswith(b"\r") else b""  # what follows it tells whether it ends a line
        data = data.removesuffix(self._held).replace(b"\r\n", b"\n")
        mark = _MARK.encode()
        if mark in data or b"\r" in data:
            self._is_any = True
            data = data.replace(mark, mark + b"e").replace(b"\r", mark + b"r")
        return data

    def restored(self, column: Any) -> Any:
        """A column as it was."""
        from pyarrow import compute

        if not self._is_any:
            return column
        column = compute.replace_substring(column, _MARK + "r", "\r")
        return compute.replace_substring(column, _MARK + "e", _MARK)

    def shown(self, text: str) -> str:
        """A line as it was."""
        return text.replace(_MARK + "r", "\r").replace(_MARK + "e", _MARK)


def _odd(rows: Sequence[tuple[str, str]]) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    import pyarrow as pa

    if rows:
        texts, faults = zip(*rows, strict=True)
        yield {}, pa.array(texts, pa.string()), pa.array(faults, pa.string())


def _sheet(data: Any, header: Sequence[str], form: Form, with_text: bool) -> Iterator[tuple[dict[str, Any], Any, Any]]:
    """The rows of a spreadsheet, which is small."""
    import pyarrow as pa

    assert form.sheet is not None  # noqa: S101 - looked at by the caller
    rows = list(spreadsheet.rows(gzip.decompress(data), header, form.sheet))
    columns = {name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(header)}
    yield columns, pa.array(["\t".join(row) for row in rows], pa.string()) if with_text else None, None


def _batch(known: Sequence[Any], form: Form, columns: Mapping[str, Any], texts: Any, faults: Any) -> Any:
    """Rows as silver reads them: what is known of their object first, then their text, fault and values."""
    import pyarrow as pa

    some = next(each for each in (*columns.values(), texts) if each is not None)
    nothing = pa.nulls(len(some), pa.string())
    kinds = (pa.date32(), pa.string(), pa.int32(), pa.timestamp("us", "UTC"), pa.string())
    arrays = [pa.repeat(pa.scalar(value, kind), len(some)) for value, kind in zip(known, kinds, strict=True)]
    arrays += [nothing if each is None else each for each in (texts, faults)]
    arrays += [columns.get(name, nothing) for name in form.fields]
    return pa.RecordBatch.from_arrays(arrays, names=[*_LINEAGE, ROW, FAULT, *form.fields.values()])
