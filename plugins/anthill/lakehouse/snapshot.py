"""Silver at one moment: the loads that it holds, and its tables as they were then, whatever is loaded meanwhile."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.lakehouse import statements, tables

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

_COUNTS = ("silver_rows", "duplicates", "conflicts", "quarantined")
_COLUMNS = ("dataset", "market_date", "sha256", "logic", *_COUNTS, "doubled", "asof", "loaded_at")
_TRIES = 20  # a load that ends meanwhile is a new moment
_AT_ONCE = 8  # tables whose versions are asked for at once
_READS = re.compile(r"\{(?:any_)?silver\}\.(\w+)")


class SnapshotError(RuntimeError):
    """Silver did not hold still for as long as it takes to look at it."""


class Snapshot:
    """The loads of one asset class by dataset and market day, and the rows that exactly these put into silver.

    A load marks the record that it replaces before it touches a row, and gives its own when all rows are there: what
    has an unmarked record while the versions of the tables are asked for is in these versions.
    """

    def __init__(self, spark: SparkSession, catalog: str, declared: AssetClass) -> None:
        self._spark = spark
        self._catalog = catalog
        self._declared = declared
        self._table = f"{catalog}.quality.loads"
        tables.make(spark, catalog, "quality", "loads")
        version = tables.version(spark, self._table)
        for _ in range(_TRIES):
            self.loads = self._read(version)
            self._versions = self._versions_of({dataset for dataset, _ in self.loads})
            before, version = version, tables.version(spark, self._table)
            if before == version:
                return
        raise SnapshotError(
            f"{declared.asset_class}: {self._table} was written {_TRIES} times while silver was looked at; "
            f"run this again when fewer loads end"
        )

    def days(self, first: dt.date, last: dt.date) -> dict[str, dict[dt.date, int]]:
        """The market days that silver holds of each dataset, with their rows."""
        found: dict[str, dict[dt.date, int]] = {name: {} for name in self._declared.datasets}
        for (dataset, day), load in self.loads.items():
            if dataset in found and first <= day <= last:
                found[dataset][day] = load["silver_rows"]
        return found

    def held(self, dataset: Dataset) -> list[dt.date]:
        """All market days that silver holds of a dataset, in order."""
        return sorted(day for name, day in self.loads if name == dataset.name)

    def of(self, dataset: Dataset, days: Iterable[dt.date]) -> dict[dt.date, Row]:
        """The loads of a dataset that silver holds of these days."""
        return {day: self.loads[dataset.name, day] for day in days}

    def answered(self, datasets: Collection[str]) -> dict[dt.date, dt.datetime]:
        """When the newest answer came that any of these datasets has of a market day (UTC)."""
        found: dict[dt.date, dt.datetime] = {}
        for (dataset, day), load in self.loads.items():
            if dataset in datasets:
                asof = load["asof"].replace(tzinfo=dt.UTC)
                found[day] = max(asof, found.get(day, asof))
        return found

    def digest(self, datasets: Iterable[str], day: dt.date) -> str:
        """What identifies the loads of a day, SHA-256: their bytes and what typed them."""
        return digest({name: load for name in datasets if (load := self.loads.get((name, day)))})

    def pin(self, days: Mapping[str, Collection[dt.date]] | None = None) -> dict[str, str]:
        """A view for each table of silver that holds a load; where days are given, of those of its dataset only."""
        views = {}
        for dataset, version in self._versions.items():
            table = statements.table("silver", self._declared.asset_class, dataset)
            name = table.partition(".")[2]
            where = "" if days is None else f" WHERE {self._on(days.get(dataset, ()))}"
            pinned = f"SELECT * FROM {self._catalog}.{table} VERSION AS OF {version}{where}"
            if self._declared.datasets[dataset].has_versions:
                pinned = self._pinned_versions(dataset, f"{self._catalog}.{table} VERSION AS OF {version}", days)
            self._spark.sql(pinned).createOrReplaceTempView(f"pinned_{name}")
            views[name] = f"pinned_{name}"
        return views

    def _pinned_versions(self, dataset: str, table: str, days: Mapping[str, Collection[dt.date]] | None) -> str:
        """All versions up to the last of the days; without days the rows that there are, as those of the last day."""
        if days is not None:
            last = max(days.get(dataset, ()), default=dt.date.min)
            return f"SELECT * FROM {table} WHERE market_date <= DATE'{last}'"
        columns = statements.columns("silver", self._declared.asset_class, dataset)
        others = ", ".join(f"`{column.name}`" for column in columns if column.name != "market_date")
        last = max(day for name, day in self.loads if name == dataset)
        return f"SELECT {others}, DATE'{last}' AS market_date FROM {table} WHERE seen_until IS NULL"

    def _on(self, days: Collection[dt.date]) -> str:
        return tables.on_days(self._declared.calendar, sorted(days)) if days else "false"

    def _read(self, version: int) -> dict[tuple[str, dt.date], Row]:
        """The loads as they were at a version of their table."""
        rows = self._spark.sql(
            f"SELECT {', '.join(_COLUMNS)} FROM {self._table} VERSION AS OF {version} "
            f"WHERE asset_class = '{self._declared.asset_class}' AND replaces IS NULL"
        ).collect()
        return {(row["dataset"], row["market_date"]): row for row in rows}

    def _versions_of(self, datasets: Collection[str]) -> dict[str, int]:
        names = sorted(datasets & self._declared.datasets.keys())
        asset_class = self._declared.asset_class
        full = [f"{self._catalog}.{statements.table('silver', asset_class, name)}" for name in names]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(names, pool.map(lambda table: tables.version(self._spark, table), full), strict=True))


def digest(loads: Mapping[str, Any]) -> str:
    """What identifies the loads of some datasets, SHA-256: their bytes and what typed them."""
    facts = [f"{name} {load['sha256']} {load['logic']}" for name, load in sorted(loads.items())]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def redirected(text: str, views: Mapping[str, str]) -> str:
    """A statement that reads views in the place of tables of silver."""
    return _READS.sub(lambda found: views.get(found[1], found[0]), text)
