"""A market day from the source to gold and its readers."""

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
from anthill.alerts import deadline
from anthill.alerts.complete import CompleteDay
from anthill.dag_builder import day
from anthill.dag_builder.consumption import consumption
from anthill.dag_builder.limits import LAND_AT_MOST
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.governance.operator import ApplyGrants
from anthill.lakehouse.load_silver import LoadSilver
from anthill.lakehouse.operator import RunJob
from anthill.landing.operator import LandDataset
from anthill.timetables import timetable_of


def market_dag(asset_class: str, doc_md: str | None) -> DAG:
    """The DAG of one asset class: a run is one market day, from the source to gold and its readers.

    What fails stops only what stands on it: silver loads what was landed, gold publishes what passed its checks. The
    last task tells operators what came of the day, and is red unless every other is green.
    """
    declared = catalog.load(asset_class)
    with DAG(
        dag_id=asset_class,
        description=declared.description,
        doc_md=doc_md,
        schedule=timetable_of(declared.calendar, declared.due_after_close),
        start_date=dt.datetime.combine(declared.start_date, dt.time(), dt.UTC),
        catchup=False,
        max_active_runs=4,
        default_args={**DEFAULT_ARGS, "owner": declared.owner},
        tags=["market", asset_class],
        params=day.asked(),
    ) as dag:
        whatever = TriggerRule.ALL_DONE
        with TaskGroup("land"):
            land = {
                name: LandDataset(
                    task_id=name,
                    asset_class=asset_class,
                    dataset=name,
                    pool=dataset.source,
                    doc_md=dataset.description,
                    execution_timeout=LAND_AT_MOST,
                    trigger_rule=whatever,
                )
                for name, dataset in declared.daily.items()
            }
            for name, dataset in declared.daily.items():
                if dataset.listed_by and dataset.listed_by.name in land:  # whose rows it reads of bronze
                    land[dataset.listed_by.name] >> land[name]
            landed = list(land.values())
        taken = [name for name in declared.datasets if name not in declared.ticks]
        typed = [assets.silver(asset_class, name) for name in taken]
        silver = LoadSilver(
            task_id="silver",
            asset_class=asset_class,
            datasets=taken,
            trigger_rule=whatever,
            inlets=[assets.bronze(asset_class, name) for name in declared.daily],
            outlets=typed,
        )
        job = partial(RunJob, asset_class=asset_class, after="silver", trigger_rule=whatever, inlets=typed)
        quality = job(task_id="quality", job="quality")
        # Before gold, which leaves out what a declaration holds back for a difference.
        compared = [job(task_id="reconcile", job="reconcile") for _ in declared.reconciling[:1]]
        outlets = [assets.gold(asset_class, name) for name in declared.gold]
        gold = job(task_id="gold", job="gold", outlets=outlets)
        grants = ApplyGrants(task_id="grants", asset_class=asset_class, makes="gold", trigger_rule=whatever)
        consumed = consumption(declared, grants)
        complete = CompleteDay(task_id="complete", asset_class=asset_class)
        chain(landed, silver, quality, *compared, gold, grants)
        [*landed, silver, quality, *compared, gold, grants, *consumed] >> complete
    deadline.watch(dag, declared)
    return dag
