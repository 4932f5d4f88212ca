"""What gold holds: which market days of each table, computed when, by which SQL, from which loads and bearers."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anthill.catalog import AssetClass
from anthill.lakehouse import tables
from anthill.lakehouse.beside import Beside
from anthill.lakehouse.gold_table import GoldTable
from anthill.lakehouse.snapshot import Snapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


_AND = "+"  # between two digests


class Published:
    """The rows of quality.published of one asset class, and the loads that they stand on."""

    def __init__(
        self, spark: SparkSession, catalog: str, declared: AssetClass, silver: Snapshot, beside: Beside
    ) -> None:
        tables.make(spark, catalog, "quality", "published")
        self._spark = spark
        self._asset_class = declared.asset_class
        self._calendar = declared.calendar
        self._table = f"{catalog}.quality.published"
        self._records: list[list[Any]] = []
        mine = f"asset_class = '{declared.asset_class}'"
        self._known: dict[tuple[str, dt.date], Any] = {
            (row["gold_table"], row["market_date"]): row for row in spark.table(self._table).where(mine).collect()
        }
        self._silver = silver
        self._beside = beside

    def days(self, name: str) -> set[dt.date]:
        """The market days that a table has."""
        return {day for (_, day), _ in self._of(name)}

    def outdated(self, table: GoldTable, days: Sequence[dt.date]) -> list[dt.date]:
        """Of these days, those that the table lacks, or has from other loads or by another SQL."""
        return [day for day in days if not self._is_current(table, day)]

    def kept(self, table: GoldTable) -> set[dt.date]:
        """The market days that a table has from what was known in time, by its SQL: nothing later changes them."""
        current = {day for (_, day), row in self._of(table.name) if row["logic"] == table.logic}
        return current & table.in_time() if current else set()

    def moved(self, table: GoldTable, days: Collection[dt.date]) -> list[dt.date]:
        """Of these days, those that the table has from other bearers of their tickers, or other loads beside its own.

        Nobody asks for these days: it is a list of another day, or another asset class, that has changed.
        """
        found = []
        for day in days:
            if not (row := self._known.get((table.name, day))):
                continue
            others = bool(table.spans) and row["bearers"] not in (None, self._bearers(table, day))
            if others or (table.by_day and row["loads"] and self._stood_beside(table, day, row["loads"])):
                found.append(day)
        return found

    def _stood_beside(self, table: GoldTable, day: dt.date, loads: str) -> bool:
        """Whether the day stands on other loads than are there now, beside those that it waited for."""
        names = _any_silver(table)
        if not names or self._beside.waits(names, day):
            return False
        return loads.partition(_AND)[2] != self._beside.digest(names, day)

    def loaded(self, table: GoldTable) -> dict[dt.date, int]:
        """How many rows silver has of each market day, in all the datasets that a table reads."""
        rows: dict[dt.date, int] = {}
        beside = {name.removeprefix(f"{self._asset_class}_") for name in _any_silver(table)}
        read = waits_for(table) | beside
        for (dataset, day), load in self._silver.loads.items():
            if dataset in read:
                rows[day] = rows.get(day, 0) + load["silver_rows"]
        return rows

    def note(self, table: GoldTable) -> None:
        """Remember what a table has computed; nothing is written before `save`."""
        now = dt.datetime.now(dt.UTC)
        for day in table.computed:
            made = [self._asset_class, table.name, day, table.rows.get(day), table.logic, now]
            self._records.append([*made, self._loads(table, day), self._bearers(table, day)])

    def load(self, name: str, first: dt.date, last: dt.date) -> str:
        """What identifies what a table has of the market days from first to last, SHA-256; "" where it has none."""
        held = {day: (row["logic"], row["loads"], row["bearers"]) for (_, day), row in self._of(name)}
        held |= {day: (logic, *by) for _, table, day, _, logic, _, *by in self._records if table == name}
        facts = [f"{day} {held[day]}" for day in sorted(held) if first <= day <= last]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest() if facts else ""

    def _of(self, name: str) -> list[tuple[tuple[str, dt.date], Any]]:
        return [(place, row) for place, row in self._known.items() if place[0] == name]

    def save(self, star: Mapping[str, str], gone: Collection[str] = ()) -> None:
        """Write all of it in one commit, so that a run that broke off before is done again.

        With it a row a table of the star schema (name → digest of its SQL), on the latest day of this asset class; and
        none of tables that are `gone`.
        """
        days: dict[str, list[dt.date]] = {}
        for record in self._records:
            days.setdefault(record[1], []).append(record[2])
        if not days:
            return
        mine = [
            tables.on_days(self._calendar, days[name], asset_class=self._asset_class, gold_table=name) for name in days
        ]
        mine += [f"asset_class = '{self._asset_class}' AND gold_table = '{name}'" for name in (*star, *gone)]
        latest = max(day for _, day in {*self._known, *((name, day) for name in days for day in days[name])})
        now = dt.datetime.now(dt.UTC)
        over_all = [[self._asset_class, name, latest, None, logic, now, None, None] for name, logic in star.items()]
        where = " OR ".join(f"({each})" for each in mine)
        tables.replace_values(self._spark, self._table, where, [*self._records, *over_all])

    def _is_current(self, table: GoldTable, day: dt.date) -> bool:
        """Whether a table has the day from the loads that are there; one that waits for its verdict changes nothing."""
        known = self._known.get((table.name, day))
        if known is None or (known["logic"], known["bearers"]) != (table.logic, self._bearers(table, day)):
            return False
        if self._beside.waits(_any_silver(table), day):
            waited_for, _, _ = (known["loads"] or "").partition(_AND)
            return bool(waited_for == self._silver.digest(waits_for(table), day))
        return bool(known["loads"] == self._loads(table, day))

    def _loads(self, table: GoldTable, day: dt.date) -> str:
        """The digest of what the day waited for, and that of what else it stands on."""
        whole = () if table.by_day else table.any_silver
        digests = self._silver.digest(waits_for(table), day), self._beside.digest(_any_silver(table), day, whole)
        return _AND.join(filter(None, digests))

    @staticmethod
    def _bearers(table: GoldTable, day: dt.date) -> str | None:
        return " ".join(spans.bearers.digest(day) for spans in table.spans.values()) or None


def waits_for(table: GoldTable) -> set[str]:
    """The datasets that a table reads and waits for, itself or through other tables."""
    return table.silver.union(*(waits_for(source) for source in table.gold))


def _any_silver(table: GoldTable) -> set[str]:
    """The tables of silver of which a table takes what there is, itself or through other tables."""
    return table.any_silver.union(*(_any_silver(source) for source in table.gold))
