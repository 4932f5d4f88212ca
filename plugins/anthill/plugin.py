"""What Airflow registers from this package."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from anthill.timetables import IntradayTimetable, MarketDayTimetable


class AnthillPlugin(AirflowPlugin):
    """The timetables of market days and market hours."""

    name = "anthill"
    timetables = [MarketDayTimetable, IntradayTimetable]
