"""The task that lands what the source says at this moment, again and again in market hours."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.ledger.results import Landed


class LandSnapshot(BaseOperator):
    """Lands one taking of a dataset, named by the moment that the run is for (UTC); too late, it is skipped."""

    ui_color = "#e8d9b5"

    def __init__(
        self,
        *,
        asset_class: str,
        dataset: str,
        conn_id: str = "",
        aws_conn_id: str = "aws_default",
        pool: str = settings.POOL,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool=pool, **kwargs)
        self.asset_class = asset_class
        self.dataset = dataset
        self.conn_id = conn_id
        self.aws_conn_id = aws_conn_id
        self._landed: Landed | None = None

    def execute(self, context: Context) -> dict[str, Any]:
        """Land it; fails for good where a retry cannot help."""
        from anthill import intervals
        from anthill.bronze.connections import s3_client
        from anthill.landing.commit import Committer
        from anthill.landing.land import land
        from anthill.ledger.documents import documents
        from anthill.ledger.recorder import Recorder
        from anthill.sources import kinds
        from anthill.task import airflow_errors, declaration, run_of

        with airflow_errors():
            declared, dataset = declaration(self.asset_class, self.dataset)
            source = kinds.connect(dataset.source, [dataset], self.pool_slots, self.conn_id)
            # Its clock and not this machine's: it is the source that answers for a moment.
            now = source.now()
            moment = _moment(context, now)
            if dataset.every and abs(now - moment) >= dataset.every:
                raise AirflowSkipException(f"The source's clock is at {now}: {moment} cannot be had any more")
            interval = intervals.present(declared.calendar, moment)
            s3, bucket, run = s3_client(self.aws_conn_id), settings.bucket_of(dataset), run_of(context)
            landed = land(source, Committer(s3, bucket, run), dataset, interval, taking=f"{moment:%H%M}")
            recorder = Recorder(documents(s3), run, source.meter)
            recorder.note(dataset, landed)
            recorder.save()
        self._landed = landed
        self.log.info("%s.%s of %s: %s rows", self.asset_class, self.dataset, moment, f"{landed.rows:,}")
        return landed.told()

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What Airflow's OpenLineage provider tells of the task: the source's dataset, bronze's and its rows."""
        from anthill import catalog
        from anthill.landing import told

        dataset = catalog.load(self.asset_class).datasets[self.dataset]
        return told.of([(dataset, self._landed)])

    get_openlineage_facets_on_failure = get_openlineage_facets_on_complete


def _moment(context: Context, now: dt.datetime) -> dt.datetime:
    """The moment that the run is for: its own, or the source's present for one that a person started."""
    start = context.get("data_interval_start")
    if context["dag_run"].run_type == "manual" or start is None:
        return now
    return dt.datetime.fromtimestamp(start.timestamp(), dt.UTC)
