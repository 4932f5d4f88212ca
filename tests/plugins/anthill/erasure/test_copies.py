"""Whose a line of a table is, by what PostgreSQL's own documentation says of COPY's text; and the text without it."""

from __future__ import annotations

import datetime as dt

import pytest
import xxhash
from isal import isal_zlib

from anthill.bronze.copied import digest, text
from anthill.erasure.copies import Copied

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
COLUMNS = ("staff_id", "email_address")
LINES = [b"1\tann@example.org\n", b"2\to\\\\n\\tx\n", b"3\t\\N\n", b"12\tann@example.org\n"]
CHANGED = [b"u\t1\t2\t\\U\n", b"i\t2\t3\tcarl@example.org\n", b"d\t3\t2\t\\N\n", b"t\t4\t\\N\t\\N\n"]


@pytest.mark.parametrize(
    ("field", "held"),
    [
        (rb"plain", "plain"), (rb"\N", None), (rb"\U", None), (rb"\\N", r"\N"),
        (rb"a\tb\nc\rd\be\vf\fg", "a\tb\nc\rd\be\vf\fg"),
        ("Łukasz".encode(), "Łukasz"), (rb"\\t", r"\t"), (b"", ""), (rb"\\\\", "\\\\"),
    ],
)  # fmt: skip
def test_a_field_is_read_as_copy_writes_it(field: bytes, held: str | None) -> None:
    """Backslashes before what would break a line, a word of its own for NULL; what was not sent again says nothing."""
    assert text(field) == held


def test_rows_are_told_by_their_value_whole() -> None:
    """A value that begins alike is another's; NULL is nobody's; a line of another table is counted and stays."""
    theirs = Copied(COLUMNS, "staff_id", [digest("2")])
    assert theirs.look([*LINES, b"2\n"]) == (1, 1)
    assert Copied(COLUMNS, "email_address", [digest("o\\n\tx"), digest("")]).look(LINES) == (1, 0)
    by_address = Copied(COLUMNS, "email_address", [digest("ann@example.org")])
    assert sorted(by_address.keys([*LINES, b"7\n"], "staff_id")) == sorted([digest("1"), digest("12")])


def test_what_is_left_is_what_the_database_would_copy() -> None:
    """Byte for byte, with its digest: a cut that finds these rows finds nothing new."""
    (page,) = Copied(COLUMNS, "staff_id", [digest("2")]).without([*LINES, b"2\n"], NOON, "copy")
    left = b"".join([LINES[0], *LINES[2:], b"2\n"])
    assert isinstance(page.member, bytes)
    assert isal_zlib.decompress(page.member, 31) == left
    assert (len(page.rows), page.size, page.form, page.columns, page.asof) == (4, len(left), "copy", COLUMNS, NOON)
    assert page.digest == int.from_bytes(xxhash.xxh3_128_digest(left), "big")


def test_of_what_changed_every_line_of_a_key_goes() -> None:
    """One that did not say the address again, and one that says that the key is no more; TRUNCATE is everybody's."""
    changes = Copied(("_change", "_number", *COLUMNS), "staff_id", [digest("2")])
    assert changes.look(CHANGED) == (2, 0)
    (page,) = changes.without(CHANGED, NOON, "changes")
    assert isinstance(page.member, bytes)
    assert isal_zlib.decompress(page.member, 31) == CHANGED[1] + CHANGED[3]
    assert page.form == "changes"
