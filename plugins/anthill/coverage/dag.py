"""The DAG that rebuilds the coverage index, a task an asset class."""

from __future__ import annotations

from airflow.sdk import DAG

from anthill import catalog
from anthill.coverage.operator import RebuildIndex
from anthill.dag_defaults import DEFAULT_ARGS


def index_dag(doc_md: str | None) -> DAG:
    """Started by hand; on from the beginning, since nothing else starts it."""
    with DAG(
        dag_id="coverage_index",
        description="The coverage index from what bronze holds",
        doc_md=doc_md,
        schedule=None,
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        default_args={**DEFAULT_ARGS, "owner": "market-data"},
        tags=["market", "coverage"],
    ) as dag:
        for name in catalog.asset_classes():
            RebuildIndex(task_id=name, asset_class=name)
    return dag
