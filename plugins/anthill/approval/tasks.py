"""The tasks of `governance` that read and change: plan, approve, apply."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk.exceptions import AirflowFailException

from anthill import settings
from anthill.approval import state
from anthill.approval.task import GovernanceTask

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.governance.plan import Item, Plan

ANSWER = "answer"  # XCom of approve: who said what when, and whether anybody was asked
OUTCOME = "outcome"  # XCom of apply, where it did not come so far


class PlanGovernance(GovernanceTask):
    """Reads everything that is declared and held, keeps the plan, and returns its sha256 and what it comes to."""

    ui_color = "#e6dcf5"

    def execute(self, context: Context) -> dict[str, Any]:
        """Plan; what is declared wrongly, and whom nobody knows, ends the run before anything is changed."""
        from anthill import run_note
        from anthill.governance import approved, kinds, markdown
        from anthill.governance.records import Records

        with state.errors():
            plan = kinds.made(state.kinds_of(self.databricks_conn_id, "PlanGovernance"), settings.catalog())
            records = Records.of(self.aws_conn_id)
            sha256, since = records.keep(plan), records.newest_key()
            due = state.due(plan, records)
        asks = settings.approval() and not approved.is_empty(due)
        shown = markdown.of(plan, due if asks else None)
        self.log.info("%s", shown)
        run_note.write(context, shown)
        counts = {"added": len(plan.added), "removed": len(plan.removed), "kept": len(plan.kept)}
        return {
            "sha256": sha256,
            "asks": asks,
            "shown": shown,
            "waits": _lines(due) if asks else [],
            "since": since,
            **counts,
        }


class ApprovePlan(ApprovalOperator):
    """Waits for a person where the plan asks for one; nobody's answer is a no.

    Who may answer is who may edit the DAG's tasks (PUT on HITL details): names would differ by environment.
    """

    ui_color = "#f4d9d0"

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(
            subject="Changes of who may do what in {{ ti.xcom_pull(task_ids='plan')['sha256'][:12] }}",
            body="{{ ti.xcom_pull(task_ids='plan')['shown'] }}",
            defaults=[self.REJECT],
            response_timeout=dt.timedelta(hours=settings.approval_hours()),
            **kwargs,
        )
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> Any:
        """Ask, and say where to answer; where nobody is asked, the declaration has approved it."""
        from anthill.alerts.alert import Alert
        from anthill.alerts.topics import publish

        plan = context["ti"].xcom_pull(task_ids="plan")
        if not plan["asks"]:
            context["ti"].xcom_push(key=ANSWER, value={"asked": False, "approved": True, "by": "", "at": None})
            return None
        waits = plan["waits"]
        publish(
            Alert(
                "approval",
                "governance",
                settings.now().date(),
                f"{len(waits)} changes of who may do what wait for an answer",
                f"read plan {plan['sha256'][:12]} there, and answer within {settings.approval_hours():g} hours",
                self.generate_link_to_ui_from_context(context=context),
                tuple(waits),
            ),
            self.aws_conn_id,
        )
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Keep the answer before what it skips is skipped: of a no, Airflow keeps no result."""
        if "error" not in event:
            who = event["responded_by_user"] or {}
            approved, by = event["chosen_options"] == [self.APPROVE], str(who.get("name") or who.get("id") or "")
            answer = {"asked": True, "approved": approved, "by": by, "at": event["responded_at"]}
            context["ti"].xcom_push(key=ANSWER, value=answer)
        return super().execute_complete(context, event)


class ApplyPlan(GovernanceTask):
    """Reads everything again, stops where it moved on, changes it, and looks whether it is so."""

    ui_color = "#e6dcf5"

    def execute(self, context: Context) -> dict[str, int]:
        """Apply the plan of this run and no other; returns how much was given and taken."""
        from anthill.governance import approved, kinds, refusals
        from anthill.governance.records import Records

        sha256 = context["ti"].xcom_pull(task_ids="plan")["sha256"]
        with state.errors():
            records = Records.of(self.aws_conn_id)
            agreed = records.plan(sha256)
            governed = state.kinds_of(self.databricks_conn_id, "ApplyPlan")
            now = kinds.made(governed, settings.catalog())
            if new := approved.moved(state.due(agreed, records), state.due(now, records)):
                context["ti"].xcom_push(key=OUTCOME, value="moved")
                raise AirflowFailException(_moved(sha256, new))
            refused = kinds.applied(governed, now)
            kinds.check(governed, now, refused)
        if refused:
            raise AirflowFailException(refusals.told(refused))
        return {"added": len(now.added), "removed": len(now.removed)}


def _moved(sha256: str, new: Sequence[Item]) -> str:
    more = f" and {len(new) - 1} more" if len(new) > 1 else ""
    return (
        f"Nothing was changed: since plan {sha256[:12]} was made, the catalog or the declarations moved on: "
        f"{new[0].on}: {new[0].who} {new[0].what}{more}. Run governance again, and look at the new plan"
    )


def _lines(due: Plan) -> list[str]:
    """What waits, a line each."""
    gained = [f"{item.on}: {item.who} +{item.what}" for item in (*due.added, *due.absent)]
    return [*gained, *(f"{item.on}: {item.who} -{item.what}" for item in due.removed)]
