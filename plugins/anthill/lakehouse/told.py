"""What the jobs read and write as OpenLineage names it: schemas and sources as the SQL and the declarations say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from anthill import catalog as declarations
from anthill.bronze import told as bronze
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.facets import Told
from anthill.lakehouse import beside, statements
from anthill.lakehouse.logic import Logic

Counts = Mapping[str, Mapping[str, Any]]
JOBS = ("silver", "quality", "reconcile", "gold")


class Jobs:
    """Names what the jobs of an asset class touch, in one catalog of one workspace."""

    def __init__(self, declared: AssetClass, catalog: str, workspace: str) -> None:
        self._declared, self._catalog = declared.with_streams(), catalog
        self._namespace = f"databricks://{workspace}"

    def of(self, job: str, result: Mapping[str, Any]) -> tuple[list[Told], list[Told]]:
        """What a job read and what it wrote, with the counts of its result; of a job without any, all that it would."""
        datasets, streams = self._declared.datasets, self._declared.streams
        match job:
            case "silver":
                loaded: Counts = result.get("datasets", {name: {} for name in datasets if name not in streams})
                named = [datasets[name] for name in loaded if name in datasets]
                read = [bronze.bronze(each, loaded[each.name].get("bronze_rows")) for each in named]
                return read, [self._silver(each, loaded[each.name].get("silver_rows")) for each in named]
            case "quality" | "reconcile":
                broken = tuple(result.get("warnings", ()))
                return [
                    self._silver(each, failed=tuple(line for line in broken if line.startswith(f"{each.name} of ")))
                    for each in datasets.values()
                    if job == "reconcile" or each.name not in streams
                ], []
            case "gold":
                tables: Counts = result.get("tables", {name: {} for name in self._declared.gold})
                logics = [Logic(self._declared, name) for name in tables if name in self._declared.gold]
                below = {name for logic in logics for name in self._read(logic)}
                written = [self._gold(logic, tables[logic.name].get("rows")) for logic in logics]
                return [self._table(name) for name in sorted(below - {each.name for each in written})], written
        return [], []

    def _silver(self, dataset: Dataset, rows: int | None = None, failed: tuple[str, ...] = ()) -> Told:
        given = bronze.bronze(dataset)
        fields = {**dataset.page_fields, **dataset.fields}
        came_of = {column: ((given.namespace, given.name, field),) for field, column in fields.items()}
        columns = _columns(statements.columns("silver", dataset.asset_class, dataset.name))
        return Told(self._namespace, self._full(f"silver.{dataset.table}"), columns, rows, None, came_of, failed)

    def _gold(self, logic: Logic, rows: int | None) -> Told:
        name = statements.table("gold", self._declared.asset_class, logic.name)
        return Told(self._namespace, self._full(name), _columns(statements.declared(logic.sql)[1]), rows)

    def _read(self, logic: Logic) -> Iterable[str]:
        own = self._declared.asset_class
        yield from (self._full(statements.table("silver", own, name)) for name in logic.silver)
        yield from (self._full(f"silver.{table}") for table in logic.any_silver if table not in beside.CORRECTED)
        for name in self._declared.gold:
            if logic.reads("gold", name) or logic.reads("any_gold", name):
                yield self._full(statements.table("gold", own, name))

    def _table(self, full_name: str) -> Told:
        return Told(self._namespace, full_name)

    def _full(self, table: str) -> str:
        return f"{self._catalog}.{table}"


def of(asset_class: str, catalog: str, workspace: str) -> Jobs:
    """Those of an asset class by its name."""
    return Jobs(declarations.load(asset_class), catalog, workspace)


def _columns(columns: Iterable[statements.Column]) -> dict[str, tuple[str, str]]:
    return {each.name: (each.type, each.comment[1:-1].replace("''", "'")) for each in columns}
