"""Tasks that run the bundle's jobs on Databricks and bring back what their notebooks return."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    TaskDeferralTimeout,
)

from anthill import settings

if TYPE_CHECKING:
    from typing import NoReturn

    from airflow.sdk import Context
    from airflow.triggers.base import BaseTrigger

# What is wrong with the data is wrong at the next try, too.
_FINAL = re.compile(r"\b(Quality|Gold)Error: ")


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
        with _final_failures():
            super().execute(context)
        # Reached where the run had ended before there was anything to wait for.
        if self.run_id is None:
            raise RuntimeError(f"job {self.job_name} gave no run id")
        return self._result(self.run_id)

    def execute_complete(  # type: ignore[override] # the base class returns nothing: the result is the XCom
        self, context: Context, event: dict[str, Any]
    ) -> dict[str, Any]:
        """Take up the run when it has ended; AirflowException with the notebook's error when it failed."""
        with _final_failures():
            super().execute_complete(context, event)
        return self._result(event["run_id"])

    def defer(  # type: ignore[override] # the provider gives no more than these two
        self, *, trigger: BaseTrigger, method_name: str
    ) -> NoReturn:
        """Wait in the triggerer, but not for ever: a run may stand in the workspace's queue."""
        super().defer(trigger=trigger, method_name=method_name, timeout=_patience())

    def resume_execution(self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context) -> Any:
        """Take up what was waited for; a run that took too long is cancelled, so that a retry has its place."""
        try:
            return super().resume_execution(next_method, next_kwargs, context)
        except TaskDeferralTimeout as error:
            ti = context["ti"]
            run_id = ti.xcom_pull(task_ids=ti.task_id, key="run_id", map_indexes=ti.map_index)
            if run_id is None:
                raise
            run = self._hook.get_run(run_id)
            self._hook.cancel_run(run_id)
            raise AirflowException(
                f"job {settings.job_prefix()}anthill-{self.job}: run {run_id} is {run['state']['life_cycle_state']} "
                f"after {_patience().total_seconds() / 60:.0f} minutes and was cancelled. See what holds it up at "
                f"{run['run_page_url']}; a retry starts another run"
            ) from error

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters for the run's market days."""
        first, last = self.market_days(context)
        return {
            "catalog": settings.catalog(),
            "asset_class": self.asset_class,
            "market_date_from": first.isoformat(),
            "market_date_to": last.isoformat(),
        }

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The first and last market day that the run is about."""
        from anthill.market_day import first_market_day, market_day

        return first_market_day(context, self.asset_class), market_day(context)

    def _result(self, run_id: int) -> dict[str, Any]:
        """What the job's notebook handed to dbutils.notebook.exit."""
        tasks = self._hook.get_run(run_id)["tasks"]
        output = self._hook.get_run_output(tasks[-1]["run_id"])
        result: dict[str, Any] = json.loads(output.get("notebook_output", {}).get("result") or "{}")
        self.log.info("%s: %s", self.job, json.dumps(result, indent=2))
        return result


class LoadSilver(RunJob):
    """Run the silver job on the newest commits of the market days, listed when the run is submitted."""

    def __init__(self, *, datasets: Sequence[str], aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(job="silver", **kwargs)
        self.datasets = tuple(datasets)
        self.aws_conn_id = aws_conn_id

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters, with the list of the commits to read."""
        from anthill.landing import manifest
        from anthill.landing.connections import s3_client
        from anthill.landing.operator import airflow_errors

        known = super().parameters(context)
        first, last = (dt.date.fromisoformat(known[name]) for name in ("market_date_from", "market_date_to"))
        days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        s3, bucket = s3_client(self.aws_conn_id), settings.bronze_bucket()
        with airflow_errors():
            uri = manifest.write(s3, bucket, self.asset_class, self.datasets, days)
        if uri is None:
            raise AirflowSkipException(
                f"bronze has nothing of {self.asset_class} from {first} to {last}: land it first"
            )
        return {**known, "manifest": uri}


@contextmanager
def _final_failures() -> Iterator[None]:
    """A run that failed for its data fails the task at once; any other failure is worth its retries."""
    try:
        yield
    except AirflowException as error:
        if _FINAL.search(str(error)):
            raise AirflowFailException(str(error)) from error
        raise


def _patience() -> dt.timedelta:
    return dt.timedelta(minutes=settings.job_patience_minutes())


def _token(context: Context) -> str:
    """A token of this try: Databricks answers a token it knows with the run it knows, a failed one too."""
    ti = context["ti"]
    words = (ti.dag_id, ti.task_id, ti.run_id, ti.map_index, ti.try_number)
    return hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()
