"""The rows of a page: cut apart whatever one of them holds, and what cannot be read said of its own row alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.lakehouse import page_rows

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
SPOILERS = [
    (b'{"T":"B","o":1e400}', "a number of it is beyond any double"),
    (b'{"T":"B","n":' + b"9" * 400 + b"}", "a number of it is beyond any double"),
    (b'{"T":"B","x":' + b"[" * 950 + b"]" * 950 + b"}", "nested more than 200 levels deep"),
    (b'{"T":"B","x":' + b'{"a":' * 9000 + b"1" + b"}" * 9001, "nested more than 200 levels deep"),
    (b'{"T":"B\\ud800"}', "half of a surrogate pair"),
    (b'{"T":"B\xff"}', "row is no UTF-8"),
]


@pytest.mark.parametrize("rows_in", ["results", "tickers", "body"])
@given(rows=st.lists(_JSON, max_size=5), at=st.integers(0, 5), spoiler=st.sampled_from(SPOILERS), spaced=st.booleans())
def test_every_row_is_cut_out_as_it_came(
    rows_in: str, rows: list[Any], at: int, spoiler: tuple[bytes, str], spaced: bool
) -> None:
    """Beside one that no decoder reads, each row is the text that was written, in its place."""
    written = [json.dumps(row, separators=None if spaced else (",", ":")).encode() for row in rows]
    for texts in (written, [*written[:at], spoiler[0], *written[at:]]):
        array = b"[" + (b" , " if spaced else b",").join(texts) + b"]"
        page = array if rows_in == "body" else b'{"status":"OK","r":[7],"%b":%b,"c":1}' % (rows_in.encode(), array)
        found, around = page_rows.split(page, rows_in)
        assert found == texts
        assert rows_in == "body" or (around["status"], around["c"]) == ("OK", "1")


@pytest.mark.parametrize("row", [b'{"T": "B"}', *(spoiler for spoiler, _ in SPOILERS[:3])])
def test_one_row_is_cut_out_too(row: bytes) -> None:
    """Where the results are an object; null is no row, and a page that no decoder reads is the row that says why."""
    assert page_rows.split(b'{"status":"OK","results":%b}' % row, "object")[0] == [row]
    assert page_rows.split(b'{"status":"OK","results":null}', "object")[0] == []
    (whole,), _ = page_rows.split(b'{"results":{"T":"B\xff"}}', "object")
    assert "no UTF-8" in (page_rows.fault(whole) or "")


@pytest.mark.parametrize(("row", "said"), SPOILERS)
def test_what_no_decoder_reads_is_said(row: bytes, said: str) -> None:
    """In words that begin with the row's own."""
    fault = page_rows.fault(row)
    assert fault
    assert said in fault


@given(row=st.dictionaries(st.text(max_size=4), _JSON, max_size=4), escaped=st.booleans())
def test_an_object_that_can_be_written_can_be_read(row: dict[str, Any], escaped: bool) -> None:
    """Whatever its fields hold, as escapes or as the characters themselves."""
    assert page_rows.fault(json.dumps(row, ensure_ascii=escaped).encode("utf-8", "surrogatepass")) is None


@pytest.mark.parametrize("page", [b'{"results":[{"T":"\\ud800"},,]}', b'{"results":[{"T":"\\ud800"}', b"\xff no page"])
def test_a_line_that_is_no_page_is_an_error(page: bytes) -> None:
    """It has no rows to be told of."""
    with pytest.raises(page_rows.PageError, match="a line is no page"):
        page_rows.split(page, "results")
