"""The task that lands one dataset's interval in bronze: a market day, or a moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
)

from anthill import assets, settings
from anthill.links import BronzeLink

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.catalog import AssetClass
    from anthill.dataset import Dataset
    from anthill.intervals import Interval
    from anthill.ledger.documents import Documents
    from anthill.ledger.results import Landed, Refused
    from anthill.sources.source import Source


class LandDataset(BaseOperator):
    """Fetches a dataset's interval from its source and commits it to bronze; returns the commits as a dict.

    A scheduled run fetches the intervals before again for as long as the source revises them. `bucket` is the
    environment's bucket of the dataset where it is not given.
    """

    template_fields: Sequence[str] = ("bucket",)
    ui_color = "#e8d9b5"
    operator_extra_links = (BronzeLink(),)

    def __init__(
        self,
        *,
        asset_class: str,
        dataset: str,
        bucket: str | None = None,
        conn_id: str = "",
        aws_conn_id: str = "aws_default",
        pool: str = settings.POOL,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool=pool, outlets=[assets.bronze(asset_class, dataset)], **kwargs)
        self.asset_class = asset_class
        self.dataset = dataset
        self.bucket = bucket
        self.conn_id = conn_id
        self.aws_conn_id = aws_conn_id
        self._landed: Landed | None = None

    def execute(self, context: Context, event: Any = None) -> dict[str, Any]:
        """Land the run's interval; fails for good where a retry cannot help."""
        from anthill.bronze.commits import newest_revisions
        from anthill.bronze.connections import s3_client
        from anthill.bronze.storage import ContentError, StorageError
        from anthill.landing.commit import Committer
        from anthill.landing.land import land_all
        from anthill.ledger.documents import documents
        from anthill.ledger.recorder import Recorder
        from anthill.ledger.results import Refused
        from anthill.market_day import interval_of
        from anthill.sources import kinds
        from anthill.sources.errors import SourceError
        from anthill.task import airflow_errors, declaration, run_of

        with airflow_errors():
            declared, dataset = declaration(self.asset_class, self.dataset)
            interval = interval_of(context, declared.calendar)
            self._wait_until_due(dataset, interval)
            source = kinds.connect(dataset.source, [dataset], self.pool_slots, self.conn_id)
            if dataset.present_only:
                _require_present(source, interval)
            s3, bucket = s3_client(self.aws_conn_id), self.bucket or settings.bucket_of(dataset)
            # What was never landed is missing, not revised: it is for a backfill, with all its datasets.
            before = [
                earlier
                for earlier in _restatable(context, declared, dataset, interval)
                if newest_revisions(s3, bucket, dataset, earlier.label)
            ]
            committer, known = Committer(s3, bucket, run_of(context)), documents(s3, self.bucket or "")
            recorder = Recorder(known, run_of(context), source.meter)
            landed: dict[Interval, Landed] = {}
            refused: list[Refused] = []
            try:
                for result in land_all(source, committer, dataset, [interval, *before]):
                    recorder.note(dataset, result)
                    if isinstance(result, Refused):
                        refused.append(result)
                    else:
                        landed[result.interval] = result
                        self._say(result)
            except (SourceError, StorageError, ContentError) as error:
                recorder.note(dataset, Refused(interval, error))
                raise
            finally:
                recorder.save()
            if refused:
                _fail(refused)
            drift = self._drift(known, dataset, landed[interval])
        self._landed = landed[interval]
        assets.tell(context, {self.dataset: {**interval.named, "rows": landed[interval].rows}})
        return {
            **landed.pop(interval).told(),
            "waited": recorder.waited,
            "drift": drift,
            "earlier": [
                {**earlier.named, "outcome": result.outcome, "rows": result.rows}
                for earlier, result in sorted(landed.items())
            ],
        }

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What Airflow's OpenLineage provider tells of the task: the source's dataset, bronze's and its rows."""
        from anthill import catalog
        from anthill.landing import told

        dataset = catalog.load(self.asset_class).datasets[self.dataset]
        return told.of([(dataset, self._landed)], self.bucket)

    get_openlineage_facets_on_failure = get_openlineage_facets_on_complete

    def _wait_until_due(self, dataset: Dataset, interval: Interval) -> None:
        """Give the worker back until the source has the interval, where that is later than for the asset class."""
        if dataset.due_after_close is None:
            return
        from airflow.providers.standard.triggers.temporal import DateTimeTrigger

        due = interval.end + dataset.due_after_close
        if due > dt.datetime.now(dt.UTC):
            self.log.info("%s.%s on %s is due at %s: waiting", self.asset_class, self.dataset, interval, due)
            self.defer(trigger=DateTimeTrigger(due), method_name="execute")

    def _drift(self, documents: Documents, dataset: Dataset, landed: Landed) -> list[str]:
        """What is new about the source's rows; silver takes the declared fields only, so nothing else would say it."""
        from anthill.landing import fields

        fresh = fields.unseen(documents, dataset, landed.interval.label, landed.fields)
        lines = [f"the new field {name!r}" for name in fresh]
        for line in lines:
            self.log.warning("%s.%s on %s has %s", dataset.asset_class, dataset.name, landed.interval, line)
        return lines

    def _say(self, landed: Landed) -> None:
        self.log.info(
            "%s.%s on %s %s: %s rows, %s pages, %.1f MB in %.1f s; %s",
            landed.asset_class,
            landed.dataset,
            landed.interval,
            landed.outcome,
            f"{landed.rows:,}",
            f"{landed.pages:,}",
            landed.raw_bytes / 1e6,
            landed.seconds,
            ", ".join(f"s3://{commit.bucket}/{commit.key}" for commit in landed.commits),
        )


def _fail(refused: Sequence[Refused]) -> NoReturn:
    """Raise why intervals could not be landed: the reason itself, or all of them, final where no retry helps any."""
    from anthill.bronze.commits import TamperedError
    from anthill.bronze.storage import StorageFatalError
    from anthill.sources.errors import FatalError

    first, *others = (result.reason for result in sorted(refused, key=lambda result: result.interval))
    if not others:
        raise first
    final = all(isinstance(each, FatalError | StorageFatalError | TamperedError) for each in (first, *others))
    raise (AirflowFailException if final else AirflowException)("\n".join(map(str, (first, *others))))


def _require_present(source: Source, interval: Interval) -> None:
    """Skip where the source's present is another interval than the one asked for."""
    from anthill.intervals import present

    now = present(interval.calendar, source.now())
    if now != interval:
        raise AirflowSkipException(f"The source answers for the present, which is {now}: {interval} cannot be had")


def _restatable(context: Context, declared: AssetClass, dataset: Dataset, interval: Interval) -> list[Interval]:
    """The intervals before, which the source may have revised; a backfill's are old, and it has them itself."""
    from anthill.intervals import earlier
    from anthill.market_day import is_regular

    if not dataset.restated_days or not is_regular(context):
        return []
    return earlier(interval, dataset.restated_days, declared.start_date)
