"""What the tasks of `governance` share: the connections that they reach the workspace and the records by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseOperator


class GovernanceTask(BaseOperator):
    """A task by Airflow's own connections, or by others that are given."""

    template_fields: Sequence[str] = ("databricks_conn_id",)

    def __init__(
        self, *, databricks_conn_id: str = "databricks_default", aws_conn_id: str = "aws_default", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.databricks_conn_id, self.aws_conn_id = databricks_conn_id, aws_conn_id
