"""SQL of Delta that Sail lacks, answered by delta-rs from the table's own log."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

_HISTORY = re.compile(r"\s*DESCRIBE\s+HISTORY\s+\w+\.(\w+)\.(\w+)(?:\s+LIMIT\s+(\d+))?\s*", re.IGNORECASE)
_COLUMN = re.compile(
    r"\s*ALTER\s+TABLE\s+\w+\.(\w+)\.(\w+)\s+ADD\s+COLUMNS?\s*\((\w+ .+?)(?:\s+COMMENT\s+'((?:[^'\\]|\\.)*)')?\)\s*",
    re.IGNORECASE | re.DOTALL,
)

_NULLABLE = re.compile(
    r"\s*ALTER\s+TABLE\s+\w+\.(\w+)\.(\w+)\s+ALTER\s+(?:COLUMN\s+)?`?(\w+)`?\s+DROP\s+NOT\s+NULL\s*", re.IGNORECASE
)
_REORG = re.compile(r"\s*REORG\s+TABLE\s+\w+\.(\w+)\.(\w+)\s+APPLY\s*\(\s*PURGE\s*\)\s*", re.IGNORECASE)
_VACUUM = re.compile(r"\s*VACUUM\s+\w+\.(\w+)\.(\w+)\s+RETAIN\s+(\d+)\s+HOURS\s*", re.IGNORECASE)
_KEPT_FOR = "delta.deletedFileRetentionDuration"
_SET = re.compile(
    r"\s*ALTER\s+TABLE\s+\w+\.(\w+)\.(\w+)\s+SET\s+TBLPROPERTIES\s*"
    rf"\(\s*'{_KEPT_FOR}'\s*=\s*'(interval \d+ hours)'\s*\)\s*",
    re.IGNORECASE,
)
_UNSET = re.compile(
    rf"\s*ALTER\s+TABLE\s+\w+\.(\w+)\.(\w+)\s+UNSET\s+TBLPROPERTIES\s+IF\s+EXISTS\s*\(\s*'{_KEPT_FOR}'\s*\)\s*",
    re.IGNORECASE,
)
_WEEK = 168  # hours for which Delta keeps deleted files where a table says nothing


def add_to(
    spark: Any,
    schemas: Mapping[str, str],
    check: Callable[[str], None] = lambda _: None,
    trusted: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> None:
    """Let a session answer it, too, for the tables below its schemas (name → location).

    `check` may refuse a statement; what the session is told of a table that was altered is told within `trusted`.
    """
    sql = spark.sql

    def completed(statement: str, *arguments: Any, **named: Any) -> Any:
        for pattern, answer in _ANSWERS.items():
            found = pattern.fullmatch(statement)
            if found and found[1] in schemas:
                check(statement)
                schema, table, *rest = found.groups()
                answered = answer(spark, _delta(f"{schemas[schema]}/{table}"), *rest)
                if answer in (_add_column, _drop_not_null):
                    with trusted():
                        _register(sql, statement.split()[2], f"{schemas[schema]}/{table}")
                return answered
        return sql(statement, *arguments, **named)

    spark.sql = completed


def _register(sql: Any, name: str, location: str) -> None:
    """Let the session read an altered table's log again: it remembers which columns must not be NULL."""
    sql(f"DROP TABLE {name}")
    sql(f"CREATE TABLE {name} USING delta LOCATION '{location}'")


def _delta(location: str) -> Any:
    from deltalake import DeltaTable

    options = {key: value for key, value in os.environ.items() if key.startswith("AWS_")}
    return DeltaTable(location, storage_options=options)


def _history(spark: Any, table: Any, limit: str | None) -> Any:
    """The commits of a table, newest first: version, timestamp (UTC), operation."""
    commits = [
        (commit["version"], dt.datetime.fromtimestamp(commit["timestamp"] / 1000, dt.UTC), commit["operation"])
        for commit in table.history(int(limit) if limit else None)
    ]
    return spark.createDataFrame(commits, "version BIGINT, timestamp TIMESTAMP, operation STRING")


def _add_column(spark: Any, table: Any, column: str, comment: str | None) -> Any:
    """A column more, at the end of the table; it may be NULL, as it is in all rows that are there."""
    from deltalake import Field

    (field,) = spark.createDataFrame([], column).schema.jsonValue()["fields"]
    if field["name"].lower() in {there.name.lower() for there in table.schema().fields}:
        raise ValueError(f"[FIELD_ALREADY_EXISTS] the table has a column {field['name']}")
    if not field["nullable"]:
        raise ValueError(f"[DELTA_ADD_COLUMN_NOT_NULL] {field['name']}: a column that is added may not be NOT NULL")
    field["metadata"] = {"comment": re.sub(r"\\(.)", r"\1", comment)} if comment else {}
    table.alter.add_columns([Field.from_json(json.dumps(field))])
    return spark.createDataFrame([], "done BOOLEAN")


def _drop_not_null(spark: Any, table: Any, column: str) -> Any:
    """From now on rows may have no value in a column."""
    if column not in {there.name for there in table.schema().fields}:
        raise ValueError(f"[DELTA_COLUMN_NOT_FOUND] the table has no column {column}")
    table.alter.drop_column_not_null(column)
    return spark.createDataFrame([], "done BOOLEAN")


def _reorg(spark: Any, table: Any) -> Any:
    """Nothing: neither Sail nor delta-rs marks rows as deleted, they write the file again without them."""
    return spark.createDataFrame([], "path STRING")


def _keep_for(spark: Any, table: Any, interval: str) -> Any:
    """For how long deleted files are kept."""
    table.alter.set_table_properties({_KEPT_FOR: interval})
    return spark.createDataFrame([], "done BOOLEAN")


def _keep_as_ever(spark: Any, table: Any) -> Any:
    """For a week again; delta-rs takes no property away."""
    return _keep_for(spark, table, f"interval {_WEEK} hours")


def _vacuum(spark: Any, table: Any, hours: str) -> Any:
    """Deletes files that no version needs that is younger; for less time than the table says, Delta refuses."""
    kept = int(table.metadata().configuration.get(_KEPT_FOR, f"interval {_WEEK} hours").split()[1])
    if int(hours) < kept:
        raise ValueError(
            f"[DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT] {hours} hours are less than the {kept} that the table's "
            f"{_KEPT_FOR} says"
        )
    table.vacuum(int(hours), dry_run=False, enforce_retention_duration=False)
    return spark.createDataFrame([], "path STRING")


_ANSWERS: dict[re.Pattern[str], Callable[..., Any]] = {
    _HISTORY: _history,
    _COLUMN: _add_column,
    _NULLABLE: _drop_not_null,
    _REORG: _reorg,
    _SET: _keep_for,
    _UNSET: _keep_as_ever,
    _VACUUM: _vacuum,
}
