"""Which market day a run is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

PARAM = "market_date"


def market_day(context: Mapping[str, Any]) -> dt.date:
    """The market day of a running task: the run's parameter when one was given, else its data interval.

    Raises ValueError where the run has neither.
    """
    if asked := context["params"].get(PARAM):
        return dt.date.fromisoformat(asked)
    start = context.get("data_interval_start")
    if start is None:
        raise ValueError(f"run {context['run_id']} has no data interval: trigger it again with the parameter '{PARAM}'")
    # A plain date: pendulum's own is not one to serializers.
    return dt.date(start.year, start.month, start.day)


def checked_market_day(context: Mapping[str, Any], calendar: str) -> dt.date:
    """The market day of a running task; NotAMarketDayError when a person asked for a day off."""
    day = market_day(context)
    if context["params"].get(PARAM):
        # Only then: the timetable makes no other days, and loading a calendar costs half a second.
        from anthill import calendars

        calendars.require_market_day(calendar, day)
    return day


def is_regular(context: Mapping[str, Any]) -> bool:
    """Whether the run is the market's own, on its schedule, and not one of a backfill or of a day asked for."""
    return context["dag_run"].run_type in ("scheduled", "manual") and not context["params"].get(PARAM)


def first_market_day(context: Mapping[str, Any], asset_class: str) -> dt.date:
    """The first market day that the run may change: days before its own are fetched again while the source revises."""
    day = market_day(context)
    if not is_regular(context):
        return day
    from anthill import calendars, catalog

    declared = catalog.load(asset_class)
    return max(calendars.shift(declared.calendar, day, -declared.restated_days), declared.start_date)
