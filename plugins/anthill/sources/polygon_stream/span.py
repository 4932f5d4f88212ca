"""Minutes of a market day that are asked of the API: a part of the day, named by its ends."""

from __future__ import annotations

import datetime as dt
import re
from typing import Self

import msgspec

FILLED = "rest-"  # what the name of such a part begins with; a segment's begins with its moment
_FORM = "%Y%m%dT%H%MZ"
_NAME = re.compile(rf"{FILLED}(\d{{8}}T\d{{4}}Z)-(\d{{8}}T\d{{4}}Z)")


class Span(msgspec.Struct, frozen=True):
    """From the beginning of one minute to that of another one, both of them included (UTC)."""

    first: dt.datetime
    last: dt.datetime

    @classmethod
    def around(cls, first: dt.datetime, last: dt.datetime) -> Self:
        """The minutes of a stretch of time, and one more on either side: a bar is sent behind its minute."""
        minute = dt.timedelta(minutes=1)
        first, last = (each.replace(second=0, microsecond=0) for each in (first, last))
        return cls(first - minute, last + minute)

    @classmethod
    def of(cls, shard: str) -> Self:
        """The one of a shard's name; ValueError where it names none."""
        if not (found := _NAME.fullmatch(shard)):
            raise ValueError(f"{shard!r} names no minutes: {FILLED}<first>-<last>, each as 20260616T1345Z")
        first, last = (dt.datetime.strptime(each, _FORM).replace(tzinfo=dt.UTC) for each in found.groups())
        return cls(first, last)

    @property
    def shard(self) -> str:
        """Its name in bronze."""
        return f"{FILLED}{self.first:{_FORM}}-{self.last:{_FORM}}"

    @property
    def in_path(self) -> str:
        """Its ends as the API takes them, in milliseconds; the last one is the end of its minute."""
        first, last = (int(each.timestamp()) * 1000 for each in (self.first, self.last))
        return f"{first}/{last + 59_999}"
