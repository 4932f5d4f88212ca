"""Two lakes over one bronze, on Sail and on Apache Spark: each step is taken on both."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from tests.plugins.anthill.lakehouse.lake import Lake
from tests.spark.copies import Copies

# Moments of a run.
_WHEN = (
    "loaded_at",
    "checked_at",
    "published_at",
    "replaced_at",
    "computed_at",
    "replaced_load_at",
)
CATALOG = "spark_catalog"  # Spark's own: another one needs a class of Delta's


class SparkLake(Lake):
    """A lake whose tables are Parquet on Apache Spark."""

    catalog = CATALOG

    def __init__(self, remote: str, root: Path) -> None:
        from pyspark.sql import SparkSession

        self._empty(root)
        self.spark = SparkSession.builder.remote(remote).create()
        self.copies = Copies(self.spark, root / "versions")
        for schema in ("silver", "gold", "quality"):
            self.spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")


class Twins:
    """The steps of a lake, over objects that are read from S3 once and lie in files for both."""

    def __init__(self, s3: Any, bucket: str, root: Path, sail: str, spark: str) -> None:
        for name in ("sail", "spark"):
            (root / name).mkdir()
        self.sail, self.spark = Lake(sail, root / "sail"), SparkLake(spark, root / "spark")
        self.asset_class = "stocks"
        self.commits: dict[tuple[str, dt.date, str], dict[str, Any]] = {}
        self._s3, self._bucket, self._root = s3, bucket, root / "bronze"

    def silver(self, first: dt.date, last: dt.date) -> None:
        """Load the newest commits of these days."""
        asked = [self._in_file(commit) for (_, day, _), commit in self.commits.items() if first <= day <= last]
        self._both(lambda lake: lake.silver(first, last, asked))

    def quality(self, first: dt.date, last: dt.date, datasets: str) -> None:
        """Judge these days."""
        self._both(lambda lake: lake.quality(first, last, datasets))

    def gold(self, first: dt.date, last: dt.date) -> None:
        """Compute these days."""
        self._both(lambda lake: lake.gold(first, last))

    def _both(self, step: Callable[[Lake], Any]) -> None:
        for lake in (self.sail, self.spark):
            lake.asset_class = self.asset_class
            step(lake)

    def _in_file(self, commit: dict[str, Any]) -> dict[str, Any]:
        if commit["uri"].startswith("file://"):
            return commit
        file = self._root / commit["key"]
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("wb") as out:
                shutil.copyfileobj(self._s3.get_object(Bucket=self._bucket, Key=commit["key"])["Body"], out)
        return commit | {"uri": f"file://{file}"}

    def tables(self) -> list[str]:
        """Every table and view of Sail's lake, such as silver.stocks_splits."""
        found = []
        for schema in ("silver", "quality", "gold"):
            rows = self.sail.spark.sql(f"SHOW TABLES IN dev.{schema}").collect()
            found += [f"{schema}.{row.tableName}" for row in rows if not row.isTemporary]
        return sorted(found)

    def difference(self, table: str) -> str:
        """What a table has on one of them alone, "" where all rows are the same: to 1e-9, less when a step ran."""
        one, other = (_plain(lake.table(table)) for lake in (self.sail, self.spark))
        try:
            assert_frame_equal(one, other, check_row_order=False, rel_tol=1e-9, abs_tol=1e-12)
        except AssertionError as error:
            return f"{one.height} rows on Sail, {other.height} on Spark: {error}"
        return ""

    def close(self) -> None:
        """End both sessions."""
        self.sail.close()
        self.spark.close()


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Without a run's moments; numbers that may differ a little come last, so that they decide no order."""
    frame = frame.drop(_WHEN, strict=False)
    inexact = [name for name, kind in frame.schema.items() if kind.is_float()]
    return frame.select(*(name for name in frame.columns if name not in inexact), *inexact)
