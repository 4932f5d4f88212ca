"""Readers without Databricks: tables and queries behind gold, where an environment has Athena."""

from __future__ import annotations

from airflow.sdk import (
    BaseOperator,
    TaskGroup,
    TriggerRule,
)

from anthill import settings
from anthill.asset_class import AssetClass


def consumption(declared: AssetClass, after: BaseOperator, *, by_edition: bool = False) -> list[BaseOperator]:
    """The tasks for readers without Databricks: the tables that are declared for them, then each kept query."""
    if not settings.athena_workgroup() or not any(access.consumption for access in declared.access.values()):
        return []
    from anthill.consumption import query
    from anthill.consumption.operator import RegisterTables, UnloadEditions, UnloadQuery  # boto3: only with Athena

    name, unload = declared.asset_class, UnloadEditions if by_edition else UnloadQuery
    with TaskGroup("consumption"):
        register = RegisterTables(task_id="register", asset_class=name, trigger_rule=TriggerRule.ALL_DONE)
        queries = [unload(task_id=each, asset_class=name, query_name=each) for each in query.names(name)]
    after >> register >> queries
    return [register, *queries]
