"""Airflow metrics of a market day, which StatsD, and on MWAA CloudWatch, take with Airflow's own."""

from __future__ import annotations

import datetime as dt

from airflow.sdk.observability.stats import gauge, incr

from anthill.alerts.outcome import Outcome


def send(outcome: Outcome, now: dt.datetime) -> None:
    """Rows, waits for the plan's rate and Databricks time of the run, and how late it ends (seconds)."""
    name = outcome.asset_class
    for task, result in outcome.results.items():
        place = f"anthill.{name}.{task.removeprefix('land.')}"
        if task.startswith("land."):
            gauge(f"{place}.landed_rows", result.get("rows", 0))
            gauge(f"{place}.rate_limit_wait", result.get("waited", 0.0))
        elif "seconds" in result:
            gauge(f"{place}.databricks_seconds", result["seconds"])
    gauge(f"anthill.{name}.lateness", lateness(outcome, now))
    incr(f"anthill.{name}.{'complete' if outcome.is_whole else 'incomplete'}")


def lateness(outcome: Outcome, now: dt.datetime) -> float:
    """Seconds from the moment at which the day was due until now; 0 for days long gone, which nobody waits for."""
    from anthill import catalog
    from anthill.calendars import session_close

    declared = catalog.load(outcome.asset_class)
    late = (now - session_close(declared.calendar, outcome.market_date) - declared.due_after_close).total_seconds()
    return late if 0 < late < 7 * 86400 else 0.0
