"""An asset class's streams: gaps filled, segments loaded, days settled."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import (
    DAG,
    chain,
)

from anthill import assets, catalog
from anthill.dag_builder import day
from anthill.dag_builder.limits import LAND_AT_MOST
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.streams.operators import FILL, FillGaps, LoadStream, OfStream
from anthill.timetables import IntradayTimetable


def stream_dag(asset_class: str, doc_md: str | None) -> DAG:
    """The DAG of an asset class's streams, off until turned on: gaps are filled, segments loaded, days settled."""
    declared = catalog.load(asset_class)
    with DAG(
        dag_id=f"{asset_class}_stream",
        description=f"{declared.description}: streams, loaded every 15 minutes in market hours",
        doc_md=doc_md,
        schedule=IntradayTimetable(declared.calendar, dt.timedelta(minutes=15)),
        start_date=dt.datetime.combine(declared.start_date, dt.time(), dt.UTC),
        catchup=False,
        is_paused_upon_creation=True,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "retry_delay": dt.timedelta(seconds=30), "owner": declared.owner},
        tags=["market", "stream", asset_class],
        params=day.asked("The market day to load and settle, YYYY-MM-DD; empty: the present one and the one before"),
    ) as dag:
        for name in declared.streams:
            typed = [assets.silver(asset_class, name)]
            gaps = FillGaps(task_id=FILL, asset_class=asset_class, stream=name, execution_timeout=LAND_AT_MOST)
            load = LoadStream(task_id="silver", asset_class=asset_class, stream=name, outlets=typed)
            settle = OfStream(task_id="settle", asset_class=asset_class, job="reconcile", inlets=typed)
            chain(gaps, load, settle)
    return dag
