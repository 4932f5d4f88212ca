"""A cut of a database, from the source to gold."""

from __future__ import annotations

import datetime as dt
from functools import partial

from airflow.sdk import (
    DAG,
    chain,
)

from anthill import assets, catalog
from anthill.alerts import deadline
from anthill.alerts.complete import CompleteDay
from anthill.dag_builder.consumption import consumption
from anthill.dag_builder.limits import CUT_AT_MOST
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.governance.operator import ApplyGrants
from anthill.lakehouse.load_cuts import LoadCuts
from anthill.lakehouse.operator import RunJob
from anthill.landing.cut import LandCut
from anthill.timetables import timetable_of


def cut_dag(asset_class: str, doc_md: str | None) -> DAG:
    """The DAG of a database: a run is one cut of all its tables, from the source to gold; off until it is turned on.

    Where nothing has changed since the last cut, landing is skipped, and with it all that stands on it: no job starts.
    Runs follow one another, since each cut stands on the one before.
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
        default_args={**DEFAULT_ARGS, "retry_delay": dt.timedelta(seconds=30), "owner": declared.owner},
        tags=["database", asset_class],
    ) as dag:
        land = LandCut(
            task_id="land",
            asset_class=asset_class,
            datasets=list(declared.datasets),
            source=declared.source,
            execution_timeout=CUT_AT_MOST,
        )
        typed = [assets.silver(asset_class, name) for name in declared.datasets]
        own = {"asset_class": asset_class, "queue_of": declared.queue}
        silver = LoadCuts(task_id="silver", inlets=land.outlets, outlets=typed, **own)
        job = partial(RunJob, inlets=typed, **own)
        quality = job(task_id="quality", job="quality")
        outlets = [assets.gold(asset_class, name) for name in declared.gold]
        gold = job(task_id="gold", job="gold", outlets=outlets)
        grants = ApplyGrants(task_id="grants", asset_class=asset_class, makes="gold")
        consumed = consumption(declared, grants)
        complete = CompleteDay(task_id="complete", asset_class=asset_class, about="land")
        chain(land, silver, quality, gold, grants)
        [land, silver, quality, gold, grants, *consumed] >> complete
    deadline.watch(dag, declared)
    return dag
