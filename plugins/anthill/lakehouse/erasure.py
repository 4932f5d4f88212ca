"""Erases what came of rows that bronze has no more: in silver, gold and quality, and in the files behind them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from anthill import catalog as declarations
from anthill.catalog import AssetClass
from anthill.lakehouse import bronze_rows, keys, statements, tables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What tells of a market day's rows by their keys, or holds them whole; without its load a day is loaded again.
_QUALITY = ("changes", "earlier_loads", "loads", "quarantine", "results")
_READ = re.compile(r"\{(?:any_)?(silver|gold)\}\.(\w+)")
_KEPT_FOR = "delta.deletedFileRetentionDuration"


class Whose(msgspec.Struct, frozen=True):
    """The part of a plan that says whose rows are erased: those whose column has a digest, or all of a market day."""

    asset_class: str
    dataset: str
    column: str = ""
    digests: tuple[str, ...] = ()
    market_date: dt.date | None = None


class Work(msgspec.Struct, frozen=True):
    """The part of a plan that tables are about; `days` are the market days of which bronze held such rows."""

    asked: Whose
    days: tuple[dt.date, ...]
    keys: tuple[str, ...] = ()  # of a table of a database: the digests of the keys that their rows have


def run(spark: SparkSession, catalog: str, asset_class: str, plan: str) -> dict[str, Any]:
    """Erase by the plan at a URI: rows a table. What no row tells apart goes by the day, to be computed again."""
    work = msgspec.json.decode(bronze_rows.content(spark, plan), type=Work)
    declared = declarations.load(asset_class)
    erased: dict[str, int] = {}
    for table, where in _wheres(declared, work):
        name = f"{catalog}.{table}"
        if not spark.catalog.tableExists(name):
            continue
        (found,) = spark.sql(f"SELECT count(*) AS rows FROM {name} WHERE {where}").collect()
        if found["rows"]:
            spark.sql(f"DELETE FROM {name} WHERE {where}")
        erased[table] = erased.get(table, 0) + int(found["rows"])
    for table in erased:
        _forget(spark, f"{catalog}.{table}")
    first, last = (str(min(work.days, default="")), str(max(work.days, default="")))
    done = {table: {"rows": rows} for table, rows in erased.items()}
    return {"asset_class": asset_class, "from": first, "to": last, "tables": done}


def _wheres(declared: AssetClass, work: Work) -> Iterator[tuple[str, str]]:
    """The tables and which rows of them go, from the roof down: what is cut off leaves nothing that tells of more."""
    of = work.asked
    if declared.datasets[of.dataset].has_versions:
        yield from _versions(declared, work)
        return
    silver = statements.table("silver", of.asset_class, of.dataset)
    days = tables.on_days(declared.calendar, work.days) if work.days else "false"
    theirs = days if of.market_date else _theirs(of.column, of.digests)
    named = {"asset_class": of.asset_class, "dataset": of.dataset}
    of_days = tables.on_days(declared.calendar, work.days, **named) if work.days else "false"
    for asset_class, name in _readers(silver):
        columns = {column.name for column in statements.columns("gold", asset_class, name)}
        by_row = not of.market_date and of.column in columns
        by_day = days if "market_date" in columns else "true"
        yield statements.table("gold", asset_class, name), _theirs(of.column, of.digests) if by_row else by_day
        yield "quality.published", f"asset_class = '{asset_class}' AND gold_table = '{name}' AND {days}"
    yield silver, theirs
    for table in _QUALITY:
        yield f"quality.{table}", of_days


def _versions(declared: AssetClass, work: Work) -> Iterator[tuple[str, str]]:
    """The same of a table of a database: every version of their keys, and what is told by these keys in gold.

    Loads stay as they are: they hold counts, and without them silver would read all cuts again.
    """
    of = work.asked
    (key,) = declared.datasets[of.dataset].key
    silver = statements.table("silver", of.asset_class, of.dataset)
    for asset_class, name in _readers(silver):
        column = keys.told_by(asset_class, name, key)
        yield statements.table("gold", asset_class, name), _theirs(column, work.keys) if column else "true"
        if not column:
            yield "quality.published", f"asset_class = '{asset_class}' AND gold_table = '{name}'"
    yield silver, _theirs(key, work.keys)
    named = f"asset_class = '{of.asset_class}' AND dataset = '{of.dataset}'"
    for table in ("changes", "quarantine"):
        yield f"quality.{table}", f"{named} AND {_theirs('key', work.keys)}"


def _theirs(column: str, digests: Sequence[str]) -> str:
    listed = ", ".join(f"'{each}'" for each in digests) or "''"
    return f"sha2(CAST({column} AS STRING), 256) IN ({listed})"


def _readers(silver: str) -> list[tuple[str, str]]:
    """The tables of gold that read a table of silver, themselves or through others; views have no rows of their own."""
    reached, found = {silver}, list[tuple[str, str]]()
    for asset_class in declarations.asset_classes():
        for name in declarations.load(asset_class).gold:
            sql = statements.code(statements.path("gold", asset_class, name))
            if reached & {f"{layer}.{table}" for layer, table in _READ.findall(sql)}:
                reached.add(statements.table("gold", asset_class, name))
                if statements.columns("gold", asset_class, name):
                    found.append((asset_class, name))
    return found


def _forget(spark: SparkSession, table: str) -> None:
    """Delete the files that held the rows: what marks rows as deleted is written out, then no old file is kept.

    VACUUM refuses to keep files for less time than the table's property says.
    """
    spark.sql(f"REORG TABLE {table} APPLY (PURGE)")
    spark.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ('{_KEPT_FOR}' = 'interval 0 hours')")
    try:
        spark.sql(f"VACUUM {table} RETAIN 0 HOURS")
    finally:
        spark.sql(f"ALTER TABLE {table} UNSET TBLPROPERTIES IF EXISTS ('{_KEPT_FOR}')")
