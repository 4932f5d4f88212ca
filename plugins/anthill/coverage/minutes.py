"""What each minute of a stream's session is, in one letter: recorded, a gap, filled, settled, and so on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from anthill import calendars
from anthill.catalog import AssetClass
from anthill.coverage.reader import Reader
from anthill.dataset import Dataset
from anthill.streams.gaps import Gap
from anthill.streams.listed import Listed, key

_MINUTE = dt.timedelta(minutes=1)
_ON_THE_WAY = dt.timedelta(minutes=30)  # a segment until it is in bronze, and the DAG until it has looked


class MinuteState(StrEnum):
    """The states, each with the letter that stands for it."""

    RECORDED = "R"
    GAP = "G"
    FILLED = "F"
    SETTLED = "S"
    UNKNOWN = "N"
    WAITING = "W"


MEANING: dict[MinuteState, str] = {
    MinuteState.RECORDED: "recorded: somebody listened to all channels; its bars are provisional",
    MinuteState.GAP: "gap: nobody listened to all of it, and REST was not asked for it yet",
    MinuteState.FILLED: "filled: nobody listened to all of it, and REST was asked for it; its bars are provisional",
    MinuteState.SETTLED: "settled: REST's bars of the day are in silver, and the stream's were compared with them",
    MinuteState.UNKNOWN: "not known: nothing was recorded, or the stream's DAG has not looked",
    MinuteState.WAITING: "not there yet: it is to come, or its segment is on the way to bronze",
}


class Known(msgspec.Struct, frozen=True):
    """A gap, and what became of its minutes."""

    first: dt.datetime
    last: dt.datetime
    cause: str
    state: str


class Minutes(msgspec.Struct, frozen=True):
    """A stream's session on a market day, a letter a minute from its opening (UTC), and its gaps with their causes."""

    asset_class: str
    stream: str
    market_date: dt.date
    opens: dt.datetime
    closes: dt.datetime
    until: dt.datetime | None  # up to where segments and gaps are known
    settled_at: dt.datetime | None
    states: str
    gaps: tuple[Known, ...]
    meaning: dict[str, str]


def of(reader: Reader, declared: AssetClass, day: dt.date | None, now: dt.datetime) -> Iterator[Minutes]:
    """Each stream of an asset class on a market day, the present one unless told otherwise; nothing of a day off."""
    day = day or calendars.present_market_day(declared.calendar, now)
    if declared.streams and calendars.is_market_day(declared.calendar, day):
        for stream in declared.streams.values():
            yield _minutes(stream, day, reader.document(key(stream, day), Listed), _settled(reader, stream, day), now)


def _minutes(stream: Dataset, day: dt.date, known: Listed, settled_at: dt.datetime | None, now: dt.datetime) -> Minutes:
    opens, closes = calendars.session_open(stream.calendar, day), calendars.session_close(stream.calendar, day)
    looked = now - _ON_THE_WAY if known.until else now
    letters: list[MinuteState] = []
    for number in range((closes - opens) // _MINUTE):
        minute = opens + number * _MINUTE
        if settled_at:
            letters.append(MinuteState.SETTLED)
        elif known.until and minute + _MINUTE <= known.until:
            letters.append(MinuteState.RECORDED)
        else:
            letters.append(MinuteState.UNKNOWN if minute + _MINUTE <= looked else MinuteState.WAITING)
    gaps = []
    for gap in known.gaps:
        became = MinuteState.SETTLED if settled_at else MinuteState.FILLED
        for number in _touched(gap, opens, len(letters)):
            if not settled_at:
                letters[number] = _of_gap(opens + number * _MINUTE, known)
                became = MinuteState.GAP if MinuteState.GAP in (became, letters[number]) else became
        gaps.append(Known(gap.first, gap.last, gap.cause, became.value))
    meaning = {state.value: said for state, said in MEANING.items()}
    name, states = stream.asset_class, "".join(letters)
    return Minutes(name, stream.name, day, opens, closes, known.until, settled_at, states, tuple(gaps), meaning)


def _touched(gap: Gap, opens: dt.datetime, many: int) -> range:
    """The minutes of the session that a gap lies in, by their number."""
    first = (gap.first - opens) // _MINUTE
    last = -((opens - gap.last) // _MINUTE)  # rounded up
    return range(max(first, 0), min(max(last, first + 1), many))


def _of_gap(minute: dt.datetime, known: Listed) -> MinuteState:
    asked = any(span.first <= minute <= span.last for span in known.asked)
    return MinuteState.FILLED if asked else MinuteState.GAP


def _settled(reader: Reader, stream: Dataset, day: dt.date) -> dt.datetime | None:
    """When the day was last compared with what settles it, after its session; None before."""
    closes = calendars.session_close(stream.calendar, day)
    jobs = reader.jobs(stream.asset_class, closes).values()
    return max(
        (job.at for job in jobs if job.ok and str(day) in job.facts.get("settled", {}).get(stream.name, ())),
        default=None,
    )
