"""The DAG that tries what was deployed to Databricks, as Airflow's own principal."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from airflow.providers.databricks.operators.databricks import DatabricksJobRunLink
from airflow.sdk import DAG, Param

from anthill import settings
from anthill.lakehouse.operator import RunJob

if TYPE_CHECKING:
    from airflow.sdk import Context


class RunSmoke(RunJob):
    """Run the smoke job; about no market day, so that the coverage index hears nothing of it."""

    operator_extra_links = (DatabricksJobRunLink(),)  # type: ignore[assignment] # it makes no table

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(job="smoke", asset_class="", **kwargs)

    def parameters(self, context: Context) -> dict[str, str]:
        """The catalog, and the digest that what runs must have."""
        return {"catalog": settings.catalog(), "digest": context["params"]["digest"]}

    def _output(self, context: Context, run_id: int) -> dict[str, Any]:
        run = self._hook.get_run(run_id)
        answer = self._hook.get_run_output(run["tasks"][-1]["run_id"])
        return dict(json.loads(answer["notebook_output"]["result"]))

    def _take(self, context: Context, run_id: int, result: dict[str, Any]) -> None:
        self.log.info("smoke: %s", json.dumps(result, indent=2))

    def _tell(self, context: Context, run_id: int | None, result: dict[str, Any], failure: str = "") -> None:
        """Nobody: it is about no day."""


def smoke_dag(doc_md: str | None) -> DAG:
    """Started after a delivery; on from the beginning, since nothing else starts it."""
    with DAG(
        dag_id="smoke",
        description="The wheel that runs on Databricks, started as Airflow starts it",
        doc_md=doc_md,
        schedule=None,
        catchup=False,
        is_paused_upon_creation=False,
        max_active_runs=1,
        default_args={"owner": "market-data", "retries": 0},
        params={"digest": Param("", type="string", pattern="^([0-9a-f]{64})?$", title="Digest of what was deployed")},
        tags=["market", "smoke"],
    ) as dag:
        RunSmoke(task_id="smoke", execution_timeout=dt.timedelta(minutes=30))
    return dag
