"""One table of gold: its SQL, what it reads, and how its market days are replaced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from anthill.calendars import ranges, shift
from anthill.catalog import AssetClass
from anthill.lakehouse import engine, statements, tables, threads
from anthill.lakehouse.logic import AHEAD, REACHES, Logic
from anthill.lakehouse.snapshot import redirected
from anthill.lakehouse.spans import Spans

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_BATCH = 3_000_000  # rows of silver; a year of 11,000 stocks
_FAR_BATCH = 500_000  # of what joins each row with its year: the groups of more do not fit into caches, or memory


class GoldTable:
    """One gold table; `computed` are the market days of the latest run, `rows` how many each has.

    The statements of its SQL run in order. The first creates the table or view, a SELECT gives the rows of the days
    computed: of whole months where a table has a month, all rows where it has neither that nor a market_date. Any other
    statement is run as it is. The words of its SQL are {days}, a predicate on market_date; {first}, {last} and {reach},
    {quarter_reach}, {far_reach} or {year_reach}, the first and last day and the one up to which rows before may matter;
    {silver} and {gold}, whose days it waits for, and {any_silver}, of any asset class, and {any_gold}, of which it
    takes what there is; {benchmark}, the declared ticker, {pegs}, the declared bands; {next}, the market day after the
    last, on which rows may depend. days_of_<table> are the market days that a table before it has, roots_of_<table>
    where each thread of a table of links begins.
    """

    def __init__(
        self,
        spark: SparkSession,
        catalog: str,
        declared: AssetClass,
        name: str,
        before: Mapping[str, GoldTable],
        views: Mapping[str, str],
    ) -> None:
        """`before` are the tables computed earlier, `views` what stands in the place of silver's tables."""
        self.spark = spark
        self._views = views
        self.catalog = catalog
        self.declared = declared
        self.name = name
        self.table = f"{catalog}.{statements.table('gold', declared.asset_class, name)}"
        text = Logic(declared, name)
        self.file, self.sql, self.logic = text.file, text.sql, text.digest
        self.computed: list[dt.date] = []
        self.rows: dict[dt.date, int] = {}
        self.silver, self.any_silver = text.silver, text.any_silver
        self.gold = [table for table in before.values() if text.reads("gold", table.name)]
        self._bearers: Spans | None = None
        self.spans = {table.name: table for table in before.values() if text.reads("any_gold", table.name)}
        for table in self.gold:
            self.spans |= table.spans
        _, columns = statements.declared(statements.creation(self.file))
        names = {column.name for column in columns}
        self.by_day, self.by_month = "market_date" in names, "month" in names
        self.has_links = threads.links(names)
        self.keeps = "is_late" in names
        self._looks_back, self._looks_ahead = text.looks_back, text.looks_ahead

    def ready(self, passed: Mapping[str, Collection[dt.date]]) -> list[dt.date]:
        """The market days of which every dataset has passed that this table reads, itself or through other tables.

        One that waits for none is ready as soon as anything of a day has passed. A dataset that comes by editions is
        waited for on the days of its own.
        """
        every = set().union(*passed.values())
        days = []
        for name in self.silver:
            published = self.declared.datasets[name].published
            days.append({*passed[name], *(every.difference(published) if published else ())})
        days += [set(table.ready(passed)) for table in self.gold]
        return sorted(set.intersection(*days) if days else set().union(*passed.values()))

    def compute(
        self, days: Sequence[dt.date], published: Collection[dt.date], loaded: Mapping[dt.date, int]
    ) -> dict[str, int]:
        """Replace the rows of these days and of the published ones that depend on them; how many days and rows.

        `loaded` is how many rows of silver a day has: so many days are computed at once as memory has room for.
        """
        tables.create(self.spark, self.file, self.catalog)
        self.computed = sorted({*days, *self._dependent(days, published)})
        if self.by_month:
            months = set(map(_month, self.computed))
            self.computed = sorted({*self.computed, *(day for day in published if _month(day) in months)})
        for batch in self._batches(loaded):
            with engine.about(self.table, batch):
                for statement in self._statements(batch):
                    if _gives_rows(statement):
                        tables.replace(self.spark, self.table, self._place(batch), self.spark.sql(statement))
                    else:
                        self.spark.sql(statement)
        self._bearers = None
        self.rows = self._count() if self.computed else {}
        return {"days": len(self.computed), "rows": sum(self.rows.values())}

    def in_time(self) -> set[dt.date]:
        """The market days whose rows were known before the next session began; of a table that says so."""
        if not self.keeps:
            return set()
        rows = self.spark.sql(f"SELECT DISTINCT market_date FROM {self.table} WHERE NOT is_late").collect()
        return {row["market_date"] for row in rows}

    def _batches(self, loaded: Mapping[dt.date, int]) -> list[list[dt.date]]:
        """The days computed, in their order, in portions; the days of a month together where its rows are."""
        counted = loaded if "{days}" in self.sql else {}  # what does not ask for days reads all of them each time
        if not self.by_month:
            return tables.portions(self.computed, counted, _FAR_BATCH if "{far_reach}" in self.sql else _BATCH)
        months = {month: list(days) for month, days in groupby(self.computed, _month)}
        rows = {month: sum(counted.get(day, 0) for day in days) for month, days in months.items()}
        return [[day for month in some for day in months[month]] for some in tables.portions(months, rows, _BATCH)]

    def _place(self, days: Sequence[dt.date]) -> str:
        """The predicate of the rows that these days make."""
        if self.by_month:
            return " OR ".join(f"month = DATE'{month}'" for month in sorted(set(map(_month, days))))
        return self._on(days) if self.by_day else "true"

    def _dependent(self, days: Sequence[dt.date], published: Collection[dt.date]) -> set[dt.date]:
        """The published days whose rows read what this run has changed."""
        changed = {*days, *(day for table in self.gold for day in table.computed)}
        if not self._looks_back and not self._looks_ahead:
            return changed & set(published)
        found: set[dt.date] = set()
        for first, last in ranges(self.declared.calendar, changed):
            reached = shift(self.declared.calendar, last, self._looks_back)
            reaching = shift(self.declared.calendar, first, -self._looks_ahead)
            found |= {day for day in published if reaching <= day <= reached}
        return found

    @property
    def bearers(self) -> Spans:
        """Who bears which ticker when, of a table with ticker, security, since and until."""
        if self._bearers is None:
            rows = self.spark.table(self.table).select("ticker", "security", "since", "until").toArrow().to_pylist()
            self._bearers = Spans((row["ticker"], row["security"], row["since"], row["until"]) for row in rows)
        return self._bearers

    def _count(self) -> dict[dt.date, int]:
        """Rows a market day of those computed; all under the latest where the table is not kept by day."""
        table = self.spark.table(self.table)
        if "market_date" not in table.columns:
            return {self.computed[-1]: table.count()}
        rows = table.where(self._on(self.computed)).groupBy("market_date").count().collect()
        return dict.fromkeys(self.computed, 0) | {row["market_date"]: row["count"] for row in rows}

    def _statements(self, days: Sequence[dt.date]) -> list[str]:
        first, last = days[0], days[-1]
        words = {
            "days": self._on(days),
            "first": f"DATE'{first}'",
            "last": f"DATE'{last}'",
            "next": f"DATE'{shift(self.declared.calendar, last, AHEAD)}'",
        }
        for word, back in REACHES.items():
            words[word] = f"DATE'{shift(self.declared.calendar, first, -back)}'"
        _, *others = statements.split(self.sql)
        return [statements.filled(redirected(text, self._views), self.file, self.catalog, **words) for text in others]

    def _on(self, days: Sequence[dt.date]) -> str:
        return tables.on_days(self.declared.calendar, days)


def _month(day: dt.date) -> dt.date:
    """The first day of its month."""
    return day.replace(day=1)


def _gives_rows(statement: str) -> bool:
    return statement.split(None, 1)[0].upper() in ("SELECT", "WITH")
