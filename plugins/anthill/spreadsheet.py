"""Rows of a spreadsheet (.xlsx, its first sheet), with what merged cells say once; columns are A, B, C."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import msgspec

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LETTERS = re.compile(r"[A-Z]+")
_MOST = 64 << 20  # bytes of a part of it


class SpreadsheetError(ValueError):
    """It cannot be read."""


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the table is in a sheet: its first row, counted from 1, and the columns that stand for the rows below."""

    from_row: int = 1
    merged: tuple[str, ...] = ()


def rows(data: bytes, columns: Sequence[str], form: Form) -> Iterator[tuple[str, ...]]:
    """The values of these columns; a row that lacks any is a heading, and none of the table's."""
    last = dict.fromkeys(columns, "")
    for number, found in _cells(data):
        if number < form.from_row:
            continue
        if any(found.get(column) for column in form.merged):  # another block begins
            last |= {column: found.get(column, "") for column in form.merged}
        values = tuple(last[column] if column in form.merged else found.get(column, "") for column in columns)
        if all(values):
            yield values


def _cells(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row of the first sheet: its number, and its texts by column."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = set(file.namelist())
            texts = (
                [_text(each) for each in _part(file, "xl/sharedStrings.xml")] if "xl/sharedStrings.xml" in names else []
            )
            for row in _part(file, "xl/worksheets/sheet1.xml").iter(f"{_MAIN}row"):
                yield int(row.get("r", "0")), dict(_values(row, texts))
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, ElementTree.ParseError) as error:
        raise SpreadsheetError(f"it is no spreadsheet: {error}") from error


def _part(file: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A part as XML; one that declares a document type could name what is not in it, or grow without end."""
    if file.getinfo(name).file_size > _MOST:
        raise ValueError(f"{name} has more than {_MOST >> 20} MiB")
    body = file.read(name)
    if b"<!DOCTYPE" in body.replace(b"\0", b""):  # in UTF-16, too
        raise ValueError(f"{name} declares a document type")
    return ElementTree.fromstring(body)  # noqa: S314 no document type, no entities


def _values(row: ElementTree.Element, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for cell in row.iter(f"{_MAIN}c"):
        letters = _LETTERS.match(cell.get("r", ""))
        value = cell.findtext(f"{_MAIN}v", "")
        if cell.get("t") == "s":
            value = texts[int(value)]
        elif cell.get("t") == "inlineStr":
            value = _text(cell)
        if letters and value.strip():
            yield letters[0], value.strip()


def _text(element: ElementTree.Element) -> str:
    """All its texts: one with two fonts is in two parts."""
    return "".join(part.text or "" for part in element.iter(f"{_MAIN}t"))
