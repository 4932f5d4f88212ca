"""The task that loads cuts of a database into silver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowSkipException

from anthill import settings
from anthill.lakehouse.operator import RunJob

if TYPE_CHECKING:
    from airflow.sdk import Context


class LoadCuts(RunJob):
    """Run the silver job on the cuts up to the run's own; those that silver has already are not read again."""

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(job="silver", **kwargs)
        self.aws_conn_id = aws_conn_id

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters, with the list of the cuts to read."""
        from anthill import catalog
        from anthill.bronze.connections import s3_client
        from anthill.bronze.cuts import Cuts
        from anthill.market_day import interval_of
        from anthill.task import airflow_errors

        declared = catalog.load(self.asset_class)
        cuts = Cuts(s3_client(self.aws_conn_id), settings.bronze_bucket(), declared)
        label = interval_of(context, declared.calendar).label
        with airflow_errors():
            if not cuts.until(label):
                raise AirflowSkipException(f"bronze has no cut of {self.asset_class} of the last days: land one first")
            return {**super().parameters(context), "manifest": cuts.list_of(label)}
