"""What Airflow registers from this package."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from anthill.alerts.deadline import SessionCloseDeadline
from anthill.timetables import IntradayTimetable, MarketDayTimetable
from anthill.ui.mounted import COVERAGE_VIEW, FASTAPI_APP


class AnthillPlugin(AirflowPlugin):
    """The timetables of market days and market hours, the deadline of a session, and the coverage page."""

    name = "anthill"
    timetables = [MarketDayTimetable, IntradayTimetable]
    deadline_references = [SessionCloseDeadline]
    fastapi_apps = [FASTAPI_APP]
    external_views = [COVERAGE_VIEW]
