"""The tasks after grants: Glue's entries of the declared tables, and each kept query by Athena."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from botocore.exceptions import ClientError

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context

CONNECTION = "aws_consumption"  # the one role that reads gold past the catalog


class RegisterTables(BaseOperator):
    """Makes Glue hold the tables of an asset class that are declared for it; returns what was changed.

    A table that does not exist is an error where gold ended well, and is left out where it did not.
    """

    ui_color = "#d5ecd9"

    def __init__(
        self,
        *,
        asset_class: str,
        databricks_conn_id: str = "databricks_default",
        aws_conn_id: str = CONNECTION,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.asset_class = asset_class
        self.databricks_conn_id = databricks_conn_id
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> dict[str, int]:
        """Compare, change, and say what does not exist."""
        from airflow.providers.databricks.hooks.databricks import DatabricksHook

        from anthill.consumption import registration
        from anthill.task import state_of

        with errors():
            database = database_of(self.aws_conn_id)
            hook = DatabricksHook(self.databricks_conn_id, caller="RegisterTables")
            plan = registration.plan(hook, database, settings.catalog(), {self.asset_class})
            for change in plan.changes:
                self.log.info("%s.%s", database.name, change.line)
                database.apply(change)
        for line in plan.absent:
            self.log.warning("%s: Athena does not see it", line)
        if plan.absent and state_of(context, "gold") == "success":
            raise AirflowFailException(
                f"{'; '.join(plan.absent)}. Run what makes it, or take consumption from its entry"
            )
        signs = [change.line[0] for change in plan.changes]
        counts = {"created": signs.count("+"), "updated": signs.count("~"), "removed": signs.count("-")}
        return {**counts, "unchanged": plan.unchanged}


class UnloadQuery(AthenaOperator):
    """Runs one kept query on the run's market day and lets Athena write its rows to gold's zone, once a load.

    The task waits itself: then Athena is told to stop where the task is, and no two executions write into one folder.
    """

    template_fields: Sequence[str] = ()
    ui_color = "#d5ecd9"

    def __init__(self, *, asset_class: str, query_name: str, aws_conn_id: str = CONNECTION, **kwargs: Any) -> None:
        super().__init__(
            query="",
            database=settings.glue_database(),
            workgroup=settings.athena_workgroup(),
            aws_conn_id=aws_conn_id,
            sleep_time=5,
            deferrable=False,
            **kwargs,
        )
        self.asset_class = asset_class
        self.query_name = query_name

    def execute(self, context: Context) -> dict[str, Any]:  # type: ignore[override] # the base class tells an id
        """Write the rows unless those of this very load are there; an error names the query and what it scanned."""
        from anthill import catalog
        from anthill.market_day import interval_of

        self._refuse_without_gold(context)
        return self._written(context, str(interval_of(context, catalog.load(self.asset_class).calendar).day))

    def _refuse_without_gold(self, context: Context) -> None:
        from anthill.task import state_of

        if (state := state_of(context, "gold")) != "success":
            raise AirflowSkipException(f"gold is {state}: nothing of the market day was published by this run")

    def _written(self, context: Context, day: str) -> dict[str, Any]:
        """One market day's rows, where those of this very load are not there."""
        from anthill.bronze.connections import s3_client
        from anthill.consumption import query
        from anthill.consumption.result import Mark, Result

        with errors():
            kept = query.read(self.asset_class, self.query_name)
            load = kept.load(day, context["ti"].xcom_pull(task_ids="gold").get("loads", {}))
            result = Result(s3_client(str(self.aws_conn_id)), settings.gold_bucket(), kept.name, day)
            there = result.mark()
            told = {"query": kept.name, "market_date": day, "location": result.url}
            if there and there.load == load:
                self.log.info("%s has the rows of this load, by execution %s", result.url, there.execution)
                return {**told, "written": False, "scanned_bytes": 0}
            if removed := result.clear():
                self.log.info("%d objects of another load, or of half a one, are removed from %s", removed, result.url)
            self.query = kept.unload(day, result.url)
            execution, scanned = self._run(context, kept.name, day)
            result.keep(Mark(load, execution, scanned))
        self.log.info("%s of %s: %s scanned, rows in %s", kept.name, day, _size(scanned), result.url)
        return {**told, "written": True, "scanned_bytes": scanned}

    def _run(self, context: Context, name: str, day: str) -> tuple[str, int]:
        """The execution, and the bytes that it scanned."""
        self.query_execution_id = None
        try:
            execution = str(super().execute(context))
        except (AirflowException, ClientError) as error:
            scanned = _size(self._scanned()) if self.query_execution_id else "nothing"
            raise AirflowException(
                f"query {name} of {day}: {str(error).rstrip('.')}. It scanned {scanned}; the workgroup "
                f"{self.workgroup} stops a query at "
                f"its limit (scan_limit_gb of the stack consumption). The SQL is include/sql/consumption/"
                f"{self.asset_class}/{self.query_name}.sql"
            ) from error
        return execution, self._scanned()

    def _scanned(self) -> int:
        found = self.hook.get_query_info(str(self.query_execution_id))["QueryExecution"]
        return int(found.get("Statistics", {}).get("DataScannedInBytes", 0))


class UnloadEditions(UnloadQuery):
    """The same for each edition that the run has landed, by the day that it is about; `landed_by` returns them."""

    def __init__(self, *, landed_by: str = "land", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.landed_by = landed_by

    def execute(self, context: Context) -> dict[str, Any]:  # type: ignore[override]
        """Write the rows of each; what was written, by edition."""
        self._refuse_without_gold(context)
        labels = sorted(context["ti"].xcom_pull(task_ids=self.landed_by))
        return {label: self._written(context, label) for label in labels}


def database_of(aws_conn_id: str) -> Any:
    """Glue's database as the environment names it."""
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    from anthill.consumption.glue import Database

    return Database(AwsBaseHook(aws_conn_id, client_type="glue").get_conn(), settings.glue_database())


@contextmanager
def errors() -> Iterator[None]:
    """The room's errors as Airflow's: a declaration, a table or a right that is wrong is so at the next try, too."""
    from anthill.consumption.glue import GlueError
    from anthill.consumption.unity_catalog import TableNotReadError
    from anthill.task import airflow_errors

    try:
        with airflow_errors():
            yield
    except TableNotReadError as error:
        raise AirflowFailException(str(error)) from error
    except GlueError as error:
        raise AirflowException(str(error)) from error


def _size(count: int) -> str:
    return f"{count / 1e9:.3g} GB" if count >= 1e9 else f"{count / 1e6:.3g} MB"
