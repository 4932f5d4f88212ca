"""What a bulk backfill is asked for, and its chunks of market days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from anthill import calendars, catalog

MOST_CHUNKS = 500  # Airflow maps a task 1024 times at most


class PlanError(ValueError):
    """What was asked cannot be planned; the message says what is allowed."""


class Plan(msgspec.Struct, frozen=True):
    """An asset class, the datasets asked for, and the market days in order; `again` fetches those that are landed."""

    asset_class: str
    datasets: tuple[str, ...]
    days: tuple[dt.date, ...]
    chunk: int
    again: bool

    @property
    def chunks(self) -> list[dict[str, Any]]:
        """The first and last market day of each chunk, and how many days lie before it."""
        return [
            {
                "market_date_from": str(self.days[at]),
                "market_date_to": str(self.days[min(at + self.chunk, len(self.days)) - 1]),
                "days_before": at,
            }
            for at in range(0, len(self.days), self.chunk)
        ]


def plan(params: Mapping[str, Any]) -> Plan:
    """The plan of a form: asset_class, datasets, market_date_from, market_date_to, chunk, again."""
    declared = catalog.load(params["asset_class"])
    first, last = (_day(params, name) for name in ("market_date_from", "market_date_to"))
    asked = tuple(params.get("datasets") or declared.historical)
    if unknown := set(asked) - set(declared.historical):
        raise PlanError(
            f"datasets: {', '.join(sorted(unknown))} cannot be had for days gone by; {declared.asset_class} has "
            f"{', '.join(declared.historical)}"
        )
    days = calendars.market_days(declared.calendar, max(first, declared.start_date), last)
    if not days:
        raise PlanError(f"there is no {declared.calendar} market day from {first} to {last}")
    chunk = int(params["chunk"])
    if len(days) > chunk * MOST_CHUNKS:
        raise PlanError(f"chunk: {len(days)} market days in chunks of {chunk} are more than {MOST_CHUNKS}: enlarge it")
    return Plan(declared.asset_class, asked, tuple(days), chunk, bool(params["again"]))


def _day(params: Mapping[str, Any], name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(params[name])
    except (TypeError, ValueError):
        raise PlanError(f"{name}: {params[name]!r} is no date, allowed is YYYY-MM-DD") from None
