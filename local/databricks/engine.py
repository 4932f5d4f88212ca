"""The Spark session of one run: Sail inside the process, its Delta tables registered as they are named."""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable
from typing import Any

_CONFS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.default": "delta",
    "spark.sql.caseSensitive": "true",
}
_PRELOADED = (
    "deltalake",
    "local.databricks.guard",
    "pandas",
    "pyarrow",
    "pysail.spark",
    "pyspark.sql.connect.client.core",
    "pyspark.sql.connect.dataframe",
    "pyspark.sql.connect.functions",
    "pyspark.sql.connect.session",
    "pyspark.sql.functions",
)


def preload() -> None:
    """Import what every run needs, so that a forked run starts in milliseconds."""
    for name in _PRELOADED:
        importlib.import_module(name)


def start(job: dict[str, Any], emit: Callable[..., None]) -> Any:
    """A session in UTC for a job, which says who it runs as and what there is.

    That is `schemas` (name → location), `tables` (schema.table → location), the statements of `views`, and external
    `locations` (name → path).
    """
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.session import SparkSession

    from local.databricks import delta_sql, system_tables, views
    from local.databricks.guard import Guard, InsufficientPermissionsError
    from local.databricks.held import Held
    from local.databricks.paths import Paths
    from local.databricks.registry import Registry

    catalog, schemas = job["catalog"], job["schemas"]
    known = [*job["tables"], *(views.name(statement).partition(".")[2] for statement in job["views"])]
    held = Held(job["principal"]["direct"])
    fence = fence_of(job)
    guard = Guard(held, Paths(job["locations"]), fence, catalog, known, emit)
    places = {
        name: f"CREATE SCHEMA IF NOT EXISTS {catalog}.{name} LOCATION '{place}'" for name, place in schemas.items()
    }
    used = [places.pop(name) for name in schemas if held.uses(f"{catalog}.{name}")]
    registry = Registry(catalog, job["tables"], job["views"], guard.trusted, held.sees, places, fence.shown)
    channel = DefaultChannelBuilder(f"sc://127.0.0.1:{_server(catalog).listening_address[1]}")
    channel.add_interceptor(guard)
    channel.add_interceptor(registry)
    builder = SparkSession.builder.channelBuilder(channel)
    for key, value in _CONFS.items():
        builder = builder.config(key, value)
    spark = builder.create()
    # Sail now and then loses an answer that a client takes up again ("task context not found"); the connection to this
    # process itself never breaks, so nothing needs taking up, and small queries are half as fast again.
    spark.client.disable_reattachable_execute()
    with guard.trusted():
        for statement in used:
            spark.sql(statement)
    registry.sql = spark.sql
    delta_sql.add_to(spark, schemas, guard.statement, guard.trusted)
    system_tables.add_to(spark, job.get("audit"), guard.trusted, InsufficientPermissionsError)
    return spark


@functools.cache
def _server(catalog: str) -> Any:
    """Sail in this process, whose sessions each begin with an empty catalog; it stops when its handle is collected."""
    from pysail.spark import SparkConnectServer

    os.environ["SAIL_CATALOG__LIST"] = f'[{{type="memory",name="{catalog}",initial_database=["default"]}}]'
    # Sail forgets a session that asks it nothing for two minutes; a run's is there as long as the run.
    os.environ["SAIL_SPARK__SESSION_TIMEOUT_SECS"] = str(7 * 24 * 3600)
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    return server


def fence_of(job: dict[str, Any]) -> Any:
    """What keeps a job's reader from what policies hold back; nothing is, where none names them."""
    from local.databricks.fence import Fence
    from local.databricks.secured import Secured, columns_of

    told, catalog, tables = job["principal"].get("secured"), job["catalog"], job["tables"]
    if not told or not told["policies"]:
        return Fence(catalog, tables, None)
    options = {key: value for key, value in os.environ.items() if key.startswith("AWS_")}
    return Fence(catalog, tables, Secured(told, columns_of(catalog, tables, options)))


def alone(catalog: str, schemas: dict[str, str]) -> Any:
    """The same without a workspace, over tables that it makes itself in its own catalog."""
    everything = {f"catalog {catalog}": ["ALL_PRIVILEGES"], "external_location all": ["ALL_PRIVILEGES"]}
    mine = {"principal": {"direct": everything}, "locations": {"all": ""}}
    return start({"catalog": catalog, "schemas": schemas, "tables": {}, "views": [], **mine}, lambda *_, **__: None)
