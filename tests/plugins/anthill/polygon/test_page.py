"""A page as it will be landed."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest

from anthill.polygon.errors import BadAnswerError
from anthill.polygon.page import read
from anthill.polygon.transport import Answer

DATE = "Fri, 06 Jun 2014 22:00:00 GMT"


def answer(content: bytes, *, gzipped: bool = True, date: str | None = DATE) -> Answer:
    """An answer with this content."""
    return Answer("http://x/v3", gzip.compress(content, 9) if gzipped else content, content, gzipped, date)


def test_its_bytes_are_those_received() -> None:
    """A gzip body of one line is landed as it is; size and time are the API's."""
    given = answer(b'{"status":"OK","results":[{"a":1},{"a":2}]}')
    page = read(given)
    assert page.member is given.body
    assert (len(page.rows), page.size) == (2, len(given.content))
    assert page.asof == dt.datetime(2014, 6, 6, 22, tzinfo=dt.UTC)


def test_a_plain_body_is_wrapped() -> None:
    """Without gzip the same content becomes one gzip member."""
    content = b'{"status":"OK","results":[]}'
    assert gzip.decompress(read(answer(content, gzipped=False)).member) == content


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_document_is_one_line(gzipped: bool) -> None:
    """White space between tokens becomes spaces, for Spark reads lines; the JSON stays equal."""
    document = {"status": "OK", "results": [{"text": "two\nlines\r"}]}
    content = (json.dumps(document, indent=2) + "\r\n").encode()
    landed = gzip.decompress(read(answer(content, gzipped=gzipped)).member)
    assert len(landed.splitlines()) == 1
    assert json.loads(landed) == document


@pytest.mark.parametrize("date", [None, "", "today"])
def test_without_the_apis_clock_it_is_no_page(date: str | None) -> None:
    """This machine's clock must never decide which answer is newer."""
    with pytest.raises(BadAnswerError, match="Date header"):
        read(answer(b"[]", date=date))
