"""The task of `governance` that is red where somebody changed by hand who may do what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowFailException

from anthill import settings
from anthill.approval import state
from anthill.approval.task import GovernanceTask

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.governance.drift import Deed

_WAYS = "declare it in include/grants/, or let it be undone: by the run where nobody is asked, else by approving it"


class ShowDrift(GovernanceTask):
    """Compares the run's plan with the newest one that was applied; who did it and when is the audit table's word."""

    ui_color = "#f4f1de"

    def execute(self, context: Context) -> int:
        """Tell, and fail where there is any; before the first plan was applied there is none."""
        from anthill.governance import audit, drift
        from anthill.governance.records import Records

        plan = context["ti"].xcom_pull(task_ids="plan")
        with state.errors():
            records = Records.of(self.aws_conn_id)
            if plan["since"] is None:
                return 0
            record = records.record(plan["since"])
            deeds = drift.by_hand(records.plan(plan["sha256"]), records.plan(record.sha256))
        if not deeds:
            return 0
        hook = state.hook(self.databricks_conn_id, "ShowDrift")
        calls = audit.changes(hook, drift.days_since(record.at, dt.datetime.now(dt.UTC)))
        deeds = drift.told_by(deeds, calls or [])
        unknown = "" if calls is not None else " (no audit table tells who)"
        self._tell(context, deeds, f"{len(deeds)} rights were given or taken by hand{unknown}")
        raise AirflowFailException("\n".join([*(deed.line for deed in deeds), f"Either way out: {_WAYS}"]))

    def _tell(self, context: Context, deeds: Sequence[Deed], summary: str) -> None:
        from anthill.alerts.alert import Alert
        from anthill.alerts.topics import publish

        run = context["dag_run"]
        link, lines = settings.run_url(run.dag_id, run.run_id), tuple(deed.line for deed in deeds)
        publish(Alert("governance", "governance", settings.now().date(), summary, _WAYS, link, lines), self.aws_conn_id)
