"""Tasks that run the bundle's jobs on Databricks and bring back what their notebooks return."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.landing.bronze import Commit


class RunJob(DatabricksRunNowOperator):
    """Run one of the bundle's jobs for the run's market day; its result is what the notebook returned, as a dict."""

    template_fields: Sequence[str] = ("databricks_conn_id",)

    def __init__(self, *, job: str, asset_class: str, **kwargs: Any) -> None:
        poll = settings.job_poll_seconds()
        super().__init__(deferrable=True, forward_dag_params=False, polling_period_seconds=poll, **kwargs)
        self.job = job
        self.asset_class = asset_class

    def execute(self, context: Context) -> dict[str, Any]:
        """Submit the run and wait for it without holding a worker."""
        self.job_name = f"{settings.job_prefix()}anthill-{self.job}"
        self.job_parameters = self.parameters(context)
        self.idempotency_token = _token(context)
        super().execute(context)
        # Reached where the run had ended before there was anything to wait for.
        if self.run_id is None:
            raise RuntimeError(f"job {self.job_name} gave no run id")
        return self._result(self.run_id)

    def execute_complete(  # type: ignore[override] # the base class returns nothing: the result is the XCom
        self, context: Context, event: dict[str, Any]
    ) -> dict[str, Any]:
        """Take up the run when it has ended; AirflowException with the notebook's error when it failed."""
        super().execute_complete(context, event)
        return self._result(event["run_id"])

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters for the run's market day."""
        from anthill.market_day import market_day

        day = market_day(context).isoformat()
        return {
            "catalog": settings.catalog(),
            "asset_class": self.asset_class,
            "market_date_from": day,
            "market_date_to": day,
        }

    def _result(self, run_id: int) -> dict[str, Any]:
        """What the job's notebook handed to dbutils.notebook.exit."""
        tasks = self._hook.get_run(run_id)["tasks"]
        output = self._hook.get_run_output(tasks[-1]["run_id"])
        result: dict[str, Any] = json.loads(output.get("notebook_output", {}).get("result") or "{}")
        self.log.info("%s: %s", self.job, json.dumps(result, indent=2))
        return result


class LoadSilver(RunJob):
    """Run the silver job on the newest commits of the market day, listed when the run is submitted."""

    def __init__(self, *, datasets: Sequence[str], aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(job="silver", **kwargs)
        self.datasets = tuple(datasets)
        self.aws_conn_id = aws_conn_id

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters, with the commits to read."""
        from anthill.landing import bronze
        from anthill.landing.connections import s3_client
        from anthill.market_day import market_day

        s3, bucket = s3_client(self.aws_conn_id), settings.bronze_bucket()
        day = market_day(context)
        commits = []
        for dataset in self.datasets:
            for key in bronze.newest_revisions(s3, bucket, self.asset_class, dataset, day).values():
                commits.append(_lineage(dataset, day, bronze.read_commit(s3, bucket, key)))
        return {**super().parameters(context), "commits": json.dumps(commits)}


def _lineage(dataset: str, day: dt.date, commit: Commit) -> dict[str, str | int]:
    """What the silver notebook is told of a commit."""
    return {
        "dataset": dataset,
        "market_date": day.isoformat(),
        "shard": commit.shard,
        "key": commit.key,
        "uri": f"s3://{commit.bucket}/{commit.key}",
        "rows": commit.rows,
        "pages": commit.pages,
        "sha256": commit.sha256,
        "revision": commit.revision,
        "asof": commit.asof.isoformat(),
    }


def _token(context: Context) -> str:
    """A token of this try: Databricks answers a token it knows with the run it knows, a failed one too."""
    ti = context["ti"]
    words = (ti.dag_id, ti.task_id, ti.run_id, ti.map_index, ti.try_number)
    return hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()
