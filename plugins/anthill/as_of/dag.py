"""The DAG that rebuilds silver and gold as of a moment, lists the rebuilds, and drops them."""

from __future__ import annotations

from airflow.sdk import DAG, Param, TriggerRule

from anthill import catalog
from anthill.as_of.operators import GrantAsOf, PlanAsOf, RebuildAsOf, ReportAsOf
from anthill.dag_defaults import DEFAULT_ARGS


def as_of_dag(doc_md: str | None) -> DAG:
    """One DAG for every moment and asset class, started with a form or by `anthill as-of`; one run at a time."""
    with DAG(
        dag_id="market_as_of",
        description="Silver and gold as they were known at a moment, in schemas of their own",
        doc_md=doc_md,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "owner": "market-data"},
        tags=["market", "research"],
        params={
            "as_of": Param(
                None,
                type=["null", "string"],
                title="Moment",
                description="ISO 8601 with its time zone, as 2024-05-28T12:00:00Z; answers of the API until then count",
            ),
            "asset_classes": Param(
                None,
                type=["null", "array"],
                items={"type": "string", "enum": catalog.asset_classes()},
                title="Asset classes",
                description="One a line, to be rebuilt",
            ),
            "action": Param(
                "rebuild",
                type="string",
                enum=["rebuild", "list", "drop"],
                title="Action",
                description="rebuild; list every rebuild that is there; or drop the one of the moment, with its tables",
            ),
        },
    ) as dag:
        plan = PlanAsOf(task_id="plan")
        rebuild = RebuildAsOf.partial(task_id="rebuild", max_active_tis_per_dagrun=1).expand_kwargs(plan.output)
        grants = GrantAsOf(task_id="grants")
        report = ReportAsOf(task_id="report", trigger_rule=TriggerRule.NONE_FAILED)
        plan >> rebuild >> grants >> report
    return dag
