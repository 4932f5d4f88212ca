"""Silver: bronze pages become typed, deduplicated rows, a market day replaced at once; the rest goes to quarantine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.lakehouse import bronze_rows, engine, statements, tables, versions
from anthill.lakehouse.changes import Changes
from anthill.lakehouse.commits import Commit, CommitError, days_of, parse
from anthill.lakehouse.load import BadObjectError, Load, SilverError
from anthill.lakehouse.load_apart import LoadApart

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["BadObjectError", "Load", "SilverError", "load", "read", "run"]

_SHOWN = 20  # days in an error message


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
    declared = declarations.load(asset_class).with_streams()
    for name in declared.streams:  # whether or not anything was recorded: grants name them
        _make_stream(spark, catalog, asset_class, name)
    first, last = dt.date.fromisoformat(market_date_from), dt.date.fromisoformat(market_date_to)
    if declared.has_versions:
        given = versions.read(spark, catalog, manifest, declared)
    else:
        given = read(spark, manifest, declared)
    done = load(spark, catalog, declared, given, first, last)
    return {"asset_class": asset_class, "from": market_date_from, "to": market_date_to, "datasets": done}


def read(spark: SparkSession, manifest: str, declared: AssetClass) -> list[Commit]:
    """The commits that a manifest lists; CommitError where it names a dataset that is not declared."""
    given = parse(bronze_rows.content(spark, manifest))
    if unknown := {commit.dataset for commit in given} - declared.datasets.keys():
        raise CommitError(f"{manifest} names {', '.join(sorted(unknown))}; declared are {', '.join(declared.datasets)}")
    return given


def load(
    spark: SparkSession, catalog: str, declared: AssetClass, given: Sequence[Commit], first: dt.date, last: dt.date
) -> dict[str, Any]:
    """Load commits of the market days from first to last: counts a dataset; SilverError names what is not loaded."""
    tables.make(spark, catalog, "quality", "loads")
    tables.make(spark, catalog, "quality", "quarantine")
    changes = Changes(spark, catalog, declared)
    done: dict[str, Any] = {}
    records: list[list[Any]] = []
    failed: list[str] = []
    may_pass = False
    for dataset in _asked(declared, given):
        name = f"{declared.asset_class}.{dataset.name}"
        kind = versions.LoadVersions if dataset.has_versions else LoadApart if dataset.apart else Load
        try:
            of_dataset = kind(spark, catalog, declared.calendar, dataset, changes)
        except Exception as error:  # one dataset's fault must not keep the others out
            failed.append(f"{name}: {engine.words(error)}")
            may_pass = True
            continue
        split = versions.cuts_of(dataset, given) if dataset.has_versions else days_of(dataset, given, first, last)
        done[dataset.name] = of_dataset.run(*split)
        records += of_dataset.records.values()
        failed += [f"{name} of {day}: {reason}" for day, reason in sorted(of_dataset.failed.items())]
        may_pass = may_pass or of_dataset.may_pass
    if records:
        names = [column.name for column in statements.columns("quality", "loads")]
        changes.save([dict(zip(names, record, strict=True)) for record in records])
        _record(spark, f"{catalog}.quality.loads", declared, records)
    if failed:
        more = f" | and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
        raise (SilverError if may_pass else BadObjectError)(
            f"{len(failed)} market days of datasets are not loaded, the rest is. {' | '.join(failed[:_SHOWN])}{more}"
        )
    return done


def _make_stream(spark: SparkSession, catalog: str, asset_class: str, name: str) -> None:
    """The table of a stream, and the view of what of it is not settled, with what both stand on."""
    for table in ("quarantine", "results"):
        tables.make(spark, catalog, "quality", table)
    tables.make(spark, catalog, "silver", asset_class, name)
    tables.make(spark, catalog, "provisional", asset_class, name)


def _asked(declared: AssetClass, given: Sequence[Commit]) -> list[Dataset]:
    """The streams that are given, or all datasets: neither waits for the other."""
    streams = {commit.dataset for commit in given} & declared.streams.keys()
    return [dataset for name, dataset in declared.datasets.items() if bool(streams) == (name in declared.streams)]


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
