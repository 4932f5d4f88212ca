"""The load of one dataset into silver: its days are checked, typed and put in the place of those before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anthill.calendars import spans
from anthill.dataset import Dataset
from anthill.lakehouse import bronze_rows, engine, statements, tables, withdrawn
from anthill.lakehouse.changes import Changes
from anthill.lakehouse.commits import Day
from anthill.lakehouse.typed_rows import Counts, TypedRows, rules

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

COUNTS = ("bronze_rows", "silver_rows", "duplicates", "conflicts", "quarantined")
_AT_MOST = 5  # days in a row that the engine fails at until the others are not tried: it is not the days


class SilverError(RuntimeError):
    """Market days of datasets that could not be loaded, each with its reason; everything else of the run is."""


class BadObjectError(SilverError):
    """The same where all of them are at fault themselves: the next try finds them as they are."""


class Load:
    """The load of one dataset: `records` are its rows for the loads table, `failed` the days that are not loaded.

    `may_pass` says whether one of these may be loaded when it is tried again.
    """

    def __init__(self, spark: SparkSession, catalog: str, calendar: str, dataset: Dataset, changes: Changes) -> None:
        self.spark = spark
        self.changes = changes
        self.calendar = calendar
        self.dataset = dataset
        self.table = f"{catalog}.{statements.table('silver', dataset.asset_class, dataset.name)}"
        self.loads = f"{catalog}.quality.loads"
        self.quarantine = f"{catalog}.quality.quarantine"
        (self.select,) = tables.make(spark, catalog, "silver", dataset.asset_class, dataset.name)
        file_fields = dict(dataset.file_fields)
        read = [dict(dataset.page_fields), dict(dataset.fields), file_fields, dataset.rows_in]
        kept = ["keeps_withdrawn"] if dataset.keeps_withdrawn else []
        facts = json.dumps([self.select, read, dataset.key, *rules(dataset), *kept])
        self.records: dict[dt.date, list[Any]] = {}
        self.failed: dict[dt.date, str] = {}
        self.may_pass = False
        self._in_a_row = 0  # days that the engine failed at
        self.logic = hashlib.sha256(facts.encode()).hexdigest()

    def run(self, days: Sequence[Day], failed: Mapping[dt.date, str]) -> dict[str, Any]:
        """Load what silver does not hold yet: counts of the rows in the days loaded, and the days left as they were.

        `failed` are days that cannot be loaded as they were given, and why.
        """
        self.failed |= failed
        before = self._before(days)
        superseded = [day for day in days if _is_older(day, before.get(day.market_date))]
        unchanged = self._unchanged([day for day in days if day not in superseded], before)
        todo = [day for day in days if day not in superseded and day not in unchanged]
        counts = self._each(todo, before) if todo else {}
        return {
            "days": len(days),
            "loaded": len(counts),
            "loaded_on": spans(self.calendar, counts),
            "unchanged": len(unchanged),
            "superseded": [str(day.market_date) for day in superseded],
            "restated": {
                str(day): count["changed_rows"]
                for day, count in counts.items()
                if day in before and count["changed_rows"]
            },
            **{name: sum(day[name] for day in counts.values()) for name in (*COUNTS, "changed_rows")},
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
        known = {day: row["silver_rows"] + (row["withdrawn"] or 0) for day, row in before.items()}
        return [day for day in same if held.get(day.market_date, 0) == known[day.market_date]]

    def _held(self, days: Sequence[Day]) -> dict[dt.date, int]:
        """Rows in silver a market day; days without rows are left out."""
        where = tables.on_days(self.calendar, [day.market_date for day in days])
        rows = self.spark.table(self.table).where(where).groupBy("market_date").count().collect()
        return {row["market_date"]: row["count"] for row in rows}

    def _each(
        self, days: Sequence[Day], before: Mapping[dt.date, Row], *, with_text: bool = False
    ) -> dict[dt.date, Counts]:
        """Load the days at one go; where that fails, by halves, so that a bad one keeps only itself out.

        A day that fails by itself is read row by row, since one row may be what its pages cannot be read for.
        """
        if self._in_a_row >= _AT_MOST:
            self.failed |= {day.market_date: "not tried, since the days before it failed" for day in days}
            return {}
        try:
            counts = self._load(days, before, with_text=with_text)
        except Exception as error:  # whatever it is, it may be about one day of them
            if len(days) > 1:
                parts = days[: len(days) // 2], days[len(days) // 2 :]
                return {day: found for part in parts for day, found in self._each(part, self._before(part)).items()}
            if not with_text:
                return self._each(days, self._before(days), with_text=True)
            self.failed[days[0].market_date] = engine.words(error)
            self.may_pass = self.may_pass or not isinstance(error, bronze_rows.ChangedError)
            self._in_a_row = 0 if isinstance(error, bronze_rows.BronzeError | SilverError) else self._in_a_row + 1
            return {}
        self._in_a_row = 0
        return counts

    def _load(self, days: Sequence[Day], before: Mapping[dt.date, Row], *, with_text: bool) -> dict[dt.date, Counts]:
        """Check the objects, count, publish; days with bad rows row by row, for these to be seen as they came."""
        bronze_rows.verify(self.spark, [commit for day in days for commit in day.commits])
        gone = withdrawn.candidates(self.spark, self.dataset, self.select, days)
        typed = self._read(days, with_text=with_text)
        counts = typed.counts()
        faulty = [day for day in days if counts[day.market_date]["quarantined"] and not with_text]
        if faulty:
            clean = [day for day in days if day not in faulty]
            known = self._load(clean, before, with_text=False) if clean else {}
            return known | self._load(faulty, before, with_text=True)
        self._publish(typed, counts, before, gone)
        return counts

    def _publish(
        self, typed: TypedRows, counts: dict[dt.date, Counts], before: Mapping[dt.date, Row], gone: Sequence[Row]
    ) -> None:
        """Put rows in the place of their days', and note it; what fails before it is recorded is loaded again.

        `gone` are rows of earlier answers: those that these lack stay, marked.
        """
        days = typed.days
        rows = typed.good(clean=not any(count["duplicates"] or count["quarantined"] for count in counts.values()))
        rows, left = withdrawn.beside(self.spark, self.dataset, rows, gone)
        rows.createOrReplaceTempView("incoming")
        known = {day.market_date: before[day.market_date] for day in days if day.market_date in before}
        # Of a stream all is changed by every load: what counts is what settles it.
        changed = {} if self.dataset.is_provisional else self.changes.gather(self.dataset, rows.columns, known)
        for day, count in counts.items():
            count["changed_rows"] = changed.get(day, 0)
        self._begin([day for day in days if day.market_date in before])
        if left or any(count["silver_rows"] for count in counts.values()) or self._held(days):
            tables.replace(self.spark, self.table, tables.on_days(self.calendar, counts), rows)
        held = self._held(days)
        for day, count in counts.items():
            if held.get(day, 0) != (wrote := count["silver_rows"] + left.get(day, 0)):
                raise SilverError(f"{self.table} of {day}: wrote {wrote} rows, holds {held.get(day, 0)}")
        self._note(typed, counts, changed, left)

    def _note(
        self,
        typed: TypedRows,
        counts: Mapping[dt.date, Counts],
        changed: Mapping[dt.date, int],
        left: Mapping[dt.date, int],
    ) -> None:
        """Keep what the loads table is to say of the days whose rows are there, and set aside those that are not."""
        now = dt.datetime.now(dt.UTC)
        self._set_aside(typed, any(count["quarantined"] for count in counts.values()), now)
        self.records |= {
            day.market_date: [
                *(self.dataset.asset_class, self.dataset.name, day.market_date),
                *(json.dumps(day.revisions), day.sha256, self.logic),
                *(counts[day.market_date][name] for name in COUNTS),
                changed.get(day.market_date),
                *(max(commit.moment for commit in day.commits), now, None, typed.doubled.get(day.market_date) or None),
                left.get(day.market_date, 0),
            ]
            for day in typed.days
        }

    def _read(self, days: Sequence[Day], *, with_text: bool) -> TypedRows:
        return TypedRows(self.spark, self.dataset, self.select, days, with_text=with_text)

    def _begin(self, days: Sequence[Day]) -> None:
        """Say of loads that they are being replaced before a row is: nobody may take the new rows for theirs."""
        if days:
            version = tables.version(self.spark, self.table)
            mine = f"{self._mine(days)} AND replaces IS NULL"
            self.spark.sql(f"UPDATE {self.loads} SET replaces = {version} WHERE {mine}")

    def _set_aside(self, typed: TypedRows, faulty: bool, now: dt.datetime) -> None:
        """Put the bad rows, which were read with their text, in the place of those quarantined before on these days."""
        from pyspark.sql import functions as f

        if faulty:
            names = {"asset_class": self.dataset.asset_class, "dataset": self.dataset.name}
            named = [f.lit(value).alias(column) for column, value in names.items()]
            bad = typed.bad().select(*named, "*", f.lit(now).alias("loaded_at"))
            tables.replace(self.spark, self.quarantine, self._mine(typed.days), bad)
        elif self.spark.table(self.quarantine).where(self._mine(typed.days)).limit(1).collect():
            self.spark.sql(f"DELETE FROM {self.quarantine} WHERE {self._mine(typed.days)}")

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
