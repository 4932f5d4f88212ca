"""Reconciliation: what silver holds of a dataset is compared with the source's own other account of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.lakehouse import engine, quality, statements, tables, verdicts
from anthill.lakehouse.beside import Beside
from anthill.lakehouse.snapshot import Snapshot, redirected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LAYER = "reconciliation"


def run(
    spark: SparkSession, *, catalog: str, asset_class: str, market_date_from: str, market_date_to: str
) -> dict[str, Any]:
    """Compare the loaded market days from first to last, store the differences, raise where one is critical.

    The results are about the dataset that is compared, and stay when quality checks it again. Days of which the source
    gave no other account are left out. A stream is settled so: what it said is compared with what counts; its days are
    returned.
    """
    declared = declarations.load(asset_class).with_streams()
    first, last = dt.date.fromisoformat(market_date_from), dt.date.fromisoformat(market_date_to)
    tables.make(spark, catalog, "quality", "results")
    silver = Snapshot(spark, catalog, declared)
    held = silver.days(first, last)
    values: list[tuple[Any, ...]] = []
    replaced: list[str] = []
    settled: dict[str, list[str]] = {}
    for account in declared.reconciling:
        dataset = declared.datasets[account.reconciles]
        days = sorted(held[dataset.name].keys() & held[account.name].keys())
        if days:
            if account.name in declared.streams:
                settled[account.name] = list(map(str, days))
            values += _compared(spark, catalog, declared, account, dataset, silver, sorted(held[dataset.name]))
            mine = {"asset_class": asset_class, "dataset": dataset.name, "compared_with": account.name}
            # Said of rows without it, too: an engine may take what a predicate leaves open for a match.
            replaced.append(f"(compared_with IS NOT NULL AND {tables.on_days(declared.calendar, days, **mine)})")
    told = {"checks": 0, "warned": 0, "warnings": [], "datasets": {}}
    if replaced:
        told = quality.store(spark, catalog, asset_class, " OR ".join(replaced), values)
    return {"asset_class": asset_class, "from": market_date_from, "to": market_date_to, "settled": settled, **told}


def _compared(
    spark: SparkSession,
    catalog: str,
    declared: AssetClass,
    account: Dataset,
    dataset: Dataset,
    silver: Snapshot,
    days: list[dt.date],
) -> list[tuple[Any, ...]]:
    """The results of a dataset's loaded days, of which some have the other account."""
    file = statements.path(_LAYER, account.asset_class, account.name)
    passed, _ = verdicts.of(spark, catalog, declared, silver)
    (select,) = statements.split(statements.code(file))
    views = Beside(spark, catalog, declared, silver, passed, [select]).views | silver.pin()
    quality.view_of_loads(spark, catalog, declared, dataset, days)
    with engine.about(f"the reconciliation of {dataset.asset_class}.{dataset.name}", days):
        rows = spark.sql(
            statements.filled(redirected(select, views), file, catalog),
            args={"market_date_from": days[0], "market_date_to": days[-1], "severity": account.severity},
        ).collect()
    now, judged_by = dt.datetime.now(dt.UTC), statements.digest(_LAYER, account.asset_class, account.name)
    return [quality.result(silver, dataset, row, now, judged_by, account.name) for row in rows]
