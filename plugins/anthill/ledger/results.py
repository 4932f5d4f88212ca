"""What a landing came to, an interval each: landed or refused."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec

from anthill.bronze.commits import Commit
from anthill.intervals import Interval
from anthill.sources.errors import NotEntitledError, OutsideHistoryError, UnknownKeyError

Outcome = Literal["landed", "restated", "unchanged", "superseded"]


class Landed(msgspec.Struct, frozen=True):
    """An interval in bronze: its newest commits, one a shard, and whether this landing wrote any of them."""

    asset_class: str
    dataset: str
    interval: Interval
    outcome: Outcome
    rows: int
    pages: int
    raw_bytes: int  # of JSON or CSV, as fetched this time
    seconds: float
    commits: list[Commit]
    fields: tuple[str, ...] = ()  # of JSON rows, as sampled
    asked: dict[str, dt.datetime] = {}  # shard -> the API's clock, where it gave the rows that are there, be it again

    def told(self) -> dict[str, Any]:
        """The same as a task's result."""
        known: dict[str, Any] = msgspec.to_builtins(self)
        del known["interval"]
        return {**known, **self.interval.named}


class Refused(msgspec.Struct, frozen=True):
    """An interval that could not be had or kept, and why; the others go on."""

    interval: Interval
    reason: Exception

    @property
    def cause(self) -> Literal["", "plan", "key"]:
        """Whether it is for the API plan, which leaves the day out, or for the key, whatever day is asked for."""
        if isinstance(self.reason, UnknownKeyError):
            return "key"
        return "plan" if isinstance(self.reason, NotEntitledError | OutsideHistoryError) else ""

    @property
    def text(self) -> str:
        """Why, for a person; without the place where that is the same for many days."""
        match self.reason:
            case UnknownKeyError() as error:
                return f"{error.problem}. {error.remedy}"
            case NotEntitledError() | OutsideHistoryError() as error:
                return error.problem
        return str(self.reason)
