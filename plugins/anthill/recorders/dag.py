"""The DAG by which operators see, start and stop recorders."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, Param

from anthill import catalog
from anthill.recorders.operator import ALL, LOOK, START, STOP, Recorders


def recorder_dag(doc_md: str | None) -> DAG:
    """Started by hand with a form; on from the beginning, since nothing else starts it."""
    with DAG(
        dag_id="recorder",
        description="Who listens to streams: seen, started, stopped",
        doc_md=doc_md,
        schedule=None,
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        default_args={"owner": "market-data", "retries": 0},
        tags=["market", "stream"],
        params={
            "do": Param(LOOK, enum=[LOOK, START, STOP], title="Do", description="Look changes nothing."),
            "asset_class": Param(
                ALL,
                enum=[ALL, *catalog.asset_classes()],
                title="Asset class",
                description="Whose recorder is started or stopped. All are shown.",
            ),
        },
    ) as dag:
        Recorders(
            task_id="recorders",
            asset_class="{{ params.asset_class }}",
            do="{{ params.do }}",
            execution_timeout=dt.timedelta(minutes=30),
        )
    return dag
