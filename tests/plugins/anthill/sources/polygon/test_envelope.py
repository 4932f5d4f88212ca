"""Bodies taken apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anthill.sources import errors
from anthill.sources.polygon.envelope import parse
from anthill.sources.polygon.errors import BrokenChainError


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
        ({"status": "OK", "request_id": "x", "results": None}, []),
        ({"status": "DELAYED", "tickers": None}, []),
        ({"status": "OK", "count": 1, "tickers": [{"ticker": "A"}]}, [{"ticker": "A"}]),
    ],
)
def test_other_shapes(document: Any, rows: list[Any]) -> None:
    """Empty answers and bare arrays are pages too."""
    assert rows_of(document) == rows


@pytest.mark.parametrize(
    "document",
    [
        {"message": "Too Many Requests"},
        {"code": 429, "detail": "slow down"},
        {"count": 0},
        {"results": None},
        {"count": 0, "results": None},
        {"status": "", "results": None},
        {"status": "OK", "results": {}},
        {"status": "OK", "results": {"ticker": "A"}},
        {"status": "OK", "results": "no data"},
        {"status": "OK", "results": ""},
        {"status": "OK", "results": 0},
        {"status": "OK", "results": False},
        {"status": "OK", "tickers": {}},
        {"status": "OK", "data": []},
        {"status": 429, "results": []},
        {"status": ["OK"], "results": []},
        {"market": "open", "serverTime": "x"},
        {"status": "OK", "from": "2014", "open": 1.5},
        {},
        {"": 0},
        None,
        True,
        {"status": "OK", "error": "partial result: shard 3 timed out", "results": [1]},
        {"status": "OK", "error": "You are not entitled to this timeframe", "results": []},
        {"status": "OK", "error": "Unknown API Key", "results": []},
        {"status": "OK", "error": {"code": 504}, "results": [1]},
        {"status": "OK", "error": ["late"], "results": [1]},
        {"status": "OK", "message": "please try again", "results": []},
        {"status": "OK", "message": "please try again", "count": 0},
        {"results": [], "error": "internal"},
        {"results": [1], "message": "Forbidden"},
    ],
    ids=json.dumps,
)
def test_what_the_api_never_says_is_asked_again(document: Any) -> None:
    """A body without rows in their place, or with an error beside them, is a fault that may pass; never rows."""
    with pytest.raises(errors.PassingError, match="http://x/v3"):
        parse(json.dumps(document).encode(), "http://x/v3")


@pytest.mark.parametrize(
    ("rows_in", "document"),
    [
        ("results", []),
        ("results", [{"message": "Forbidden"}]),
        ("results", {"status": "OK", "tickers": [1]}),
        ("tickers", {"status": "OK", "results": [1]}),
        ("tickers", {"status": "OK", "results": []}),
        ("tickers", [1]),
        ("body", {"status": "OK", "results": [1]}),
        ("body", {"status": "OK", "count": 0}),
        ("object", {"status": "OK", "results": [{"a": 1}]}),
        ("object", {"status": "OK", "results": {}}),
        ("object", {"status": "OK", "results": "text"}),
        ("object", {"results": {"a": 1}}),
        ("object", {}),
    ],
)
def test_rows_stand_where_the_dataset_has_them(rows_in: str, document: Any) -> None:
    """Another place is another answer: one without rows there would be an empty day to whoever reads it."""
    with pytest.raises(errors.BadAnswerError):
        parse(json.dumps(document).encode(), rows_in=rows_in)


@pytest.mark.parametrize(
    ("rows_in", "document"),
    [
        ("results", {"status": "OK", "results": [1]}),
        ("results", {"status": "OK", "results": [1], "tickers": [1, 2]}),
        ("tickers", {"status": "OK", "tickers": [1], "results": None}),
        ("body", [1]),
    ],
)
def test_rows_are_taken_where_the_dataset_has_them(rows_in: str, document: Any) -> None:
    """From the field that it declares, or from a bare array."""
    assert [bytes(row) for row in parse(json.dumps(document).encode(), rows_in=rows_in).rows] == [b"1"]
    for empty in ({"status": "OK", "count": 0}, {"status": "OK", rows_in: None}, {"status": "OK", rows_in: []}):
        assert parse(json.dumps([] if rows_in == "body" else empty).encode(), rows_in=rows_in).rows == []


def test_results_may_be_one_row() -> None:
    """An object is a row, null is none, an error is one, and a field that stands twice is none of these."""
    assert [bytes(row) for row in parse(b'{"status":"OK","results":{"a":1}}', rows_in="object").rows] == [b'{"a":1}']
    assert parse(b'{"status":"OK","results":null}', rows_in="object").rows == []
    for wrong in (b'{"status":"OK","error":"x"}', b'{"status":"OK","results":{"a":1},"results":{"a":2}}'):
        with pytest.raises(errors.SourceError):
            parse(wrong, rows_in="object")


_BARS = ",".join(f'{{"T":"T{number}","v":{number}}}' for number in range(50))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (f'{{"status":"OK","results":[{_BARS}],"results":[{{"T":"B"}}]}}', "results"),
        (f'{{"status":"OK","results":[{_BARS}],"results":[{_BARS}]}}', "results"),
        (f'{{"results":[{_BARS}],"status":"OK","results":[]}}', "results"),
        (f'{{"results":[],"status":"OK","results":[{_BARS}]}}', "results"),
        (f'{{"results":[{{"T":"B"}},{_BARS}],"status":"OK","results":[{{"T":"B"}}]}}', "results"),
        (f'{{"results":[{{"T":"B"}}],"count":50,"status":"OK","results":[{_BARS}]}}', "results"),
        ('{"results":[1,2],"status":"OK","results":[1]}', "results"),
        ('{"results":null,"status":"OK","results":null}', "results"),
        (f'{{"status":"OK","results":[1],"res\\u0075lts":[{_BARS}]}}', "results"),
        (f'{{"status":"OK","tickers":[1],"tickers":[{_BARS}]}}', "tickers"),
        (f'{{"status":"ERROR","status":"OK","results":[{_BARS}]}}', "status"),
        (f'{{"status":"OK","results":[{_BARS}],"count":49,"count":50}}', "count"),
        (f'{{"status":"OK","next_url":"http://x/2","results":[{_BARS}],"next_url":"http://x/3"}}', "next_url"),
        ('{"error":"late","status":"OK","results":[7],"error":null}', "error"),
        ('{"count":2,"status":"OK","results":[5],"results":[2,7]}', "results"),
        ('{"x\x80":1,"status":"OK","results":[5],"results":[2,7]}', "results"),
    ],
)
def test_what_a_body_says_twice_is_not_chosen_from(body: str, name: str) -> None:
    """Decoders take the last one in silence, and what the first one had would be lost."""
    with pytest.raises(errors.BadAnswerError, match=f"'{name}' twice"):
        parse(body.encode("latin-1"))


def test_rows_may_say_the_same_as_their_body() -> None:
    """A field of a row is none of the body's."""
    row = '{"results":[1],"status":"ERROR","error":"x","count":5,"results":[2]}'
    assert len(parse(f'{{"status":"OK","count":2,"results":[{row},{row}]}}'.encode()).rows) == 2
    assert len(parse(b'{"count":1,"status":"OK","results":[1]}').rows) == 1


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
        (b'{"status":"NOT_AUTHORIZED","message":"You are not entitled.","results":{}}', errors.NotEntitledError),
        (b'{"status":"ERROR","error":"while validating API key"}', errors.BadAnswerError),
        (b'{"status":"Forbidden","message":"You are not entitled to this data."}', errors.BadAnswerError),
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
        (b'{"status":"OK","results":[1],"next_url":" "}', BrokenChainError),
    ],
)
def test_what_is_no_page(body: bytes, error: type[errors.SourceError]) -> None:
    """Each kind of broken or disguised answer has its own error, with the URL."""
    with pytest.raises(error, match="http://x/v3"):
        parse(body, "http://x/v3")


def test_next_url() -> None:
    """It is what the body says; absent and null are the end."""
    assert parse(b'{"status":"OK","results":[],"next_url":"http://x/2"}').next_url == "http://x/2"
    assert parse(b'{"status":"OK","results":[],"next_url":null}').next_url is None


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"status": "OK", "resultsCount": 1200, "results": [1]}, "the answer has 1 rows and says it has 1,200"),
        ({"status": "OK", "count": 0, "results": [1]}, "the answer has 1 rows and says it has 0"),
        ({"status": "OK", "count": 1}, "the answer has 0 rows and says it has 1"),
        ({"status": "OK", "count": 2, "tickers": [1]}, "the answer has 1 rows and says it has 2"),
        ({"status": "OK", "count": True, "tickers": [1]}, "the answer is no page: Expected `int | null`, got `bool`"),
        ({"status": "OK", "resultsCount": "x", "tickers": []}, "got `str` - at `$.resultsCount`"),
        ({"status": "OK", "results": {}}, "the answer is no page: Expected `array | null`, got `object`"),
        ({"results": None}, "the answer has neither rows nor a status"),
        (
            {"status": "OK", "queryCount": 0, "request_id": "x", "adjusted": True, "ticker": "A"},
            "has neither results nor a count of them",
        ),
        ({"status": "OK", "error": "shard 3 timed out", "results": [1]}, "the API answered 200 OK: shard 3 timed out"),
        ({"message": "Too Many Requests"}, "the API answered 200: Too Many Requests"),
        ({"status": "ERROR", "results": [], "error": "told"}, "the API answered 200 ERROR: told"),
        ({"status": "ERROR", "results": []}, "the API answered 200 ERROR [GET"),
        ({"status": "ERROR", "error": "one", "message": "other"}, "the API answered 200 ERROR: one"),
        ({"status": "ERROR", "message": "other"}, "the API answered 200 ERROR: other"),
        ({"status": "ERROR", "error": {"code": 5}}, 'the API answered 200 ERROR: {"code":5}'),
        ({"error": "alone"}, "the API answered 200: alone"),
        ({"status": "OK", "tickers": [], "next_url": " "}, "the answer's next_url is blank"),
        ({"status": "OK", "results": [], "next_url": ""}, "the answer's next_url is blank"),
    ],
)
def test_what_is_wrong_is_said(document: Any, said: str) -> None:
    """In words, with the numbers; the URL follows."""
    with pytest.raises(errors.SourceError) as caught:
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
        ({"status": "OK", "tickers": [1], "next_url": "http://x/2"}, [1], "http://x/2"),
        ({"status": "OK", "tickers": [1], "next_url": None}, [1], None),
        ({"tickers": [1], "count": None}, [1], None),
        ({"status": "", "results": [1]}, [1], None),
        ({"status": "OK", "error": "", "message": None, "results": [1]}, [1], None),
        ({"status": "OK", "results": [], "tickers": [1]}, [], None),
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
