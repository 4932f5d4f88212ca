"""The sessions of every market as they are known: by the calendars, less what is declared and what was announced."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

from anthill import calendars, catalog, closures
from anthill.closures import EXCHANGES
from anthill.dataset import Dataset
from anthill.lakehouse import tables

if TYPE_CHECKING:
    from pyspark.sql import Row, SparkSession


class Session(NamedTuple):
    """A market day of a calendar, its open and its close (UTC)."""

    calendar: str
    market_date: dt.date
    opens_at: dt.datetime
    closes_at: dt.datetime


def known(spark: SparkSession, unity_catalog: str, first: dt.date, last: dt.date) -> list[Session]:
    """Every session from first to last; what is announced goes before its calendar, what is declared before both."""
    held = {
        (name, day): Session(name, day, opens_at, closes_at)
        for name in closures.CALENDARS
        for day, opens_at, closes_at in zip(*calendars.schedule(name), strict=True)
        if first <= day <= last
    }
    for row in _announced(spark, unity_catalog):
        place = (EXCHANGES[row["exchange"]], row["holiday"])
        if (session := held.get(place)) and place[1] not in closures.closes(place[0]):
            if row["status"] == "closed":
                del held[place]
            elif row["opens_at"] and row["closes_at"]:
                times = (row["opens_at"].replace(tzinfo=dt.UTC), row["closes_at"].replace(tzinfo=dt.UTC))
                held[place] = session._replace(opens_at=times[0], closes_at=times[1])
    return list(held.values())


def _announced(spark: SparkSession, unity_catalog: str) -> list[Row]:
    """What the exchanges said last, before it was past, of each day off; from loads that passed their checks."""
    rows: list[Row] = []
    for dataset in _announcing():
        table = f"{unity_catalog}.silver.{dataset.table}"
        if not spark.catalog.tableExists(table):
            continue
        tables.make(spark, unity_catalog, "quality", "results")
        exchanges = ", ".join(f"'{name}'" for name in EXCHANGES)
        rows += spark.sql(
            f"WITH passed AS (SELECT market_date FROM {unity_catalog}.quality.results "
            f"WHERE asset_class = '{dataset.asset_class}' AND dataset = '{dataset.name}' "
            f"GROUP BY market_date HAVING bool_and(passed OR severity <> 'critical')), "
            f"said AS (SELECT * FROM {table} WHERE exchange IN ({exchanges})), "
            f"lists AS (SELECT days.holiday, max(passed.market_date) AS newest "
            f"FROM (SELECT DISTINCT holiday FROM said) days JOIN passed ON passed.market_date <= days.holiday "
            f"GROUP BY days.holiday) "
            f"SELECT said.exchange, said.holiday, said.status, said.opens_at, said.closes_at FROM said "
            f"JOIN lists ON lists.holiday = said.holiday AND lists.newest = said.market_date"
        ).collect()
    return rows


def _announcing() -> list[Dataset]:
    """The datasets that are lists of days off to come."""
    every = [catalog.load(name).datasets.values() for name in catalog.asset_classes()]
    return [dataset for datasets in every for dataset in datasets if dataset.announces_closures]
