"""What every dataset is held to, by its declaration and its loads alone; its SQL file expects the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from anthill.calendars import session_close, session_open
from anthill.dataset import Dataset
from anthill.lakehouse import tables

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession

Result = dict[str, Any]  # of quality.results, what is measured
_NAMED = 10  # keys in a message
_SHOWN = 40  # characters of a row that has no key to be named by
_BACK = dt.timedelta(60)  # earlier days are not compared with: markets change


def is_loaded(dataset: Dataset, day: dt.date, loaded: bool) -> Result:
    """That silver holds the day."""
    said = "is loaded" if loaded else "is not loaded while other datasets of the day are: land it and load it"
    return {
        "market_date": day,
        "expectation": "loaded",
        "severity": "critical",
        "observed": float(loaded),
        "threshold": "= 1",
        "passed": loaded,
        "message": f"{dataset.asset_class}.{dataset.name} {said}",
    }


def no_duplicates(loads: Mapping[dt.date, Row]) -> list[Result]:
    """That no two rows of a day have one key; the first ten by name."""
    return [
        _none(
            day,
            "no_duplicates",
            load["duplicates"],
            f"{load['duplicates']} rows left out as duplicates, {load['conflicts']} of them with other values",
            [load["doubled"]] if load["doubled"] else (),
        )
        for day, load in loads.items()
    ]


def none_quarantined(spark: SparkSession, catalog: str, dataset: Dataset, loads: Mapping[dt.date, Row]) -> list[Result]:
    """That no row of a loaded day is in quarantine; the first ten by name."""
    quarantined = {day: load["quarantined"] for day, load in loads.items()}
    names: dict[dt.date, list[str]] = {}
    if faulty := [day for day, rows in quarantined.items() if rows]:
        mine = tables.on_days(dataset.calendar, faulty, asset_class=dataset.asset_class, dataset=dataset.name)
        field = next((name for name, column in dataset.fields.items() if column == dataset.key[0]), "")
        name = f"substr(row, 1, {_SHOWN})"
        if field:
            name = f"coalesce(get_json_object(row, '$.{field}'), {name})"
        found = spark.sql(
            f"SELECT market_date, slice(array_sort(collect_list(coalesce({name}, 'null'))), 1, {_NAMED}) AS names "
            f"FROM {catalog}.quality.quarantine WHERE {mine} GROUP BY market_date"
        )
        names = {row["market_date"]: row["names"] for row in found.collect()}
    return [
        _none(day, "none_quarantined", rows, f"{rows} rows are in quarantine", names.get(day, ()))
        for day, rows in quarantined.items()
    ]


def keys_stay(
    spark: SparkSession, table: str, dataset: Dataset, days: Sequence[dt.date], loaded: Sequence[dt.date]
) -> list[Result]:
    """That a key is there which was there on as many loaded days in a row before as are declared.

    `days` are checked, `loaded` are all that silver has. A session much shorter than the others is compared with none.
    """
    assert dataset.stays_after  # noqa: S101 - looked at by the caller
    whole = _whole_sessions(dataset, [day for day in loaded if days[0] - _BACK <= day <= days[-1]])
    before = [day for day in whole if day < days[0]][-dataset.stays_after :]
    checked = set(days)
    places = [*before, *(day for day in whole if day in checked)]
    missing = _missing(spark, table, dataset, places) if places else {}
    since = "the market day before" if dataset.stays_after == 1 else f"each of {dataset.stays_after} market days before"
    results = []
    for day in days:
        count, names = missing.get(day, (0, []))
        results.append(_none(day, "keys_stay", count, f"{count} keys that were there on {since} are not", names))
    return results


def _missing(
    spark: SparkSession, table: str, dataset: Dataset, places: Sequence[dt.date]
) -> dict[dt.date, tuple[int, list[str]]]:
    """How many keys end a stretch of days as long as declared, on each of these days in a row, and the first ten."""
    spark.createDataFrame(list(enumerate(places)), "place INT, market_date DATE").createOrReplaceTempView("places")
    held = (
        f"SELECT DISTINCT held.`{dataset.key[0]}` AS name, places.place FROM {table} held "
        f"JOIN places ON places.market_date = held.market_date "
        f"WHERE held.market_date BETWEEN DATE'{places[0]}' AND DATE'{places[-1]}'"
    )
    stretches = (
        f"SELECT name, max(place) AS last, count(*) AS days FROM ("
        f"SELECT name, place, place - ROW_NUMBER() OVER (PARTITION BY name ORDER BY place) AS stretch FROM ({held})"
        f") GROUP BY name, stretch"
    )
    found = spark.sql(
        f"SELECT last, count(*) AS missing, "
        f"slice(array_sort(collect_list(CAST(name AS STRING))), 1, {_NAMED}) AS names FROM ({stretches}) "
        f"WHERE days >= {dataset.stays_after} AND last < {len(places) - 1} GROUP BY last"
    ).collect()
    return {places[row["last"] + 1]: (row["missing"], row["names"]) for row in found}


def _whole_sessions(dataset: Dataset, days: Sequence[dt.date]) -> list[dt.date]:
    """Those of the days whose session is half as long as the longest of them, or longer: not a Sunday's of forex."""
    hours = {day: session_close(dataset.calendar, day) - session_open(dataset.calendar, day) for day in days}
    longest = max(hours.values(), default=dt.timedelta())
    return [day for day in sorted(days) if hours[day] * 2 >= longest]


def _none(day: dt.date, expectation: str, count: int, said: str, names: Sequence[str]) -> Result:
    """A warning where something is there that should not be, with the first names of it."""
    return {
        "market_date": day,
        "expectation": expectation,
        "severity": "warn",
        "observed": float(count),
        "threshold": "= 0",
        "passed": not count,
        "message": f"{said}: {', '.join(names)}" if names else said,
    }
