"""The difference between rows that come in and the rows that silver holds of the same market days."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anthill.dataset import Dataset
from anthill.lakehouse import statements, tables

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

LINEAGE = ("revision", "asof", "source_uri")  # columns that say where a row is from, and nothing about it
ROW_BY_ROW = 1_000  # changed rows of a market day up to which each is told
DETAILED = 20  # market days up to which it is told what changed
Line = tuple[str, str | None, str | None, str | None, str | None, int]
"""change (new, changed or gone), key, column, old value, new value, rows"""


class Difference:
    """Between the view `incoming` and a version of silver, or silver as it is.

    In all columns but those that say where a row is from, unless the key has them: a snapshot's row has its moment.
    """

    def __init__(
        self,
        spark: SparkSession,
        catalog: str,
        calendar: str,
        dataset: Dataset,
        columns: Sequence[str],
        version: int | None,
    ) -> None:
        self._spark = spark
        self._calendar = calendar
        table = f"{catalog}.{statements.table('silver', dataset.asset_class, dataset.name)}"
        self._silver = table if version is None else f"{table} VERSION AS OF {version}"
        self._key = ("market_date", *dataset.key)
        self._columns = [name for name in columns if name not in LINEAGE or name in self._key]
        declared = statements.columns("silver", dataset.asset_class, dataset.name)
        self._numbers = {column.name for column in declared if column.type == "double"}
        there = spark.sql(f"SELECT * FROM {self._silver}").columns  # a version may be from before a column was added
        self._before = ", ".join(f"`{name}`" if name in there else f"NULL AS `{name}`" for name in self._columns)

    def count(self, days: Sequence[dt.date]) -> dict[dt.date, int]:
        """Rows a market day that are new, changed or gone; days without one are left out."""
        where = tables.on_days(self._calendar, days)
        facts, key = (", ".join(f"`{name}`" for name in names) for names in (self._columns, self._key))
        found = self._spark.sql(
            f"SELECT market_date, count(*) AS changed FROM ("
            f"SELECT market_date FROM (SELECT {facts} FROM incoming WHERE {where} EXCEPT "
            f"SELECT {self._before} FROM {self._silver} WHERE {where}) "
            f"UNION ALL SELECT market_date FROM (SELECT {key} FROM {self._silver} WHERE {where} EXCEPT "
            f"SELECT {key} FROM incoming WHERE {where})) GROUP BY market_date"
        ).collect()
        return {row["market_date"]: row["changed"] for row in found}

    def lines(self, changed: Mapping[dt.date, int]) -> Iterator[tuple[dt.date, Line]]:
        """What changed, a line a row and column, of days with so many changed rows.

        A day with more than ROW_BY_ROW of them is summed up by column, one after the first DETAILED days as a whole.
        """
        detailed = sorted(day for day, rows in changed.items() if rows)[:DETAILED]
        few = [day for day in detailed if changed[day] <= ROW_BY_ROW]
        many = [day for day in detailed if changed[day] > ROW_BY_ROW]
        if few:
            for row in self._spark.sql(f"{self._joined(few)} SELECT * FROM joined WHERE {self._differs}").collect():
                yield from ((row["market_date"], line) for line in self._of_row(row))
        if many:
            for row in self._spark.sql(f"{self._joined(many)} {self._sums}").collect():
                yield from ((row["market_date"], line) for line in self._of_sums(row))
        for day, rows in changed.items():
            if rows and day not in detailed:
                yield day, ("changed", None, None, None, None, rows)

    def _joined(self, days: Sequence[dt.date]) -> str:
        """A WITH clause: each row as it was and as it is, as text, but for numbers: engines write them differently."""
        where = tables.on_days(self._calendar, days)
        same = " AND ".join(f"o.`{name}` = n.`{name}`" for name in self._key)
        key = ", ".join(f"CAST(coalesce(n.`{name}`, o.`{name}`) AS STRING)" for name in self._key[1:])
        values = ", ".join(
            f"CAST(o.`{name}` AS {kind}) AS old_{at}, CAST(n.`{name}` AS {kind}) AS new_{at}"
            for at, name in enumerate(self._columns)
            for kind in ["DOUBLE" if name in self._numbers else "STRING"]
        )
        return (
            f"WITH o AS (SELECT {self._before} FROM {self._silver} WHERE {where}), "
            f"n AS (SELECT * FROM incoming WHERE {where}), "
            f"joined AS (SELECT coalesce(n.market_date, o.market_date) AS market_date, concat_ws(' ', {key}) AS key, "
            f"o.market_date IS NULL AS is_new, n.market_date IS NULL AS is_gone, {values} "
            f"FROM o FULL OUTER JOIN n ON {same})"
        )

    @property
    def _differs(self) -> str:
        return " OR ".join(["is_new", "is_gone", *(f"NOT old_{at} <=> new_{at}" for at in range(len(self._columns)))])

    @property
    def _sums(self) -> str:
        sums = ", ".join(
            f"count_if(NOT is_new AND NOT is_gone AND NOT old_{at} <=> new_{at}) AS changed_{at}"
            for at in range(len(self._columns))
        )
        both = "count_if(is_new) AS added, count_if(is_gone) AS gone"
        return f"SELECT market_date, {both}, {sums} FROM joined GROUP BY market_date"

    def _of_row(self, row: Row) -> Iterator[Line]:
        if row["is_new"] or row["is_gone"]:
            side, change = ("new", "new") if row["is_new"] else ("old", "gone")
            values = {name: _text(row[f"{side}_{at}"]) for at, name in enumerate(self._columns)}
            whole = json.dumps({name: value for name, value in values.items() if value is not None})
            old, new = (None, whole) if row["is_new"] else (whole, None)
            yield change, row["key"], None, old, new, 1
            return
        for at, name in enumerate(self._columns):
            if (old := row[f"old_{at}"]) != (new := row[f"new_{at}"]):
                yield "changed", row["key"], name, _text(old), _text(new), 1

    def _of_sums(self, row: Row) -> Iterator[Line]:
        sums: list[tuple[str, str | None, int]] = [("new", None, row["added"]), ("gone", None, row["gone"])]
        sums += [("changed", name, row[f"changed_{at}"]) for at, name in enumerate(self._columns)]
        yield from ((change, None, name, None, None, rows) for change, name, rows in sums if rows)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
