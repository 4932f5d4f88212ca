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


def read(body: bytes) -> Any:
    """JSON by another library, as forgiving about text as rows are: they are landed as they came."""
    return json.loads(body.decode("utf-8", "replace"), strict=False)


def rows_by_definition(document: Any) -> list[Any]:
    """The rows of a page as the API documents them."""
    if isinstance(document, list):
        return document
    found = [document[name] for name in ("results", "tickers") if document.get(name) is not None]
    if found:
        return found[0] if isinstance(found[0], list) else [found[0]]
    counted = any(document.get(name) is not None for name in ("resultsCount", "count"))
    return [] if counted else [document]


def is_page_or_one_error(body: bytes) -> bool:
    """Take a body apart: the rows must be those that it has, each count right; else one error that can be printed."""
    try:
        envelope = parse(body, "http://x/v3")
    except errors.PolygonError as error:
        return "http://x/v3" not in str(error).encode().decode()
    document = read(body)
    assert [read(bytes(row)) for row in envelope.rows] == rows_by_definition(document)
    if isinstance(document, dict):
        counts = (document.get(name) for name in ("resultsCount", "count"))
        assert {count for count in counts if count is not None} <= {len(envelope.rows)}
        assert document.get("status") in ("OK", "DELAYED", "success", "", None)
        link = document.get("next_url")
        assert envelope.next_url == (link if isinstance(link, str | None) else json.dumps(link))
    return True


@settings(max_examples=400)
@given(st.binary(max_size=40) | st.dictionaries(_NAMES, _JSON).map(lambda body: json.dumps(body).encode()))
@example(b'{"status":"OK","results":[\xff]}')
@example(b'{"status":"\xff","results":[]}')
@example(b'{"error":"\\ud800"}')
@example(b"\xff\xfe[]")
@example(b'{"":null,"next_url":true}')
@example(b'{"tickers":[1],"next_url":null}')
def test_any_bytes_give_rows_or_one_error(body: bytes) -> None:
    """All the rows of the body come out, or a PolygonError whose text can be printed; nothing else."""
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


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"status": "OK", "resultsCount": 1200, "results": [1]}, "the answer has 1 rows and says it has 1,200"),
        ({"status": "OK", "count": 0, "results": [1]}, "the answer has 1 rows and says it has 0"),
        ({"status": "OK", "count": 1}, "the answer has 0 rows and says it has 1"),
        ({"status": "OK", "count": 2, "tickers": [1]}, "the answer has 1 rows and says it has 2"),
        ({"status": "OK", "count": True, "tickers": [1]}, "the answer's count is b'true', not a number"),
        ({"status": "OK", "resultsCount": "x" * 90, "tickers": []}, f"resultsCount is b'\"{'x' * 39}', not a number"),
        (
            {"status": "OK", "queryCount": 0, "request_id": "x", "adjusted": True, "ticker": "A"},
            "has neither results nor",
        ),
        ({"status": "ERROR", "results": [], "error": "told"}, "the API answered 200 ERROR: told"),
        ({"status": "ERROR", "results": []}, "the API answered 200 ERROR [GET"),
        ({"status": "ERROR", "error": "one", "message": "other"}, "the API answered 200 ERROR: one"),
        ({"status": "ERROR", "message": "other"}, "the API answered 200 ERROR: other"),
        ({"status": "ERROR", "error": {"code": 5}}, 'the API answered 200 ERROR: {"code": 5}'),
        ({"error": "alone"}, "the API answered 200: alone"),
        ({"error": None}, "the API answered 200 [GET"),
        ({"status": "OK", "tickers": [], "next_url": " "}, "the answer's next_url is blank"),
        ({"status": "OK", "results": [], "next_url": ""}, "the answer's next_url is blank"),
    ],
)
def test_what_is_wrong_is_said(document: Any, said: str) -> None:
    """In words, with the numbers; the URL follows."""
    with pytest.raises(errors.PolygonError) as caught:
        parse(json.dumps(document).encode(), "http://x/v3")
    assert said in str(caught.value)
    assert "[GET http://x/v3]" in str(caught.value)


def test_what_is_no_json_is_shown() -> None:
    """Its first eighty bytes, whatever they are."""
    with pytest.raises(errors.BadAnswerError, match="is no whole JSON") as caught:
        parse(b" \xff" + b"x" * 100)
    assert f"it begins with {chr(0xFFFD) + 'x' * 78!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("document", "rows", "next_url"),
    [
        ({"status": "OK", "results": None, "tickers": [1]}, [1], None),
        ({"status": "OK", "results": [2], "tickers": [1]}, [2], None),
        ({"status": "OK", "tickers": {"ticker": "A"}}, [{"ticker": "A"}], None),
        ({"status": "OK", "tickers": [1], "next_url": "http://x/2"}, [1], "http://x/2"),
        ({"status": "OK", "tickers": [1], "next_url": None}, [1], None),
        ({"tickers": [1], "count": None}, [1], None),
        ({"status": "", "open": 1}, [{"status": "", "open": 1}], None),
        ({"status": "OK", "error": "", "open": 1}, [{"status": "OK", "error": "", "open": 1}], None),
        ({"status": "OK", "resultsCount": 1, "count": 1, "results": [None]}, [None], None),
    ],
)
def test_rows_and_the_next_page_of_unusual_bodies(document: Any, rows: list[Any], next_url: str | None) -> None:
    """Where there are no results the tickers are the rows; a status that is blank is none."""
    body = json.dumps(document).encode()
    assert rows_of(document) == rows
    assert parse(body).next_url == next_url
    assert parse(b"\n " + body).next_url == next_url


def test_a_bare_array_may_stand_behind_white_space() -> None:
    """As JSON allows."""
    assert [bytes(row) for row in parse(b" \r\n[1,2]").rows] == [b"1", b"2"]
