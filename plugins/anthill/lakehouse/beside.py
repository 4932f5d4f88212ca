"""What SQL reads of silver without waiting for it: the days that have passed, of its own asset class or another one."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from anthill import catalog as declarations
from anthill import corrections
from anthill.catalog import AssetClass
from anthill.lakehouse import statements, verdicts
from anthill.lakehouse.snapshot import Snapshot

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

_NAMED = re.compile(r"\{any_silver\}\.(\w+)")
CORRECTED = ("corrected_splits", "corrected_dividends")  # views of what operators have declared
_CORRECTIONS = re.compile(rf"\b({'|'.join(CORRECTED)})\b")
_BACK = 14  # calendar days before its own that a market day may stand on in another asset class


def named(sql: str) -> set[str]:
    """The tables of silver that a text reads as {any_silver}, and the views of corrections that it reads."""
    return {*_NAMED.findall(sql), *_CORRECTIONS.findall(sql)}


class Beside:
    """The tables that texts read as {any_silver}; `views` stand in their place, empty where nothing has passed.

    What operators have declared are the views `corrected_splits` and `corrected_dividends`.
    """

    def __init__(
        self,
        spark: SparkSession,
        catalog: str,
        declared: AssetClass,
        silver: Snapshot,
        passed: Mapping[str, Collection[dt.date]],
        texts: Iterable[str],
    ) -> None:
        """`silver` and `passed` are those of the texts' own asset class."""
        self._own, self._silver, self._passed = declared.asset_class, silver, passed
        self._loads: dict[str, dict[dt.date, Row]] = {}
        self.views: dict[str, str] = {}
        self._parts = {table: dataset_of(table) for table in set().union(*map(named, texts)) - set(CORRECTED)}
        known = corrections.of(declared.asset_class)
        self._corrected = {
            "corrected_splits": [(each.ticker, each.market_date, each.ratio, each.who) for each in known.splits],
            "corrected_dividends": [(each.ticker, each.market_date, each.cash, each.who) for each in known.dividends],
        }
        for view, value in zip(CORRECTED, ("ratio", "cash"), strict=True):
            columns = f"ticker STRING, market_date DATE, {value} DOUBLE, who STRING"
            spark.createDataFrame(self._corrected[view], columns).createOrReplaceTempView(view)
        wanted = set(self._parts.values())
        for asset_class in sorted({asset_class for asset_class, _ in wanted}):
            held, good = silver, passed
            if asset_class != self._own:
                other = declarations.load(asset_class)
                held = Snapshot(spark, catalog, other)
                good, _ = verdicts.of(spark, catalog, other, held)
            pinned = held.pin(good)
            for name in sorted(dataset for owner, dataset in wanted if owner == asset_class):
                table = f"{asset_class}_{name}"
                self.views[table] = pinned.get(table) or _empty(spark, asset_class, name)
                self._loads[table] = {
                    day: held.loads[name, day] for day in good.get(name, ()) if (name, day) in held.loads
                }

    def digest(self, tables: Collection[str], day: dt.date, whole: Collection[str] = ()) -> str:
        """What identifies the loads that a market day may stand on, SHA-256; empty where there is none.

        They are its own day's, and another asset class's of two weeks before it; all of another's of those in `whole`.
        """
        facts: list[str] = []
        for view in sorted(set(tables) & set(CORRECTED)):
            facts += [f"{view} {ticker} {value}" for ticker, at, value, _ in self._corrected[view] if at == day]
        for table in sorted(set(tables) - set(CORRECTED)):
            loads = self._loads.get(table, {})
            if self._parts[table][0] == self._own:
                days = [day]
            elif table in whole:
                days = sorted(loads)
            else:
                days = [day - dt.timedelta(back) for back in range(1, _BACK + 1)]
            facts += [f"{table} {at} {loads[at]['sha256']} {loads[at]['logic']}" for at in days if at in loads]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest() if facts else ""

    def waits(self, tables: Iterable[str], day: dt.date) -> bool:
        """Whether silver has a load of the day that has not passed: what was computed before it stays."""
        parts = [self._parts[table] for table in tables if table in self._parts]
        own = [name for asset_class, name in parts if asset_class == self._own]
        return any((name, day) in self._silver.loads and day not in self._passed[name] for name in own)


def dataset_of(table: str) -> tuple[str, str]:
    """The asset class and dataset of a table of silver."""
    for asset_class in declarations.asset_classes():
        name = table.removeprefix(f"{asset_class}_")
        if name != table and name in declarations.load(asset_class).datasets:
            return asset_class, name
    raise statements.StatementError(f"{{any_silver}}.{table} is no dataset that is declared")


def _empty(spark: SparkSession, asset_class: str, name: str) -> str:
    """A view with the columns of a table of which there is nothing."""
    columns = statements.columns("silver", asset_class, name)
    nothing = ", ".join(f"CAST(NULL AS {column.type}) AS `{column.name}`" for column in columns)
    view = f"nothing_of_{asset_class}_{name}"
    spark.sql(f"SELECT {nothing} WHERE false").createOrReplaceTempView(view)
    return view
