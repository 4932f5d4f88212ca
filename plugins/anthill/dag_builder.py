"""DAGs from declarations: a market day, a cut, an edition or dropped files to gold, a warehouse, snapshots, streams."""

from __future__ import annotations

import datetime as dt
from functools import partial

from airflow.sdk import (
    DAG,
    Asset,
    AssetOrTimeSchedule,
    AssetWatcher,
    BaseOperator,
    CronDataIntervalTimetable,
    Param,
    TaskGroup,
    TriggerRule,
    chain,
)

from anthill import assets, catalog, settings
from anthill.alerts import deadline
from anthill.alerts.complete import CompleteDay
from anthill.asset_class import AssetClass
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.drops.operators import LAND, AnswerDrops, LandDrops, LoadDrops, OfDrops
from anthill.governance.operator import ApplyGrants
from anthill.lakehouse.load_cuts import LoadCuts
from anthill.lakehouse.load_editions import LoadEditions, RunOfEditions
from anthill.lakehouse.operator import LoadSilver, RunJob
from anthill.landing.cut import LandCut
from anthill.landing.editions import PARAM as EDITION
from anthill.landing.editions import LandEditions
from anthill.landing.operator import LandDataset
from anthill.landing.snapshot import LandSnapshot
from anthill.market_day import PARAM
from anthill.streams.operators import FILL, FillGaps, LoadStream, OfStream
from anthill.timetables import IntradayTimetable, timetable_of
from anthill.warehouses.operator import KeepVersion, LoadVersion

# A landing that takes longer than its market day never keeps up: a slot of the slowest plan makes 1,800 calls in it. A
# time-out is only for what hangs in spite of all others; it loses nothing, the retry asks again.
LAND_AT_MOST = dt.timedelta(days=1)
CUT_AT_MOST = dt.timedelta(hours=1)  # a database keeps what a transaction sees for as long as it is open


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
        typed = [assets.silver(asset_class, name) for name in declared.datasets]
        silver = LoadSilver(
            task_id="silver",
            asset_class=asset_class,
            datasets=list(declared.datasets),
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
        consumed = _consumed(declared, grants) if settings.athena_workgroup() else []
        complete = CompleteDay(task_id="complete", asset_class=asset_class)
        chain(landed, silver, quality, *compared, gold, grants)
        [*landed, silver, quality, *compared, gold, grants, *consumed] >> complete
    deadline.watch(dag, declared)
    return dag


def _consumed(declared: AssetClass, after: BaseOperator, *, by_edition: bool = False) -> list[BaseOperator]:
    """The tasks for readers without Databricks: the tables that are declared for them, then each kept query."""
    if not any(access.consumption for access in declared.access.values()):
        return []
    from anthill.consumption import query
    from anthill.consumption.operator import RegisterTables, UnloadEditions, UnloadQuery  # boto3: only with Athena

    name, unload = declared.asset_class, UnloadEditions if by_edition else UnloadQuery
    with TaskGroup("consumption"):
        register = RegisterTables(task_id="register", asset_class=name, trigger_rule=TriggerRule.ALL_DONE)
        queries = [unload(task_id=each, asset_class=name, query_name=each) for each in query.names(name)]
    after >> register >> queries
    return [register, *queries]


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
        consumed = _consumed(declared, grants) if settings.athena_workgroup() else []
        complete = CompleteDay(task_id="complete", asset_class=asset_class, about="land")
        chain(land, silver, quality, gold, grants)
        [land, silver, quality, gold, grants, *consumed] >> complete
    deadline.watch(dag, declared)
    return dag


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
        consumed = _consumed(declared, grants, by_edition=True) if settings.athena_workgroup() else []
        complete = CompleteDay(task_id="complete", asset_class=asset_class, about="land")
        chain(land, silver, quality, gold, grants)
        [land, silver, quality, gold, grants, *consumed] >> complete
    deadline.watch(dag, declared)
    return dag


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
        params={
            PARAM: Param(
                None,
                type=["null", "string"],
                format="date",
                title="Market day",
                description="The market day to load and settle, YYYY-MM-DD; empty: the present one and the one before",
            )
        },
    ) as dag:
        for name in declared.streams:
            typed = [assets.silver(asset_class, name)]
            gaps = FillGaps(task_id=FILL, asset_class=asset_class, stream=name, execution_timeout=LAND_AT_MOST)
            load = LoadStream(task_id="silver", asset_class=asset_class, stream=name, outlets=typed)
            settle = OfStream(task_id="settle", asset_class=asset_class, job="reconcile", inlets=typed)
            chain(gaps, load, settle)
    return dag


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
