"""The DAG that examines the platform."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG

from anthill.doctor.operator import Examine


def doctor_dag(doc_md: str | None) -> DAG:
    """Started by hand; on from the beginning, since nothing else starts it."""
    with DAG(
        dag_id="doctor",
        description="Connections, rights, clock, plan and versions",
        doc_md=doc_md,
        schedule=None,
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        default_args={"owner": "market-data", "retries": 0},
        tags=["market", "doctor"],
    ) as dag:
        Examine(task_id="examine", execution_timeout=dt.timedelta(hours=1))  # it keeps all landings waiting
    return dag
