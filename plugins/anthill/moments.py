"""A moment of the past, as people write it and as the names of schemas have it."""

from __future__ import annotations

import datetime as dt
import re

LAYERS = ("silver", "quality", "gold")
_NAME = re.compile(rf"asof_(\d{{8}}t\d{{6}})z_(?:{'|'.join(LAYERS)})", re.ASCII)
_STAMP = "%Y%m%dt%H%M%S"
_EXAMPLE = "write it as 2024-05-28T12:00:00Z or 2024-05-28T14:00:00+02:00"


class MomentError(ValueError):
    """A text is no moment; the message says how to write one."""


def parse(given: str) -> dt.datetime:
    """The moment in UTC, to the second as the API's clock has it; MomentError where its time zone is missing."""
    try:
        moment = dt.datetime.fromisoformat(given)
    except ValueError:
        raise MomentError(f"{given!r} is no moment: {_EXAMPLE}") from None
    if moment.tzinfo is None:
        raise MomentError(f"{given!r} does not say its time zone: {_EXAMPLE}")
    if moment.microsecond:
        raise MomentError(f"{given!r} has a fraction of a second, which no answer's time has: {_EXAMPLE}")
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise MomentError(f"{given!r} lies outside the calendar: {_EXAMPLE}") from None


def text(moment: dt.datetime) -> str:
    """A moment as it is shown: 2024-05-28T12:00:00Z."""
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def schema(layer: str, moment: dt.datetime) -> str:
    """The schema that holds silver, quality or gold as of a moment; the same for the same moment."""
    return f"asof_{moment.astimezone(dt.UTC).strftime(_STAMP)}z_{layer}"


def of_schema(name: str) -> dt.datetime | None:
    """The moment that a schema is as of; None for the environment's own and all others."""
    if (found := _NAME.fullmatch(name)) is None:
        return None
    try:
        return dt.datetime.strptime(found[1], _STAMP).replace(tzinfo=dt.UTC)
    except ValueError:
        return None
