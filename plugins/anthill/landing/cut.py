"""The task that lands a cut of a database: all its tables as of one moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from airflow.sdk.exceptions import AirflowSkipException

from anthill import assets, settings
from anthill.landing.together import LandTogether

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.sources.source import Database


class LandCut(LandTogether):
    """Reads all tables of an asset class in one snapshot and commits those that changed; returns the cut as a dict.

    It is skipped, and so is what stands on it, where nothing has changed since the last cut, and where a later run was
    faster: a database answers for the present.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        """Land the cut; fails for good where a retry cannot help."""
        from anthill import catalog
        from anthill.bronze.connections import s3_client
        from anthill.bronze.cuts import Cuts
        from anthill.landing.commit import Committer
        from anthill.landing.land_cut import LaterCutError, land_cut
        from anthill.landing.returned import returned
        from anthill.ledger.documents import documents
        from anthill.ledger.recorder import Recorder
        from anthill.ledger.results import Refused
        from anthill.market_day import interval_of
        from anthill.sources import kinds
        from anthill.sources.errors import SourceError
        from anthill.task import airflow_errors, run_of

        with airflow_errors():
            declared = catalog.load(self.asset_class)
            interval, run = interval_of(context, declared.calendar), run_of(context)
            of_kind = kinds.connect(declared.source, declared.datasets.values(), self.pool_slots, self.conn_id)
            source = cast("Database", of_kind)  # what has versions is read so
            s3 = s3_client(self.aws_conn_id)
            committers = {bucket: Committer(s3, bucket, run) for bucket in settings.by_bucket(declared.datasets)}
            cuts = Cuts(s3, settings.bronze_bucket(), declared)
            recorder = Recorder(documents(s3), run, source.meter)
            try:
                found = land_cut(
                    source,
                    lambda dataset: committers[settings.bucket_of(dataset)],
                    cuts,
                    declared.datasets,
                    interval,
                    run,
                )
                for landed in found.tables:
                    recorder.note(declared.datasets[landed.dataset], landed)
            except LaterCutError as error:
                raise AirflowSkipException(str(error)) from None
            except SourceError as error:
                for dataset in declared.datasets.values():  # one that cannot be read takes all others with it
                    recorder.note(dataset, Refused(interval, error))
                raise
            finally:
                recorder.save()
        self._landed = {landed.dataset: landed for landed in found.tables}
        changed = {name: each for name, each in self._landed.items() if each.outcome != "unchanged"}
        if not found.written and found.tables:
            raise AirflowSkipException(f"Nothing has changed since the cut of {found.cut.label}")
        for name, each in changed.items():
            self.log.info("%s.%s of %s: %s rows", self.asset_class, name, interval, f"{each.rows:,}")
        self.log.info("The cut: %s", cuts.uri(found.cut.label))
        with airflow_errors():
            again = list(returned(s3, cuts, found.cut, changed))
        whole = [f"all tables were read whole: {found.cut.why}"] if found.cut.why else []
        assets.tell(context, {name: {**interval.named, "rows": each.rows} for name, each in self._landed.items()})
        return {
            **interval.named,
            "uri": cuts.uri(found.cut.label),
            "asof": found.cut.asof.isoformat(),
            "rows": {name: table.commit.rows for name, table in found.cut.tables.items()},
            "changed": sorted(changed),
            "drift": whole + again,
        }
