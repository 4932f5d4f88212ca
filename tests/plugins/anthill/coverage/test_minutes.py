"""What each minute of a stream's session was: recorded, a gap, filled, settled, or not known."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from anthill import catalog
from anthill.coverage import minutes
from anthill.coverage.minutes import MEANING, Minutes
from anthill.coverage.reader import Reader
from anthill.ledger import jobs
from anthill.ledger.documents import Documents
from anthill.sources.polygon_stream.span import Span
from anthill.streams import listed
from anthill.streams.gaps import Gap
from anthill.streams.listed import Listed

DAY = dt.date(2026, 6, 16)
CLASSES = {name: catalog.load(name) for name in ("stocks", "crypto", "economy")}


def at(clock: str) -> dt.datetime:
    """A time of the day (UTC); stocks are traded from 13:30 to 20:00."""
    return dt.datetime.fromisoformat(f"{DAY}T{clock}+00:00")


ONE = Gap(at("13:40:02"), at("13:43:00"), "closed with 1006")
SHORT = Gap(at("14:00:10"), at("14:00:12"), "rotation")


class Day:
    """A day of stocks, whose list is kept in S3."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.documents = Documents(s3, bucket)
        self.reader = Reader(self.documents, bucket)

    def keep(self, *gaps: Gap, until: str, asked: tuple[Span, ...] = ()) -> None:
        """What the DAG knows."""
        found = Listed(list(gaps), at("13:30:00"), at(until), list(asked))
        listed.note(self.documents, CLASSES["stocks"].streams["minute_stream"], DAY, found)

    def settle(self, **facts: Any) -> None:
        """A run of the job that compares both accounts, ended now."""
        job = jobs.ended("reconcile", (DAY, DAY), "", {"settled": {"minute_stream": [str(DAY)]}}, **facts)
        jobs.record(self.documents, "stocks", "stocks_stream/r/settle/1", job)

    def seen(self, now: str) -> Minutes:
        """What is seen of it at a time."""
        (found,) = minutes.of(self.reader, CLASSES["stocks"], DAY, at(now))
        return found


@pytest.fixture
def day(s3: Any, bucket: str) -> Day:
    """An empty one."""
    return Day(s3, bucket)


def test_a_day_under_way(day: Day) -> None:
    """A minute that a gap touches is one, whole; REST's are filled; what the DAG has not seen is not there yet."""
    filled = Span.around(SHORT.first, SHORT.last)
    day.keep(ONE, SHORT, until="14:10:00", asked=(filled,))
    seen = day.seen("14:16:00")
    assert len(seen.states) == 390
    assert seen.states[:10] + seen.states[13:30] == "R" * 27
    assert seen.states[10:13] == "GGG"  # 13:40 to 13:43, and no more
    assert seen.states[30] == "F"
    assert seen.states[31:40] == "R" * 9
    assert set(seen.states[40:]) == {"W"}
    assert [(gap.first, gap.cause, gap.state) for gap in seen.gaps] == [
        (ONE.first, "closed with 1006", "G"),
        (SHORT.first, "rotation", "F"),
    ]
    assert seen.until == at("14:10:00")
    assert seen.settled_at is None


def test_a_gap_of_which_a_part_was_asked_for_is_not_filled(day: Day) -> None:
    """Its minutes say which part."""
    day.keep(ONE, until="14:10:00", asked=(Span(at("13:39:00"), at("13:41:00")),))
    seen = day.seen("14:16:00")
    assert seen.states[10:13] == "FFG"
    assert seen.gaps[0].state == "G"


def test_minutes_that_the_dag_should_have_looked_at_are_not_known(day: Day) -> None:
    """It looks each quarter of an hour; where nothing was recorded all that is over is not known."""
    nothing = day.seen("14:00:00")
    assert Counter(nothing.states) == {"N": 30, "W": 360}
    assert nothing.until is None
    day.keep(until="14:00:00")
    assert Counter(day.seen("15:00:00").states) == {"R": 30, "N": 30, "W": 330}


def test_a_settled_day(day: Day) -> None:
    """Every minute of it, with its gaps; a run that failed settles nothing, and one before the close neither."""
    day.keep(ONE, until="20:00:00")
    day.settle(failure="no warehouse")
    assert "S" not in day.seen("21:00:00").states
    day.settle()
    seen = day.seen("21:00:00")
    assert set(seen.states) == {"S"}
    assert seen.settled_at is not None
    assert [(gap.cause, gap.state) for gap in seen.gaps] == [("closed with 1006", "S")]


def test_sessions_have_their_own_length(s3: Any, bucket: str) -> None:
    """Of crypto a whole day, of an early close less; a day off and an asset class without streams have none."""
    reader, now = Reader(Documents(s3, bucket), bucket), dt.datetime(2026, 12, 1, tzinfo=dt.UTC)

    def long(asset_class: str, day: dt.date | None) -> list[int]:
        return [len(found.states) for found in minutes.of(reader, CLASSES[asset_class], day, now)]

    assert long("crypto", DAY) == [1440]
    assert long("stocks", dt.date(2026, 11, 27)) == [210]
    assert long("stocks", dt.date(2026, 6, 14)) == []
    assert long("economy", DAY) == []
    (present,) = minutes.of(reader, CLASSES["stocks"], None, now)
    assert present.market_date == dt.date(2026, 11, 30)
    assert set(present.meaning) == {state.value for state in MEANING}
