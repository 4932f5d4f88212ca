"""Files that people drop, landed, loaded and answered."""

from __future__ import annotations

import datetime as dt
from functools import partial

from airflow.sdk import (
    DAG,
    Asset,
    AssetOrTimeSchedule,
    AssetWatcher,
    CronDataIntervalTimetable,
    TaskGroup,
    TriggerRule,
    chain,
)

from anthill import assets, catalog, settings
from anthill.asset_class import AssetClass
from anthill.dag_builder.limits import LAND_AT_MOST
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.drops.operators import LAND, AnswerDrops, LandDrops, LoadDrops, OfDrops
from anthill.governance.operator import ApplyGrants


def drop_dag(doc_md: str | None) -> DAG:
    """The DAG of dropped files, of all asset classes that come so; off until it is turned on.

    A run lists the bucket: the sweep every quarter of an hour, or as soon as a message rings, which says nothing more.
    """
    declared = [catalog.load(name) for name in catalog.of_kind("drop")]
    sweep = CronDataIntervalTimetable("*/15 * * * *", "UTC")
    with DAG(
        dag_id="drop_zone",
        description="Files that people drop: landed, loaded and answered",
        doc_md=doc_md,
        schedule=AssetOrTimeSchedule(timetable=sweep, assets=[_doorbell()]) if settings.drop_queue() else sweep,
        start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        catchup=False,
        is_paused_upon_creation=True,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "retry_delay": dt.timedelta(seconds=30)},
        tags=["files", "drop"],
    ) as dag:
        names = [each.asset_class for each in declared]
        outlets = [assets.bronze(each.asset_class, name) for each in declared for name in each.datasets]
        land = LandDrops(
            task_id=LAND, asset_classes=names, pool="files", outlets=outlets, execution_timeout=LAND_AT_MOST
        )
        for each in declared:
            with TaskGroup(each.asset_class):
                _dropped(each, land)
    return dag


def _dropped(declared: AssetClass, land: LandDrops) -> None:
    """The tasks behind the landing of one asset class; its files are answered once they are loaded."""
    name = declared.asset_class
    typed = [assets.silver(name, dataset) for dataset in declared.datasets]
    silver = LoadDrops(task_id="silver", asset_class=name, outlets=typed, owner=declared.owner)
    answer = AnswerDrops(task_id="answer", asset_class=name, owner=declared.owner)
    job = partial(OfDrops, asset_class=name, inlets=typed, owner=declared.owner)
    quality = job(task_id="quality", job="quality")
    gold = job(task_id="gold", job="gold", outlets=[assets.gold(name, table) for table in declared.gold])
    # Whatever became of gold, once silver is loaded: a new table is read for its answer by who may read it.
    rule = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS
    grants = ApplyGrants(task_id="grants", asset_class=name, makes="gold", trigger_rule=rule, owner=declared.owner)
    chain(land, silver, quality, gold, grants)
    silver >> [answer, grants]


def _doorbell() -> Asset:
    """What rings when a file is put: a queue of messages that nobody reads for what they say."""
    from airflow.providers.amazon.aws.triggers.sqs import SqsSensorTrigger  # boto3: only where there is a queue

    # One batch: with more, the first message waits until all others were asked for in vain, five seconds each.
    bell = SqsSensorTrigger(
        sqs_queue=settings.drop_queue(), max_messages=10, num_batches=1, wait_time_seconds=5, waiter_delay=1
    )
    return Asset(name="drop", group="drop", watchers=[AssetWatcher(name="drop_queue", trigger=bell)])
