"""A DAG from a declaration: land each dataset, then silver, quality, gold and grants."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, Param, TaskGroup

from anthill import catalog
from anthill.governance.operator import ApplyGrants
from anthill.lakehouse.operator import LoadSilver, RunJob
from anthill.landing.operator import LandDataset
from anthill.market_day import PARAM
from anthill.timetables import MarketDayTimetable

_DEFAULT_ARGS = {
    "retries": 3,
    "retry_delay": dt.timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": dt.timedelta(minutes=30),
}


def market_dag(asset_class: str, doc_md: str | None) -> DAG:
    """The DAG of one asset class: a run is one market day, from the source to gold and its readers."""
    declared = catalog.load(asset_class)
    with DAG(
        dag_id=asset_class,
        description=declared.description,
        doc_md=doc_md,
        schedule=MarketDayTimetable(declared.calendar, declared.due_after_close),
        start_date=dt.datetime.combine(declared.start_date, dt.time(), dt.UTC),
        catchup=False,
        max_active_runs=4,
        default_args={**_DEFAULT_ARGS, "owner": declared.owner},
        tags=["market", asset_class],
        params={
            PARAM: Param(
                None,
                type=["null", "string"],
                format="date",
                title="Market day",
                description="The market day to run, YYYY-MM-DD; empty takes the run's own",
            )
        },
    ) as dag:
        with TaskGroup("land") as land:
            for dataset in declared.datasets.values():
                LandDataset(
                    task_id=dataset.name,
                    asset_class=asset_class,
                    dataset=dataset.name,
                    doc_md=dataset.description,
                )
        silver = LoadSilver(task_id="silver", asset_class=asset_class, datasets=list(declared.datasets))
        quality = RunJob(task_id="quality", job="quality", asset_class=asset_class)
        gold = RunJob(task_id="gold", job="gold", asset_class=asset_class)
        grants = ApplyGrants(task_id="grants", asset_class=asset_class)
        land >> silver >> quality >> gold >> grants
    return dag
