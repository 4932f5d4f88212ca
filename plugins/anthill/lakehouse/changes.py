"""What loads change of market days that silver held before, row by row, and the loads that they replace."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.lakehouse import tables
from anthill.lakehouse.difference import Difference, Line

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

_Of = tuple[str, dt.date]  # a dataset and its market day
_COUNTS = ("bronze_rows", "silver_rows", "duplicates", "conflicts", "quarantined", "changed_rows")
_AT_ONCE = 50  # loads whose lines are looked for in one statement


class Changes:
    """Those of one run over an asset class: gathered before rows are replaced, kept before the loads are noted."""

    def __init__(self, spark: SparkSession, catalog: str, declared: AssetClass) -> None:
        self._spark = spark
        self._catalog = catalog
        self._declared = declared
        self._lines: defaultdict[_Of, list[Line]] = defaultdict(list)
        self._before: dict[_Of, Row] = {}
        for name in ("changes", "earlier_loads"):  # whether or not there is a change: grants name them
            tables.make(spark, catalog, "quality", name)

    def gather(self, dataset: Dataset, columns: Sequence[str], before: Mapping[dt.date, Row]) -> dict[dt.date, int]:
        """Rows new, changed or gone a market day: what the view `incoming` has against these loads.

        What a load that was cut off may have put there is compared with what was there before it.
        """
        changed = dict.fromkeys(before, 0)
        versions: defaultdict[int | None, list[dt.date]] = defaultdict(list)
        for day, load in before.items():
            versions[load["replaces"]].append(day)
            self._before[dataset.name, day] = load
            self._lines.pop((dataset.name, day), None)
        for version, days in versions.items():
            calendar = self._declared.calendar
            difference = Difference(self._spark, self._catalog, calendar, dataset, columns, version)
            counted = difference.count(days)
            changed |= counted
            for day, line in difference.lines(counted):
                self._lines[dataset.name, day].append(line)
        return changed

    def save(self, loads: Sequence[Mapping[str, Any]]) -> None:
        """Keep what was gathered of the days of these loads, which take the place of those before."""
        after = {(load["dataset"], load["market_date"]): load for load in loads}
        replaced = {of: self._before[of] for of in after if of in self._before}
        if not replaced:
            return
        self._forget([of for of, load in replaced.items() if load["replaces"] is not None])
        earlier = [self._earlier(of, load, after[of]) for of, load in replaced.items()]
        lines = [self._line(of, line, replaced[of], after[of]) for of in replaced for line in self._lines[of]]
        tables.append_values(self._spark, f"{self._catalog}.quality.changes", lines)
        tables.append_values(self._spark, f"{self._catalog}.quality.earlier_loads", earlier)

    def _forget(self, cut_off: Sequence[_Of]) -> None:
        """Take away what a load may have kept that was cut off before it was noted."""
        of_load: defaultdict[tuple[str, dt.datetime], list[dt.date]] = defaultdict(list)
        for dataset, day in cut_off:
            of_load[dataset, self._before[dataset, day]["loaded_at"]].append(day)
        for table, moment in (("changes", "replaced_load_at"), ("earlier_loads", "loaded_at")):
            wheres = [
                f"({tables.on_days(self._declared.calendar, days, **self._named(dataset))}"
                f" AND {moment} = TIMESTAMP'{loaded_at}')"
                for (dataset, loaded_at), days in of_load.items()
            ]
            for at in range(0, len(wheres), _AT_ONCE):
                where = " OR ".join(wheres[at : at + _AT_ONCE])
                self._spark.sql(f"DELETE FROM {self._catalog}.quality.{table} WHERE {where}")

    def _named(self, dataset: str) -> dict[str, str]:
        return {"asset_class": self._declared.asset_class, "dataset": dataset}

    def _earlier(self, of: _Of, load: Row, after: Mapping[str, Any]) -> tuple[Any, ...]:
        kept = (load[name] for name in ("revisions", "sha256", "logic", *_COUNTS, "asof", "loaded_at"))
        return (*self._named(of[0]).values(), of[1], *kept, after["loaded_at"])

    def _line(self, of: _Of, line: Line, load: Row, after: Mapping[str, Any]) -> tuple[Any, ...]:
        moments = (load["loaded_at"], after["loaded_at"])
        return (*self._named(of[0]).values(), of[1], _cause(load, after), *line, after["revisions"], *moments)


def _cause(before: Row, after: Mapping[str, Any]) -> str:
    """Why rows differ: another answer, another reading of the same one, or rows that silver had lost."""
    if before["sha256"] != after["sha256"]:
        return "source"
    return "logic" if before["logic"] != after["logic"] else "repair"
