"""What Airflow registers from this package."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from anthill import settings
from anthill.alerts.deadline import SessionCloseDeadline
from anthill.timetables import IntradayTimetable, MarketDayTimetable
from anthill.ui.hosts import OwnHosts
from anthill.ui.mounted import COVERAGE_VIEW, FASTAPI_APP


class AnthillPlugin(AirflowPlugin):
    """The timetables of market days and market hours, the deadline of a session, the coverage page and its hosts."""

    name = "anthill"
    timetables = [MarketDayTimetable, IntradayTimetable]
    deadline_references = [SessionCloseDeadline]
    fastapi_apps = [FASTAPI_APP]
    fastapi_root_middlewares = [
        {"name": "own hosts", "middleware": OwnHosts, "args": [], "kwargs": {"names": names}}
        for names in [settings.hosts()]
        if names
    ]
    external_views = [COVERAGE_VIEW]
