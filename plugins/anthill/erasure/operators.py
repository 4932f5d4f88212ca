"""The tasks of an erasure: what would go, what somebody approved goes, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from anthill import settings
from anthill.lakehouse.operator import RunJob

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.bronze.cuts import Cuts
    from anthill.erasure.asked import Asked
    from anthill.erasure.plan import Plan
    from anthill.erasure.records import Records

APPROVED = "Approve"


class PlanErasure(BaseOperator):
    """Looks into every object of the dataset; returns the plan's sha256, its URI, and what is shown of it."""

    ui_color = "#f4f1de"

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Plan, and keep the plan; skipped where there is nothing."""
        from anthill.bronze.connections import s3_client
        from anthill.erasure import asked
        from anthill.erasure import plan as plans
        from anthill.task import airflow_errors

        with airflow_errors():
            wanted = asked.read(context["params"])
            s3 = s3_client(self.aws_conn_id)
            plan = plans.make(s3, settings.bucket_of(wanted.declared), wanted, _cuts(s3, wanted))
            uri = _records(wanted.asset_class, self.aws_conn_id).keep(plan)
        self.log.info("%s", plan.markdown())
        if not plan.objects and not wanted.market_date:
            raise AirflowSkipException(f"bronze has nothing of them in {wanted.asset_class}.{wanted.dataset}")
        return {"sha256": plan.sha256, "uri": uri, "asset_class": wanted.asset_class, "markdown": plan.markdown()}


class EraseBronze(BaseOperator):
    """Takes the role that erases, for a plan that a person approved; returns what it wrote anew and deleted."""

    ui_color = "#e8d9b5"

    def __init__(
        self, *, erasure_conn_id: str = "aws_erasure", aws_conn_id: str = "aws_default", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.erasure_conn_id = erasure_conn_id
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Erase; run again, it ends what was cut off."""
        import msgspec

        from anthill.bronze.connections import s3_client
        from anthill.erasure.bronze import Eraser, LandedMeanwhileError
        from anthill.task import airflow_errors, run_of

        plan, by = _plan(context, self.aws_conn_id), approval(context)[0]
        if not by:
            raise AirflowFailException("nobody has approved the plan: the role that erases is not taken")
        self.log.info("Plan %s, approved by %s", plan.sha256, by)
        with airflow_errors():
            try:
                cuts = _cuts(s3_client(self.aws_conn_id), plan.asked)
                done = Eraser(s3_client(self.erasure_conn_id), plan, run_of(context), cuts).erase()
            except LandedMeanwhileError as error:
                raise AirflowFailException(str(error)) from error
        result: dict[str, Any] = msgspec.to_builtins(done)
        return result


class EraseTables(RunJob):
    """The job that erases what came of the rows in silver, gold and quality, while nothing else writes there."""

    template_fields: Sequence[str] = RunJob.template_fields

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(job="erasure", asset_class="", **kwargs)

    def execute(self, context: Context) -> dict[str, Any]:
        """Wait by retries for runs that write the same tables: files of theirs would be taken for old ones."""
        name = self.asset_class_of(context)
        for dag in (name, f"{name}_intraday", "market_backfill", "market_as_of"):
            if context["ti"].get_dr_count(dag_id=dag, states=["running"]):
                raise AirflowException(f"{dag} is running and may write what is erased: this task is tried again")
        return super().execute(context)

    def _tell(self, context: Context, run_id: int | None, result: dict[str, Any], failure: str = "") -> None:
        """Coverage is not told: the record is."""

    def asset_class_of(self, context: Context) -> str:
        """The asset class of the plan."""
        return str(context["ti"].xcom_pull(task_ids="plan")["asset_class"])

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The first and last market day that the plan touches."""
        days = _plan(context, "aws_default").days
        return days[0], days[-1]

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters: the plan says the rest."""
        planned = context["ti"].xcom_pull(task_ids="plan")
        return {"catalog": settings.catalog(), "asset_class": planned["asset_class"], "plan": planned["uri"]}


class RecordErasure(BaseOperator):
    """Keeps who approved what, and what was erased, whatever became of it; red where it is not whole."""

    ui_color = "#f4f1de"

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> str:
        """Write the record; its URI."""
        from anthill.erasure.records import Record
        from anthill.task import run_of

        ti = context["ti"]
        if not ti.xcom_pull(task_ids="plan"):
            raise AirflowSkipException("there is no plan: nothing was erased")
        plan, (by, at) = _plan(context, self.aws_conn_id), approval(context)
        bronze, tables = ti.xcom_pull(task_ids="bronze") or {}, ti.xcom_pull(task_ids="tables") or {}
        record = Record(
            plan=plan.sha256,
            asked=plan.asked,
            outcome="erased" if bronze and tables else "failed" if by else "rejected",
            approved_by=by,
            approved_at=at,
            run=run_of(context),
            at=dt.datetime.now(dt.UTC),
            objects=len(plan.objects),
            versions=bronze.get("versions", 0),
            rewritten=tuple(bronze.get("rewritten", ())),
            rows={table: found["rows"] for table, found in tables.get("tables", {}).items()},
        )
        uri = _records(plan.asked.asset_class, self.aws_conn_id).write(record)
        self.log.info("%s: %s", record.outcome, uri)
        if record.outcome == "failed":
            raise AirflowFailException(f"not everything is erased, {uri}: clear the red task, it goes on where it was")
        return uri


def approval(context: Context) -> tuple[str, str]:
    """Who approved the plan, and when; "" where nobody did: a time-out answers by itself, and by nobody."""
    answer = context["ti"].xcom_pull(task_ids="approve") or {}
    who = answer.get("responded_by_user") or {}
    name = str(who.get("name") or who.get("id") or "")
    at = str(answer.get("responded_at") or "")
    return (name, at) if answer.get("chosen_options") == [APPROVED] else ("", at)


def _plan(context: Context, aws_conn_id: str) -> Plan:
    planned = context["ti"].xcom_pull(task_ids="plan")
    return _records(planned["asset_class"], aws_conn_id).plan(planned["sha256"])


def _cuts(s3: Any, asked: Asked) -> Cuts | None:
    """The cuts of the database that is asked about; None of all else."""
    from anthill import catalog
    from anthill.bronze.cuts import Cuts

    return Cuts(s3, settings.bronze_bucket(), catalog.load(asked.asset_class)) if asked.key else None


def _records(asset_class: str, aws_conn_id: str) -> Records:
    from anthill import catalog
    from anthill.bronze.connections import s3_client
    from anthill.erasure.records import Records

    return Records(s3_client(aws_conn_id), settings.bronze_bucket(), catalog.load(asset_class))
