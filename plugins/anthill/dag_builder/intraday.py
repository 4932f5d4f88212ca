"""Snapshots of an asset class in market hours."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import (
    DAG,
)

from anthill import catalog
from anthill.dag_builder.limits import LAND_AT_MOST
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.landing.snapshot import LandSnapshot
from anthill.timetables import IntradayTimetable


def intraday_dag(asset_class: str, doc_md: str | None) -> DAG:
    """The snapshots of one asset class in market hours, off until somebody turns them on; one run at a time."""
    declared = catalog.load(asset_class)
    every = min(dataset.every for dataset in declared.intraday.values() if dataset.every)
    with DAG(
        dag_id=f"{asset_class}_intraday",
        description=f"{declared.description}: snapshots every {every.total_seconds() / 60:.0f} minutes in market hours",
        doc_md=doc_md,
        schedule=IntradayTimetable(declared.calendar, every),
        start_date=dt.datetime.combine(declared.start_date, dt.time(), dt.UTC),
        catchup=False,
        is_paused_upon_creation=True,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "retries": 1, "retry_delay": dt.timedelta(seconds=30), "owner": declared.owner},
        tags=["market", "intraday", asset_class],
    ) as dag:
        for dataset in declared.intraday.values():
            LandSnapshot(
                task_id=dataset.name,
                asset_class=asset_class,
                dataset=dataset.name,
                pool=dataset.source,
                doc_md=dataset.description,
                execution_timeout=LAND_AT_MOST,
            )
    return dag
