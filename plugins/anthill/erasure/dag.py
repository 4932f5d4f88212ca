"""The DAG that erases a person, or a day, once somebody has approved what goes."""

from __future__ import annotations

import datetime as dt

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import DAG, Param, TriggerRule

from anthill.dag_defaults import DEFAULT_ARGS
from anthill.erasure.operators import EraseBronze, EraseTables, PlanErasure, RecordErasure

_WAITS = dt.timedelta(days=7)


def erasure_dag(doc_md: str | None) -> DAG:
    """One DAG for every dataset that is personal, started with a form; one run at a time."""
    with DAG(
        dag_id="erasure",
        description="A person, or a market day, out of bronze, silver and gold of what is about people",
        doc_md=doc_md,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "owner": "market-data"},
        tags=["governance"],
        params={
            "dataset": Param(
                None, type=["null", "string"], title="Dataset", description="One that is personal: people.panel"
            ),
            "column": Param(
                None, type=["null", "string"], title="Column", description="Of silver, by which people are told apart"
            ),
            "digests": Param(
                None,
                type=["null", "array"],
                items={"type": "string", "pattern": "^[0-9a-f]{64}$"},
                title="Digests",
                description="One a line: the SHA-256 of each person's value in that column. Never the value itself: "
                "Airflow keeps what is typed here",
            ),
            "market_date": Param(
                None,
                type=["null", "string"],
                format="date",
                title="Market day",
                description="Instead of people: all of a day",
            ),
        },
    ) as dag:
        plan = PlanErasure(task_id="plan")
        approve = ApprovalOperator(
            task_id="approve",
            subject="Erase what plan {{ ti.xcom_pull(task_ids='plan')['sha256'][:12] }} names?",
            body="{{ ti.xcom_pull(task_ids='plan')['markdown'] }}",
            defaults=["Reject"],
            response_timeout=_WAITS,
        )
        bronze, tables = EraseBronze(task_id="bronze"), EraseTables(task_id="tables")
        record = RecordErasure(task_id="record", trigger_rule=TriggerRule.ALL_DONE)
        plan >> approve >> bronze >> tables >> record
    return dag
