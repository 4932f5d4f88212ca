"""What Airflow registers from this package."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from anthill.timetables import MarketDayTimetable


class AnthillPlugin(AirflowPlugin):
    """Market-day timetables."""

    name = "anthill"
    timetables = [MarketDayTimetable]
