"""Which market day, or which interval of another calendar, a run is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from anthill import calendars, closures, intervals
from anthill.calendars import NotAMarketDayError
from anthill.intervals import Interval
from anthill.timetables import MarketDayTimetable, names_a_day

PARAM = "market_date"


def market_day(context: Mapping[str, Any]) -> dt.date:
    """The market day of a running task: the one asked for, else the last due at its logical date, else its interval's.

    NotAMarketDayError where the run has none of these, or names a day off.
    """
    if asked := _asked(context):
        return asked
    if by_hand := _by_hand(context):
        timetable, logical_date = by_hand
        return timetable.market_day(logical_date)
    start = context.get("data_interval_start")
    if start is None:
        raise NotAMarketDayError(
            f"run {context['run_id']} has no data interval: trigger it again with the parameter '{PARAM}', or with "
            f"a logical date at midnight UTC, which names its day"
        )
    # A plain date: pendulum's own is not one to serializers.
    return dt.date(start.year, start.month, start.day)


def checked_market_day(context: Mapping[str, Any], calendar: str) -> dt.date:
    """The market day of a running task; NotAMarketDayError when a person asked for a day off."""
    day = market_day(context)
    if context["params"].get(PARAM) or day in closures.of(calendar):
        # Only then: the timetable makes no other days, and loading a calendar costs half a second.
        calendars.require_market_day(calendar, day)
    return day


def interval_of(context: Mapping[str, Any], calendar: str) -> Interval:
    """The interval of a running task: its market day, checked, or what its data interval ends with."""
    if intervals.span_of(calendar):
        # A run by hand has no interval, or one without a length: it is about what had ended when it was started.
        return intervals.ending(calendar, context.get("data_interval_end") or context["dag_run"].run_after)
    return intervals.market_day(calendar, checked_market_day(context, calendar))


def is_regular(context: Mapping[str, Any]) -> bool:
    """Whether the run is the market's own, on its schedule, and not one of a backfill or of a day asked for."""
    return context["dag_run"].run_type in ("scheduled", "manual") and _asked(context) is None


def _asked(context: Mapping[str, Any]) -> dt.date | None:
    """The day that a person asked for, by the run's parameter or a logical date at midnight UTC."""
    if asked := context["params"].get(PARAM):
        return dt.date.fromisoformat(asked)
    if (by_hand := _by_hand(context)) and names_a_day(by_hand[1]):
        timetable, logical_date = by_hand
        return timetable.market_day(logical_date)
    return None


def _by_hand(context: Mapping[str, Any]) -> tuple[MarketDayTimetable, dt.datetime] | None:
    """The timetable and logical date of a run that was triggered with one.

    Its interval is of no use: Airflow's command line infers it from the moment of the trigger, its REST API and UI from
    the logical date.
    """
    logical_date, timetable = context.get("logical_date"), getattr(context.get("dag"), "timetable", None)
    if context["dag_run"].run_type == "manual" and logical_date and isinstance(timetable, MarketDayTimetable):
        return timetable, logical_date
    return None


def first_market_day(context: Mapping[str, Any], asset_class: str) -> dt.date:
    """The first market day that the run may change: days before its own are fetched again while the source revises.

    ClosedError where an operator has declared that the run's own day is none.
    """
    from anthill import catalog

    day, declared = market_day(context), catalog.load(asset_class)
    if day in closures.of(declared.calendar):
        calendars.require_market_day(declared.calendar, day)
    if not is_regular(context):
        return day
    return max(calendars.shift(declared.calendar, day, -declared.restated_days), declared.start_date)
