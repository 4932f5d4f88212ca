"""The DAG that makes the catalog what is declared, and asks a person first where the environment says so."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, chain

from anthill.approval.drift import ShowDrift
from anthill.approval.lineage import TellLineage
from anthill.approval.report import ReportPlan
from anthill.approval.tasks import ApplyPlan, ApprovePlan, PlanGovernance
from anthill.dag_defaults import DEFAULT_ARGS


def governance_dag(doc_md: str | None) -> DAG:
    """Once a day and on demand; one run at a time, since a plan that waits is about the catalog as it is."""
    with DAG(
        dag_id="governance",
        description="Who may do what in the catalog: planned, approved by a person where asked for, applied, recorded",
        doc_md=doc_md,
        schedule="23 6 * * *",
        start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        catchup=False,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "owner": "market-data"},
        tags=["market", "governance"],
    ) as dag:
        limit = dt.timedelta(minutes=30)
        plan = PlanGovernance(task_id="plan", execution_timeout=limit)
        approve = ApprovePlan(task_id="approve")
        apply = ApplyPlan(task_id="apply", execution_timeout=limit)
        report = ReportPlan(task_id="report", execution_timeout=limit)
        chain(plan, approve, apply, report)
        apply >> TellLineage(task_id="lineage", execution_timeout=limit)
        plan >> ShowDrift(task_id="drift", execution_timeout=limit)
    return dag
