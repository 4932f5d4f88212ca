"""The DAG of bulk backfills: chunks landed and loaded one after the other, then quality and gold over all of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TriggerRule, task_group

from anthill.backfill import form
from anthill.backfill.operators import (
    GrantBackfill,
    LandChunk,
    LoadChunk,
    PlanBackfill,
    ReportBackfill,
    RunOverRange,
    land_task,
)
from anthill.dag_defaults import DEFAULT_ARGS
from anthill.sources import kinds

# The slowest plan makes 50,000 calls in a week, over ten times what stocks take in a chunk of 63 days. Days that were
# landed before a time-out stay: the retry, and any other run, asks for the rest.
_LAND_AT_MOST = dt.timedelta(days=7)


def backfill_dag(doc_md: str | None) -> DAG:
    """One DAG for years of any asset class, started with a form."""
    with DAG(
        dag_id="market_backfill",
        description="Years of market days at a time, in chunks",
        doc_md=doc_md,
        schedule=None,
        catchup=False,
        max_active_runs=5,
        default_args={**DEFAULT_ARGS, "owner": "market-data"},
        tags=["market", "backfill"],
        params=form.params(),
    ) as dag:
        plan = PlanBackfill(task_id="plan")

        @task_group
        def chunk(market_date_from: str, market_date_to: str, days_before: int) -> None:
            bounds: dict[str, Any] = {
                "market_date_from": market_date_from,
                "market_date_to": market_date_to,
                "days_before": days_before,
            }
            land = [
                LandChunk(task_id=land_task(kind), source=kind, execution_timeout=_LAND_AT_MOST, **bounds)
                for kind in kinds.with_past()
            ]
            # What was landed before it failed is loaded.
            silver = LoadChunk(task_id="silver", trigger_rule=TriggerRule.ALL_DONE, **bounds)
            land >> silver

        chunks = chunk.expand_kwargs(plan.output)
        # A chunk may fail or be skipped, and the rest is checked; behind a failed plan there is nothing to check.
        landed = EmptyOperator(task_id="landed", trigger_rule=TriggerRule.ALL_DONE)
        ran = TriggerRule.ONE_DONE  # failed or not
        quality = RunOverRange(task_id="quality", job="quality", asset_class="")
        gold = RunOverRange(task_id="gold", job="gold", asset_class="", trigger_rule=ran)
        computed = EmptyOperator(task_id="computed", trigger_rule=TriggerRule.ALL_DONE)  # or failed, or held back
        grants = GrantBackfill(task_id="grants", makes="gold")
        report = ReportBackfill(task_id="report", retries=0)
        complete = EmptyOperator(task_id="complete", trigger_rule=TriggerRule.NONE_FAILED)
        chunks >> landed
        [plan, landed] >> quality >> gold >> computed
        [plan, computed] >> grants  # a view that was replaced has lost its readers, whatever became of the rest
        [plan, computed] >> report >> complete
        landings = [dag.get_task(f"chunk.{land_task(kind)}") for kind in kinds.with_past()]
        [chunks, *landings, quality, gold, grants] >> complete
    return dag
