"""The tasks that take editions of published files through the bundle's jobs."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from anthill import settings
from anthill.lakehouse.operator import RunJob

if TYPE_CHECKING:
    from airflow.sdk import Context


class RunOfEditions(RunJob):
    """Run a job for the days that the editions are about which the run has landed."""

    landed_by = "land"  # the task that returns them by their labels

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The first and last of these days; what lies between is not there, or as it was."""
        days = [dt.date.fromisoformat(label) for label in self._labels(context)]
        return min(days), max(days)

    def _labels(self, context: Context) -> list[str]:
        if not (landed := context["ti"].xcom_pull(task_ids=self.landed_by)):
            raise AirflowFailException(f"{self.landed_by} named no edition: clear it, with what follows")
        return sorted(landed)


class LoadEditions(RunOfEditions):
    """Run the silver job on the newest edition of each of these days."""

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(job="silver", **kwargs)
        self.aws_conn_id = aws_conn_id

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters, with the list of the commits to read."""
        from anthill import catalog
        from anthill.bronze import manifest
        from anthill.bronze.connections import s3_client
        from anthill.bronze.editions import Editions

        declared, s3 = catalog.load(self.asset_class), s3_client(self.aws_conn_id)
        editions = Editions(s3, settings.bronze_bucket(), declared)
        found: list[manifest.Found] = []
        headers: dict[str, tuple[str, ...]] = {}
        for label in self._labels(context):
            if not (edition := editions.newest(label)):
                raise AirflowFailException(f"bronze has no edition of {label} any more: clear {self.landed_by}")
            for name, table in edition.tables.items():
                if name in declared.datasets:
                    found.append((name, dt.date.fromisoformat(label), table.commit))
                    headers[table.commit.key] = table.columns
        uri = manifest.write(s3, settings.bronze_bucket(), declared, found, headers)
        return {**super().parameters(context), "manifest": uri}
