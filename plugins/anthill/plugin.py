"""What Airflow registers from this package."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from anthill.timetables import IntradayTimetable, MarketDayTimetable
from anthill.ui.mounted import COVERAGE_VIEW, FASTAPI_APP


class AnthillPlugin(AirflowPlugin):
    """The timetables of market days and market hours, and the coverage page."""

    name = "anthill"
    timetables = [MarketDayTimetable, IntradayTimetable]
    fastapi_apps = [FASTAPI_APP]
    external_views = [COVERAGE_VIEW]
