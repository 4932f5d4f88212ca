"""Airflow's scheduler on one machine: it forks its tasks, so what it has loaded they need not load again."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
import warnings
from typing import get_args

# What nearly every task imports before its own work begins; about a second of each task without it.
LOADED = (
    "airflow.providers.amazon.aws.hooks.s3",
    "airflow.providers.databricks.operators.databricks",
    "airflow.sdk.execution_time.task_runner",
    "anthill.governance.permissions",
    "anthill.landing.land",
    "anthill.polygon.hook",
    "anthill.polygon.client",
    "boto3.session",
)


def main() -> None:
    """Load, then schedule."""
    from airflow.__main__ import main as airflow
    from airflow.providers_manager import ProvidersManager

    from anthill import calendars
    from anthill.catalog import Calendar

    for module in LOADED:
        importlib.import_module(module)
    for calendar in get_args(Calendar):
        calendars.is_market_day(calendar, dt.date.max)  # asked of any day, it builds all of them
    with warnings.catch_warnings(action="ignore"):
        _ = ProvidersManager().hooks
    sys.argv = ["airflow", "scheduler"]
    airflow()


if __name__ == "__main__":
    main()
