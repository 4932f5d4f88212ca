"""The task of `governance` that tells Unity Catalog where silver's data come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from anthill import settings
from anthill.approval import state
from anthill.approval.task import GovernanceTask

if TYPE_CHECKING:
    from airflow.sdk import Context

_GRANT = "the metastore's admin grants the principal of databricks_default CREATE EXTERNAL METADATA once"


class TellLineage(GovernanceTask):
    """Writes what is missing or told otherwise, and nothing the second time; skipped where nobody has let it."""

    ui_color = "#dce8f5"

    def execute(self, context: Context) -> dict[str, int]:
        """Tell; returns how much was made, changed, removed and kept, and how much waits for its table."""
        from anthill.governance import refusals
        from anthill.governance.external_lineage import ExternalLineage, NotGrantedError, declared

        with state.errors():
            hook = state.hook(self.databricks_conn_id, "TellLineage")
            lineage = ExternalLineage(hook, settings.catalog(), settings.bucket_of, declared())
            try:
                done = lineage.apply()
            except NotGrantedError as error:
                raise AirflowSkipException(f"Unity Catalog is told of no lineage: {_GRANT}. {error}") from error
        if done.refused:
            raise AirflowFailException(refusals.told(done.refused))
        counts = {name: getattr(done, name) for name in ("made", "changed", "removed", "kept", "absent")}
        self.log.info("External lineage: %s", counts)
        return counts
