"""Bronze rows typed by a dataset's SQL: how many are good, doubled or bad, and which they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from anthill.dataset import Dataset
from anthill.lakehouse import bronze_rows, faults, statements
from anthill.lakehouse.bronze_rows import BronzeError
from anthill.lakehouse.commits import Day

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

Counts = dict[str, int]  # bronze_rows, silver_rows, duplicates, conflicts, quarantined


class TypedRows:
    """The rows of some days; the views `bronze`, `typed_rows` and `fit_rows` are those of the latest one made."""

    def __init__(
        self,
        spark: SparkSession,
        dataset: Dataset,
        select: str,
        days: Sequence[Day],
        *,
        with_text: bool,
    ) -> None:
        self.spark = spark
        self.dataset = dataset
        self.days = days
        bronze_rows.rows(spark, dataset, days, with_text=with_text).createOrReplaceTempView("bronze")
        typed = spark.sql(select)
        _, declared = statements.declared(statements.code(statements.path("silver", dataset.asset_class, dataset.name)))
        expected = [*(column.name for column in declared), "given"]
        if typed.columns != expected:
            raise ValueError(
                f"{dataset.table}: its SELECT must give the table's columns and then `given`: "
                f"{', '.join(expected)}; it gives {', '.join(typed.columns)}"
            )
        self.columns = expected[:-1]
        self.required = {column.name for column in declared if column.required}
        self.schema = typed.schema
        bad = faults.condition(dataset, self.schema, self.required)
        typed.selectExpr("*", f"coalesce({bad}, false) AS bad").createOrReplaceTempView("typed_rows")
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
            for row in self._conflicts():
                counts[row["market_date"]]["conflicts"] = row["conflicts"]
        return counts

    def good(self, *, clean: bool) -> DataFrame:
        """The rows for silver: of rows with one key, the first in the order of their values.

        Clean rows have no fault and no duplicate, and need no sorting.
        """
        columns = ", ".join(f"`{name}`" for name in self.columns)
        if clean:
            return self.spark.sql(f"SELECT {columns} FROM typed_rows")
        # Sail checks NOT NULL before every filter that it can move. A shuffle by key, which the window needs too, keeps
        # the one that leaves out faulty rows in its place.
        fit = self.spark.table("typed_rows").where("NOT bad").repartition("market_date", *self.dataset.key)
        fit.createOrReplaceTempView("fit_rows")
        numbered = f"SELECT *, ROW_NUMBER() OVER ({self._window}) AS place FROM fit_rows"
        return self.spark.sql(f"SELECT {columns} FROM ({numbered}) WHERE place = 1")

    def bad(self) -> DataFrame:
        """The rows for quarantine: market_date, revision, source_uri, row, reason. Needs rows with text."""
        reason = faults.reason(self.dataset, self.schema, self.required)
        return self.spark.sql(
            f"SELECT market_date, revision, source_uri, given.{bronze_rows.ROW} AS row, {reason} AS reason "
            f"FROM typed_rows WHERE bad"
        )

    @property
    def _window(self) -> str:
        order = ", ".join(f"given.`{name}`" for name in self.dataset.columns)
        return f"PARTITION BY {self.keys} ORDER BY {order}"

    def _conflicts(self) -> list[Row]:
        """Rows a day that lost to another row of their key and differ from it."""
        ranked = f"SELECT market_date, RANK() OVER ({self._window}) AS place FROM typed_rows WHERE NOT bad"
        return self.spark.sql(
            f"SELECT market_date, count_if(place > 1) AS conflicts FROM ({ranked}) GROUP BY market_date"
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
