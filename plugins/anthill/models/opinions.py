"""The second opinion on anomalies: of each security and day that has a reason, what the forest of its market says."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from anthill import catalog as declarations
from anthill.calendars import market_days, previous_market_day, shift
from anthill.lakehouse import statements, tables
from anthill.models import features
from anthill.models.forest import FEATURES, Forest, ForestError, grow

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

TABLE = "anomaly_opinions"
ANOMALIES = "anomalies"
WINDOW = 66  # market days that a forest grows from, and whose anomalies it looks at
_LEAST = 20  # of them must have bars, or nothing is usual
_BEFORE = 21  # market days, for what is usual of a volume
_YOUNG = "too short a history: nothing was expected of the day before it came"

Bar = tuple[str, dt.date]


class Opinion(NamedTuple):
    """What is said of one bar, or why nothing is."""

    score: float | None
    less_isolated: float | None
    features: str | None
    reason: str | None


def write(spark: SparkSession, catalog: str, first: dt.date, last: dt.date, again: bool = False) -> dict[str, Any]:
    """Look at all anomalies up to a day that have no opinion yet, `again` at those of these days in any case."""
    tables.create(spark, statements.path("gold", TABLE), catalog)
    told: dict[str, Any] = {}
    for name in features.asset_classes():
        if ANOMALIES not in declarations.load(name).gold:
            continue
        days = _window(declarations.load(name).calendar, last)
        kept = _kept(spark, catalog, name, days)
        if again:
            kept = {bar: row for bar, row in kept.items() if not first <= bar[1] <= last}
        asked = _flagged(spark, catalog, name, days) - set(kept)
        found = _opinions(spark, catalog, name, days, sorted(asked, key=lambda bar: bar[::-1]))
        if found:
            _put(spark, catalog, name, kept, found)
        told[name] = {"looked_at": len(found), "without_opinion": sum(each.score is None for each in found.values())}
    return told


def _window(calendar: str, last: dt.date) -> list[dt.date]:
    """The market days up to one."""
    end = previous_market_day(calendar, last)
    return market_days(calendar, shift(calendar, end, 1 - WINDOW), end) if end else []


def _flagged(spark: SparkSession, catalog: str, asset_class: str, days: list[dt.date]) -> set[Bar]:
    """What has a reason on these days; nothing where the table is not there."""
    table = f"{catalog}.{statements.table('gold', asset_class, ANOMALIES)}"
    if not days or not spark.catalog.tableExists(table):
        return set()
    rows = spark.sql(f"SELECT DISTINCT ticker, market_date FROM {table} WHERE {_within(days)}").collect()
    return {(row["ticker"], row["market_date"]) for row in rows}


def _kept(spark: SparkSession, catalog: str, asset_class: str, days: list[dt.date]) -> dict[Bar, dict[str, Any]]:
    """The opinions of these days that are there: what was said stays said."""
    rows = spark.sql(
        f"SELECT * FROM {catalog}.gold.{TABLE} "
        f"WHERE asset_class = '{asset_class}' AND score IS NOT NULL AND {_within(days) if days else 'false'}"
    ).toArrow()
    return {(row["ticker"], row["market_date"]): row for row in rows.to_pylist()}


def _within(days: list[dt.date]) -> str:
    return f"market_date BETWEEN DATE'{days[0]}' AND DATE'{days[-1]}'"


def _bars(spark: SparkSession, catalog: str, asset_class: str, days: list[dt.date]) -> pa.Table:
    """What the forest is given of every bar of these days, in one order."""
    prices = spark.table(f"{catalog}.{statements.table('gold', asset_class, 'daily_prices')}").columns
    words = {
        "asset_class": asset_class,
        "security": "security" if "security" in prices else "ticker",
        "adjusted": "adj_" if "adj_close" in prices else "",
        "reach": f"DATE'{shift(declarations.load(asset_class).calendar, days[0], -_BEFORE)}'",
        "first": f"DATE'{days[0]}'",
        "last": f"DATE'{days[-1]}'",
    }
    (_, select) = statements.read(statements.path("gold", TABLE), catalog, **words)
    return spark.sql(select).toArrow().sort_by([("market_date", "ascending"), ("ticker", "ascending")])


def _opinions(
    spark: SparkSession, catalog: str, asset_class: str, days: list[dt.date], asked: list[Bar]
) -> dict[Bar, Opinion]:
    """Of each of these bars one."""
    if not asked:
        return {}
    bars = _bars(spark, catalog, asset_class, days)
    values = np.column_stack([bars.column(name).cast("double").to_numpy() for name in FEATURES])
    names = zip(bars.column("ticker").to_pylist(), bars.column("market_date").to_pylist(), strict=True)
    place = {bar: at for at, bar in enumerate(names)}
    try:
        forest = _grown(values, len({day for _, day in place}))
    except ForestError as error:
        return dict.fromkeys(asked, Opinion(None, None, None, f"no forest: {error}"))
    there = [bar for bar in asked if bar in place]
    young = dict.fromkeys((bar for bar in asked if bar not in place), Opinion(None, None, None, _YOUNG))
    return young | dict(zip(there, _said(forest, values[[place[bar] for bar in there]]), strict=True))


def _grown(values: np.ndarray, days: int) -> Forest:
    if days < _LEAST:
        raise ForestError(
            f"{days} of the {WINDOW} market days have bars of which something was expected; it needs {_LEAST}"
        )
    return grow(values)


def _said(forest: Forest, bars: np.ndarray) -> list[Opinion]:
    if not len(bars):
        return []
    scores = forest.score(bars)
    numbers = zip(scores.tolist(), forest.less_isolated(scores).tolist(), forest.named(bars), strict=True)
    return [Opinion(*each, None) for each in numbers]


def _put(
    spark: SparkSession, catalog: str, asset_class: str, kept: dict[Bar, dict[str, Any]], found: dict[Bar, Opinion]
) -> None:
    """Replace the days that have anything new by what is kept of them and that."""
    days = {day for _, day in found}
    now = dt.datetime.now(dt.UTC)
    rows = [tuple(row.values()) for (_, day), row in kept.items() if day in days]
    rows += [(asset_class, *bar, *said, now) for bar, said in found.items()]
    where = tables.on_days(declarations.load(asset_class).calendar, days, asset_class=asset_class)
    tables.replace_values(spark, f"{catalog}.gold.{TABLE}", where, rows)
