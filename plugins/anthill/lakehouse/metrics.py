"""Metric views over gold: measures that people ask for by name, whatever they group by. Databricks alone knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anthill.include import include_dir
from anthill.lakehouse import engine, statements

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run(spark: SparkSession, *, catalog: str) -> dict[str, Any]:
    """Make the metric views of include/metrics again: their names. EngineError names one that the engine refuses."""
    from pyspark.errors import PySparkException

    made = []
    for file in sorted((include_dir() / "metrics").glob("*.sql")):
        for statement in statements.read(file, catalog):
            try:
                spark.sql(statement)
            except PySparkException as error:
                raise engine.EngineError(f"the metric view gold.{file.stem}: {engine.words(error)}") from error
        made.append(f"gold.{file.stem}")
    return {"made": made}
