"""When runs happen: once a market day when its data is due, or again and again in market hours."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from airflow.timetables.base import DagRunInfo, DataInterval, Timetable
from airflow.timetables.interval import DeltaDataIntervalTimetable
from pendulum import UTC, DateTime
from pendulum import instance as pendulum

from anthill import calendars, intervals

if TYPE_CHECKING:
    from airflow.timetables.base import TimeRestriction
    from airflow.utils.types import DagRunType


def timetable_of(calendar: str, due_after_close: dt.timedelta) -> Timetable:
    """When runs of a calendar's intervals happen: a market's days when they are due, a span of time when it is over."""
    if span := intervals.span_of(calendar):
        return DeltaDataIntervalTimetable(span)
    return MarketDayTimetable(calendar, due_after_close)


class MarketDayTimetable(Timetable):
    """Runs of a calendar's market days; a run's data interval is its market day as a UTC day.

    The interval is a label, so that `ds` and a backfill's dates are market days. The run starts `due_after_close`
    after the session's close, early closes included.
    """

    description = "Each market day, when its data is due"

    def __init__(self, calendar: str, due_after_close: dt.timedelta) -> None:
        self.calendar = calendar
        self.due_after_close = due_after_close

    @property
    def summary(self) -> str:
        """What the UI shows as the schedule."""
        return f"{self.calendar} market days, {self.due_after_close} after close"

    def serialize(self) -> dict[str, Any]:
        """The arguments as JSON."""
        return {"calendar": self.calendar, "due_after_close": self.due_after_close.total_seconds()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> MarketDayTimetable:
        """The timetable from its JSON."""
        return cls(data["calendar"], dt.timedelta(seconds=data["due_after_close"]))

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """The market day that a logical date is about; Airflow's command line asks with the moment of the trigger."""
        return _interval(self.market_day(run_after))

    def market_day(self, logical_date: dt.datetime) -> dt.date:
        """The day that a midnight (UTC) names, at any other time the last one due; NotAMarketDayError for a day off."""
        moment = logical_date.astimezone(dt.UTC)
        return calendars.require_market_day(self.calendar, moment.date()) if names_a_day(moment) else self._last(moment)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The run of the next market day within the DAG's dates."""
        earliest = restriction.earliest
        if last_automated_data_interval is not None:
            start: dt.date = last_automated_data_interval.start.date() + dt.timedelta(days=1)
        elif earliest is not None:
            start = _first_day(earliest)
        else:
            return None
        if not restriction.catchup:
            start = max(start, self._latest_due(DateTime.now(UTC)))
        day = calendars.next_market_day(self.calendar, start)
        if day is None or (restriction.latest is not None and _midnight(day) > restriction.latest):
            return None
        return DagRunInfo(run_after=self._due(day), data_interval=_interval(day))

    def generate_run_id(
        self, *, run_type: DagRunType, run_after: DateTime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """`scheduled__2026-06-02`: the market day is what people look for."""
        if data_interval is None or run_type == "manual":
            return run_type.generate_run_id(suffix=run_after.isoformat())
        return run_type.generate_run_id(suffix=data_interval.start.date().isoformat())

    def _due(self, day: dt.date) -> DateTime:
        return pendulum(calendars.session_close(self.calendar, day) + self.due_after_close)

    def _latest_due(self, now: DateTime) -> dt.date:
        """The newest market day whose data is due: without catchup there is nothing older to run."""
        return self._last(now)

    def _last(self, moment: dt.datetime) -> dt.date:
        """The last market day that is due at a moment (UTC)."""
        day = calendars.previous_market_day(self.calendar, moment.date())
        while day and self._due(day) > moment:
            day = calendars.previous_market_day(self.calendar, day - dt.timedelta(days=1))
        if day is None:
            raise calendars.NotAMarketDayError(f"{moment} lies before the first market day of {self.calendar}")
        return day


def names_a_day(logical_date: dt.datetime) -> bool:
    """Whether a logical date is a midnight (UTC), which is a market day's name, and no moment."""
    return logical_date.astimezone(dt.UTC).time() == dt.time()


class IntradayTimetable(Timetable):
    """Runs every so often from a market's open to its close; a run's logical date is the moment it is for."""

    description = "Again and again in market hours"

    def __init__(self, calendar: str, every: dt.timedelta) -> None:
        self.calendar = calendar
        self.every = every

    @property
    def summary(self) -> str:
        """What the UI shows as the schedule."""
        return f"every {self.every} in {self.calendar} market hours"

    def serialize(self) -> dict[str, Any]:
        """The arguments as JSON."""
        return {"calendar": self.calendar, "every": self.every.total_seconds()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> IntradayTimetable:
        """The timetable from its JSON."""
        return cls(data["calendar"], dt.timedelta(seconds=data["every"]))

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """The moment of the trigger."""
        return DataInterval.exact(run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The next moment in market hours: moments gone by cannot be had, and are not made up for."""
        now = DateTime.now(UTC)
        earliest = max(now - self.every, restriction.earliest) if restriction.earliest else now - self.every
        if last_automated_data_interval is not None:
            earliest = max(earliest, last_automated_data_interval.start + dt.timedelta(seconds=1))
        moment = self._moment_from(earliest)
        if moment is None or (restriction.latest is not None and moment > restriction.latest):
            return None
        return DagRunInfo.exact(moment)

    def _moment_from(self, earliest: DateTime) -> DateTime | None:
        """The first moment at or after another one; None past the calendar's end."""
        day = calendars.previous_market_day(self.calendar, earliest.date()) or calendars.next_market_day(
            self.calendar, earliest.date()
        )
        while day is not None:
            opens, closes = calendars.session_open(self.calendar, day), calendars.session_close(self.calendar, day)
            waited = max(0.0, earliest.timestamp() - opens.timestamp())
            moment = opens + math.ceil(waited / self.every.total_seconds()) * self.every
            if moment <= closes:
                return pendulum(moment)
            day = calendars.next_market_day(self.calendar, day + dt.timedelta(days=1))
        return None


def _first_day(moment: DateTime) -> dt.date:
    """The first day that begins at or after the moment."""
    day = moment.in_timezone(UTC).date()
    return day if _midnight(day) >= moment else day + dt.timedelta(days=1)


def _midnight(day: dt.date) -> DateTime:
    return DateTime(day.year, day.month, day.day, tzinfo=UTC)


def _interval(day: dt.date) -> DataInterval:
    return DataInterval(_midnight(day), _midnight(day + dt.timedelta(days=1)))
