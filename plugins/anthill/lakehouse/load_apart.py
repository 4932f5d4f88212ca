"""The load of a dataset whose parts are told apart: by portions of these, so that any day takes the same memory."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anthill.lakehouse import bronze_rows, tables
from anthill.lakehouse.commits import Commit, Day
from anthill.lakehouse.load import COUNTS, Load, SilverError
from anthill.lakehouse.typed_rows import Counts, TypedRows

if TYPE_CHECKING:
    from pyspark.sql import Row

_ROWS = 2_000_000  # of a portion; a part is never cut


class LoadApart(Load):
    """A load by portions: all of a day's are counted before one is written, and the day counts once all are there.

    What changed of rows is not kept: of trades and quotes it would be as much again.
    """

    def _load(self, days: Sequence[Day], before: Mapping[dt.date, Row], *, with_text: bool) -> dict[dt.date, Counts]:
        """Check the objects, count, publish, a day at a time."""
        return {day.market_date: self._day(day, before, with_text=with_text) for day in days}

    def _day(self, day: Day, before: Mapping[dt.date, Row], *, with_text: bool) -> Counts:
        counted = [self._count(part, with_text=with_text) for part in _portions(day)]
        whole: Counter[str] = Counter(dict.fromkeys((*COUNTS, "changed_rows"), 0))
        for _, _, counts in counted:
            whole.update(counts)
        if day.market_date in before:
            self._begin([day])
        on_day = tables.on_days(self.calendar, [day.market_date])
        doubled: list[str] = []
        self._forget(f"{self._mine([day])}", self.quarantine)
        for part, text, counts in counted:
            typed = self._read([part], with_text=text)
            rows = typed.good(clean=not counts["duplicates"] and not counts["quarantined"])
            tables.replace(self.spark, self.table, f"{on_day} AND {self._of(part)}", rows)
            if counts["quarantined"]:
                self._set_apart(typed, part)
            doubled += filter(None, [typed.doubled.get(day.market_date)])
        self._forget(f"{on_day} AND NOT ({self._of(day)})", self.table)
        held = self._held([day]).get(day.market_date, 0)
        if held != whole["silver_rows"]:
            raise SilverError(f"{self.table} of {day.market_date}: wrote {whole['silver_rows']} rows, holds {held}")
        self.records[day.market_date] = self._record(day, whole, ", ".join(doubled))
        return dict(whole)

    def _count(self, part: Day, *, with_text: bool) -> tuple[Day, bool, Counts]:
        """A portion, whether it must be read row by row, and what becomes of its rows."""
        bronze_rows.verify(self.spark, part.commits)
        counts = self._read([part], with_text=with_text).counts()[part.market_date]
        if counts["quarantined"] and not with_text:
            return self._count(part, with_text=True)
        return part, with_text, counts

    def _of(self, day: Day) -> str:
        """A predicate: rows of these parts."""
        listed = ", ".join(f"'{commit.shard}'" for commit in day.commits)
        return f"`{self.dataset.apart}` IN ({listed})"

    def _forget(self, where: str, table: str) -> None:
        if self.spark.table(table).where(where).limit(1).collect():
            self.spark.sql(f"DELETE FROM {table} WHERE {where}")

    def _set_apart(self, typed: TypedRows, part: Day) -> None:
        """Put the bad rows of a portion beside those of others, in the place of what was there of its objects."""
        from pyspark.sql import functions as f

        names = {"asset_class": self.dataset.asset_class, "dataset": self.dataset.name}
        named = [f.lit(value).alias(column) for column, value in names.items()]
        bad = typed.bad().select(*named, "*", f.lit(dt.datetime.now(dt.UTC)).alias("loaded_at"))
        uris = ", ".join(f"'{commit.uri}'" for commit in part.commits)
        tables.replace(self.spark, self.quarantine, f"{self._mine([part])} AND source_uri IN ({uris})", bad)

    def _record(self, day: Day, counts: Mapping[str, int], doubled: str) -> list[Any]:
        """What the loads table is to say of a day."""
        return [
            *(self.dataset.asset_class, self.dataset.name, day.market_date),
            *(json.dumps(day.revisions), day.sha256, self.logic),
            *(counts[name] for name in COUNTS),
            0,
            *(max(commit.moment for commit in day.commits), dt.datetime.now(dt.UTC), None, doubled or None),
            0,
        ]


def _portions(day: Day) -> list[Day]:
    """The day in portions of so many rows, or of one part that has more."""
    found: list[list[Commit]] = []
    left = 0
    for commit in day.commits:
        left -= commit.rows
        if not found or left < 0:
            found.append([])
            left = _ROWS - commit.rows
        found[-1].append(commit)
    return [Day(day.market_date, tuple(commits)) for commits in found]
