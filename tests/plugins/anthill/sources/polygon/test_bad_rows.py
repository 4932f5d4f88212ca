"""Rows of a body that no decoder reads: they cost it nothing, and hide nothing."""

from __future__ import annotations

import pytest

from anthill.sources import digest, errors
from anthill.sources.polygon.envelope import parse

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
