"""Silver: bronze pages become typed, deduplicated rows, a market day replaced at once; the rest goes to quarantine."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.lakehouse import bronze_rows, statements, tables
from anthill.lakehouse.commits import CommitError, Day, days_of, parse
from anthill.lakehouse.typed_rows import Counts, TypedRows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

LINEAGE = ("revision", "asof", "source_uri")
COUNTS = ("bronze_rows", "silver_rows", "duplicates", "conflicts", "quarantined", "changed_rows")


class SilverError(RuntimeError):
    """Datasets that could not be loaded, each with its reason; the others of the run are."""


def run(
    spark: SparkSession,
    *,
    catalog: str,
    asset_class: str,
    market_date_from: str,
    market_date_to: str,
    manifest: str,
) -> dict[str, Any]:
    """Load the commits listed in a manifest into silver: counts a dataset. Days without one are left as they are."""
    declared = declarations.load(asset_class)
    first, last = dt.date.fromisoformat(market_date_from), dt.date.fromisoformat(market_date_to)
    given = parse(bronze_rows.content(spark, manifest))
    if unknown := {commit.dataset for commit in given} - declared.datasets.keys():
        raise CommitError(f"{manifest} names {', '.join(sorted(unknown))}; declared are {', '.join(declared.datasets)}")
    tables.make(spark, catalog, "quality", "loads")
    tables.make(spark, catalog, "quality", "quarantine")
    done: dict[str, Any] = {}
    records: list[list[Any]] = []
    failed: list[str] = []
    for dataset in declared.datasets.values():
        try:
            load = Load(spark, catalog, declared.calendar, dataset)
            done[dataset.name] = load.run(days_of(dataset, given, first, last))
            records += load.records
        except Exception as error:  # one dataset's fault must not keep the others out
            failed.append(f"{asset_class}.{dataset.name}: {error}")
    if records:
        _record(spark, f"{catalog}.quality.loads", declared, records)
    if failed:
        raise SilverError(f"{len(failed)} of {len(declared.datasets)} datasets not loaded. " + " | ".join(failed))
    return {"asset_class": asset_class, "from": market_date_from, "to": market_date_to, "datasets": done}


def _record(spark: SparkSession, table: str, declared: AssetClass, records: Sequence[Sequence[Any]]) -> None:
    """Say in the loads table what silver holds of each dataset and market day, in one commit."""
    days: dict[str, list[dt.date]] = {}
    for record in records:
        days.setdefault(record[1], []).append(record[2])
    where = " OR ".join(
        f"({tables.on_days(declared.calendar, days[name], asset_class=declared.asset_class, dataset=name)})"
        for name in days
    )
    tables.replace_values(spark, table, where, records)


class Load:
    """The load of one dataset; `records` are its rows for the loads table."""

    def __init__(self, spark: SparkSession, catalog: str, calendar: str, dataset: Dataset) -> None:
        self.spark = spark
        self.calendar = calendar
        self.dataset = dataset
        self.table = f"{catalog}.{statements.table('silver', dataset.asset_class, dataset.name)}"
        self.loads = f"{catalog}.quality.loads"
        self.quarantine = f"{catalog}.quality.quarantine"
        (self.select,) = tables.make(spark, catalog, "silver", dataset.asset_class, dataset.name)
        file_fields = dict(dataset.flat_file.fields) if dataset.flat_file else {}
        read = [dict(dataset.page_fields), dict(dataset.fields), file_fields, dataset.rows_in]
        facts = json.dumps([self.select, read, dataset.key])
        self.records: list[list[Any]] = []
        self.logic = hashlib.sha256(facts.encode()).hexdigest()

    def run(self, days: Sequence[Day]) -> dict[str, Any]:
        """Load what silver does not hold yet: counts of the rows in the days loaded, and the days left as they were."""
        before = self._before(days)
        superseded = [day for day in days if _is_older(day, before.get(day.market_date))]
        unchanged = self._unchanged([day for day in days if day not in superseded], before)
        todo = [day for day in days if day not in superseded and day not in unchanged]
        counts = self._load(todo, before) if todo else {}
        return {
            "days": len(days),
            "loaded": len(todo),
            "unchanged": len(unchanged),
            "superseded": [str(day.market_date) for day in superseded],
            "restated": {
                str(day): count["changed_rows"]
                for day, count in counts.items()
                if day in before and count["changed_rows"]
            },
            **{name: sum(day[name] for day in counts.values()) for name in COUNTS},
        }

    def _before(self, days: Sequence[Day]) -> dict[dt.date, Row]:
        """What the loads table says of these days."""
        if not days:
            return {}
        rows = self.spark.table(self.loads).where(self._mine(days)).collect()
        return {row["market_date"]: row for row in rows}

    def _unchanged(self, days: Sequence[Day], before: dict[dt.date, Row]) -> list[Day]:
        """The days that silver holds already: the same bytes, the same logic, as many rows as were put there."""
        same = [
            day
            for day in days
            if (row := before.get(day.market_date))
            and (row["sha256"], row["logic"], row["replaces"]) == (day.sha256, self.logic, None)
        ]
        held = self._held(same) if same else {}
        return [day for day in same if held.get(day.market_date, 0) == before[day.market_date]["silver_rows"]]

    def _held(self, days: Sequence[Day]) -> dict[dt.date, int]:
        """Rows in silver a market day; days without rows are left out."""
        where = tables.on_days(self.calendar, [day.market_date for day in days])
        rows = self.spark.table(self.table).where(where).groupBy("market_date").count().collect()
        return {row["market_date"]: row["count"] for row in rows}

    def _load(self, days: Sequence[Day], before: dict[dt.date, Row]) -> dict[dt.date, Counts]:
        """Check the objects, count, publish, record; what fails before it is recorded will be loaded again."""
        bronze_rows.verify(self.spark, [commit for day in days for commit in day.commits])
        typed, counts = self._typed(days)
        rows = typed.good(clean=not any(count["duplicates"] or count["quarantined"] for count in counts.values()))
        for day, changed in self._changes(rows, days, before, counts).items():
            counts[day]["changed_rows"] = changed
        self._begin([day for day in days if day.market_date in before])
        if any(count["silver_rows"] for count in counts.values()) or self._held(days):
            tables.replace(self.spark, self.table, tables.on_days(self.calendar, counts), rows)
        held = self._held(days)
        for day, count in counts.items():
            if held.get(day, 0) != count["silver_rows"]:
                raise SilverError(f"{self.table} of {day}: wrote {count['silver_rows']} rows, holds {held.get(day, 0)}")
        now = dt.datetime.now(dt.UTC)
        self._set_aside(days, [day for day in days if counts[day.market_date]["quarantined"]], now)
        self.records = [
            [
                *(self.dataset.asset_class, self.dataset.name, day.market_date),
                *(json.dumps(day.revisions), day.sha256, self.logic),
                *(counts[day.market_date][name] for name in COUNTS),
                *(max(commit.moment for commit in day.commits), now, None),
            ]
            for day in days
        ]
        return counts

    def _typed(self, days: Sequence[Day]) -> tuple[TypedRows, dict[dt.date, Counts]]:
        """The typed rows and their counts; row by row where whole pages do not give the rows that were committed."""
        try:
            typed = self._read(days, with_text=False)
            return typed, typed.counts()
        except bronze_rows.BronzeError:
            typed = self._read(days, with_text=True)
            return typed, typed.counts()

    def _read(self, days: Sequence[Day], *, with_text: bool) -> TypedRows:
        return TypedRows(self.spark, self.dataset, self.select, days, with_text=with_text)

    def _changes(
        self, rows: DataFrame, days: Sequence[Day], before: dict[dt.date, Row], counts: dict[dt.date, Counts]
    ) -> dict[dt.date, int]:
        """Rows a day that are new, changed or gone; where nothing was, every row is new.

        What a load that was cut off may have put there is compared with what was there before it.
        """
        changed = {day: count["silver_rows"] for day, count in counts.items()}
        rows.createOrReplaceTempView("incoming")
        again: dict[int | None, list[dt.date]] = {}
        for day in days:
            if known := before.get(day.market_date):
                again.setdefault(known["replaces"], []).append(day.market_date)
        for version, some in again.items():
            changed |= dict.fromkeys(some, 0) | self._compared(rows.columns, some, version)
        return changed

    def _compared(self, columns: Sequence[str], days: Sequence[dt.date], version: int | None) -> dict[dt.date, int]:
        """Rows of these days that differ between the view `incoming` and a version of silver, or silver as it is."""
        there = self.table if version is None else f"{self.table} VERSION AS OF {version}"
        where = tables.on_days(self.calendar, days)
        facts = ", ".join(f"`{name}`" for name in columns if name not in LINEAGE)
        known = self.spark.sql(f"SELECT * FROM {there}").columns  # a version may be from before a column was added
        before = ", ".join(
            f"`{name}`" if name in known else f"NULL AS `{name}`" for name in columns if name not in LINEAGE
        )
        key = ", ".join(f"`{name}`" for name in ("market_date", *self.dataset.key))
        found = self.spark.sql(
            f"SELECT market_date, count(*) AS changed FROM ("
            f"SELECT market_date FROM (SELECT {facts} FROM incoming WHERE {where} EXCEPT "
            f"SELECT {before} FROM {there} WHERE {where}) "
            f"UNION ALL SELECT market_date FROM (SELECT {key} FROM {there} WHERE {where} EXCEPT "
            f"SELECT {key} FROM incoming WHERE {where})) GROUP BY market_date"
        ).collect()
        return {row["market_date"]: row["changed"] for row in found}

    def _begin(self, days: Sequence[Day]) -> None:
        """Say of loads that they are being replaced before a row is: nobody may take the new rows for theirs."""
        if days:
            version = tables.version(self.spark, self.table)
            mine = f"{self._mine(days)} AND replaces IS NULL"
            self.spark.sql(f"UPDATE {self.loads} SET replaces = {version} WHERE {mine}")

    def _set_aside(self, days: Sequence[Day], faulty: Sequence[Day], now: dt.datetime) -> None:
        """Put the bad rows of the faulty days in the place of those quarantined before on any of these days."""
        from pyspark.sql import functions as f

        if faulty:
            names = {"asset_class": self.dataset.asset_class, "dataset": self.dataset.name}
            named = [f.lit(value).alias(column) for column, value in names.items()]
            bad = self._read(faulty, with_text=True).bad().select(*named, "*", f.lit(now).alias("loaded_at"))
            tables.replace(self.spark, self.quarantine, self._mine(days), bad)
        elif self.spark.table(self.quarantine).where(self._mine(days)).limit(1).collect():
            self.spark.sql(f"DELETE FROM {self.quarantine} WHERE {self._mine(days)}")

    def _mine(self, days: Sequence[Day]) -> str:
        days_asked = [day.market_date for day in days]
        names = {"asset_class": self.dataset.asset_class, "dataset": self.dataset.name}
        return tables.on_days(self.calendar, days_asked, **names)


def _is_older(day: Day, loaded: Row | None) -> bool:
    """Whether silver already holds a later revision of one of the day's shards."""
    if loaded is None:
        return False
    held = json.loads(loaded["revisions"])
    return any(revision < held.get(shard, 0) for shard, revision in day.revisions.items())
