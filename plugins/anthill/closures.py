"""Days on which a market does not trade although its calendar says so: an operator declares them in dags/closures.yaml.

The file lies below dags/, which Amazon MWAA copies within a minute; what lies beside the code waits for an update.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

log = logging.getLogger(__name__)

# Beside plugins/, in a checkout and on MWAA; inside the wheel, as it was when the wheel was built.
_PLACES = (Path(__file__).parents[2] / "dags" / "closures.yaml", Path(__file__).with_name("closures.yaml"))
FILE = next((place for place in _PLACES if place.is_file()), _PLACES[0])
UPCOMING = "/v1/marketstatus/upcoming"  # where the source says what exchanges have announced
EXCHANGES = {"NYSE": "XNYS"}  # as the source names them, and their calendars
CALENDARS = ("XNYS", "24/7", "forex")
Reason = Annotated[str, msgspec.Meta(min_length=3)]
_kept: tuple[tuple[int, int], dict[str, dict[dt.date, str]]] = ((0, 0), {})


class ClosureError(ValueError):
    """The file is not what it must be; the message says where, and what is allowed."""


def of(calendar: str) -> Mapping[dt.date, str]:
    """The days on which a market does not trade, with the reason; read again when the file has changed.

    A file that is wrong is told in the log and changes nothing: no scheduler may stop because of it.
    """
    global _kept
    try:
        status = FILE.stat()
    except FileNotFoundError:
        return {}
    version = (status.st_mtime_ns, status.st_size)
    if version != _kept[0]:
        try:
            _kept = (version, read(FILE))
        except (ClosureError, OSError) as error:
            log.error("%s; what it said before holds", error)
            _kept = (version, _kept[1])
    return _kept[1].get(calendar, {})


def read(file: Path) -> dict[str, dict[dt.date, str]]:
    """The reason of each day, by calendar; ClosureError where the file is wrong."""
    try:
        found = msgspec.yaml.decode(file.read_bytes(), type=dict[str, dict[dt.date, Reason]] | None) or {}
    except (msgspec.MsgspecError, ValueError) as error:
        form = "a calendar's days with the reason of each, as `XNYS:` and below it `  2026-12-24: day of mourning`"
        raise ClosureError(f"{file}: {error}; allowed are {form}") from error
    if unknown := found.keys() - set(CALENDARS):
        raise ClosureError(f"{file}: {', '.join(sorted(unknown))} is no calendar, there are {', '.join(CALENDARS)}")
    return found
