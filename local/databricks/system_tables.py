"""The table system.access.audit in a statement: Sail keeps the catalog `system` for itself, so it is a view here."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from local.databricks.held import Need

NAME = "system.access.audit"
_NAME = re.compile(r"`?\bsystem\b`?\.`?access`?\.`?audit\b`?", re.IGNORECASE)
_VIEW = "system_access_audit"
_SHAPE = (
    "version STRING, event_time TIMESTAMP, event_date DATE, workspace_id STRING, "
    "user_identity STRUCT<email: STRING, subject_name: STRING>, service_name STRING, action_name STRING, "
    "request_id STRING, request_params MAP<STRING, STRING>, "
    "response STRUCT<status_code: INT, error_message: STRING, result: STRING>, "
    "audit_level STRING, account_id STRING, event_id STRING"
)


def add_to(
    spark: Any, folder: str | None, trusted: Callable[[], AbstractContextManager[None]], refused: type[Exception]
) -> None:
    """Let a session answer questions about it from the rows of a folder; without one its reader has no right to."""
    sql = spark.sql

    def known(statement: str, *arguments: Any, **named: Any) -> Any:
        if not _NAME.search(statement):
            return sql(statement, *arguments, **named)
        if not folder:
            raise refused(Need("USE_SCHEMA", "schema", NAME.rpartition(".")[0]))
        with trusted():
            spark.read.schema(_SHAPE).json(folder).createOrReplaceTempView(_VIEW)
        return sql(_NAME.sub(_VIEW, statement), *arguments, **named)

    spark.sql = known
