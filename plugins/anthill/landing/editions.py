"""The task that looks for new editions of published files, and lands each whole."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast

from airflow.sdk.exceptions import AirflowSkipException

from anthill import assets, run_note, settings
from anthill.landing.together import LandTogether

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.bronze.editions import Edition
    from anthill.landing.land_edition import EditionLanded
    from anthill.sources.source import Published

PARAM = "edition"  # the day that an edition is about, where a person wants one


class LandEditions(LandTogether):
    """Looks at all editions that are declared, or at the one asked for; returns those that are new as a dict.

    It is skipped, and so is what stands on it, where none is. An edition that is not published yet is none; the one
    asked for is returned as it is there, for what stands on it to be done again. One that an earlier try of the run
    has made is new: that try ended before it could say so.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        """Land them; one that fails keeps only itself out, and fails the task in the end."""
        from anthill import catalog, intervals
        from anthill.bronze.connections import s3_client
        from anthill.bronze.editions import Editions
        from anthill.landing.commit import Committer
        from anthill.landing.land_edition import land_edition
        from anthill.ledger.documents import documents
        from anthill.ledger.recorder import Recorder
        from anthill.ledger.results import Refused
        from anthill.names import ParameterError
        from anthill.sources import kinds
        from anthill.sources.errors import NotReadyError, SourceError
        from anthill.task import airflow_errors, run_of

        with airflow_errors():
            declared, run = catalog.load(self.asset_class), run_of(context)
            known = sorted({day for dataset in declared.datasets.values() for day in dataset.published})
            asked = context["params"].get(PARAM)
            days = [dt.date.fromisoformat(asked)] if asked else known
            if not set(days) <= set(known):
                raise ParameterError(f"no edition {asked} is declared, only {', '.join(map(str, known))}")
            opened = kinds.connect(declared.source, declared.datasets.values(), self.pool_slots, self.conn_id)
            source = cast("Published", opened)
            s3 = s3_client(self.aws_conn_id)
            committers = {bucket: Committer(s3, bucket, run) for bucket in settings.by_bucket(declared.datasets)}
            editions = Editions(s3, settings.bronze_bucket(), declared)
            recorder = Recorder(documents(s3), run, source.meter)
            found: list[EditionLanded] = []
            failed: list[Exception] = []
            try:
                for day in days:
                    interval = intervals.market_day(declared.calendar, day)
                    datasets = {name: each for name, each in declared.datasets.items() if day in each.published}
                    try:
                        landed = land_edition(
                            source, lambda each: committers[settings.bucket_of(each)], editions, datasets, interval, run
                        )
                    except SourceError as error:
                        for dataset in datasets.values():
                            recorder.note(dataset, Refused(interval, error))
                        if not isinstance(error, NotReadyError) or asked:
                            failed.append(error)
                        self.log.warning("%s", error)
                        continue
                    for table in landed.tables:
                        recorder.note(datasets[table.dataset], table)
                    found.append(landed)
            finally:
                recorder.save()
            new = [each for each in found if each.written or asked or _made_by(run, each.edition)]
            self._landed = {table.dataset: table for each in new for table in each.tables}
            self._tell(context, [each.edition for each in new])
            if failed:
                raise failed[0]
        if not new:
            raise AirflowSkipException(f"No edition is new: {', '.join(str(day) for day in days)}")
        told = {name: {**each.interval.named, "rows": each.rows} for name, each in self._landed.items()}
        assets.tell(context, told)
        return {
            each.edition.label: {
                "uri": editions.uri(each.edition),
                "rows": {name: table.commit.rows for name, table in each.edition.tables.items()},
                "changed": sorted(table.dataset for table in each.tables if table.outcome != "unchanged"),
                "others": each.edition.others,
            }
            for each in new
        }

    def _tell(self, context: Context, new: list[Edition]) -> None:
        """Say in the run's note what was taken and what else is in the files: somebody may want it, or miss it."""
        if not new:
            return
        lines = [
            f"{edition.label} (revision {edition.revision}): {', '.join(edition.tables)}. "
            f"Not taken: {', '.join(edition.others) or 'nothing'}"
            for edition in new
        ]
        for line in lines:
            self.log.info("%s", line)
        run_note.write(context, "\n".join(lines))


def _made_by(run: str, edition: Edition) -> bool:
    """Whether a try of the same task of the same run made it: what tells tries apart is the last part."""
    return edition.run.rpartition("/")[0] == run.rpartition("/")[0]
