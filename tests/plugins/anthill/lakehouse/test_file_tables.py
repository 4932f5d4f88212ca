"""Tables of files as rows, beside the plain reading: decode, cut at newlines, cut at delimiters."""

from __future__ import annotations

import datetime as dt
import gzip
import random
from typing import Any

import pyarrow as pa
import pytest

from anthill.lakehouse import file_tables
from anthill.lakehouse.page_rows import FAULT, ROW

KEY = "files/school/marks/date=2019-12-31/r000001.csv.gz"
KNOWN = {KEY: (dt.date(2019, 12, 31), "", 1, dt.datetime(2022, 5, 31, tzinfo=dt.UTC), f"s3://bronze/{KEY}")}
HEADER = ("id", "town", "mark")
FORM = file_tables.Form("ISO-8859-1", ";", {"id": "number", "town": "town"}, None)


def read(content: bytes, *, with_text: bool = False, packed: bytes = b"") -> list[dict[str, Any]]:
    """The rows of one object that Spark hands over."""
    objects = pa.RecordBatch.from_pydict(
        {"path": [f"s3://bronze/{KEY}"], "content": [packed or gzip.compress(content)]}
    )
    found = file_tables.batches(KNOWN, {KEY: HEADER}, FORM, with_text, [objects])
    return [row for batch in found for row in batch.to_pylist()]


def plainly(content: bytes) -> list[tuple[str | None, ...]]:
    """The values of id and town of the lines that have three."""
    lines = content.decode("iso-8859-1").split("\n")[1:-1]
    values = [line.removesuffix("\r").split(";") for line in lines]
    return [tuple(value or None for value in row[:2]) for row in values if len(row) == 3]


def table(*lines: str, end: str = "\r\n") -> bytes:
    """A file with its header."""
    return "".join(line + end for line in ("id;town;mark", *lines)).encode("iso-8859-1")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "town",
    ["Viçosa", "", "a\rb", "\ra", "a\r", "\r", "a\r\rb", "\x1e", "a\x1erb", "\x1e\r", "\x1ee", '"quoted', "a\x00b"],
)
def test_a_value_is_as_it_was_published(town: str, end: str) -> None:
    """A carriage return is part of it, wherever it stands: only a newline ends a line."""
    content = table(f"1;{town};5", "2;São Paulo;7", end=end)
    rows = read(content)
    assert [(row["number"], row["town"]) for row in rows] == plainly(content)
    assert plainly(content) == [("1", town or None), ("2", "São Paulo")]
    (first, _) = read(content, with_text=True)
    assert (first["town"], first[ROW], first[FAULT]) == (town or None, f"1;{town};5", None)


def test_a_return_at_the_end_of_a_line_is_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the file is cut into blocks."""
    chance = random.Random(7)
    parts = ["\r", "x", "\x1e", "r", "e", "ç"]
    lines = [f"{at};{''.join(chance.choices(parts, k=chance.randrange(6)))};z" for at in range(3000)]
    content = table(*lines)
    monkeypatch.setattr(file_tables, "_BLOCK", 1 << 10)
    assert [(row["number"], row["town"]) for row in read(content)] == plainly(content)


def test_a_line_of_another_length_is_one_row_with_its_number() -> None:
    """A return in it makes no two of it, and leaves the numbers of those that follow; an empty line has no value."""
    rows = read(table("1;a\rb;5", "2;a\rb", "", "3;a;b;c\rd", "4;a;5"))
    faults = {row[ROW]: row[FAULT] for row in rows if row[FAULT]}
    assert faults == {
        "2;a\rb": "line 3 has 2 values, the header 3",
        "3;a;b;c\rd": "line 5 has 4 values, the header 3",
    }
    assert [row["number"] for row in rows if not row[FAULT]] == ["1", None, "4"]


def test_memory_holds_the_packed_bytes_and_some_blocks() -> None:
    """200 MB of a table that is packed a hundred times smaller: Arrow holds a quarter of it at most."""
    lines = table(*(f"{at};Viçosa {at % 97};{'x' * 180}" for at in range(5000)))[len("id;town;mark\r\n") :]
    packed = gzip.compress(b"id;town;mark\r\n", 1) + gzip.compress(lines, 1) * 200
    objects = pa.RecordBatch.from_pydict({"path": [f"s3://bronze/{KEY}"], "content": [packed]})
    before, most, rows = pa.total_allocated_bytes(), 0, 0
    for batch in file_tables.batches(KNOWN, {KEY: HEADER}, FORM, False, [objects]):
        rows += len(batch)
        most = max(most, pa.total_allocated_bytes() - before)
    assert (rows, len(lines) * 200 > 190e6) == (1_000_000, True)
    assert most < 50e6
