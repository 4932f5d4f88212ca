"""Published files, each new edition to gold."""

from __future__ import annotations

import datetime as dt
from functools import partial

from airflow.sdk import (
    DAG,
    Param,
    chain,
)

from anthill import assets, catalog
from anthill.alerts import deadline
from anthill.alerts.complete import CompleteDay
from anthill.dag_builder.consumption import consumption
from anthill.dag_builder.limits import LAND_AT_MOST
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.governance.operator import ApplyGrants
from anthill.lakehouse.load_editions import LoadEditions, RunOfEditions
from anthill.landing.editions import PARAM as EDITION
from anthill.landing.editions import LandEditions
from anthill.timetables import timetable_of


def edition_dag(asset_class: str, doc_md: str | None) -> DAG:
    """The DAG of published files: a run looks whether any edition is new, and takes it to gold; off until turned on.

    Where none is, landing is skipped, and with it all that stands on it: no job starts.
    """
    declared = catalog.load(asset_class)
    with DAG(
        dag_id=asset_class,
        description=declared.description,
        doc_md=doc_md,
        schedule=timetable_of(declared.calendar, declared.due_after_close),
        start_date=dt.datetime.combine(declared.start_date, dt.time(), dt.UTC),
        catchup=False,
        is_paused_upon_creation=True,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "owner": declared.owner},
        tags=["files", asset_class],
        params={
            EDITION: Param(
                None,
                type=["null", "string"],
                enum=[None, *map(str, declared.published)],
                title="Edition",
                description="The edition to take, by the day that it is about, new or not; empty takes all new ones",
            )
        },
    ) as dag:
        land = LandEditions(
            task_id="land",
            asset_class=asset_class,
            datasets=list(declared.datasets),
            source=declared.source,
            execution_timeout=LAND_AT_MOST,
        )
        typed = [assets.silver(asset_class, name) for name in declared.datasets]
        silver = LoadEditions(task_id="silver", asset_class=asset_class, inlets=land.outlets, outlets=typed)
        job = partial(RunOfEditions, asset_class=asset_class, inlets=typed)
        quality = job(task_id="quality", job="quality")
        outlets = [assets.gold(asset_class, name) for name in declared.gold]
        gold = job(task_id="gold", job="gold", outlets=outlets)
        grants = ApplyGrants(task_id="grants", asset_class=asset_class, makes="gold")
        consumed = consumption(declared, grants, by_edition=True)
        complete = CompleteDay(task_id="complete", asset_class=asset_class, about="land")
        chain(land, silver, quality, gold, grants)
        [land, silver, quality, gold, grants, *consumed] >> complete
    deadline.watch(dag, declared)
    return dag
