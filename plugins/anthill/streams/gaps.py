"""What nobody heard of a session: the intervals between segments, each with its cause, and the minutes to ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

import msgspec

from anthill.sources.polygon_stream.span import Span
from anthill.streams.segments import WHOLE, Segment

NOBODY = "nobody recorded before"
UNKNOWN_END = "the end of the connection did not reach bronze"
_MINUTE = dt.timedelta(minutes=1)
_SHOWN = 3  # channels in a cause


class Gap(msgspec.Struct, frozen=True, order=True):
    """An interval of a session that no segment with all channels covers (UTC), and why."""

    first: dt.datetime
    last: dt.datetime
    cause: str

    @property
    def span(self) -> Span:
        """The minutes that may lack in the stream."""
        return Span.around(self.first, self.last)

    @property
    def line(self) -> str:
        """It for a person."""
        return f"{self.first:%H:%M:%S} to {self.last:%H:%M:%S} UTC: {self.cause}"


def between(
    segments: Iterable[Segment], wanted: Collection[str], opens: dt.datetime, until: dt.datetime
) -> Iterator[Gap]:
    """The gaps of a session from its opening to a moment: each has the end of the segment before it as its cause."""
    covered, cause, before = opens, NOBODY, None
    for segment, heard_until in _heard(sorted(segments)):
        if lacking := set(wanted) - segment.channels:
            if heard_until > covered:
                cause = _not_subscribed(sorted(lacking))
            before = None
            continue
        if segment.ended not in WHOLE and heard_until <= segment.began:
            continue  # nothing was heard of it
        begins = segment.began
        if before and (before.connection, before.ended) == (segment.connection, "rotation"):
            begins = min(begins, before.over)  # one connection, cut: nothing lies between
        if begins > covered and covered < until:
            yield Gap(covered, min(begins, until), cause)
        if heard_until >= covered:
            # One that was cut went on: what came of it afterwards is lost with the disk of its machine.
            covered, cause = heard_until, UNKNOWN_END if segment.ended == "rotation" else segment.ended
        before = segment
    if covered < until:
        yield Gap(covered, until, cause)


def _heard(segments: list[Segment]) -> list[tuple[Segment, dt.datetime]]:
    """Each segment with the moment up to which nothing can have been missed of it.

    A connection that broke may have been dead since its last frame, in whichever of its segments that came.
    """
    found: list[tuple[Segment, dt.datetime]] = []
    dead: dict[str, str] = {}  # why a connection broke that no frame was heard of since
    for segment in reversed(segments):
        why = dead.pop(segment.connection, "" if segment.ended in WHOLE else segment.ended)
        if why and segment.heard <= segment.began:
            dead[segment.connection] = why
        found.append((msgspec.structs.replace(segment, ended=why), segment.heard) if why else (segment, segment.over))
    return found[::-1]


def _not_subscribed(lacking: list[str]) -> str:
    some = ", ".join(lacking[:_SHOWN]) + (f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else "")
    return f"{some} not subscribed to"


def left(gaps: Iterable[Gap], filled: Collection[Span]) -> list[Span]:
    """The minutes of these gaps that were not asked for yet, joined where they touch."""
    wanted: list[Span] = []
    for span in sorted((gap.span for gap in gaps), key=lambda each: each.first):
        if wanted and span.first <= wanted[-1].last + _MINUTE:
            wanted[-1] = Span(wanted[-1].first, max(wanted[-1].last, span.last))
        else:
            wanted.append(span)
    for done in filled:
        wanted = [part for span in wanted for part in _without(span, done)]
    return wanted


def _without(span: Span, done: Span) -> Iterator[Span]:
    """What is left of a span; all minutes that are asked for are over by then."""
    if done.last < span.first or done.first > span.last:
        yield span
        return
    if span.first < done.first:
        yield Span(span.first, done.first - _MINUTE)
    if done.last < span.last:
        yield Span(done.last + _MINUTE, span.last)
