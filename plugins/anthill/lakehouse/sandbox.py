"""Runs of a person's own: every table lies in the schema `sandbox`, its name under the person's prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from anthill.lakehouse.session import PlacedSession

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMA = "sandbox"


def session(spark: SparkSession, catalog: str, prefix: str) -> SparkSession:
    """The session of a run with that prefix: gold.stocks_news is sandbox.<prefix>_gold_stocks_news; without, Spark."""
    if not prefix:
        return spark
    return cast("SparkSession", PlacedSession(spark, catalog, lambda layer: f"{SCHEMA}.{prefix.lower()}_{layer}_"))
