"""A page as it will be landed."""

from __future__ import annotations

import datetime as dt
import gzip
import json

import pytest

from anthill.sources import digest
from anthill.sources.errors import BadAnswerError
from anthill.sources.polygon.page import read
from anthill.sources.polygon.transport import Answer

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


@pytest.mark.parametrize("held", [True, False])
def test_the_bytes_of_a_large_page_are_those_received(held: bool) -> None:
    """What is read in pieces, held as a whole or not, is deflated again only where it has line ends."""
    document = {"status": "OK", "results": [{"a": number, "text": "x" * 100} for number in range(500)]}
    for content, kept in ((json.dumps(document).encode(), True), (json.dumps(document, indent=1).encode(), False)):
        given = answer(content)
        given = given if held else Answer(given.url, given.body, None, gzipped=True, date=DATE)
        page = read(given)
        assert (page.member is given.body) == kept
        assert len(page.rows) == 500


def test_a_page_and_its_faults_name_their_place() -> None:
    """Where it came from is told with the page, and with what is wrong about one."""
    assert read(answer(b'{"status":"OK","results":[]}')).url == "http://x/v3"
    for content, date in ((b"no page", DATE), (b'{"status":"OK","results":[]}', "yesterday")):
        with pytest.raises(BadAnswerError) as raised:
            read(answer(content, date=date))
        assert raised.value.url == "http://x/v3"


def test_a_plain_body_is_wrapped() -> None:
    """Without gzip the same content becomes one gzip member."""
    content = b'{"status":"OK","results":[]}'
    assert gzip.decompress(read(answer(content, gzipped=False)).member) == content


@pytest.mark.parametrize("rows", [1, 2000], ids=["one row", "more than are decoded at once"])
@pytest.mark.parametrize("gzipped", [True, False])
def test_a_document_is_one_line(gzipped: bool, rows: int) -> None:
    """White space between tokens becomes spaces, for Spark reads lines; the JSON stays equal."""
    document = {"status": "OK", "results": [{"text": "two\nlines\r"}] * rows}
    content = (json.dumps(document, indent=2) + "\r\n").encode()
    landed = gzip.decompress(read(answer(content, gzipped=gzipped)).member)
    assert len(landed.splitlines()) == 1
    assert json.loads(landed) == document


@pytest.mark.parametrize("date", [None, "", "today"])
def test_without_the_apis_clock_it_is_no_page(date: str | None) -> None:
    """This machine's clock must never decide which answer is newer."""
    with pytest.raises(BadAnswerError, match="Date header"):
        read(answer(b"[]", date=date))


@pytest.mark.parametrize("content", [b'{"status":"OK",\n"results":[]}', b'{"status":"OK",\r"results":[]}'])
def test_either_line_end_is_taken_out(content: bytes) -> None:
    """Byte for byte: a space in its place, nothing else; the size stays what came."""
    page = read(answer(content))
    assert gzip.decompress(page.member) == content.replace(b"\n", b" ").replace(b"\r", b" ")
    assert page.size == len(content)


def test_what_a_page_knows() -> None:
    """Where it came from, what follows, and its rows' digest."""
    page = read(answer(b'{"status":"OK","results":[1,2],"next_url":"http://x/2"}'))
    assert (page.url, page.next_url) == ("http://x/v3", "http://x/2")
    assert page.digest == digest.of_rows([b"2", b"1"])
    with pytest.raises(BadAnswerError, match=r"http://x/v3"):
        read(answer(b"<html>"))
    with pytest.raises(BadAnswerError, match=r"the answer's Date header is 'today', not a date \[GET http://x/v3\]"):
        read(answer(b"[]", date="today"))
