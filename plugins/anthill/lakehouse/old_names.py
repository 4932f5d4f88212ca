"""Old names of gold's tables: for one release each is a view of what has its rows now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from anthill import renamed
from anthill.lakehouse import views
from anthill.lakehouse.gold_table import GoldTable
from anthill.renamed import OldTable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from anthill.lakehouse.published import Published


class OldNames:
    """The old names of an asset class's tables in one catalog."""

    def __init__(self, spark: SparkSession, catalog: str, asset_class: str) -> None:
        self._spark = spark
        self._catalog = catalog
        self._prefix = f"{asset_class}_"
        self._old = {
            name.removeprefix(self._prefix): table
            for name, table in renamed.load().tables.items()
            if name.startswith(self._prefix)
        }
        self._tables = {name for name in self._old if self._is_table(name)}

    def takes_over(self, name: str) -> bool:
        """Whether a table has to have all days at once, since one with its rows stands there under an old name."""
        return any(self._prefix + name in self._old[old].rows_of for old in self._tables)

    def publish(self, done: Mapping[str, GoldTable], published: Published) -> list[str]:
        """Make the views; the names that are views now. A table stays one until all its days are under the new name."""
        made = []
        for old, table in self._old.items():
            names = [name.removeprefix(self._prefix) for name in table.rows_of]
            if not all(name in done for name in names):
                continue
            if old in self._tables:
                if published.days(old) - published.days(names[0]) - set(done[names[0]].computed):
                    continue
                self._spark.sql(f"DROP TABLE {self._full(old)}")
            views.publish(self._spark, self._view(old, table))
            made.append(old)
        return made

    def _view(self, old: str, table: OldTable) -> str:
        """The statement: a column that one of several tables lacks, such as the underlying of a market, is NULL."""
        called = {new: name for name, new in table.columns.items()}
        there = {name: self._spark.table(f"{self._catalog}.gold.{name}").columns for name in table.rows_of}
        columns = there[table.rows_of[0]]
        heads = ", ".join(f"{called.get(new, new)} COMMENT '{new} of {table.rows_of[0]}'" for new in columns)
        return (
            f"CREATE OR REPLACE VIEW {self._full(old)} ({heads}) "
            f"COMMENT 'Old name of {' and '.join(table.rows_of)}, for one release' AS "
            + " UNION ALL ".join(
                f"SELECT {_given(columns, held)} FROM {self._catalog}.gold.{name}" for name, held in there.items()
            )
        )

    def _is_table(self, name: str) -> bool:
        catalog = self._spark.catalog
        return catalog.tableExists(self._full(name)) and catalog.getTable(self._full(name)).tableType != "VIEW"

    def _full(self, name: str) -> str:
        return f"{self._catalog}.gold.{self._prefix}{name}"


def _given(columns: Collection[str], held: Collection[str]) -> str:
    return ", ".join(name if name in held else f"NULL AS {name}" for name in columns)
