"""What nobody heard of a session: from segment to segment, with its cause, and the minutes that are asked for."""

from __future__ import annotations

import datetime as dt

import pytest

from anthill.sources.polygon_stream.span import Span
from anthill.streams.gaps import NOBODY, UNKNOWN_END, Gap, between, left
from anthill.streams.segments import Segment

ALL = frozenset({"XA.BTC-USD", "XA.ETH-USD"})


def at(clock: str) -> dt.datetime:
    """A time of June 16th (UTC)."""
    return dt.datetime.fromisoformat(f"2026-06-16T{clock}+00:00")


def segment(
    began: str,
    over: str,
    ended: str = "rotation",
    heard: str = "",
    connection: str = "1",
    channels: frozenset[str] = ALL,
) -> Segment:
    """One that was heard to its end unless it says otherwise."""
    return Segment(at(began), at(over), at(heard or over), connection, ended, channels)


def gaps(*segments: Segment, opens: str = "12:00:00", until: str = "13:00:00") -> list[tuple[str, str, str]]:
    """The gaps of an hour."""
    found = between(segments, ALL, at(opens), at(until))
    return [(f"{gap.first:%H:%M:%S}", f"{gap.last:%H:%M:%S}", gap.cause) for gap in found]


def test_one_connection_that_is_cut_into_segments_has_no_gap() -> None:
    """However long it takes to begin the next one; a break is one between two connections, too."""
    one = segment("11:58:00", "12:30:00")
    assert gaps(one, segment("12:30:02", "13:00:00")) == []
    assert gaps(one, segment("12:30:02", "13:00:00", connection="2")) == [("12:30:00", "12:30:02", UNKNOWN_END)]
    assert gaps(segment("12:30:02", "13:00:00"), one) == []


@pytest.mark.parametrize(
    "ended", ["closed with 1006", "closed with 1000", "killed", "no frame for 60 s while the market is open"]
)
def test_a_connection_that_broke_was_heard_to_its_last_frame(ended: str) -> None:
    """It may have been dead since; the gap has the reason of its end."""
    broke = segment("12:00:00", "12:21:00", ended, heard="12:19:00")
    assert gaps(broke, segment("12:22:00", "13:00:00", connection="2")) == [("12:19:00", "12:22:00", ended)]


def test_a_connection_that_died_unnoticed_has_its_gap_from_its_last_frame_on() -> None:
    """Though it was cut into segments meanwhile; a frame in the last of them says that it lived."""
    silent = "no frame for 60 s while the market is open"
    cut = segment("12:00:00", "12:20:00", heard="12:19:00")
    empty = segment("12:20:00", "12:25:00", heard="12:20:00")
    broke = segment("12:25:00", "12:25:40", silent, heard="12:25:00")
    after = segment("12:26:00", "13:00:00", connection="2")
    assert gaps(cut, empty, broke, after) == [("12:19:00", "12:26:00", silent)]
    alive = segment("12:25:00", "12:25:40", silent, heard="12:25:01")
    assert gaps(cut, empty, alive, after) == [("12:25:01", "12:26:00", silent)]


def test_what_was_stopped_was_heard_to_its_end() -> None:
    """By a signal: quiet minutes before it are none that were missed."""
    assert gaps(segment("12:00:00", "12:21:00", "stopped", heard="12:10:00")) == [("12:21:00", "13:00:00", "stopped")]


def test_before_the_first_segment_nobody_recorded() -> None:
    """And without any, of the whole session; what lies outside of it is no gap."""
    assert gaps(segment("12:10:00", "14:00:00")) == [("12:00:00", "12:10:00", NOBODY)]
    assert gaps() == [("12:00:00", "13:00:00", NOBODY)]
    assert gaps(segment("10:00:00", "11:00:00", "killed")) == [("12:00:00", "13:00:00", NOBODY)]
    assert gaps(segment("13:10:00", "14:00:00")) == [("12:00:00", "13:00:00", NOBODY)]


def test_a_segment_without_a_channel_covers_nothing() -> None:
    """The list was changed, and the recorder not started again: its gap says what was not asked for."""
    half = segment("12:10:00", "12:40:00", channels=frozenset({"XA.BTC-USD"}))
    assert gaps(segment("12:00:00", "12:10:00"), half, segment("12:40:00", "13:00:00", connection="2")) == [
        ("12:10:00", "12:40:00", "XA.ETH-USD not subscribed to")
    ]


def test_segments_that_overlap_leave_no_gap() -> None:
    """Two recorders, one after the other: the longer one counts."""
    assert gaps(segment("12:00:00", "12:40:00"), segment("12:10:00", "12:20:00", "killed", connection="2")) == [
        ("12:40:00", "13:00:00", UNKNOWN_END)
    ]


def test_minutes_are_asked_for_once() -> None:
    """With one more on either side, together where they touch, and not again where they were asked for."""
    two = [Gap(at("12:10:30"), at("12:11:10"), "killed"), Gap(at("12:13:05"), at("12:13:06"), "killed")]
    (both,) = left(two, [])
    assert both == Span(at("12:09:00"), at("12:14:00"))
    far = Gap(at("12:40:00"), at("12:50:00"), "killed")
    assert left([*two, far], [both]) == [Span(at("12:39:00"), at("12:51:00"))]
    longer = Gap(at("12:40:00"), at("12:58:00"), "killed")
    assert left([longer], [Span(at("12:39:00"), at("12:51:00"))]) == [Span(at("12:52:00"), at("12:59:00"))]
