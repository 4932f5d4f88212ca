"""The task that brings the coverage index of an asset class up to what bronze holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context


class RebuildIndex(BaseOperator):
    """Lists bronze and mends what the index does not know; returns each dataset's market days, and those mended."""

    ui_color = "#d7e3f4"

    def __init__(self, *, asset_class: str, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asset_class = asset_class
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> dict[str, dict[str, int]]:
        """Rebuild; a second time finds nothing to mend."""
        import msgspec

        from anthill import catalog
        from anthill.bronze.connections import s3_client
        from anthill.coverage.rebuild import rebuild
        from anthill.ledger.documents import documents
        from anthill.task import airflow_errors, run_of

        with airflow_errors():
            s3 = s3_client(self.aws_conn_id)
            declared = catalog.load(self.asset_class)
            done = [
                each
                for bucket, own in settings.by_bucket(declared.datasets).items()
                for each in rebuild(
                    s3,
                    bucket,
                    documents(s3),
                    msgspec.structs.replace(declared, datasets=own),
                    run_of(context),
                    lambda each: self.log.info("%s: %d market days, %d mended", each.dataset, each.days, each.mended),
                )
            ]
        return {each.dataset: {"days": each.days, "mended": each.mended} for each in done}
