"""The gaps of one market day: listed, asked of the API, committed beside the segments, and kept for who asks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from anthill import calendars
from anthill.dataset import Dataset
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.ledger.documents import Documents
from anthill.sources.polygon_stream.declaration import StreamDataset
from anthill.sources.source import Source
from anthill.streams import gaps
from anthill.streams.gaps import Gap
from anthill.streams.segments import Recorded


class Session(msgspec.Struct, frozen=True):
    """A market day, and the part of its session of which every segment has reached bronze by now (UTC)."""

    day: dt.date
    opens: dt.datetime
    until: dt.datetime


def session(stream: Dataset, day: dt.date, now: dt.datetime) -> Session:
    """Of a market day what is over so long that its segments have ended."""
    assert isinstance(stream, StreamDataset)  # noqa: S101 who calls has it of `streams`
    opens, closes = calendars.session_open(stream.calendar, day), calendars.session_close(stream.calendar, day)
    return Session(day, opens, min(closes, now - stream.segment))


class Filled(msgspec.Struct, frozen=True):
    """The gaps of a day, and what was asked of the API for them this time."""

    gaps: list[Gap]
    segments: int
    spans: list[str] = []
    rows: int = 0

    @property
    def lines(self) -> list[str]:
        """The gaps for a person."""
        return [f"{gap.first:%H:%M:%S} to {gap.last:%H:%M:%S} UTC: {gap.cause}" for gap in self.gaps]

    def told(self) -> dict[str, Any]:
        """As a task returns it."""
        return {
            "segments": self.segments,
            "gaps": self.lines,
            "asked": self.spans,
            "rows": self.rows,
        }


class Listed(msgspec.Struct):
    """A document: the gaps of a stream on a market day."""

    gaps: list[Gap] = []


def fill(source: Source, committer: Committer, stream: Dataset, session: Session, recorded: Recorded) -> Filled:
    """Land the minutes of every gap that were not asked for yet."""
    assert isinstance(stream, StreamDataset)  # noqa: S101 who calls has it of `streams`
    found = list(gaps.between(recorded.segments, stream.subscriptions, session.opens, session.until))
    interval = market_day(stream.calendar, session.day)
    asked = gaps.left(found, recorded.filled)
    landed = [land(source, committer, stream, interval, taking=span.shard) for span in asked]
    return Filled(found, len(recorded.segments), [span.shard for span in asked], sum(each.rows for each in landed))


def key(stream: Dataset, market_date: dt.date) -> str:
    """The document of a day's gaps."""
    return f"{stream.source}/{stream.asset_class}/_gaps/{stream.name}/{market_date}.json.gz"


def note(documents: Documents, stream: Dataset, market_date: dt.date, found: list[Gap]) -> None:
    """Keep the day's gaps in the place of those that were known before."""
    documents.update(key(stream, market_date), Listed, lambda _: Listed(found))
