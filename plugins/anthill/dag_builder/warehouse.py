"""A star's way into a warehouse."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import (
    DAG,
)

from anthill import assets, catalog
from anthill.dag_builder.limits import CUT_AT_MOST
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.warehouses.operator import KeepVersion, LoadVersion


def warehouse_dag(asset_class: str, doc_md: str | None) -> DAG:
    """A star's way into a warehouse, whenever gold was written; off until it is turned on, one run at a time."""
    declared = catalog.load(asset_class)
    with DAG(
        dag_id=f"{asset_class}_warehouse",
        description=f"{declared.description}: its star in a warehouse",
        doc_md=doc_md,
        schedule=[assets.gold(asset_class, name) for name in declared.warehouse],
        start_date=dt.datetime.combine(declared.start_date, dt.time(), dt.UTC),
        catchup=False,
        is_paused_upon_creation=True,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "retry_delay": dt.timedelta(seconds=30), "owner": declared.owner},
        tags=["database", "warehouse", asset_class],
    ) as dag:
        keep = KeepVersion(task_id="keep", asset_class=asset_class, execution_timeout=CUT_AT_MOST)
        load = LoadVersion(task_id="load", asset_class=asset_class, execution_timeout=CUT_AT_MOST)
        keep >> load
    return dag
