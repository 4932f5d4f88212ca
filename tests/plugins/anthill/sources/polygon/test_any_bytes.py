"""Whatever bytes a body has: a page's rows, or one error."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from anthill.sources import errors
from anthill.sources.polygon.envelope import parse

_JSON = st.sampled_from(
    [None, True, 0, 1, -1, 2**70, 1.5, "", "OK", "ERROR", "\ud800", [], [1], [{}], {}, {"a": [None]}, "http://x", " "]
)
_NAMES = st.sampled_from(["status", "results", "resultsCount", "count", "next_url", "error", "message", "tickers", "x"])


def read(body: bytes) -> Any:
    """JSON by another library, as forgiving about text as rows are: they are landed as they came."""
    return json.loads(body.decode("utf-8", "replace"), strict=False)


def rows_by_definition(document: Any) -> list[Any]:
    """The rows of a page as the API documents them."""
    if isinstance(document, list):
        return document
    found = [document[name] for name in ("results", "tickers") if document.get(name) is not None]
    if found:
        assert isinstance(found[0], list)
        return found[0]
    assert document["status"] in ("OK", "DELAYED", "success")
    assert document.keys() & {"results", "tickers", "resultsCount", "count"}
    return []


def is_page_or_one_error(body: bytes) -> bool:
    """Take a body apart: the rows must be those that it has, each count right; else one error that can be printed."""
    try:
        envelope = parse(body, "http://x/v3")
    except errors.SourceError as error:
        return "http://x/v3" not in str(error).encode().decode()
    document = read(body)
    assert [read(bytes(row)) for row in envelope.rows] == rows_by_definition(document)
    if isinstance(document, dict):
        counts = (document.get(name) for name in ("resultsCount", "count"))
        assert {count for count in counts if count is not None} <= {len(envelope.rows)}
        assert document.get("status", "") in ("OK", "DELAYED", "success", "")
        # Half of a surrogate pair is no text, and decoders make different things of it; no address has one.
        assert envelope.next_url == (following := document.get("next_url")) or "\ud800" in str(following)
        assert not document.get("error")
        assert not document.get("message")
    return True


@settings(max_examples=400)
@given(st.binary(max_size=40) | st.dictionaries(_NAMES, _JSON).map(lambda body: json.dumps(body).encode()))
@example(b'{"status":"OK","results":[\xff]}')
@example(b'{"status":"\xff","results":[]}')
@example(b'{"error":"\\ud800"}')
@example(b"\xff\xfe[]")
@example(b'{"":null,"next_url":true}')
@example(b'{"tickers":[1],"next_url":null}')
@example(b'{"results":null,"status":"OK","next_url":"\\ud800"}')
def test_any_bytes_give_rows_or_one_error(body: bytes) -> None:
    """All the rows of the body come out, or a SourceError whose text can be printed; nothing else."""
    is_page_or_one_error(body)


_PAGE = json.dumps(
    {
        "status": "OK",
        "count": 2,
        "resultsCount": 2,
        "results": [{"T": "A", "v": 7.5e07}, {"T": "Ü"}],
        "next_url": "http://x/2",
    }
).encode()


@settings(max_examples=300)
@given(st.integers(0, len(_PAGE)), st.integers(0, 12), st.binary(max_size=12), st.integers(0, 3))
@example(0, 0, b"", 0)  # whole
@example(len(_PAGE), 0, b"\n", 0)  # whole, with a line end
@example(len(_PAGE) - 1, 1, b"", 0)  # without its last brace
@example(len(_PAGE), 0, b"}", 0)
@example(0, 0, b"\x0b", 0)  # white space to Python, not to JSON
@example(30, 0, b"\x80", 0)  # no UTF-8 in a name that nobody reads
@example(_PAGE.index(b"2"), 1, b"3", 0)  # a wrong count
@example(_PAGE.index(b"OK"), 2, b"", 0)  # a blank status
@example(_PAGE.index(b"{", 1), 12, b"", 0)
def test_a_damaged_page_gives_rows_or_one_error(at: int, cut: int, put: bytes, times: int) -> None:
    """A good page with a piece lost, another put in, or its end repeated: the rows that it still has, or one error."""
    body = _PAGE[:at] + put + _PAGE[at + cut :] + _PAGE[at:] * times
    whole = is_page_or_one_error(body)
    assert whole or body.strip(b" \t\r\n") != _PAGE
