"""What each form holds of a value is the value, or is noted, or is refused."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anthill.export import forms
from anthill.export.errors import ExportError
from anthill.warehouse.errors import QueryError

AT = dt.datetime(2026, 7, 1, 13, 30, 0, 123456, dt.UTC)
ROW = {
    "ticker": 'BRK.A, "B"\n|',
    "close": 1 / 3,
    "seen_at": AT,
    "day": dt.date(2026, 7, 1),
    "bar": {"Open": 0.1, "tags": ["a"], "at": AT},
    "exact": Decimal("12345678901234.5678"),
    "large": 9007199254740993,
    "listed": True,
}
TABLE = pa.Table.from_pylist([ROW, dict.fromkeys(ROW), {**dict.fromkeys(ROW), "ticker": "", "close": float("nan")}])
TABLE = TABLE.set_column(2, "seen_at", TABLE["seen_at"].cast(pa.timestamp("us", "UTC")))


def write(form: str, table: pa.Table) -> tuple[bytes, list[str]]:
    """The file, and the notes."""
    sink = io.BytesIO()
    writer = forms.FORMS[form](sink, table.schema)
    assert forms.write(writer, iter(table.to_batches(2))) == table.num_rows
    return sink.getvalue(), writer.notes


def sheet(data: bytes) -> list[tuple[Any, ...]]:
    """The rows of the first sheet, none of whose cells is a formula or an error."""
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).worksheets[0])
    assert not {cell.data_type for row in rows for cell in row} & {"f", "e"}
    return [tuple(cell.value for cell in row) for row in rows]


def test_parquet_holds_everything() -> None:
    """Types, zones and structures."""
    data, notes = write("parquet", TABLE)
    found = pq.read_table(io.BytesIO(data))
    assert found.to_pylist()[:2] == TABLE.to_pylist()[:2]
    assert [(field.name, field.type) for field in found.schema if field.name != "bar"] == [
        (field.name, field.type) for field in TABLE.schema if field.name != "bar"
    ]
    assert math.isnan(found["close"][2].as_py())
    assert notes == []


def test_csv_tells_null_from_empty_and_has_every_digit() -> None:
    """And structures as JSON, which is noted."""
    data, notes = write("csv", TABLE)
    text = data.decode()
    head, row, nothing, empty = csv.reader(io.StringIO(text))
    assert head == list(ROW)
    assert row[0] == ROW["ticker"]
    assert float(row[1]) == 1 / 3
    assert row[2] == "2026-07-01 13:30:00.123456Z"
    assert json.loads(row[4]) == {"Open": 0.1, "tags": ["a"], "at": "2026-07-01T13:30:00.123456Z"}
    assert row[5:] == ["12345678901234.5678", "9007199254740993", "true"]
    assert (nothing, empty[1]) == ([""] * len(ROW), "nan")
    assert text.splitlines()[-2].startswith(",,")
    assert text.splitlines()[-1].startswith('"",')
    assert notes == ["bar: as JSON text"]


def test_json_is_an_object_a_row() -> None:
    """Numbers as numbers, exact ones and times as text, no rows as an empty list."""
    found = json.loads(write("json", TABLE)[0])
    assert found[0]["close"] == 1 / 3
    assert (found[0]["exact"], found[0]["large"]) == ("12345678901234.5678", 9007199254740993)
    assert found[0]["bar"]["at"] == "2026-07-01T13:30:00.123456Z"
    assert found[1] == dict.fromkeys(ROW)
    assert found[2]["close"] == "NaN"
    assert json.loads(write("json", TABLE.slice(0, 0))[0]) == []


def test_excel_holds_what_it_can_and_notes_the_rest() -> None:
    """15 digits, milliseconds, no zone; nothing is rounded without a word."""
    data, notes = write("xlsx", TABLE)
    head, row, nothing, empty = sheet(data)
    assert head == tuple(ROW)
    assert row[:4] == (
        ROW["ticker"],
        1 / 3,
        dt.datetime.fromisoformat("2026-07-01T13:30:00.123"),
        dt.datetime.fromisoformat("2026-07-01"),
    )
    assert json.loads(row[4])["Open"] == 0.1
    assert row[5:] == ("12345678901234.5678", "9007199254740993", True)
    assert nothing == (None,) * len(ROW)
    assert empty[1] == "NaN"
    assert notes == [
        "seen_at: as UTC without a time zone",
        "bar: as JSON text",
        "seen_at: to the millisecond",
        "exact, large: in part as text, being of more than 15 digits",
        "close: in part as text, being no numbers",
    ]


@settings(max_examples=8)
@given(st.lists(st.text(max_size=6), min_size=1, max_size=60))
@example(["=1+1", "+cmd", "_x0041_", "\x1b[31m", "\x00", " lead", "#N/A", "\n"])
def test_any_text_is_the_same_text_in_excel(texts: list[str]) -> None:
    """Never a formula, an error or an escape; what XML cannot hold is written as Excel writes it."""
    rows = sheet(write("xlsx", pa.table({"=A1": [*texts, "."]}))[0])
    assert rows[0] == ("=A1",)
    found = [openpyxl.utils.escape.unescape(value or "") for (value,) in rows[1:-1]]
    assert found == [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts] or found == texts


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pa.table({"text": ["x" * 32_768]}), "`text` has one of 32,768"),
        (pa.table({"n": [1, 2, 3]}), "a sheet of Excel holds 2 rows"),
    ],
)
def test_excel_refuses_what_would_be_cut_off(monkeypatch: pytest.MonkeyPatch, table: pa.Table, said: str) -> None:
    """Too long a text, too many rows."""
    monkeypatch.setattr(forms, "EXCEL_ROWS", 3)
    with pytest.raises(ExportError, match=said):
        write("xlsx", table)


@pytest.mark.parametrize("form", ["parquet", "json"])
def test_two_columns_of_one_name_are_refused_where_one_would_be_lost(form: str) -> None:
    """And kept where they can be."""
    twice = pa.table([pa.array([1]), pa.array([2])], names=["n", "n"])
    with pytest.raises(QueryError, match="more than one column is called n: name them apart"):
        write(form, twice)
    assert write("csv", twice)[0].split() == [b'"n","n"', b"1,2"]
