"""The task that sends the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context


class SendDigest(BaseOperator):
    """Sends one message about the newest market day of every asset class; returns how many are whole."""

    ui_color = "#f4f1de"

    def __init__(self, *, aws_conn_id: str = "aws_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> dict[str, int]:
        """Read the ledger and send; skipped where nothing is due yet."""
        from anthill import catalog, history
        from anthill.alerts.alert import Alert
        from anthill.alerts.topics import publish
        from anthill.bronze.connections import s3_client
        from anthill.coverage.reader import Reader
        from anthill.digest.day import newest
        from anthill.ledger.documents import documents
        from anthill.task import airflow_errors

        now, since = settings.now(), settings.history_from()
        with airflow_errors():
            reader = Reader(
                documents(s3_client(self.aws_conn_id)), settings.bronze_bucket(), settings.personal_bucket()
            )
            declared = [history.wanted(catalog.load(name), since) for name in catalog.asset_classes()]
            days = [day for each in declared if (day := newest(reader, each, now))]
        if not days:
            raise AirflowSkipException("no market day is due yet: there is nothing to tell")
        whole = sum(day.is_whole for day in days)
        for day in days:
            self.log.info("%s", day.line)
        run = context["dag_run"]
        link = settings.run_url(run.dag_id, run.run_id)
        summary = f"{whole} of {len(days)} asset classes have their newest market day whole"
        step = (
            "nothing has to be done"
            if whole == len(days)
            else "look at the coverage page: what lacks has its own messages"
        )
        lines = tuple(day.line for day in sorted(days, key=lambda day: (day.is_whole, day.asset_class)))
        publish(Alert("digest", "digest", now.date(), summary, step, link, lines), self.aws_conn_id)
        return {"asset_classes": len(days), "whole": whole}
