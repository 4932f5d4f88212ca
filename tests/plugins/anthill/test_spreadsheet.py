"""Rows of spreadsheets that openpyxl has written, and of parts that nobody should write."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from anthill import spreadsheet
from anthill.spreadsheet import Form, SpreadsheetError

SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def written(*lines: list[Any], merged: tuple[str, ...] = ()) -> bytes:
    """A workbook with these rows on its first sheet, and others on a second."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    for cells in merged:
        book.active.merge_cells(cells)
    book.create_sheet("other").append(["z", "z", "z", "z"])
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def zipped(**parts: str | bytes) -> bytes:
    """A file of these parts, by their names' last word."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as file:
        for name, text in parts.items():
            file.writestr({"sheet": SHEET, "texts": "xl/sharedStrings.xml"}.get(name, name), text)
    return body.getvalue()


def read(data: bytes, columns: str = "AB", **form: Any) -> list[tuple[str, ...]]:
    """The rows of these columns."""
    return list(spreadsheet.rows(data, columns, Form(**form)))


def test_a_table_below_its_headings() -> None:
    """From its row on; columns in the order asked for; a row that lacks a value is a heading; numbers as they stand."""
    data = written(["Title"], ["x", "y", "z"], ["a", 1, "b"], ["only"], [], ["c", 2.5, "d & <e>"])
    assert read(data, "CAB", from_row=3) == [("b", "a", "1"), ("d & <e>", "c", "2.5")]
    assert read(data, "CAB") == [("z", "x", "y"), ("b", "a", "1"), ("d & <e>", "c", "2.5")]


def test_a_merged_cell_stands_for_the_rows_below() -> None:
    """Until the next block, which begins with all its own: a name without a description has none of the last's."""
    data = written(
        ["SEX", "Sexo", "M", "Masculino"], [None, None, "F", "Feminino"],
        ["RACE", None, "0", "Não"], [None, None, "1", "É"],
        ["CODE", "Código", 1, "um"], [None, None, 2, "dois"],
        merged=("A1:A2", "B1:B2", "A5:A6"),
    )  # fmt: skip
    rows = read(data, "ABCD", merged=("A", "B"))
    assert rows == [
        ("SEX", "Sexo", "M", "Masculino"), ("SEX", "Sexo", "F", "Feminino"),
        ("CODE", "Código", "1", "um"), ("CODE", "Código", "2", "dois"),
    ]  # fmt: skip
    assert [row[1:] for row in read(data, "ACD", merged=("A", "B"))][2:4] == [("0", "Não"), ("1", "É")]


def test_a_text_with_two_fonts_is_one() -> None:
    """And space around it is none of it."""
    text = CellRichText(" Pú", TextBlock(InlineFont(b=True), "bli"), "ca ")
    assert read(written([text, "x"])) == [("Pública", "x")]


def test_columns_behind_z_are_others() -> None:
    """AA is not A."""
    data = zipped(
        sheet=f'<worksheet {MAIN}><sheetData><row r="1"><c r="AA1"><v>9</v></c><c r="B1"><v>2</v></c></row>'
        f'<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row></sheetData></worksheet>'
    )
    assert read(data) == [("1", "2")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is no spreadsheet: File is not a zip file"),
        (b"<html>closed</html>", "it is no spreadsheet: File is not a zip file"),
        (zipped(texts=f"<sst {MAIN}/>"), "no item named 'xl/worksheets/sheet1.xml'"),
        (zipped(sheet="<worksheet"), "it is no spreadsheet: unclosed token"),
        (zipped(sheet=f'<worksheet {MAIN}><row r="x"/></worksheet>'), "it is no spreadsheet: invalid literal"),
        (
            zipped(sheet=f'<worksheet {MAIN}><row r="1"><c r="A1" t="s"><v>7</v></c></row></worksheet>'),
            "it is no spreadsheet: list index out of range",
        ),
        (
            zipped(sheet=f'<!DOCTYPE w [<!ENTITY a "aa">]><worksheet {MAIN}/>'),
            "it is no spreadsheet: xl/worksheets/sheet1.xml declares a document type",
        ),
        (
            zipped(sheet=f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE w><worksheet {MAIN}/>'.encode("utf-16")),
            "it is no spreadsheet: xl/worksheets/sheet1.xml declares a document type",
        ),
    ],
)
def test_what_is_no_spreadsheet(data: bytes, said: str) -> None:
    """It is told with what is wrong; a document type could name files, or grow without end."""
    with pytest.raises(SpreadsheetError) as caught:
        read(data)
    assert said in str(caught.value)


def test_a_part_that_would_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused by the size that the directory says, before a byte of it is inflated."""
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *asked: pytest.fail("it was read"))
    monkeypatch.setattr(spreadsheet, "_MOST", 1 << 20)
    with pytest.raises(SpreadsheetError, match=r"xl/worksheets/sheet1\.xml has more than 1 MiB"):
        read(zipped(sheet=" " * (1 << 20) + "xx"))
