"""What an operator declares of market days in dags/closures.yaml: there is none, or its session closes at another time.

The file lies below dags/, which Amazon MWAA copies within a minute; what lies beside the code waits for an update.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec

from anthill import exchange

log = logging.getLogger(__name__)

# Beside plugins/, in a checkout and on MWAA; inside the wheel, as it was when the wheel was built.
_PLACES = (Path(__file__).parents[2] / "dags" / "closures.yaml", Path(__file__).with_name("closures.yaml"))
FILE = next((place for place in _PLACES if place.is_file()), _PLACES[0])
UPCOMING = "/v1/marketstatus/upcoming"  # where the source says what exchanges have announced
EXCHANGES = {"NYSE": "XNYS"}  # as the source names them, and their calendars
CALENDARS = ("XNYS", "24/7", "forex")
_SESSIONS = tuple(EXCHANGES.values())  # the days of the other calendars are those of the clock
_FORMS = (
    "a day is declared below its calendar, as `2026-12-24: day of mourning` where there is no market, "
    'or as `2026-12-24: {close: "13:00", by: who says so, reason: storm}`'
)
Reason = Annotated[str, msgspec.Meta(min_length=3)]


class ClosureError(ValueError):
    """The file is not what it must be; the message says where, and what is allowed."""


class Close(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session's close, in the exchange's zone, where it is not the calendar's: who says so, and why."""

    close: Annotated[str, msgspec.Meta(pattern=r"^\d\d:\d\d$")]
    by: Reason
    reason: Reason


class Declared(msgspec.Struct, frozen=True):
    """Of a calendar: the days without a market, with the reason, and the closes (UTC) that it has otherwise."""

    closed: dict[dt.date, str] = {}
    closes: dict[dt.date, dt.datetime] = {}


_NOTHING = Declared()
_kept: tuple[tuple[int, int], dict[str, Declared]] = ((0, 0), {})


def of(calendar: str) -> Mapping[dt.date, str]:
    """The days on which a market does not trade, with the reason."""
    return _declared(calendar).closed


def closes(calendar: str) -> Mapping[dt.date, dt.datetime]:
    """When sessions close (UTC) that the calendar ends at another time."""
    return _declared(calendar).closes


def _declared(calendar: str) -> Declared:
    """What the file says of a calendar, read again when it has changed.

    A file that is wrong is told in the log and changes nothing: no scheduler may stop because of it.
    """
    global _kept
    try:
        status = FILE.stat()
    except FileNotFoundError:
        return _NOTHING
    version = (status.st_mtime_ns, status.st_size)
    if version != _kept[0]:
        try:
            _kept = (version, read(FILE))
        except (ClosureError, OSError) as error:
            log.error("%s; what it said before holds", error)
            _kept = (version, _kept[1])
    return _kept[1].get(calendar, _NOTHING)


def read(file: Path) -> dict[str, Declared]:
    """What a file declares, by calendar; ClosureError names the line where it is wrong."""
    import yaml

    try:
        root = yaml.compose(file.read_bytes(), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise ClosureError(f"{file}: {error}; {_FORMS}") from error
    if root is None:
        return {}
    return {calendar.value: _calendar(file, calendar, days) for calendar, days in _entries(file, root)}


def _calendar(file: Path, calendar: Any, days: Any) -> Declared:
    if calendar.value not in CALENDARS:
        _wrong(file, calendar, f"{calendar.value} is no calendar, there are {', '.join(CALENDARS)}")
    declared = Declared({}, {})
    for key, value in _entries(file, days):
        try:
            day = dt.date.fromisoformat(key.value)
            if isinstance(value.value, str):
                declared.closed[day] = msgspec.convert(value.value, type=Reason)
            else:
                fields = {name.value: text.value for name, text in _entries(file, value)}
                declared.closes[day] = _moment(calendar.value, day, msgspec.convert(fields, type=Close))
        except ClosureError:
            raise
        except (msgspec.ValidationError, ValueError) as error:
            _wrong(file, key, f"{key.value}: {error}")
    return declared


def _entries(file: Path, node: Any) -> Iterator[tuple[Any, Any]]:
    """The keys and values of a mapping, each key once."""
    if node.id != "mapping":
        _wrong(file, node, "it is no mapping")
    known = set()
    for key, value in node.value:
        if not isinstance(key.value, str) or key.value in known:
            _wrong(file, key, f"{key.value!r} is there twice, or is no name")
        known.add(key.value)
        yield key, value


def _moment(calendar: str, day: dt.date, declared: Close) -> dt.datetime:
    """The close in UTC; ValueError where no session of the calendar ends then."""
    if calendar not in _SESSIONS:
        raise ValueError(
            f"the days of {calendar} are those of the clock, only sessions of {', '.join(_SESSIONS)} close"
        )
    opens, regular, zone = exchange.load(calendar).hours
    time = dt.time.fromisoformat(declared.close)
    if not opens < time <= regular:
        raise ValueError(f"{declared.close} is no close after {opens:%H:%M} and until {regular:%H:%M}, {zone.key}")
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)


def _wrong(file: Path, node: Any, what: str) -> NoReturn:
    raise ClosureError(f"{file}, line {node.start_mark.line + 1}: {what}; {_FORMS}")
