"""Bronze rows typed by a dataset's SQL: how many are good, doubled or bad, and which they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from anthill.dataset import Dataset
from anthill.lakehouse import bronze_rows, faults, forms, garbage, statements
from anthill.lakehouse.bronze_rows import BronzeError
from anthill.lakehouse.commits import Day
from anthill.lakehouse.page_rows import FAULT, ROW
from anthill.lakehouse.statements import Column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

Counts = dict[str, int]  # bronze_rows, silver_rows, duplicates, conflicts, quarantined
_CHANGED = "updated_at"  # where a table has it: when the source last changed a record, so that the newest counts
_NAMED = 10  # keys that are told of those with more than one row


def columns_of(dataset: Dataset) -> list[Column]:
    """The columns of a dataset's table as its SQL declares them."""
    return statements.columns("silver", dataset.asset_class, dataset.name)


def rules(dataset: Dataset) -> list[Any]:
    """What decides over rows beside their SQL: garbage, how values are written, which record is the newest."""
    columns = columns_of(dataset)
    limits = [[column.name, limit] for column in columns if (limit := garbage.most(column))]
    kinds = sorted({column.type for column in columns})
    written = [[kind, form] for kind in kinds if (form := forms.no_form(kind))]
    changed = (column.name for column in columns if column.name == _CHANGED)
    return [*limits, *written, *changed, *dataset.newest_by]


class TypedRows:
    """The rows of some days; the views `bronze`, `typed_rows`, `judged_rows`, `fit_rows` are the latest one's."""

    def __init__(
        self,
        spark: SparkSession,
        dataset: Dataset,
        select: str,
        days: Sequence[Day],
        *,
        with_text: bool,
        bronze: DataFrame | None = None,
    ) -> None:
        self.spark = spark
        self.dataset = dataset
        self.days = days
        if bronze is None:
            bronze = bronze_rows.rows(spark, dataset, days, with_text=with_text)
        bronze.createOrReplaceTempView("bronze")
        typed = spark.sql(select)
        declared = columns_of(dataset)
        expected = [*(column.name for column in declared), "given"]
        if typed.columns != expected:
            raise ValueError(
                f"{dataset.table}: its SELECT must give the table's columns and then `given`: "
                f"{', '.join(expected)}; it gives {', '.join(typed.columns)}"
            )
        self.columns = expected[:-1]
        self.doubled: dict[dt.date, str] = {}  # once counted: the first keys with more than one row, by day
        self.declared = declared
        bad = faults.condition(dataset, declared)
        typed = typed.selectExpr("*", f"coalesce({bad}, false) AS bad")
        typed.createOrReplaceTempView("typed_rows")
        # Filtered are these: what `bad` is made of is out of sight there. Spark would draw from a filter by it what it
        # says of each column, alone and together, and find no end.
        of_row = ", ".join(f"`{name}`" for name in typed.columns)
        typed.selectExpr(f"inline(array(struct({of_row})))").createOrReplaceTempView("judged_rows")
        self.keys = ", ".join(f"`{name}`" for name in ("market_date", *dataset.key))

    def counts(self) -> dict[dt.date, Counts]:
        """What becomes of each day's rows; BronzeError when an object has not the rows it was committed with."""
        sources = {commit.uri: f"rows_{at}" for day in self.days for at, commit in enumerate(day.commits)}
        shards = sorted(set(sources.values()))
        uris = {name: ", ".join(f"'{uri}'" for uri, column in sources.items() if column == name) for name in shards}
        of_shard = "".join(f", count_if(source_uri IN ({uris[name]})) AS {name}" for name in shards)
        sums = "".join(f", sum({name}) AS {name}" for name in shards)
        found = {
            row["market_date"]: row.asDict()
            for row in self.spark.sql(
                f"SELECT market_date, sum(bad) AS bad, sum(least(good, 1)) AS kept, "
                f"sum(greatest(good - 1, 0)) AS doubled{sums} "
                f"FROM (SELECT {self.keys}, count_if(bad) AS bad, count_if(NOT bad) AS good{of_shard} "
                f"FROM typed_rows GROUP BY {self.keys}) GROUP BY market_date"
            ).collect()
        }
        counts = {}
        for day in self.days:
            tally = found.get(day.market_date, {})
            for commit in day.commits:
                bronze_rows.check_rows(commit, tally.get(sources[commit.uri], 0))
            kept, doubled, bad = (tally.get(name, 0) for name in ("kept", "doubled", "bad"))
            counts[day.market_date] = _balanced(self.dataset, day, kept, doubled, bad)
        if any(count["duplicates"] for count in counts.values()):
            for row in self._doubles():
                counts[row["market_date"]]["conflicts"] = row["conflicts"]
                self.doubled[row["market_date"]] = row["names"]
        return counts

    def good(self, *, clean: bool) -> DataFrame:
        """The rows for silver: of rows with one key, the one last changed, then the first in the order of their values.

        Clean rows have no fault and no duplicate, and need no sorting.
        """
        columns = ", ".join(f"`{name}`" for name in self.columns)
        if clean:
            return self.spark.sql(f"SELECT {columns} FROM typed_rows")
        # Sail checks NOT NULL before every filter that it can move. A shuffle by key, which the window needs too, keeps
        # the one that leaves out faulty rows in its place.
        fit = self.spark.table("judged_rows").where("NOT bad").repartition("market_date", *self.dataset.key)
        fit.createOrReplaceTempView("fit_rows")
        numbered = f"SELECT *, ROW_NUMBER() OVER ({self._window}) AS place FROM fit_rows"
        return self.spark.sql(f"SELECT {columns} FROM ({numbered}) WHERE place = 1")

    def all_good(self) -> DataFrame:
        """The rows without a fault, those of one key too."""
        columns = ", ".join(f"`{name}`" for name in self.columns)
        fit = self.spark.table("judged_rows").where("NOT bad").repartition("market_date", *self.dataset.key)
        fit.createOrReplaceTempView("fit_rows")
        return self.spark.sql(f"SELECT {columns} FROM fit_rows")

    def bad(self) -> DataFrame:
        """The rows for quarantine: market_date, revision, source_uri, row, reason, key. Needs rows with text."""
        reason = faults.reason(self.dataset, self.declared)
        of_source = self.dataset.columns
        key = ", ".join(
            f"given.`{name}`" if name in of_source else f"CAST(`{name}` AS STRING)" for name in self.dataset.key
        )
        return self.spark.sql(
            f"SELECT market_date, revision, source_uri, given.{ROW} AS row, {reason} AS reason, "
            f"CASE WHEN given.{FAULT} IS NULL THEN nullif(concat_ws(' ', {key}), '') END AS key "
            f"FROM judged_rows WHERE bad"
        )

    @property
    def _window(self) -> str:
        order = [f"`{name}` DESC" for name in self.dataset.newest_by]
        order += [f"`{_CHANGED}` DESC NULLS LAST"] if _CHANGED in self.columns else []
        order += [f"given.`{name}`" for name in self.dataset.columns]
        return f"PARTITION BY {self.keys} ORDER BY {', '.join(order)}"

    def _doubles(self) -> list[Row]:
        """A row a day: how many rows lost to another row of their key and differ from it, and the first keys of any."""
        name = f"CAST(`{self.dataset.key[0]}` AS STRING)"
        ranked = (
            f"SELECT market_date, {name} AS name, RANK() OVER ({self._window}) AS place, "
            f"COUNT(*) OVER (PARTITION BY {self.keys}) AS rows FROM judged_rows WHERE NOT bad"
        )
        return self.spark.sql(
            f"SELECT market_date, count_if(place > 1) AS conflicts, "
            f"array_join(slice(array_sort(collect_set(CASE WHEN rows > 1 THEN name END)), 1, {_NAMED}), ', ') AS names "
            f"FROM ({ranked}) GROUP BY market_date"
        ).collect()


def _balanced(dataset: Dataset, day: Day, kept: int, doubled: int, bad: int) -> Counts:
    """The counts of a day; nothing may be published unless they add up to what bronze holds."""
    bronze = sum(commit.rows for commit in day.commits)
    if bronze != kept + doubled + bad:
        raise BronzeError(
            f"{dataset.asset_class}.{dataset.name} of {day.market_date}: {bronze} rows in bronze, but "
            f"{kept} for silver + {doubled} duplicates + {bad} quarantined = {kept + doubled + bad}. "
            f"Nothing was loaded: this is a fault of the load itself, please report it."
        )
    return {"bronze_rows": bronze, "silver_rows": kept, "duplicates": doubled, "conflicts": 0, "quarantined": bad}
