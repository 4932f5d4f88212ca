"""The gaps of one market day: listed, asked of the API, and committed beside the segments."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from anthill import calendars
from anthill.dataset import Dataset
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.sources.polygon_stream.declaration import StreamDataset
from anthill.sources.polygon_stream.span import Span
from anthill.sources.source import Source
from anthill.streams import gaps
from anthill.streams.listed import Listed
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
    return Session(day, opens, max(opens, min(closes, now - stream.segment)))


class Filled(msgspec.Struct):
    """What was asked of the API this time."""

    spans: list[Span] = []
    rows: int = 0

    def told(self, known: Listed, recorded: Recorded) -> dict[str, Any]:
        """As a task returns it, with the gaps of the day."""
        return {
            "segments": len(recorded.segments),
            "gaps": [gap.line for gap in known.gaps],
            "asked": [span.shard for span in self.spans],
            "rows": self.rows,
        }


def listed(stream: Dataset, session: Session, recorded: Recorded) -> Listed:
    """What nobody heard of a session, and which minutes were asked for before."""
    assert isinstance(stream, StreamDataset)  # noqa: S101 who calls has it of `streams`
    found = gaps.between(recorded.segments, stream.subscriptions, session.opens, session.until)
    return Listed(list(found), session.opens, session.until, list(recorded.filled))


def fill(source: Source, committer: Committer, stream: Dataset, day: dt.date, known: Listed) -> Filled:
    """Land the minutes of every gap that were not asked for yet; `known` has each as asked for once it is landed."""
    interval, filled = market_day(stream.calendar, day), Filled()
    for span in gaps.left(known.gaps, known.asked):
        filled.rows += land(source, committer, stream, interval, taking=span.shard).rows
        filled.spans.append(span)
        known.asked.append(span)
    return filled
