"""Rows that continue earlier rows, followed back to where each thread begins, however long it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Place = tuple[str, dt.date]  # a ticker, and the first market day of its listing
_COLUMNS = ("ticker", "valid_from", "ticker_before", "before_from")


class ThreadError(RuntimeError):
    """A thread has no beginning."""


def roots(links: Iterable[tuple[Place, Place]]) -> dict[Place, Place]:
    """The first of its thread for each that continues another; ThreadError where links lead back to themselves."""
    before = dict(links)
    found: dict[Place, Place] = {}
    for place in before:
        path: dict[Place, None] = {}
        at = place
        while at in before and at not in found:
            if at in path:
                names = ", ".join(f"{ticker} from {day}" for ticker, day in path)
                raise ThreadError(f"listings continue each other in a circle: {names}")
            path[at] = None
            at = before[at]
        found |= dict.fromkeys(path, found.get(at, at))
    return found


def view_of_roots(spark: SparkSession, table: str, name: str) -> None:
    """The view roots_of_<name>, of a table of links: ticker, valid_from, and root_ticker, root_from of its thread."""
    rows = spark.table(table).select(*_COLUMNS).toArrow().to_pylist()
    links = [((row["ticker"], row["valid_from"]), (row["ticker_before"], row["before_from"])) for row in rows]
    threads = [(*place, *root) for place, root in roots(links).items()]
    columns = "ticker STRING, valid_from DATE, root_ticker STRING, root_from DATE"
    spark.createDataFrame(threads, columns).createOrReplaceTempView(f"roots_of_{name}")


def links(columns: Iterable[str]) -> bool:
    """Whether a table with these columns is one of links."""
    return set(columns) >= set(_COLUMNS)
