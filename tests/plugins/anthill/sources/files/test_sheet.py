"""A spreadsheet is read whole: its rows are counted, and what is none is told with its address."""

from __future__ import annotations

import io

import openpyxl
import pytest
import xxhash

from anthill import spreadsheet
from anthill.sources.errors import BadAnswerError
from anthill.sources.files import table
from anthill.sources.files.errors import RefusedZipError
from anthill.sources.files.table import Sheet

URL = "https://x/dictionary.xlsx"


def read(data: bytes) -> Sheet:
    """A sheet that was fed in two parts."""
    sheet = Sheet(("A", "B"), spreadsheet.Form(), URL)
    for part in (data[:100], data[100:]):
        sheet.feed(part)
    sheet.end()
    return sheet


def workbook(*lines: tuple[str, str]) -> bytes:
    """A file with these rows."""
    book, body = openpyxl.Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(body)
    return body.getvalue()


def test_rows_are_counted_and_bytes_are_told_apart() -> None:
    """A heading, which lacks a value, is no row."""
    data = workbook(("code", "meaning"), ("1", ""), ("1", "yes"))
    sheet = read(data)
    assert (sheet.rows, sheet.header) == (2, ("A", "B"))
    assert sheet.digest == int.from_bytes(xxhash.xxh3_128(data).digest(), "big")


def test_what_is_no_spreadsheet_is_told_with_its_address() -> None:
    """And why."""
    with pytest.raises(BadAnswerError, match="it is no spreadsheet") as error:
        read(b"a;b\n1;2\n")
    assert URL in str(error.value)


def test_a_large_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is read."""
    monkeypatch.setattr(table, "_MOST_SHEET", 3 << 20)
    sheet = Sheet(("A",), spreadsheet.Form(), URL)
    sheet.feed(bytes(3 << 20))
    with pytest.raises(RefusedZipError, match="more than 3 MiB") as error:
        sheet.feed(b"x")
    assert URL in str(error.value)
