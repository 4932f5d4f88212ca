"""An answer of the API, read as a page: in memory where it is small, else in pieces."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import msgspec

from anthill.http_date import http_date
from anthill.sources import digest
from anthill.sources.errors import BadAnswerError
from anthill.sources.inflate import InflateError, deflated, inflated
from anthill.sources.page import Counted, Page
from anthill.sources.polygon.envelope import parse
from anthill.sources.polygon.scan import ScanError, Scanner
from anthill.sources.polygon.transport import Answer, Limits
from anthill.sources.stored import Store, Stored, pieces

_SAMPLE = 50  # rows that are kept of a page whose rows are not
_SMALL = 16 << 10  # bytes of JSON up to which they all are


class Rows(Counted):
    """The rows of a page of JSON: all but the first ones are read again when they are asked for."""

    def __init__(self, tally: _Tally, member: bytes | Stored, rows_in: str, limits: Limits) -> None:
        super().__init__(tally.first, tally.number)
        self._member = member
        self._rows_in = rows_in
        self._limits = limits

    def __iter__(self) -> Iterator[msgspec.Raw]:
        read: list[msgspec.Raw] = []
        scanner = Scanner(self._rows_in, self._limits.piece, read.extend)
        for piece in inflated(pieces(self._member), self._limits.inflated, self._limits.piece):
            scanner.feed(piece)
            yield from read
            read.clear()
        yield from scanner.without_mark(parse(scanner.rest, "", self._rows_in, scanner.taken).rows) or ()


class _Tally:
    """Counts rows, and keeps the first ones."""

    def __init__(self) -> None:
        self.number = self.digest = 0
        self.first: list[msgspec.Raw] = []

    def add(self, rows: Sequence[msgspec.Raw]) -> None:
        """Take rows that nobody else keeps."""
        self.number += len(rows)
        self.digest = digest.joined(self.digest, digest.of_rows(rows))
        if len(self.first) < _SAMPLE:
            self.first += [row.copy() for row in rows[: _SAMPLE - len(self.first)]]


def read(answer: Answer, rows_in: str = "") -> Page:
    """Check an answer and read it as a page; BadAnswerError if it is not one. `rows_in` as in `envelope.parse`."""
    content = answer.content
    if content is None or len(content) > _SMALL:
        return _read_in_pieces(answer, rows_in)
    envelope = parse(content, answer.url, rows_in)
    return Page(
        url=answer.url,
        member=answer.body if answer.gzipped and _is_line(content) else _as_line(answer),
        size=len(content),
        rows=envelope.rows,
        digest=digest.of_rows(envelope.rows),
        asof=_asof(answer),
        next_url=envelope.next_url,
    )


def _read_in_pieces(answer: Answer, rows_in: str) -> Page:
    """The same where the rows would take too much memory at once."""
    tally = _Tally()
    scanner = Scanner(rows_in, answer.limits.piece, tally.add)
    size, is_line = 0, answer.content is None or _is_line(answer.content)
    try:
        for piece in answer.pieces():
            size += len(piece)
            is_line = is_line and (isinstance(piece, memoryview) or _is_line(piece))
            scanner.feed(piece)
        rest = scanner.end()
    except InflateError as error:
        raise BadAnswerError(f"the answer is {error}", answer.url) from error
    except ScanError as error:
        problem = (
            f"the answer is too large to be held, and has no list of rows that can be read in pieces: {size:,} bytes"
        )
        raise BadAnswerError(problem, answer.url) from error
    envelope = parse(rest, answer.url, rows_in, scanner.taken)
    last = scanner.without_mark(envelope.rows)
    if last is None:
        raise BadAnswerError("the rows of the answer are not in one list", answer.url)
    tally.add(last)
    member = answer.body if answer.gzipped and is_line else _as_line(answer)
    rows = Rows(tally, member, rows_in, answer.limits)
    return Page(answer.url, member, size, rows, tally.digest, _asof(answer), envelope.next_url)


def _is_line(content: bytes) -> bool:
    """Whether Spark takes it for one line; in JSON line ends stand between tokens only."""
    return not (b"\n" in content or b"\r" in content)


def _as_line(answer: Answer) -> bytes | Stored:
    """The content as one line, and one gzip member."""
    store = Store(answer.limits.held)
    lines = (bytes(piece).replace(b"\n", b" ").replace(b"\r", b" ") for piece in answer.pieces())
    for piece in deflated(lines):
        store.write(piece)
    return store.close()


def _asof(answer: Answer) -> dt.datetime:
    """When the API answered, by its own clock: this machine's may be wrong, and would decide which answer is newer."""
    stamp = http_date(answer.date)
    if stamp is None:
        raise BadAnswerError(f"the answer's Date header is {answer.date!r}, not a date", answer.url)
    return dt.datetime.fromtimestamp(stamp, dt.UTC)
