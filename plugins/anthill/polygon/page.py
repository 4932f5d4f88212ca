"""One checked page of a chain: the bytes as received, and what was read in them."""

from __future__ import annotations

import datetime as dt

import msgspec

from anthill.polygon import digest
from anthill.polygon.envelope import parse
from anthill.polygon.errors import BadAnswerError
from anthill.polygon.inflate import deflate
from anthill.polygon.rate_limit import http_date
from anthill.polygon.transport import Answer


class Page(msgspec.Struct, frozen=True):
    """A page: `member` is its gzip member as landed, `size` its raw bytes, `asof` the API's clock."""

    url: str
    member: bytes
    size: int
    rows: list[msgspec.Raw]
    digest: int
    asof: dt.datetime
    next_url: str | None


def read(answer: Answer, rows_in: str = "") -> Page:
    """Check an answer and read it as a page; BadAnswerError if it is not one. `rows_in` as in `envelope.parse`."""
    envelope = parse(answer.content, answer.url, rows_in)
    return Page(
        url=answer.url,
        member=_member(answer),
        size=len(answer.content),
        rows=envelope.rows,
        digest=digest.of_rows(envelope.rows),
        asof=_asof(answer),
        next_url=envelope.next_url,
    )


def _member(answer: Answer) -> bytes:
    """The body as received where it is gzip and one line; a document must be one line to Spark."""
    content = answer.content
    if b"\n" in content or b"\r" in content:  # in JSON these stand between tokens only
        return deflate(content.replace(b"\n", b" ").replace(b"\r", b" "))
    return answer.body if answer.gzipped else deflate(content)


def _asof(answer: Answer) -> dt.datetime:
    """When the API answered, by its own clock: this machine's may be wrong, and would decide which answer is newer."""
    stamp = http_date(answer.date)
    if stamp is None:
        raise BadAnswerError(f"the answer's Date header is {answer.date!r}, not a date", answer.url)
    return dt.datetime.fromtimestamp(stamp, dt.UTC)
