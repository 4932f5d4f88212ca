"""Bodies taken apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anthill.polygon import errors
from anthill.polygon.envelope import parse


def rows_of(document: Any) -> list[Any]:
    """The rows of a document, decoded again."""
    return [json.loads(bytes(row)) for row in parse(json.dumps(document).encode()).rows]


@pytest.mark.parametrize("status", ["OK", "DELAYED", "success"])
def test_rows_come_as_they_are(status: str) -> None:
    """Every good status gives the rows, unknown fields and all."""
    rows = [{"T": "A", "v": 7.5e07, "new": [1]}, {"T": "B"}, None, 5]
    assert rows_of({"status": status, "resultsCount": 4, "results": rows, "request_id": "x"}) == rows


def test_a_row_keeps_its_bytes() -> None:
    """Numbers are not read and written again."""
    body = b'{"results":[{"v":7.5e+07,"c":1.10 } ],"status":"OK"}'
    assert [bytes(row).strip() for row in parse(body).rows] == [b'{"v":7.5e+07,"c":1.10 }']


@pytest.mark.parametrize(
    ("document", "rows"),
    [
        ({"status": "OK", "resultsCount": 0, "queryCount": 0}, []),
        ({"status": "OK", "count": 0, "results": None}, []),
        ({"status": "OK", "results": []}, []),
        ([{"date": "2014-07-04"}, {"date": "2014-09-01"}], [{"date": "2014-07-04"}, {"date": "2014-09-01"}]),
        ([], []),
        ({"status": "OK", "results": {"ticker": "A"}}, [{"ticker": "A"}]),
        ({"status": "OK", "count": 1, "tickers": [{"ticker": "A"}]}, [{"ticker": "A"}]),
        ({"market": "open", "serverTime": "x"}, [{"market": "open", "serverTime": "x"}]),
        ({"status": "OK", "from": "2014", "open": 1.5}, [{"status": "OK", "from": "2014", "open": 1.5}]),
    ],
)
def test_other_shapes(document: Any, rows: list[Any]) -> None:
    """Empty answers, bare arrays, single objects and flat bodies are rows too."""
    assert rows_of(document) == rows


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", errors.BadAnswerError),
        (b"<html>sorry</html>", errors.BadAnswerError),
        (b'{"status":"OK","results":[{"T":"A"},{"T"', errors.BadAnswerError),
        (b'{"status":"OK","results":[]} trailing', errors.BadAnswerError),
        (b'{"status":"OK"}', errors.BadAnswerError),
        (b'{"status":"OK","resultsCount":2}', errors.BadAnswerError),
        (b'{"status":"OK","resultsCount":2,"results":[1]}', errors.BadAnswerError),
        (b'{"status":"OK","resultsCount":"2","results":[1,2]}', errors.BadAnswerError),
        (b'{"status":"OK","count":3,"results":[1,2]}', errors.BadAnswerError),
        (b'{"status":"ERROR","error":"internal"}', errors.BadAnswerError),
        (b'{"status":"ERROR","results":[1],"resultsCount":1}', errors.BadAnswerError),
        (b'{"error":"internal"}', errors.BadAnswerError),
        (b"5", errors.BadAnswerError),
        (b'"OK"', errors.BadAnswerError),
        (b"[" * 100_000, errors.BadAnswerError),
        (b'{"a":' * 100_000, errors.BadAnswerError),
        (b'{"status":"NOT_AUTHORIZED","message":"You are not entitled to this data."}', errors.NotEntitledError),
        (b'{"status":"ERROR","error":"Unknown API Key"}', errors.UnknownKeyError),
        (b'{"status":"OK","results":[1],"next_url":" "}', errors.BrokenChainError),
    ],
)
def test_what_is_no_page(body: bytes, error: type[errors.PolygonError]) -> None:
    """Each kind of broken or disguised answer has its own error, with the URL."""
    with pytest.raises(error, match="http://x/v3"):
        parse(body, "http://x/v3")


def test_next_url() -> None:
    """It is what the body says; absent and null are the end."""
    assert parse(b'{"status":"OK","results":[],"next_url":"http://x/2"}').next_url == "http://x/2"
    assert parse(b'{"status":"OK","results":[],"next_url":null}').next_url is None


_JSON = st.sampled_from(
    [None, True, 0, 1, -1, 2**70, 1.5, "", "OK", "ERROR", "\ud800", [], [1], [{}], {}, {"a": [None]}, "http://x", " "]
)
_NAMES = st.sampled_from(["status", "results", "resultsCount", "count", "next_url", "error", "message", "tickers", "x"])


@settings(max_examples=400)
@given(st.binary(max_size=40) | st.dictionaries(_NAMES, _JSON).map(lambda body: json.dumps(body).encode()))
@example(b'{"status":"OK","results":[\xff]}')
@example(b'{"status":"\xff","results":[]}')
@example(b'{"error":"\\ud800"}')
@example(b"\xff\xfe[]")
def test_any_bytes_give_rows_or_one_error(body: bytes) -> None:
    """Nothing but an Envelope or a PolygonError ever comes out, and its text can be printed."""
    try:
        envelope = parse(body)
    except errors.PolygonError as error:
        str(error).encode()
    else:
        assert all(isinstance(bytes(row), bytes) for row in envelope.rows)


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
def test_a_damaged_page_gives_rows_or_one_error(at: int, cut: int, put: bytes, times: int) -> None:
    """A good page with a piece lost, another put in, or its end repeated: rows, or one error."""
    body = _PAGE[:at] + put + _PAGE[at + cut :] + _PAGE[at:] * times
    try:
        envelope = parse(body)
    except errors.PolygonError as error:
        str(error).encode()
    else:
        assert all(isinstance(bytes(row), bytes) for row in envelope.rows)
