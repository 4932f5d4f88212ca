"""The DAG of the digest, off until somebody wants it."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG

from anthill.dag_defaults import DEFAULT_ARGS
from anthill.digest.operator import SendDigest


def digest_dag(doc_md: str | None) -> DAG:
    """Once a day, when every market of the day before is due: at noon UTC."""
    with DAG(
        dag_id="digest",
        description="One message a day: the newest market day of every asset class",
        doc_md=doc_md,
        schedule="0 12 * * *",
        start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        catchup=False,
        is_paused_upon_creation=True,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "owner": "market-data"},
        tags=["market", "alerts"],
    ) as dag:
        SendDigest(task_id="send", execution_timeout=dt.timedelta(minutes=10))
    return dag
