"""The task that lands one dataset's market day in bronze."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowNotFoundException

if TYPE_CHECKING:
    from airflow.sdk import Context


class LandDataset(BaseOperator):
    """Fetches a dataset's market day from the API and commits it to bronze; returns the commits as a dict.

    `bucket` is the environment's bronze bucket where it is not given.
    """

    template_fields: Sequence[str] = ("bucket",)
    ui_color = "#e8d9b5"

    def __init__(
        self,
        *,
        asset_class: str,
        dataset: str,
        bucket: str | None = None,
        polygon_conn_id: str = "polygon_default",
        aws_conn_id: str = "aws_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.asset_class = asset_class
        self.dataset = dataset
        self.bucket = bucket
        self.polygon_conn_id = polygon_conn_id
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Land the run's market day; fails for good where a retry cannot help."""
        import msgspec

        from anthill import calendars, catalog, settings
        from anthill.landing.bronze import TamperedError
        from anthill.landing.commit import Committer
        from anthill.landing.connections import s3_client
        from anthill.landing.content import ContentError
        from anthill.landing.land import land
        from anthill.landing.storage import StorageError, StorageFatalError
        from anthill.market_day import checked_market_day
        from anthill.polygon.errors import FatalError, PolygonError
        from anthill.polygon.hook import PolygonHook

        try:
            declared = catalog.load(self.asset_class)
            day = checked_market_day(context, declared.calendar)
            if (dataset := declared.datasets.get(self.dataset)) is None:
                names = ", ".join(declared.datasets)
                raise AirflowFailException(f"{self.asset_class} has no dataset {self.dataset!r}, only {names}")
            client = PolygonHook(self.polygon_conn_id).get_conn()
            committer = Committer(s3_client(self.aws_conn_id), self.bucket or settings.bronze_bucket(), _run(context))
            landed = land(client, committer, dataset, day)
        except AirflowNotFoundException as error:
            raise AirflowFailException(f"{error}. Create the connection, or name another one in the DAG") from error
        except FatalError as error:
            raise AirflowFailException(f"{error} (connection {self.polygon_conn_id})") from error
        except (
            StorageFatalError,
            TamperedError,
            calendars.NotAMarketDayError,
            catalog.DeclarationError,
        ) as error:
            raise AirflowFailException(str(error)) from error
        except (PolygonError, StorageError, ContentError) as error:
            raise AirflowException(str(error)) from error
        self.log.info(
            "%s.%s on %s %s: %s rows, %s pages, %.1f MB of JSON in %.1f s; %s",
            landed.asset_class,
            landed.dataset,
            landed.market_date,
            landed.outcome,
            f"{landed.rows:,}",
            f"{landed.pages:,}",
            landed.raw_bytes / 1e6,
            landed.seconds,
            ", ".join(f"s3://{commit.bucket}/{commit.key}" for commit in landed.commits),
        )
        summary: dict[str, Any] = msgspec.to_builtins(landed)
        return summary


def _run(context: Context) -> str:
    """This try of this task: a later try must not take the earlier one's commit for its own."""
    instance = context["ti"]
    return f"{instance.dag_id}/{instance.run_id}/{instance.task_id}/{instance.try_number}"
