"""The last task of `governance`: it writes down who approved which plan when, and tells what did not come about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow.sdk import BaseOperator, TriggerRule
from airflow.sdk.exceptions import AirflowFailException

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.governance.records import Outcome, Record

DECLARATION = "the declaration"
_FIRST = {
    "rejected": "nothing was changed: declare what is wanted, or approve the next plan",
    "unanswered": "nothing was changed: run governance again when somebody can answer",
    "moved": "nothing was changed: run governance again, and look at the new plan",
    "failed": "see the task's error; run governance again when it is mended",
}


class _Answer(NamedTuple):
    outcome: Outcome
    by: str
    at: Any


class ReportPlan(BaseOperator):
    """Keeps the record of this run's plan; one message where it was not applied, red where nobody wanted that."""

    ui_color = "#d5e8d4"

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(trigger_rule=TriggerRule.ALL_DONE, **kwargs)
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Write, tell, and fail where something failed."""
        from anthill.governance.records import Records
        from anthill.task import airflow_errors

        ti = context["ti"]
        planned = ti.xcom_pull(task_ids="plan")
        said = self._said(context)
        if planned is None:
            self._tell(context, "failed", "no plan could be made", said)
            raise AirflowFailException(f"No plan could be made. {said}".strip())
        record = self._record(context, planned, said)
        with airflow_errors():
            key = Records.of(self.aws_conn_id).write(record)
        self.log.info("%s by %s: %s", record.outcome, record.by or "nobody", key)
        if record.outcome != "applied":
            by = f" by {record.by}" if record.outcome == "rejected" else ""
            self._tell(context, record.outcome, f"plan {record.sha256[:12]} was {_WORDS[record.outcome]}{by}", said)
        if record.outcome in ("moved", "failed"):
            raise AirflowFailException(said or f"plan {record.sha256[:12]} was {_WORDS[record.outcome]}")
        return {"outcome": record.outcome, "by": record.by, "record": key}

    def _record(self, context: Context, planned: dict[str, Any], said: str) -> Record:
        from anthill.governance.records import Record
        from anthill.task import run_of

        answer = self._answer(context)
        done = context["ti"].xcom_pull(task_ids="apply") or {}
        return Record(
            sha256=planned["sha256"],
            outcome=answer.outcome,
            by=answer.by,
            answered_at=answer.at,
            run=run_of(context),
            at=dt.datetime.now(dt.UTC),  # also where the source's clock stands still: records are in the order of time
            added=done.get("added", 0),
            removed=done.get("removed", 0),
            said=said,
        )

    def _answer(self, context: Context) -> _Answer:
        """Who said what, and what came of it."""
        from anthill.approval.tasks import ANSWER, OUTCOME
        from anthill.task import state_of

        ti = context["ti"]
        answer = ti.xcom_pull(task_ids="approve", key=ANSWER) or {}
        by, at = (answer.get("by", "") if answer.get("asked", True) else DECLARATION), answer.get("at")
        if answer and not answer["approved"]:
            return _Answer("rejected" if by else "unanswered", by, at if by else None)
        if state_of(context, "apply") == "success":
            return _Answer("applied", by, at)
        return _Answer(ti.xcom_pull(task_ids="apply", key=OUTCOME) or "failed", by, at)

    def _said(self, context: Context) -> str:
        """The error of the task that failed."""
        from anthill.alerts import failure

        found = [context["ti"].xcom_pull(task_ids=task, key=failure.KEY) for task in ("plan", "approve", "apply")]
        return next((str(text) for text in found if text), "")

    def _tell(self, context: Context, outcome: str, summary: str, said: str) -> None:
        from anthill.alerts.alert import Alert
        from anthill.alerts.topics import publish

        run = context["dag_run"]
        link = settings.run_url(run.dag_id, run.run_id)
        lines = tuple(said.splitlines())
        publish(
            Alert("governance", "governance", settings.now().date(), summary, _FIRST[outcome], link, lines),
            self.aws_conn_id,
        )


_WORDS = {
    "rejected": "rejected",
    "unanswered": "answered by nobody",
    "moved": "approved, and the catalog has moved on",
    "failed": "not applied",
}
