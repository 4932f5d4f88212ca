"""An asset class's trades and quotes: a DAG of their own, since the market day's gold waits for neither."""

from __future__ import annotations

import datetime as dt
from functools import partial

from airflow.sdk import (
    DAG,
    TaskGroup,
    TriggerRule,
    chain,
)

from anthill import assets, catalog
from anthill.dag_builder import day
from anthill.dag_builder.limits import LAND_AT_MOST
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.governance.operator import ApplyGrants
from anthill.lakehouse.load_silver import LoadSilver
from anthill.lakehouse.operator import RunJob
from anthill.landing.operator import LandDataset
from anthill.timetables import timetable_of


def ticks_dag(asset_class: str, doc_md: str | None) -> DAG | None:
    """The DAG of an asset class's trades and quotes, one run a market day; none where their lists are empty."""
    declared = catalog.load(asset_class)
    if not declared.ticks:
        return None
    wait = max(dataset.due_after_close or declared.due_after_close for dataset in declared.ticks.values())
    with DAG(
        dag_id=f"{asset_class}_ticks",
        description=f"{declared.description}: trades and quotes of a list",
        doc_md=doc_md,
        schedule=timetable_of(declared.calendar, wait),
        start_date=dt.datetime.combine(declared.start_date, dt.time(), dt.UTC),
        catchup=False,
        is_paused_upon_creation=True,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "owner": declared.owner},
        tags=["market", "ticks", asset_class],
        params=day.asked(),
    ) as dag:
        with TaskGroup("land"):
            landed = [
                LandDataset(
                    task_id=name,
                    asset_class=asset_class,
                    dataset=name,
                    pool=dataset.source,
                    doc_md=dataset.description,
                    execution_timeout=LAND_AT_MOST,
                )
                for name, dataset in declared.ticks.items()
            ]
        typed = [assets.silver(asset_class, name) for name in declared.ticks]
        whatever = TriggerRule.ALL_DONE
        silver = LoadSilver(
            task_id="silver",
            asset_class=asset_class,
            datasets=list(declared.ticks),
            trigger_rule=whatever,
            inlets=[assets.bronze(asset_class, name) for name in declared.ticks],
            outlets=typed,
        )
        job = partial(RunJob, asset_class=asset_class, after="silver", trigger_rule=whatever, inlets=typed)
        quality = job(task_id="quality", job="quality")
        compared = job(task_id="reconcile", job="reconcile")
        fed = [assets.gold(asset_class, table) for dataset in declared.ticks.values() for table in dataset.gold]
        gold = job(task_id="gold", job="gold", outlets=fed)
        grants = ApplyGrants(task_id="grants", asset_class=asset_class, makes="gold", trigger_rule=whatever)
        chain(landed, silver, quality, compared, gold, grants)
    return dag
