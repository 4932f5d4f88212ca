"""The task of `governance` that is red where somebody changed by hand who may do what."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from airflow.sdk.exceptions import AirflowFailException

from anthill import settings
from anthill.approval import state
from anthill.approval.task import GovernanceTask

if TYPE_CHECKING:
    from airflow.sdk import Context

_IN_CATALOG = (
    "declare it in include/grants/, or let it be undone: by the run where nobody is asked, else by approving it"
)
_IN_GLUE = "declare the table (consumption: true in its entry), or run its market DAG: consumption.register undoes it"
_BY_IAM = (
    "declare the reader in include/buckets.yaml and say why, or take the statement out of the policy that is named"
)


class _Drift(NamedTuple):
    """Lines for a person, what they come to, and the two ways out."""

    lines: tuple[str, ...]
    summary: str
    ways: str


class ShowDrift(GovernanceTask):
    """Compares with what is agreed or declared: the catalog, who reads the buckets by IAM, what Athena sees of gold."""

    ui_color = "#f4f1de"

    def execute(self, context: Context) -> dict[str, int | None]:
        """Tell, and fail where there is any; None is what was not looked at."""
        names = settings.iam_names()
        with state.errors():
            by_hand = self._by_hand(context)
            by_iam = self._by_iam(names) if names else None
            in_glue = self._in_glue() if settings.athena_workgroup() else None
        if by_iam is None:
            self.log.info("Nobody looked at who may read the buckets by IAM: anthill.iam_names is not set")
        found = [drift for drift in (by_hand, by_iam, in_glue) if drift and drift.lines]
        for drift in found:
            self._tell(context, drift)
        if found:
            lines = [line for drift in found for line in (*drift.lines, f"Either way out: {drift.ways}")]
            raise AirflowFailException("\n".join(lines))
        return {"by_hand": by_hand and 0, "by_iam": by_iam and 0, "in_glue": in_glue and 0}

    def _by_hand(self, context: Context) -> _Drift | None:
        """What was given or taken in the catalog; before the first plan was applied nobody knows."""
        from anthill.governance import audit, drift
        from anthill.governance.records import Records

        plan = context["ti"].xcom_pull(task_ids="plan")
        records = Records.of(self.aws_conn_id)
        if plan["since"] is None:
            return None
        record = records.record(plan["since"])
        deeds = drift.by_hand(records.plan(plan["sha256"]), records.plan(record.sha256))
        if not deeds:
            return _Drift((), "", _IN_CATALOG)
        hook = state.hook(self.databricks_conn_id, "ShowDrift")
        calls = audit.changes(hook, drift.days_since(record.at, dt.datetime.now(dt.UTC)))
        lines = tuple(deed.line for deed in drift.told_by(deeds, calls or []))
        unknown = "" if calls is not None else " (no audit table tells who)"
        return _Drift(lines, f"{len(lines)} rights were given or taken by hand{unknown}", _IN_CATALOG)

    def _by_iam(self, names: str) -> _Drift:
        """Who may read the data buckets past the catalog, and is not declared to."""
        from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

        from anthill.governance.iam import account, declared, reach

        known = declared.load(names)
        iam, s3 = (AwsBaseHook(self.aws_conn_id, client_type=service).get_conn() for service in ("iam", "s3"))
        found = account.read(iam, s3, known.buckets)
        lines = tuple(each.line for each in known.undeclared(reach.of(found)))
        self.log.info("By IAM: %d principals, %d buckets looked at", len(found.principals), len(known.buckets))
        return _Drift(lines, f"{len(lines)} ways to read the buckets by IAM are not declared", _BY_IAM)

    def _in_glue(self) -> _Drift:
        """What Athena sees of gold otherwise than it is declared."""
        from anthill.consumption import registration
        from anthill.consumption.operator import CONNECTION, database_of, errors

        with errors():
            hook, database = state.hook(self.databricks_conn_id, "ShowDrift"), database_of(CONNECTION)
            plan = registration.plan(hook, database, settings.catalog())
        lines = tuple(f"glue {database.name}: {change.line}" for change in plan.changes)
        return _Drift(lines, f"{len(lines)} entries of Glue are not as declared", _IN_GLUE)

    def _tell(self, context: Context, drift: _Drift) -> None:
        from anthill.alerts.alert import Alert
        from anthill.alerts.topics import publish

        run = context["dag_run"]
        link, today = settings.run_url(run.dag_id, run.run_id), settings.now().date()
        alert = Alert("governance", "governance", today, drift.summary, drift.ways, link, drift.lines)
        publish(alert, self.aws_conn_id)
