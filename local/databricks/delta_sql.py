"""SQL of Delta that Sail lacks, answered by delta-rs from the table's own log."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from typing import Any

_HISTORY = re.compile(r"\s*DESCRIBE\s+HISTORY\s+\w+\.(\w+)\.(\w+)(?:\s+LIMIT\s+(\d+))?\s*", re.IGNORECASE)


def add_to(spark: Any, schemas: Mapping[str, str]) -> None:
    """Let a session answer it, too, for the tables below its schemas (name → location)."""
    sql = spark.sql

    def completed(statement: str, *arguments: Any, **named: Any) -> Any:
        found = _HISTORY.fullmatch(statement)
        if found and found[1] in schemas:
            schema, table, limit = found.groups()
            return _history(spark, f"{schemas[schema]}/{table}", int(limit) if limit else None)
        return sql(statement, *arguments, **named)

    spark.sql = completed


def _history(spark: Any, location: str, limit: int | None) -> Any:
    """The commits of a table, newest first: version, timestamp (UTC), operation."""
    from deltalake import DeltaTable

    options = {key: value for key, value in os.environ.items() if key.startswith("AWS_")}
    commits = [
        (commit["version"], dt.datetime.fromtimestamp(commit["timestamp"] / 1000, dt.UTC), commit["operation"])
        for commit in DeltaTable(location, storage_options=options).history(limit)
    ]
    return spark.createDataFrame(commits, "version BIGINT, timestamp TIMESTAMP, operation STRING")
