"""What has changed in a table, as the rows that it comes to: the last word on each key, typed as whole tables are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anthill.dataset import Dataset
from anthill.lakehouse import bronze_rows, copies
from anthill.lakehouse.commits import Commit, Day
from anthill.lakehouse.page_rows import FAULT, ROW
from anthill.lakehouse.typed_rows import Counts, TypedRows, columns_of

if TYPE_CHECKING:
    import datetime as dt

    from pyspark.sql import DataFrame, SparkSession

_BEFORE = 2  # fields of a line before the columns: kind and number
_AS_IT_WAS = "concat(char(92), 'U')"
_DIGITS = 12  # of a number, so that the greatest text is the last
_WHOLE_NUMBERS = ("int", "bigint", "smallint")
_FEW = 1_000  # keys that a statement names


class ChangedRows(TypedRows):
    """The rows that one commit of changes leaves there, of `table` as it is in silver.

    `touched` is the view of all keys that it says anything of; `emptied` says that nothing from before it is left.
    """

    def __init__(self, spark: SparkSession, dataset: Dataset, select: str, day: Day, table: str, *, with_text: bool):
        (commit,) = day.commits
        self._columns = commit.columns[_BEFORE:]
        self._types = {column.name: column.type for column in columns_of(dataset)}
        self._table = table
        of_day = [(day, commit)]
        read = bronze_rows.texts(spark, dataset, of_day) if with_text else bronze_rows.lines(spark, of_day)
        line, fault = (ROW, FAULT) if with_text else ("value", "CAST(NULL AS STRING)")
        parts = read.selectExpr(*bronze_rows.LINEAGE, f"split({line}, '\t', -1) AS parts", f"{fault} AS {FAULT}")
        parts.createOrReplaceTempView("change_lines")
        self._tell(spark, dataset, commit)
        super().__init__(spark, dataset, select, [day], with_text=with_text, bronze=self._rows(spark, dataset))

    def counts(self) -> dict[dt.date, Counts]:
        """What becomes of the rows that are there after all."""
        (row,) = self.spark.sql("SELECT count(*) AS rows, count_if(bad) AS bad FROM typed_rows").collect()
        count = {"bronze_rows": row["rows"], "silver_rows": row["rows"] - row["bad"], "quarantined": row["bad"]}
        return {self.days[0].market_date: {**count, "duplicates": 0, "conflicts": 0}}

    def untouched(self) -> DataFrame:
        """The versions that silver has now and the changes say nothing of."""
        columns = ", ".join(f"held.`{name}`" for name in self.columns)
        held = f"SELECT * FROM {self._table} WHERE seen_until IS NULL"
        if self.emptied:
            return self.spark.sql(f"SELECT {columns} FROM ({held}) held WHERE false")
        same = " AND ".join(f"held.`{name}` = touched.`{name}`" for name in self.dataset.key)
        return self.spark.sql(f"SELECT {columns} FROM ({held}) held LEFT ANTI JOIN touched ON {same}")

    def scope(self) -> str:
        """A predicate that holds for the keys that are touched, and for few others; true where they are many."""
        (key, *others) = self.dataset.key
        if self.emptied or others or self._types[key] not in _WHOLE_NUMBERS:
            return "true"
        rows = self.spark.sql(f"SELECT `{key}` FROM touched WHERE `{key}` IS NOT NULL LIMIT {_FEW + 1}").collect()
        return "true" if len(rows) > _FEW or not rows else f"`{key}` IN ({', '.join(str(row[0]) for row in rows)})"

    def _tell(self, spark: SparkSession, dataset: Dataset, commit: Commit) -> None:
        """The last word on each key as the view `net`; ChangedError where a line is not as landing writes it."""
        whole = f"size(parts) = {len(commit.columns)}"
        (row,) = spark.sql(
            f"SELECT count(*) AS lines, count_if({whole}) AS whole, "
            f"max(CASE WHEN get(parts, 0) = 't' THEN CAST(get(parts, 1) AS BIGINT) END) AS emptied, "
            f"count_if(array_contains(parts, {_AS_IT_WAS})) AS partial FROM change_lines"
        ).collect()
        bronze_rows.check_rows(commit, row["whole"])
        bronze_rows.check_rows(commit, row["lines"])
        self.emptied = row["emptied"] is not None
        self._partial = bool(row["partial"])
        keys = [self._raw(name) for name in dataset.key]
        number = f"lpad(get(parts, 1), {_DIGITS}, '0')"

        def last(value: str, when: str = "true") -> str:
            return f"substr(max(CASE WHEN {when} THEN concat({number}, {value}) END), {_DIGITS + 1})"

        there = f"get(parts, 0) <> 'd' AND {{}} <> {_AS_IT_WAS}"
        values = [last(raw, there.format(raw)) for raw in (self._raw(name) for name in dataset.columns)]
        text = f"array_join(slice(parts, {_BEFORE + 1}, {len(self._columns)}), '\t')"
        told = [f"{last('get(parts, 0)')} AS kind", f"{last(text)} AS {ROW}", f"max({FAULT}) AS {FAULT}"]
        told += [f"max({name}) AS {name}" for name in bronze_rows.LINEAGE]
        told += [f"{key} AS key_{at}" for at, key in enumerate(keys)]
        told += [f"{value} AS raw_{at}" for at, value in enumerate(values)]
        after = f"AND CAST(get(parts, 1) AS BIGINT) > {row['emptied']}" if self.emptied else ""
        where = f"get(parts, 0) <> 't' {after}"
        spark.sql(
            f"SELECT {', '.join(told)} FROM change_lines WHERE {where} GROUP BY {', '.join(keys)}"
        ).createOrReplaceTempView("net")
        typed = [
            f"TRY_CAST({self._value(dataset, name, f'key_{at}')} AS {self._types[name]}) AS `{name}`"
            for at, name in enumerate(dataset.key)
        ]
        text_of = ", ".join(self._value(dataset, name, f"key_{at}") for at, name in enumerate(dataset.key))
        spark.sql(
            f"SELECT {', '.join(typed)}, nullif(concat_ws(' ', {text_of}), '') AS key_text FROM net"
        ).createOrReplaceTempView("touched")

    def _rows(self, spark: SparkSession, dataset: Dataset) -> DataFrame:
        """The rows that are there, as `bronze_rows.rows` gives those of a whole table.

        What an update did not send again is as silver has it; where silver has no such row, that is a fault.
        """
        kept = ", ".join(bronze_rows.LINEAGE)
        values = {name: self._value(dataset, name, f"raw_{at}") for at, name in enumerate(dataset.columns)}
        # Sail checks NOT NULL before every filter that it can move: a shuffle keeps what is gone out.
        there = spark.table("net").where("kind <> 'd'").repartition(*(f"key_{at}" for at in range(len(dataset.key))))
        there.createOrReplaceTempView("net_there")
        source, fault = "net_there net", FAULT
        if self._partial:
            same = " AND ".join(
                f"held.`{name}` = TRY_CAST({self._value(dataset, name, f'net.key_{at}')} AS {self._types[name]})"
                for at, name in enumerate(dataset.key)
            )
            held = f"SELECT *, true AS is_held FROM {self._table} WHERE seen_until IS NULL"
            before = "SELECT * FROM held_now" if not self.emptied else "SELECT * FROM held_now WHERE false"
            spark.sql(held).createOrReplaceTempView("held_now")
            source = f"net_there net LEFT JOIN ({before}) held ON {same}"
            kept = ", ".join(f"net.{name} AS {name}" for name in bronze_rows.LINEAGE)
            missing = " OR ".join(f"raw_{at} IS NULL" for at in range(len(values)))
            said = "'the database did not send a large value again, and silver has no row with it'"
            fault = f"coalesce(net.{FAULT}, CASE WHEN ({missing}) AND is_held IS NULL THEN {said} END) AS {FAULT}"
            values = {
                name: f"CASE WHEN raw_{at} IS NULL THEN CAST(held.`{name}` AS STRING) ELSE {value} END"
                for at, (name, value) in enumerate(values.items())
            }
        columns = ", ".join(f"{value} AS `{name}`" for name, value in values.items())
        return bronze_rows.given(
            spark.sql(f"SELECT {kept}, net.{ROW} AS {ROW}, {fault}, {columns} FROM {source}"), dataset
        )

    def _raw(self, name: str) -> str:
        return f"get(parts, {_BEFORE + self._columns.index(name)})"

    def _value(self, dataset: Dataset, name: str, field: str) -> str:
        types = getattr(dataset, "types", {})
        return copies.value(field, types.get(name, ""))
