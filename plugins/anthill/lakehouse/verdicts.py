"""Verdicts of quality: which loads passed their critical checks, and which broke one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from anthill.catalog import AssetClass
from anthill.lakehouse import tables
from anthill.lakehouse.snapshot import Snapshot

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession


def of(
    spark: SparkSession, catalog: str, declared: AssetClass, silver: Snapshot
) -> tuple[dict[str, set[dt.date]], dict[str, dict[dt.date, set[str]]]]:
    """The market days of each dataset whose load, the very one that silver holds, passed its critical checks or not.

    Those that did not have the names of what they broke.
    """
    tables.make(spark, catalog, "quality", "results")
    rows = spark.sql(
        f"SELECT dataset, market_date, compared_with, "
        f"collect_list(CASE WHEN NOT passed AND severity = 'critical' THEN expectation END) AS broken, "
        f"max(sha256) AS sha256, max(logic) AS logic, max(judged_by) AS judged_by, max(checked_at) AS checked_at "
        f"FROM {catalog}.quality.results WHERE asset_class = '{declared.asset_class}' "
        f"GROUP BY dataset, market_date, compared_with"
    ).collect()
    passed: dict[str, set[dt.date]] = {name: set() for name in declared.datasets}
    failed: dict[str, dict[dt.date, set[str]]] = {name: {} for name in declared.datasets}
    for verdict in rows:
        load = silver.loads.get((verdict["dataset"], verdict["market_date"]))
        if load and verdict["dataset"] in passed and _is_about(verdict, load):
            if verdict["broken"]:
                failed[verdict["dataset"]].setdefault(verdict["market_date"], set()).update(verdict["broken"])
            elif verdict["compared_with"] is None:  # a comparison alone lets no load pass
                passed[verdict["dataset"]].add(verdict["market_date"])
    return {name: days - failed[name].keys() for name, days in passed.items()}, failed


def _is_about(verdict: Row, load: Row) -> bool:
    if verdict["judged_by"] is None:  # from before verdicts named their load
        return bool(verdict["checked_at"] >= load["loaded_at"])
    return (verdict["sha256"], verdict["logic"]) == (load["sha256"], load["logic"])
