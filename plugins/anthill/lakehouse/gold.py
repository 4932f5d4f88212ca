"""Gold: the analysts' tables of some market days, and of the days whose numbers depend on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill.calendars import market_days, session_close, session_open, shift
from anthill.catalog import AssetClass
from anthill.lakehouse import standing, star, statements, threads, verdicts
from anthill.lakehouse.beside import Beside
from anthill.lakehouse.gold_table import GoldTable
from anthill.lakehouse.logic import REACH
from anthill.lakehouse.old_names import OldNames
from anthill.lakehouse.published import Published, waits_for
from anthill.lakehouse.snapshot import Snapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


_SHOWN = 20  # days of a table or dataset that are named as held back
DaysOf = Mapping[str, Collection[dt.date]]  # of each dataset


class GoldError(RuntimeError):
    """Gold cannot be computed; the message says for which days and what to do."""


def run(
    spark: SparkSession, *, catalog: str, asset_class: str, market_date_from: str, market_date_to: str
) -> dict[str, Any]:
    """Compute what is missing or outdated in gold from first to last: counts a table.

    A table has a market day when every dataset that it reads has passed its quality checks for that day, with the load
    that silver holds; it reads nothing else of silver. Days that are loaded and not ready are held back. A table that
    looks back is computed for the published days up to 40 market days later too, since a late day changes them.
    """
    declared = declarations.load(asset_class)
    first, last = dt.date.fromisoformat(market_date_from), dt.date.fromisoformat(market_date_to)
    silver = Snapshot(spark, catalog, declared)
    loaded = sorted({day for days in silver.days(first, last).values() for day in days})
    if not loaded:
        raise GoldError(
            f"{asset_class}: silver holds no market day from {first} to {last}; gold is left as it is. "
            f"Run the silver and quality jobs for these days first."
        )
    passed, failed = verdicts.of(spark, catalog, declared, silver)
    views = silver.pin(passed)
    texts = [statements.code(statements.path("gold", asset_class, name)) for name in declared.gold]
    if any("{gold}.dim_date" in text for text in texts):
        star.publish_dates(spark, catalog)
    beside = Beside(spark, catalog, declared, silver, passed, texts)
    views = beside.views | views
    _view_of_market_days(spark, declared, sorted({*loaded, *(day for days in passed.values() for day in days)}))
    _view_of_first_days(spark, passed)
    published = Published(spark, catalog, declared, silver, beside)
    old_names = OldNames(spark, catalog, asset_class)
    done: dict[str, GoldTable] = {}
    counts: dict[str, Any] = {}
    stands: dict[str, Any] = {}
    in_range = silver.days(first, last)
    for name in declared.gold:
        table = done[name] = GoldTable(spark, catalog, declared, name, done, views)
        ready = table.ready(passed)
        # What is put together from months is put together from all of them, whatever is asked for.
        whole = table.by_month or old_names.takes_over(name)
        asked = [day for day in ready if whole or first <= day <= last]
        if table.keeps:
            _view_of_answers(spark, silver.answered(waits_for(table)))
        kept = published.kept(table)
        known = published.days(name) & set(ready) - kept
        outdated = sorted({*published.outdated(table, asked), *published.moved(table, known)} - kept)
        counts[name] = table.compute(outdated, known, published.loaded(table))
        published.note(table)
        _view_of_days_of(spark, name, {*published.days(name), *table.computed})
        if table.has_links:
            threads.view_of_roots(spark, table.table, name)
        counts[name]["fresh_until"] = str(ready[-1]) if ready else None
        waiting = [day for day in loaded if day not in ready]
        counts[name]["held_back"] = [str(day) for day in waiting[:_SHOWN]]
        about = {*(day for day in ready if first <= day <= last), *table.computed}
        held = {*published.days(name), *table.computed}
        stands[name] = standing.of(declared.calendar, waits_for(table), about, held, in_range, failed, passed)
    loads = {name: published.load(name, first, last) for name in done}
    published.save(star.publish(spark, catalog), old_names.publish(done, published))
    result = {"asset_class": asset_class, "from": market_date_from, "to": market_date_to, "tables": counts}
    result["standing"], result["loads"] = stands, loads
    if held_back := _held_back(declared, in_range, passed, failed):
        result["held_back"] = held_back
        if not any(table["days"] for table in counts.values()):
            result["nothing_done"] = f"gold stays as it is: {' | '.join(held_back)}"
    return result


def _held_back(
    declared: AssetClass, loaded: DaysOf, passed: DaysOf, failed: Mapping[str, Mapping[dt.date, Collection[str]]]
) -> list[str]:
    """A line for each dataset with loads that may not be published, and why."""
    lines = []
    for name in declared.datasets:
        for days, why in (
            (
                set(loaded[name]) - set(passed[name]) - failed[name].keys(),
                "not checked since they were loaded: run the quality job",
            ),
            (set(loaded[name]) & failed[name].keys(), "broke a critical expectation: see quality.results"),
        ):
            if days:
                more = f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else ""
                shown = ", ".join(str(day) for day in sorted(days)[:_SHOWN])
                lines.append(f"{declared.asset_class}.{name} of {shown}{more}: {why}")
    return lines


def _view_of_market_days(spark: SparkSession, declared: AssetClass, known: list[dt.date]) -> None:
    """The view `market_days`, over all days known and their reach.

    It has market_date, session, its number, opens_at and closes_at, and when the next one opens (UTC).
    """
    calendar = declared.calendar
    days = market_days(calendar, shift(calendar, known[0], -REACH), known[-1])
    opens = [session_open(calendar, day) for day in (*days, shift(calendar, known[-1], 1))]
    numbered = [(day, at, opens[at], session_close(calendar, day), opens[at + 1]) for at, day in enumerate(days)]
    columns = "market_date DATE, session INT, opens_at TIMESTAMP, closes_at TIMESTAMP, next_opens_at TIMESTAMP"
    spark.createDataFrame(numbered, columns).createOrReplaceTempView("market_days")


def _view_of_first_days(spark: SparkSession, passed: DaysOf) -> None:
    """The view `first_days`: dataset, and the first market_date of it that may be published."""
    first = [(name, min(days)) for name, days in passed.items() if days]
    spark.createDataFrame(first, "dataset STRING, market_date DATE").createOrReplaceTempView("first_days")


def _view_of_answers(spark: SparkSession, answered: Mapping[dt.date, dt.datetime]) -> None:
    """The view `answers`: market_date, and when the newest answer came that the table has of it (UTC)."""
    rows = sorted(answered.items())
    spark.createDataFrame(rows, "market_date DATE, asof TIMESTAMP").createOrReplaceTempView("answers")


def _view_of_days_of(spark: SparkSession, name: str, days: Collection[dt.date]) -> None:
    """The view days_of_<table>: the market days that a table has."""
    held = spark.createDataFrame([(day,) for day in sorted(days)], "market_date DATE")
    held.createOrReplaceTempView(f"days_of_{name}")
