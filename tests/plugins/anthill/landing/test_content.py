"""The bytes of a commit."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.bronze.storage import ContentError
from anthill.landing import content as landing_content
from anthill.landing.content import IN_MEMORY, Content
from anthill.sources import digest
from anthill.sources.page import Page

from .workers import environment

FIRST = dt.datetime(2014, 6, 6, 22, tzinfo=dt.UTC)


def page(rows: list[int], number: int = 0) -> Page:
    """A page of these rows."""
    body = json.dumps({"request_id": number, "results": rows}).encode()
    raw = [msgspec.Raw(str(row).encode()) for row in rows]
    asof = FIRST + dt.timedelta(seconds=number)
    return Page("http://x", gzip.compress(body), len(body), raw, digest.of_rows(raw), asof, None)


@given(st.lists(st.lists(st.integers(), max_size=5), min_size=1, max_size=5))
def test_a_document_a_line(pages: list[list[int]]) -> None:
    """Inflated, each line is a page; counts, sha256 and the first page's time are right."""
    with Content.of(page(rows, number) for number, rows in enumerate(pages)) as content:
        content.file.seek(0)
        stored = content.file.read()
    lines = gzip.decompress(stored).split(b"\n")
    assert [json.loads(line)["results"] for line in lines] == pages
    assert (content.pages, content.rows, content.size) == (len(pages), sum(map(len, pages)), len(stored))
    assert content.sha256 == hashlib.sha256(stored).hexdigest()
    assert content.raw == sum(map(len, lines))
    assert content.asof == FIRST


@given(st.lists(st.integers(), max_size=20), st.integers(0, 20))
def test_its_digest_knows_no_pages(rows: list[int], cut: int) -> None:
    """The same rows on one page or two, in another order, with other request ids: the same digest."""
    with Content.of([page(rows)]) as one, Content.of([page(rows[cut:][::-1], 7), page(rows[:cut], 8)]) as two:
        assert (one.digest, one.rows) == (two.digest, two.rows)


def test_a_failing_chain_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is closed when a page fails, and when somebody ends the task."""
    files: list[Any] = []
    spooled = tempfile.SpooledTemporaryFile

    def opened(**how: Any) -> Any:
        files.append(spooled(**how))
        return files[-1]

    monkeypatch.setattr("anthill.landing.content.tempfile.SpooledTemporaryFile", opened)
    for failure in (RuntimeError("page 2"), KeyboardInterrupt()):

        def pages(failure: BaseException = failure) -> Iterator[Page]:
            yield page([1])
            assert not files[-1].closed
            assert files[-1].tell() > 0
            raise failure

        with pytest.raises(type(failure)):
            Content.of(pages())
        assert files[-1].closed
    with Content.of([page([1])]) as content:
        assert not files[-1].closed
    assert (len(files), content.file.closed) == (3, True)


def test_a_chain_too_long_for_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says to split it."""
    monkeypatch.setattr("anthill.landing.content._MOST", 100)
    with pytest.raises(ContentError, match="split it into shards"):
        Content.of(page(list(range(100)), number) for number in range(9))


def test_a_chain_of_exactly_the_most_is_one_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte less is too little; that is 512 MiB."""
    pages = [page([1, 2]), page([3], 1)]
    with Content.of(pages) as content:
        size = content.size
    assert landing_content._MOST == 512 * 2**20
    monkeypatch.setattr(landing_content, "_MOST", size)
    with Content.of(pages) as content:
        assert content.size == size
    monkeypatch.setattr(landing_content, "_MOST", size - 1)
    with pytest.raises(ContentError, match="the chain is larger than 0 MiB: split it into shards in include/datasets"):
        Content.of(pages)


def test_what_a_content_knows_of_its_rows() -> None:
    """The fields of pages' rows; a flat file's lines have none, and its form and version are its own."""
    rows = [msgspec.Raw(b'{"T":"A","c":1}'), msgspec.Raw(b'{"o":1}')]
    pages = [msgspec.structs.replace(page([number], number), rows=rows[number : number + 1]) for number in range(2)]
    with Content.of(pages) as content:
        assert (content.form, content.source, content.fields) == ("jsonl", "", {"T", "c", "o"})
        assert content.digest == digest.text(digest.of_rows([b"0", b"1"]))
        assert (content.rows, content.pages) == (2, 2)
    with Content.of([msgspec.structs.replace(pages[0], form="csv")], "etag 1") as content:
        assert (content.form, content.source, content.fields) == ("csv", "etag 1", set())
    empty = Content()
    assert (empty.rows, empty.pages, empty.size, empty.raw, empty.asof) == (0, 0, 0, 0, None)
    empty.file.close()


@pytest.mark.parametrize(("size", "on_disk"), [(IN_MEMORY, False), (IN_MEMORY + 1, True)])
def test_what_is_small_stays_in_memory(size: int, on_disk: bool) -> None:
    """Four mebibytes; a year's landing opens no file for a small day."""
    assert IN_MEMORY == 4 * 2**20
    with Content.of([msgspec.structs.replace(page([1]), member=bytes(size))]) as content:
        assert content.file._rolled is on_disk  # type: ignore[attr-defined]


def test_no_room_on_the_disk() -> None:
    """A full temporary folder is named, with what to do; here the process may write no large file."""
    code = f"""
import resource, signal, sys
from anthill.landing.content import Content
from anthill.bronze.storage import ContentError
from tests.plugins.anthill.landing.test_content import page
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({IN_MEMORY}, {IN_MEMORY}))
content = Content()
import msgspec, os
big = msgspec.structs.replace(page([1]), member=os.urandom(1 << 20))
try:
    for _ in range(20): content.add(big)
except ContentError as error:
    sys.exit(str(error))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment())
    assert "temporary folder" in done.stderr
    assert "make room" in done.stderr
