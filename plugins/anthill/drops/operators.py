"""The tasks of the DAG `drop_zone`: what waits goes to bronze, then to silver, then it is answered."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from anthill import settings
from anthill.lakehouse.operator import RunJob

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.drops.zone import Dropped

LAND = "land"


class LandDrops(BaseOperator):
    """Lists the bucket and lands what waits; returns by asset class what is to be loaded and answered.

    It is skipped, and so is what stands on it, where nothing waits.
    """

    ui_color = "#e8d9b5"

    def __init__(self, *, asset_classes: list[str], aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asset_classes, self.aws_conn_id = asset_classes, aws_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Land them; a file that cannot be taken keeps only itself out, and is answered."""
        import msgspec

        from anthill import catalog
        from anthill.bronze.commits import newest_of_all
        from anthill.bronze.connections import s3_client
        from anthill.drops.land import Landing, days_of
        from anthill.drops.zone import Zone
        from anthill.landing.commit import Committer
        from anthill.sources import kinds
        from anthill.task import airflow_errors, run_of

        with airflow_errors():
            declared = {name: catalog.load(name) for name in self.asset_classes}
            s3, bucket = s3_client(self.aws_conn_id), settings.bronze_bucket()
            source = kinds.connect("drop", (), 1, self.aws_conn_id)
            committer = Committer(s3, bucket, run_of(context))
            zone = Zone(s3, settings.drop_bucket())
            waiting = zone.waiting()
            self._tell(waiting)
            taken = Landing(
                zone, source, committer, declared, lambda dataset: days_of(newest_of_all(s3, bucket, dataset))
            ).all(waiting)
        if not taken:
            raise AirflowSkipException("Nothing waits, or nothing of it can be taken: answers lie in output/")
        return {name: msgspec.to_builtins(files) for name, files in taken.items()}

    def _tell(self, waiting: list[Dropped]) -> None:
        """How long the oldest has waited; what keeps its answer away may be any task behind this one."""
        from anthill.alerts import metrics

        now = dt.datetime.now(dt.UTC)
        try:
            metrics.send_drop_wait(max(((now - each.modified).total_seconds() for each in waiting), default=0.0))
        except Exception as error:  # a gap in a graph keeps no file away
            self.log.warning("The wait was not sent: %s: %s", type(error).__name__, error)


class OfDrops(RunJob):
    """Run a job for the days of an asset class whose files the run has landed; skipped where it has none."""

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The first and last of these days."""
        days = [dt.date.fromisoformat(taken.interval) for taken in landed(context, self.asset_class)]
        return min(days), max(days)


class LoadDrops(OfDrops):
    """Run the silver job on all files of these days: a day is loaded whole."""

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(job="silver", **kwargs)
        self.aws_conn_id = aws_conn_id

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters, with the list of the commits to read."""
        from anthill import catalog
        from anthill.bronze import manifest
        from anthill.bronze.connections import s3_client
        from anthill.drops import headers

        declared, s3, bucket = catalog.load(self.asset_class), s3_client(self.aws_conn_id), settings.bronze_bucket()
        days: dict[str, set[dt.date]] = {}
        for taken in landed(context, self.asset_class):
            days.setdefault(taken.dataset, set()).add(dt.date.fromisoformat(taken.interval))
        found = [
            known
            for name, of_dataset in sorted(days.items())
            for known in manifest.newest(s3, bucket, [declared.datasets[name]], sorted(of_dataset))
        ]
        columns = {commit.key: headers.of(s3, commit, declared.datasets[name]) for name, _, commit in found}
        return {**super().parameters(context), "manifest": manifest.write(s3, bucket, declared, found, columns)}


class AnswerDrops(BaseOperator):
    """Answers about each file of an asset class that the run has landed and loaded; returns where the answers lie."""

    ui_color = "#e8d9b5"

    def __init__(
        self, *, asset_class: str, conn_id: str = "databricks_reader", aws_conn_id: str = "aws_default", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.asset_class, self.conn_id, self.aws_conn_id = asset_class, conn_id, aws_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Ask silver and quarantine for the rows of each file, and put them beside its answer."""
        from anthill import catalog
        from anthill.bronze.connections import s3_client
        from anthill.drops import answers
        from anthill.drops.zone import Zone
        from anthill.task import airflow_errors
        from anthill.warehouse.connection import warehouse
        from anthill.warehouse.errors import QueryError

        told = {}
        try:
            with airflow_errors():
                declared, s3 = catalog.load(self.asset_class), s3_client(self.aws_conn_id)
                zone, asked = Zone(s3, settings.drop_bucket()), warehouse(self.conn_id)
                for taken in landed(context, self.asset_class):
                    answer = answers.tell(zone, s3, asked, declared.datasets[taken.dataset], taken)
                    told[taken.dropped.key] = zone.uri(taken.dropped)
                    self.log.info("%s: %d of %d rows", taken.dropped.key, answer.accepted, answer.rows)
        except QueryError as error:
            raise AirflowException(str(error)) from None
        return told


def landed(context: Context, asset_class: str) -> list[Any]:
    """What the run has landed of an asset class; AirflowSkipException for nothing."""
    import msgspec

    from anthill.drops.land import Taken

    found = (context["ti"].xcom_pull(task_ids=LAND) or {}).get(asset_class)
    if not found:
        raise AirflowSkipException(f"no file of {asset_class} was landed")
    return msgspec.convert(found, list[Taken])
