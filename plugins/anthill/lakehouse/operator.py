"""Tasks that run the bundle's jobs on Databricks and bring back what their notebooks return."""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.providers.databricks.operators.databricks import DatabricksJobRunLink, DatabricksRunNowOperator
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    TaskDeferralTimeout,
)

from anthill import assets, settings
from anthill.links import TablesLink

if TYPE_CHECKING:
    from typing import NoReturn

    from airflow.sdk import Context
    from airflow.triggers.base import BaseTrigger

HELD_BACK = "held_back"  # XCom: the lines of what a job left as it is, since it was not checked or failed
# What is wrong with the data, or with what was deployed, is wrong at the next try, too.
_FINAL = re.compile(r"\b(BadObject|Quality|Gold|Parameter|ModuleNotFound|Import)Error: ")
_NO_MODULE = re.compile(r"\b(ModuleNotFound|Import)Error: ")
_DENIED = re.compile(r"PERMISSION_DENIED|INSUFFICIENT_PERMISSIONS|can not be found")
_ERRORS = " and with the errors "  # before the list of failed tasks, in the provider's message
# What to do where a right is missing: to start a job, which is also to find it, and within a run.
_NO_RIGHT = (
    ". The principal of databricks_default needs CAN_MANAGE_RUN on the job: the bundle declares it, deploy it with "
    "that principal as PIPELINE_APPLICATION_ID",
    ". Jobs run as the principal `pipeline`, whose rights are the stack catalog's: apply it, or declare there what it "
    "lacks",
)
_NO_WHEEL = (
    ". The notebook runs without the wheel of its commit: deliver the bundle again (the workflow Deliver, or `make "
    "bundle-deploy`), which builds and uploads it, then run the DAG `smoke`"
)


class RunJob(DatabricksRunNowOperator):
    """Run one of the bundle's jobs for the run's market day; its result is what the notebook returned, as a dict."""

    template_fields: Sequence[str] = ("databricks_conn_id",)
    operator_extra_links = (DatabricksJobRunLink(), TablesLink())  # type: ignore[assignment] # one link more

    def __init__(self, *, job: str, asset_class: str, after: str = "", queue_of: str = "", **kwargs: Any) -> None:
        poll = settings.job_poll_seconds()
        super().__init__(deferrable=True, forward_dag_params=False, polling_period_seconds=poll, **kwargs)
        self.job = job
        self.asset_class = asset_class
        self.queue_of = queue_of  # the kind of source whose own job it is; "" for the one of all others
        self.after = after  # the task without whose run it has nothing to work on
        self._ended: dict[str, Any] | None = None  # the result of a run that has ended
        self._told = False  # whether its failure is told

    def execute(self, context: Context) -> dict[str, Any]:
        """Submit the run and wait for it without holding a worker."""
        from anthill.task import airflow_errors

        self.job_name = settings.job_name(self.job, self.queue_of)
        self._ended, self._told = None, False
        if self.after:
            self._skip_without(context, self.after)
        with airflow_errors():
            self.job_parameters = self.parameters(context)
        self.idempotency_token = _token(context, self.job_name, self.job_parameters)
        with self._telling_failures(context):
            super().execute(context)
        # Reached where the run had ended before there was anything to wait for: it was taken up below.
        if self._ended is None:
            raise RuntimeError(f"job {self.job_name} gave no run")
        return self._ended

    def _skip_without(self, context: Context, before: str) -> None:
        """Skip where the task before it started no run: nothing of the day was loaded, and one red task says why."""
        from anthill.task import state_of

        state = state_of(context, before)
        if state != "success" and not context["ti"].xcom_pull(task_ids=before, key="run_id"):
            said = "was skipped" if state == "skipped" else "started no run"
            raise AirflowSkipException(f"nothing of the market day was loaded: {before} {said}. Its log says why")

    def execute_complete(  # type: ignore[override] # the base class returns nothing: the result is the XCom
        self, context: Context, event: dict[str, Any]
    ) -> dict[str, Any]:
        """Take up the run when it has ended; AirflowException with the notebook's error when it failed."""
        self.run_id = event["run_id"]
        with self._telling_failures(context):
            super().execute_complete(context, event)
            self._ended = self._output(context, self.run_id)
        self._take(context, self.run_id, self._ended)
        return self._ended

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What Airflow's OpenLineage provider tells of the task: the tables that the job read and wrote."""
        from anthill.facets import lineage
        from anthill.lakehouse import told

        if self.job not in told.JOBS:
            return lineage([], [])
        result = self._ended or {}
        asset_class = str(result.get("asset_class") or self.asset_class)
        jobs = told.of(asset_class, settings.catalog(), str(self._hook.host))
        return lineage(*jobs.of(self.job, result))

    get_openlineage_facets_on_failure = get_openlineage_facets_on_complete

    def asset_class_of(self, context: Context) -> str:
        """The asset class that the run is about."""
        return self.asset_class

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
                f"job {settings.job_name(self.job, self.queue_of)}: run {run_id} is {run['state']['life_cycle_state']} "
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

    def _output(self, context: Context, run_id: int) -> dict[str, Any]:
        """What the job's notebook handed to dbutils.notebook.exit; AirflowException where that is no result."""
        from anthill.lakehouse import output

        first, last = self.market_days(context)
        asked = {"asset_class": self.asset_class_of(context), "from": str(first), "to": str(last)}
        try:
            run = self._hook.get_run(run_id)
            result = output.read(self._hook.get_run_output(run["tasks"][-1]["run_id"]), self.job, asked)
            return {**result, "seconds": (run["end_time"] - run["start_time"]) / 1000}
        except output.OutputError as error:
            raise AirflowException(str(error)) from error
        except (LookupError, TypeError) as error:
            raise AirflowException(f"the API's answer about it lacks {error}") from error

    def _take(self, context: Context, run_id: int, result: dict[str, Any]) -> None:
        """Tell everybody of a result."""
        standing = result.pop("standing", {})  # a line a day at worst: for the index, not for the log
        self.log.info("%s: %s", self.job, json.dumps(result, indent=2))
        assets.tell(context, _facts(result))
        self._tell(context, run_id, {**result, "standing": standing})
        self._tell_what_waits(context, result)

    def _tell_what_waits(self, context: Context, result: dict[str, Any]) -> None:
        """Hand on what a notebook held back, and skip the task where that was all it did."""
        for line in (lines := result.get("held_back", [])):
            self.log.warning("Held back: %s", line)
        if lines:
            context["ti"].xcom_push(key=HELD_BACK, value=lines)
        if reason := result.get("nothing_done"):
            raise AirflowSkipException(reason)

    @contextmanager
    def _telling_failures(self, context: Context) -> Iterator[None]:
        """Tell the index of a failure, in the notebook's words; one of the data fails the task for good."""
        try:
            yield
        except AirflowSkipException:
            raise
        except AirflowException as error:
            if self._told:
                raise  # a run that had ended when it was submitted is taken up within the submission
            self._told = True
            words = _said(str(error))
            if _DENIED.search(words):
                words += _NO_RIGHT[self.run_id is not None]
            if _NO_MODULE.search(words):
                words += _NO_WHEEL
            name = self.job_name or self.job
            what = f"did not start {name}" if self.run_id is None else f"run {self.run_id} of {name} failed"
            message = f"Databricks {what}: {words}"
            self._tell(context, self.run_id, {}, message)
            kind = AirflowFailException if _FINAL.search(words) else AirflowException
            raise kind(message) from None  # the words of the notebook, without the frames of the provider

    def _tell(self, context: Context, run_id: int | None, result: dict[str, Any], failure: str = "") -> None:
        """Tell the coverage index what came of the run; that it cannot be told is no failure of the run."""
        from anthill import catalog
        from anthill.bronze.connections import s3_client
        from anthill.ledger import gold, jobs
        from anthill.ledger.documents import documents
        from anthill.task import run_of

        try:
            page = self._hook.get_run_page_url(run_id) if run_id else ""
            job = jobs.ended(self.job, self.market_days(context), page, result, failure)
            index, name, run = documents(s3_client("aws_default")), self.asset_class_of(context), run_of(context)
            jobs.record(index, name, run, job)
            gold.hear(index, catalog.load(name), run, self.job, result)
        except Exception as error:
            self.log.warning("The coverage index was not told of this run: %s: %s", type(error).__name__, error)


def _said(message: str) -> str:
    """What the notebooks of a failed run said, out of the provider's message; all of it where it has no such list."""
    try:
        failed = ast.literal_eval(message.rpartition(_ERRORS)[2])
        return "; ".join(dict.fromkeys(str(task["error"]) for task in failed)) or message
    except (ValueError, SyntaxError, TypeError, KeyError):
        return message


def _facts(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the event of each table says: the days that were asked for, and the counts of the notebook."""
    days = {"market_date_from": result.get("from"), "market_date_to": result.get("to")}
    counts = result.get("tables") or result.get("datasets") or {}
    return {name: {**days, **found} for name, found in counts.items() if isinstance(found, dict)}


def _patience() -> dt.timedelta:
    return dt.timedelta(minutes=settings.job_patience_minutes())


def _token(context: Context, job: str, parameters: dict[str, str]) -> str:
    """A token of this attempt and what it asks for: Databricks answers one it knows with the run it knows, however old.

    Airflow gives each try an id of its own and keeps it over a deferral; a run that was deleted and made again has
    the names and numbers of the first.
    """
    return hashlib.sha256(json.dumps([str(context["ti"].id), job, parameters]).encode()).hexdigest()
