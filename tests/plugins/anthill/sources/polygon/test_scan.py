"""A body that comes in pieces has the rows that it has as a whole, and no more than pieces are held."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anthill.sources import digest
from anthill.sources.errors import BadAnswerError
from anthill.sources.page import Page
from anthill.sources.polygon.page import read
from anthill.sources.polygon.scan import ScanError, Scanner
from anthill.sources.polygon.transport import Answer, Limits
from anthill.sources.stored import Spool, Store, Stored, pieces

LIMITS = Limits(memory=8 << 20)
DATE = "Fri, 06 Jun 2014 22:00:00 GMT"
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(['},{"', "], [", '\\"},{', ","])
)
ROWS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))


def page(content: bytes, rows_in: str = "results", *, limits: Limits = LIMITS) -> Page:
    """The page of an answer that is too large to be held whole."""
    return read(Answer("http://x", gzip.compress(content, 1), None, True, DATE, limits), rows_in)


def body(rows: list[Any], separators: tuple[str, str] = (",", ":"), **more: Any) -> bytes:
    """A body with these rows."""
    document = {"status": "OK", "resultsCount": len(rows), "results": rows, **more}
    return json.dumps(document, separators=separators).encode()


@settings(max_examples=40)
@given(st.lists(ROWS, min_size=1, max_size=8), st.sampled_from([(",", ":"), (", ", ": ")]), st.integers(1, 9))
@example([[{"a": 1}, {"b": '},{"'}]], (",", ":"), 1)
@example([{}], (", ", ": "), 1)
def test_rows_are_those_of_the_whole(some: list[Any], separators: tuple[str, str], seed: int) -> None:
    """Whatever is in them: nested lists, brackets in texts, spaces. Count, digest, and each of them read again."""
    rows = random.Random(seed).choices(some, k=100_000 // (len(json.dumps(some)) // len(some) + 1))
    found = page(body(rows, separators))
    texts = [json.dumps(row, separators=separators).encode() for row in rows]
    assert (len(found.rows), found.digest) == (len(rows), digest.of_rows(texts))
    assert list(map(bytes, found.rows)) == texts
    assert list(map(bytes, found.rows[:50])) == texts[:50]


@pytest.mark.parametrize("rows_in", ["results", "tickers", "body", ""])
def test_wherever_the_rows_are(rows_in: str) -> None:
    """In either field, or as a bare list; what stands before and behind them is read."""
    rows = [{"T": number} for number in range(20_000)]
    document: Any = (
        rows if rows_in == "body" else {"status": "OK", rows_in or "results": rows, "next_url": "http://x/2"}
    )
    found = page(json.dumps(document).encode(), rows_in)
    assert (len(found.rows), found.next_url) == (20_000, None if rows_in == "body" else "http://x/2")


def test_a_count_that_is_wrong_is_seen() -> None:
    """One row less than the body says, of tens of thousands."""
    rows = [{"T": number} for number in range(30_000)]
    content = body(rows).replace(b'"resultsCount":30000', b'"resultsCount":30001')
    with pytest.raises(BadAnswerError, match="30,000 rows and says it has 30,001"):
        page(content)


@pytest.mark.parametrize("at", [0, 15_000, 29_999])
@pytest.mark.parametrize("bad", [b'"\\ud800"', b"[" * 950 + b"]" * 950])
def test_a_bad_row_costs_no_page(at: int, bad: bytes) -> None:
    """A lone surrogate, nesting without end: the row counts, and so do all others."""
    rows = [b'{"T":%d}' % number for number in range(30_000)]
    rows[at] = b'{"T":%b}' % bad
    found = page(b'{"status":"OK","resultsCount":30000,"results":[' + b",".join(rows) + b"]}")
    assert len(found.rows) == 30_000
    member = found.member if isinstance(found.member, bytes) else b"".join(found.member.pieces())
    assert bad in gzip.decompress(member)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"status":"OK","results":[' + b'{"T":1},' * 30_000, "no whole JSON"),
        (b'{"status":"OK","results":[' + b'{"T":1},' * 30_000 + b'{"T":1]}', "no whole JSON"),
        (b'{"status":"OK","results":[' + b'{"T":1},' * 30_000 + b'{"T":1}],"results":[]}', "'results' twice"),
        (b'{"a":{"results":[' + b'{"T":1},' * 30_000 + b'1]},"status":"OK","results":[2]}', "not in one list"),
        (b'{"status":"ERROR","results":[' + b'{"T":1},' * 30_000 + b"1]}", "ERROR"),
        (b'{"status":"OK","results":["' + b"x" * 600_000 + b'"]}', "no list of rows that can be read in pieces"),
        (b'{"status":"OK","other":[' + b"0," * 400_000 + b'0],"results":[]}', "no list of rows"),
    ],
)
def test_what_is_no_page_in_pieces(content: bytes, said: str) -> None:
    """One typed error each, and never rows of another list."""
    with pytest.raises(BadAnswerError, match=said):
        page(content)


def test_lines_become_one(tmp_path: Any) -> None:
    """An indented body of any size is one line as it is landed, and its JSON stays equal."""
    document = {"status": "OK", "results": [{"T": number} for number in range(20_000)]}
    found = page(json.dumps(document, indent=1).encode())
    member = found.member if isinstance(found.member, bytes) else b"".join(found.member.pieces())
    landed = gzip.decompress(member)
    assert (len(landed.splitlines()), json.loads(landed)) == (1, document)


def test_a_scanner_holds_pieces() -> None:
    """Rows are handed on while the body comes; what is no list of rows is not gathered without end."""
    taken: list[int] = []
    scanner = Scanner("results", 4096, lambda rows: taken.append(len(rows)))
    scanner.feed(b'{"results":[')
    for _ in range(50):
        scanner.feed(b'{"T":1},' * 512)
    assert scanner.taken == sum(taken) > 50 * 512 - 70_000 / 8
    assert max(taken) <= 512
    with pytest.raises(ScanError):
        scanner.feed(b"x" * (4096 * 65))


def test_a_store_is_in_memory_up_to_its_bound() -> None:
    """Beyond it in a file, whole and in order, for any number of readers."""
    for number, kind in ((4, bytes), (5, Stored)):
        store = Store(in_memory=4)
        for at in range(number):
            store.write(b"%d" % at)
        kept = store.close()
        assert isinstance(kept, kind)
        assert b"".join(pieces(kept)) == b"01234"[:number]
        assert len(kept) == store.size == number
    assert isinstance(kept, Stored)
    assert (kept.head(2), kept.head(99), b"".join(kept.pieces())) == (b"01", b"01234", b"01234")


def test_a_spool_keeps_what_fits_and_writes_the_rest() -> None:
    """Each body where it lies, in one file; what is in a file already stays there."""
    spool = Spool(in_memory=10)
    bodies = [b"a" * 6, b"b" * 6, b"c" * 4, b"d"]
    kept = [spool.keep(each) for each in bodies]
    assert [isinstance(each, Stored) for each in kept] == [False, True, False, True]
    assert [b"".join(pieces(each)) for each in kept] == bodies
    assert spool.keep(kept[1]) is kept[1]


def test_the_digest_of_pieces_is_that_of_rows() -> None:
    """The same rows in another order, cut elsewhere, have the same one."""
    rows = [{"T": f"{number * number:x}"} for number in range(20_000)]
    assert page(body(rows)).digest == page(body(rows[::-1], (", ", ":"))).digest
    assert page(body(rows)).digest != page(body(rows[1:])).digest
    small = read(Answer("http://x", b"", msgspec.json.encode({"status": "OK", "results": rows}), False, DATE))
    assert small.digest == page(body(rows)).digest
