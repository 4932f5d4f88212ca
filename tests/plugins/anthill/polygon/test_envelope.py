"""Bodies taken apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anthill.polygon import digest, errors
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
        with pytest.raises(errors.PolygonError):
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


_DEEP = "[" * 950 + "]" * 950
_DEEPER = '{"a":[' * 20_000 + "]}" * 20_000


@pytest.mark.parametrize(
    "bad",
    [
        b'{"T":"A","c":1e400}',
        b'{"T":"A","c":-1e400,"n":' + b"9" * 5000 + b"}",
        rb'{"T":"Q\ud800A"}',
        rb'{"T":"Q\uD800"}',
        rb'{"T":"\udc00\ud800"}',
        rb'{"T":"\ud83d\ud83d\ude00"}',
        rb'{"\udfff":1}',
        b'{"T":"Q\xff\xfe"}',
        b'{"\xc3":1}',
        b'{"x":' + _DEEP.encode() + b"}",
        b'{"x":' + _DEEPER.encode() + b"}",
        b'{"x":"[{]","y":' + _DEEPER.encode() + rb',"T":"\ud900"}',
        _DEEPER.encode(),
        b"null",
        b'"{}"',
    ],
    ids=lambda bad: repr(bad[:24]),
)
def test_one_bad_row_costs_no_page(bad: bytes) -> None:
    """It is a row among its neighbours, which keep their bytes; it counts, and another one has another digest."""
    good = rb'{"T":"\ud83d\ude00 \\ud800"}'
    body = b'{"status":"OK","resultsCount":3,"results":[%b,%b,{"T":"B"}],"next_url":"u"}'
    envelope = parse(body % (good, bad))
    assert [bytes(envelope.rows[at]) for at in (0, 2)] == [good, b'{"T":"B"}']
    assert (len(envelope.rows), envelope.next_url) == (3, "u")
    other = bad.replace(rb"\ud8", rb"\udb").replace(b'"a":[]', b'"a":[1]')
    changed = digest.of_rows(parse(body % (good, other)).rows) != digest.of_rows(envelope.rows)
    assert changed == (other != bad)
    with pytest.raises(errors.BadAnswerError, match="has 3 rows and says it has 2"):
        parse((body % (good, bad)).replace(b'Count":3', b'Count":2'))


@pytest.mark.parametrize("cut", [1, 20, 30_000, 70_000])
def test_a_bad_row_hides_no_cut(cut: int) -> None:
    """A page that ends early is none, whatever its rows are."""
    body = rb'{"status":"OK","results":[{"T":"\ud800","x":%b}]}' % _DEEPER.encode()
    assert len(parse(body).rows) == 1
    with pytest.raises(errors.BadAnswerError, match="no whole JSON"):
        parse(body[:-cut])


_WRONG = b'{"status":"OK","results":[%b]}'


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"}" * 100_000,
        b'{"a":' * 9000 + b'"' + b"}" * 9000,
        b'"\\',
        _WRONG % (b"[" * 250 + b"}" * 50 + b"]" * 200),
        _WRONG % (b"[" * 250 + b"]" * 251),
        _WRONG % (b"[" * 250 + b"]" * 249),
    ],
    ids=lambda body: f"{body[:5]!r} {len(body)}",
)
def test_what_is_deep_and_no_json_stays_none(body: bytes) -> None:
    """Brackets that do not match and texts without an end are not made up for."""
    with pytest.raises(errors.BadAnswerError):
        parse(body)


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
        assert isinstance(found[0], list)
        return found[0]
    assert document["status"] in ("OK", "DELAYED", "success")
    assert document.keys() & {"results", "tickers", "resultsCount", "count"}
    return []


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
        assert document.get("status", "") in ("OK", "DELAYED", "success", "")
        assert envelope.next_url == document.get("next_url")
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
