"""The tasks of `<asset class>_stream`: what nobody heard is asked of the API, segments are loaded, days are settled."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from anthill import settings
from anthill.lakehouse.operator import RunJob
from anthill.market_day import PARAM

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.catalog import AssetClass
    from anthill.sources.source import Source
    from anthill.streams.gaps import Gap

_COMMITTED = dt.timedelta(minutes=1)  # after a segment's end until it is in bronze


class FillGaps(BaseOperator):
    """Lists the gaps of the run's market days, each with its cause, and lands the minutes around them; returns them.

    Somebody is told of those that are late and could not be asked for. Skipped where nothing was recorded on these
    days.
    """

    ui_color = "#e8d9b5"

    def __init__(
        self,
        *,
        asset_class: str,
        stream: str,
        conn_id: str = "",
        aws_conn_id: str = "aws_default",
        pool: str = settings.POOL,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool=pool, **kwargs)
        self.asset_class, self.stream = asset_class, stream
        self.conn_id, self.aws_conn_id = conn_id, aws_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Look, ask and commit; what cannot be had fails the task, and the next run asks for it again."""
        from anthill import catalog
        from anthill.bronze.connections import s3_client
        from anthill.landing.commit import Committer
        from anthill.ledger.documents import documents
        from anthill.sources import kinds
        from anthill.streams import filling, listed, segments
        from anthill.task import airflow_errors, run_of

        told: dict[str, Any] = {}
        with airflow_errors():
            declared = catalog.load(self.asset_class)
            stream, s3 = declared.streams[self.stream], s3_client(self.aws_conn_id)
            bucket, run = settings.bucket_of(stream), run_of(context)
            source = kinds.connect(stream.source, [stream], self.pool_slots, self.conn_id)
            now = self._now(source)
            kept = documents(s3)
            for day in days_of(context, declared, now):
                recorded = segments.of(s3, bucket, stream, day)
                # A recorder that ran on the day before and did not come back leaves a gap as any other.
                if not recorded.segments and not told:
                    self.log.warning("Nothing was recorded of %s.%s on %s", self.asset_class, self.stream, day)
                    continue
                known = filling.listed(stream, filling.session(stream, day, now - _COMMITTED), recorded)
                for gap in known.gaps:
                    self.log.warning("Nobody heard %s.%s from %s", self.asset_class, self.stream, gap.line)
                try:
                    filled = filling.fill(source, Committer(s3, bucket, run), stream, day, known)
                finally:
                    known = listed.note(kept, stream, day, known)
                    if late := known.late(now):
                        self._tell(context, day, late)
                        listed.remember(kept, stream, day, late)
                told[str(day)] = filled.told(known, recorded)
        if not told:
            raise AirflowSkipException("Nothing was recorded on these days: start `anthill record`")
        return told

    def _now(self, source: Source) -> dt.datetime:
        """The source's clock; the platform's where it does not answer, since a gap is listed and told all the same."""
        from anthill.sources.errors import SourceError

        try:
            return source.now()
        except SourceError as error:
            self.log.warning("The source does not tell its time: %s", error)
            return settings.now()

    def _tell(self, context: Context, day: dt.date, late: list[Gap]) -> None:
        """One message about gaps that are late, each of which is told once."""
        from anthill.alerts.alert import Alert
        from anthill.alerts.topics import publish

        run, name = context["dag_run"], f"{self.asset_class}.{self.stream}"
        first, *others = late
        summary = f"nobody heard {name} from {first.line}"
        if others:
            summary = f"nobody heard {name} in {len(late)} gaps that REST was not asked for"
        step = "see in the log of the task `gaps` why REST was not asked for these minutes; its next run asks again"
        lines = tuple(f"{name}, {gap.line}" for gap in late)
        link = settings.run_url(run.dag_id, run.run_id)
        publish(Alert("gap", self.asset_class, day, summary, step, link, lines), self.aws_conn_id)


class OfStream(RunJob):
    """Run a job for the market days of a stream's run: the present one and the one before, or the one asked for."""

    def market_days(self, context: Context) -> tuple[dt.date, dt.date]:
        """The first and last of those that were recorded."""
        told = context["ti"].xcom_pull(task_ids=FILL)
        if not told:
            raise AirflowSkipException(f"{FILL} found nothing recorded")
        days = [dt.date.fromisoformat(day) for day in told]
        return min(days), max(days)


class LoadStream(OfStream):
    """Run the silver job on all segments of these days, and on what the API has of their gaps."""

    def __init__(self, *, stream: str, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(job="silver", **kwargs)
        self.stream, self.aws_conn_id = stream, aws_conn_id

    def parameters(self, context: Context) -> dict[str, str]:
        """The job's parameters, with the list of the commits to read."""
        from anthill import catalog
        from anthill.bronze import manifest
        from anthill.bronze.connections import s3_client
        from anthill.streams import segments

        declared, s3, bucket = catalog.load(self.asset_class), s3_client(self.aws_conn_id), settings.bronze_bucket()
        first, last = self.market_days(context)
        days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        found = segments.loadable(s3, bucket, declared.streams[self.stream], days)
        return {**super().parameters(context), "manifest": manifest.write(s3, bucket, declared, found)}


FILL = "gaps"


def days_of(context: Context, declared: AssetClass, now: dt.datetime) -> list[dt.date]:
    """The market day asked for, or the source's present one and the one before, which may not be settled yet."""
    from anthill import calendars

    if asked := context["params"].get(PARAM):
        return [calendars.require_market_day(declared.calendar, dt.date.fromisoformat(asked))]
    present = calendars.present_market_day(declared.calendar, now)
    return [calendars.shift(declared.calendar, present, -1), present]
