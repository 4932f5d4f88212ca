"""Which gaps somebody has to be told of: those with late minutes that REST was not asked for, each once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from anthill import catalog
from anthill.ledger.documents import Documents
from anthill.sources.polygon_stream.span import Span
from anthill.streams import listed
from anthill.streams.gaps import Gap
from anthill.streams.listed import Listed
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

__all__ = ["bucket", "s3", "s3_url"]

DAY = dt.date(2026, 6, 16)
STREAM = catalog.load("crypto").streams["minute_stream"]


def at(clock: str) -> dt.datetime:
    """A time of the day (UTC)."""
    return dt.datetime.fromisoformat(f"{DAY}T{clock}+00:00")


ONE, TWO = Gap(at("12:10:02"), at("12:13:00"), "killed"), Gap(at("13:00:00"), at("13:50:00"), "stopped")


def test_a_gap_is_late_after_half_an_hour() -> None:
    """To the second, from its beginning."""
    assert Listed([ONE]).late(at("12:40:01")) == []
    assert Listed([ONE]).late(at("12:40:02")) == [ONE]


def test_a_gap_that_rest_was_asked_for_is_not_late() -> None:
    """Of one that goes on, the minutes that were not asked for count."""
    assert Listed([ONE], asked=[ONE.span]).late(at("20:00:00")) == []
    half = Span(at("12:59:00"), at("13:29:00"))
    assert Listed([TWO], asked=[half]).late(at("13:59:59")) == []
    assert Listed([TWO], asked=[half]).late(at("14:00:00")) == [TWO]


def test_a_gap_is_told_once(s3: Any, bucket: str) -> None:
    """Who was told is kept when the list is made again, longer or not."""
    documents = Documents(s3, bucket)
    listed.note(documents, STREAM, DAY, Listed([ONE, TWO]))
    listed.remember(documents, STREAM, DAY, [ONE])
    longer = Gap(TWO.first, at("14:30:00"), "stopped")
    kept = listed.note(documents, STREAM, DAY, Listed([ONE, longer]))
    assert kept.late(at("20:00:00")) == [longer]
    listed.remember(documents, STREAM, DAY, [longer])
    again = listed.note(documents, STREAM, DAY, Listed([ONE, longer]))
    assert again.late(at("20:00:00")) == []
    assert documents.read(listed.key(STREAM, DAY), Listed)[0] == again
