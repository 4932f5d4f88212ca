"""Quality: what is expected of each market day is measured, stored, and stops the run where it is critical."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anthill import catalog as declarations
from anthill.calendars import session_close, session_open, shift
from anthill.catalog import AssetClass
from anthill.dataset import Dataset
from anthill.lakehouse import checks, engine, expectations, statements, tables, verdicts
from anthill.lakehouse.beside import Beside
from anthill.lakehouse.measure import RECENT_DAYS
from anthill.lakehouse.snapshot import Snapshot, redirected

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

RECENT_CALENDAR_DAYS = 60  # what is older is not compared with: markets grow
_AT_ONCE = 10_000_000  # rows of silver that one query checks
COLUMNS = ("market_date", "expectation", "severity", "observed", "threshold", "passed", "message")
_SHOWN = 20  # broken expectations in an error message
_TOLD = 1000  # warnings handed back: a notebook's answer is cut at 5 MB


class QualityError(RuntimeError):
    """A critical expectation is broken, or there is nothing to check; the message holds the numbers."""


def run(
    spark: SparkSession,
    *,
    catalog: str,
    asset_class: str,
    market_date_from: str,
    market_date_to: str,
    datasets: str = "",
) -> dict[str, Any]:
    """Check every loaded market day from first to last, store the results, raise on a broken critical expectation.

    `datasets`, parted by commas, are those that must be loaded: where it is empty, all that can be had for past days;
    "-" is none.
    """
    declared = declarations.load(asset_class)
    required = set(datasets.split(",")) if datasets else set(declared.historical) - set(declared.ticks)
    first, last = dt.date.fromisoformat(market_date_from), dt.date.fromisoformat(market_date_to)
    tables.make(spark, catalog, "quality", "results")
    silver = Snapshot(spark, catalog, declared)
    loaded = silver.days(first, last)
    if not any(loaded.values()):
        raise QualityError(f"{asset_class}: silver holds no market day from {first} to {last}; load it first")
    days = sorted(set().union(*loaded.values()))
    passed, _ = verdicts.of(spark, catalog, declared, silver)
    selects = {name: checks.select(dataset) for name, dataset in declared.datasets.items()}
    views = Beside(spark, catalog, declared, silver, passed, selects.values()).views | silver.pin()
    now = dt.datetime.now(dt.UTC)
    values = [
        result(silver, dataset, row, now, judged_by)
        for dataset in declared.datasets.values()
        for judged_by in [checks.digest(dataset)]
        for row in _checks(
            spark, catalog, declared, dataset, days, loaded[dataset.name], dataset.name in required, silver, views
        )
    ]
    where = f"{tables.on_days(declared.calendar, days, asset_class=asset_class)} AND compared_with IS NULL"
    return {
        "asset_class": asset_class,
        "from": market_date_from,
        "to": market_date_to,
        "days": len(days),
        **store(spark, catalog, asset_class, where, values),
    }


def result(
    silver: Snapshot,
    dataset: Dataset,
    measured: Row | expectations.Result,
    now: dt.datetime,
    judged_by: str,
    compared_with: str | None = None,
) -> tuple[Any, ...]:
    """A row of quality.results, which names the load that it is about by the digests of its bytes and their typing."""
    load = silver.loads.get((dataset.name, measured["market_date"]))
    named = (load["sha256"], load["logic"]) if load else (None, None)
    known = (measured[name] for name in COLUMNS)
    return (dataset.asset_class, dataset.name, *known, now, *named, judged_by, compared_with)


def store(
    spark: SparkSession, catalog: str, asset_class: str, where: str, values: Sequence[tuple[Any, ...]]
) -> dict[str, Any]:
    """Put results in the place of those that match, and tell the first; QualityError where a critical one is broken."""
    tables.replace_values(spark, f"{catalog}.quality.results", where, values)
    broken = [_said(value) for value in values if not value[7] and value[4] == "critical"]
    if broken:
        more = f" | and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
        raise QualityError(
            f"{len(broken)} critical expectations of {asset_class} are broken; what reads them in gold stays as it is. "
            + " | ".join(broken[:_SHOWN])
            + f"{more}. All results are in {catalog}.quality.results."
        )
    warnings = [_said(value) for value in values if not value[7]]
    return {
        "checks": len(values),
        "warned": len(warnings),
        "warnings": warnings[:_TOLD],
        "datasets": dict(Counter(value[1] for value in values)),
    }


def _said(value: tuple[Any, ...]) -> str:
    """A broken expectation for a person: its own words, its name, what was seen and the limit."""
    _, dataset, day, expectation, _, observed, threshold, _, message, *_ = value
    seen = "" if observed is None else f": {observed:,.10g}, must be {threshold}"
    return f"{dataset} of {day}: {message} [{expectation}{seen}]"


def _checks(
    spark: SparkSession,
    catalog: str,
    declared: AssetClass,
    dataset: Dataset,
    days: list[dt.date],
    loaded: dict[dt.date, int],
    required: bool,
    silver: Snapshot,
    views: Mapping[str, str],
) -> list[Row | expectations.Result]:
    """The results of one dataset: that it is loaded where it must be, and what is expected of the days that are."""
    rows: list[Row | expectations.Result] = []
    if loaded:
        file = statements.path("quality", dataset.asset_class, dataset.name)
        select = statements.filled(redirected(checks.select(dataset), views), file, catalog)
        for some in tables.portions(sorted(loaded), loaded, _AT_ONCE):
            view_of_loads(spark, catalog, declared, dataset, some)
            with engine.about(f"the expectations of {dataset.asset_class}.{dataset.name}", some):
                rows += spark.sql(select, args={"market_date_from": some[0], "market_date_to": some[-1]}).collect()
            loads = silver.of(dataset, some)
            rows += expectations.none_quarantined(spark, catalog, dataset, loads)
            rows += expectations.no_duplicates(loads)
            if dataset.stays_after:
                held = views[dataset.table]
                rows += expectations.keys_stay(spark, held, dataset, some, silver.held(dataset))
    return [*(expectations.is_loaded(dataset, day, day in loaded) for day in days if required or day in loaded), *rows]


def view_of_loads(
    spark: SparkSession, catalog: str, declared: AssetClass, dataset: Dataset, days: list[dt.date]
) -> None:
    """The view `loaded`: the days' rows of quality.loads, with opened_at, closed_at (UTC), day_before and recent_rows.

    day_before is the market day before; recent_rows the median of the rows of up to 20 loaded days with rows in the 60
    days before, NULL where there are none: days without a row say nothing of how many a good one has.
    """
    calendar = declared.calendar
    spans = [(day, session_open(calendar, day), session_close(calendar, day)) for day in days]
    closes = [(*span, shift(calendar, span[0], -1)) for span in spans]
    columns = "market_date DATE, opened_at TIMESTAMP, closed_at TIMESTAMP, day_before DATE"
    spark.createDataFrame(closes, columns).createOrReplaceTempView("closes")
    loads = (
        f"SELECT * FROM {catalog}.quality.loads WHERE asset_class = '{dataset.asset_class}' "
        f"AND dataset = '{dataset.name}' AND market_date <= DATE'{days[-1]}'"
    )
    spark.sql(
        f"SELECT l.*, c.opened_at, c.closed_at, c.day_before, r.recent_rows "
        f"FROM ({loads}) l JOIN closes c ON c.market_date = l.market_date "
        f"LEFT JOIN (SELECT market_date, median(silver_rows) AS recent_rows FROM ("
        f"SELECT c.market_date, l.silver_rows, "
        f"ROW_NUMBER() OVER (PARTITION BY c.market_date ORDER BY l.market_date DESC) AS place "
        f"FROM closes c JOIN ({loads}) l ON l.market_date < c.market_date "
        f"AND l.market_date >= date_sub(c.market_date, {RECENT_CALENDAR_DAYS}) AND l.silver_rows > 0) "
        f"WHERE place <= {RECENT_DAYS} GROUP BY market_date) r ON r.market_date = l.market_date"
    ).createOrReplaceTempView("loaded")
