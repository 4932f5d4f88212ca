"""The DAG that keeps the sandbox small: owners hear of what is dropped a week before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.alerts.alert import Alert
    from anthill.sandbox.tables import Table

_TOLD = "told"  # XCom: of each table when its owner was told
_SHOWN = 10  # tables of one owner in a message


class CleanSandbox(BaseOperator):
    """Drops what owners were told of a week ago, and tells them what is next; returns how many of both.

    It asks Unity Catalog over REST, as the schema's owner: no compute starts. A run goes on from what the one before
    has told; where that is lost, owners are told again and have their week.
    """

    ui_color = "#f4f1de"

    def __init__(
        self, *, aws_conn_id: str = "aws_default", databricks_conn_id: str = "databricks_default", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.aws_conn_id = aws_conn_id
        self.databricks_conn_id = databricks_conn_id

    def execute(self, context: Context) -> dict[str, int]:
        """Look, drop, tell; a table that cannot be dropped is red when all else is done."""
        from airflow.providers.databricks.hooks.databricks import DatabricksHook

        from anthill.alerts.topics import publish
        from anthill.lakehouse.sandbox import SCHEMA
        from anthill.sandbox import tables

        hook, now = DatabricksHook(self.databricks_conn_id, caller="CleanSandbox"), settings.now()
        if (there := tables.of(hook, settings.catalog())) is None:
            raise AirflowSkipException(f"{settings.catalog()} has no schema {SCHEMA}")
        ti = context["ti"]
        # With the map index it is the newest of all runs; without, a list of all of them.
        before = ti.xcom_pull(task_ids=ti.task_id, key=_TOLD, map_indexes=-1, include_prior_dates=True) or {}
        told = {key: dt.datetime.fromisoformat(at) for key, at in before.items()}
        gone, wrong = set(), []
        for table in tables.to_drop(there, told, now):
            try:
                tables.drop(hook, table)
            except Exception as error:  # the others are dropped, and owners told, all the same
                wrong.append(f"{table.name} of {table.owner} could not be dropped: {error}")
                continue
            self.log.info("Dropped %s of %s, made on %s", table.name, table.owner, table.made.date())
            gone.add(table.key)
        if soon := tables.to_tell(there, told, now):
            publish(self._alert(context, soon, now), self.aws_conn_id)
        told |= {table.key: now for table in soon}
        kept = {table.key for table in there} - gone
        ti.xcom_push(key=_TOLD, value={key: at.isoformat() for key, at in told.items() if key in kept})
        if wrong:
            raise AirflowFailException("\n".join(wrong))
        return {"dropped": len(gone), "told": len(soon)}

    def _alert(self, context: Context, soon: list[Table], now: dt.datetime) -> Alert:
        from anthill.alerts.alert import Alert
        from anthill.sandbox import tables

        lines = []
        for owner in sorted({table.owner for table in soon}):
            own = [f"{table.name} ({tables.dropped_on(table, now)})" for table in soon if table.owner == owner]
            more = f" and {len(own) - _SHOWN} more" if len(own) > _SHOWN else ""
            lines.append(f"{owner}: {', '.join(own[:_SHOWN])}{more}")
        run = context["dag_run"]
        return Alert(
            "sandbox",
            "sandbox",
            now.date(),
            f"{len(soon)} tables are dropped in a week",
            "owners copy what has to stay, or make it again; whoever reads this tells them",
            settings.run_url(run.dag_id, run.run_id),
            tuple(lines),
        )


def sandbox_dag(doc_md: str | None) -> DAG:
    """Once a day; one run at a time, since each goes on from the one before."""
    with DAG(
        dag_id="sandbox",
        description="What is older than 30 days in the schema sandbox is dropped, a week after its owner was told",
        doc_md=doc_md,
        schedule="17 5 * * *",
        start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "market-data", "retries": 3, "retry_delay": dt.timedelta(minutes=5)},
        tags=["market", "sandbox"],
    ) as dag:
        CleanSandbox(task_id="clean", execution_timeout=dt.timedelta(minutes=30))
    return dag
