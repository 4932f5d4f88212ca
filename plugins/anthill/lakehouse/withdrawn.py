"""Rows that the source gave for a market day and gives no more: earlier answers in bronze say which."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import msgspec

from anthill.dataset import Dataset
from anthill.lakehouse.commits import Commit, Day
from anthill.lakehouse.typed_rows import TypedRows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

MARK = "withdrawn"  # the column that tells them apart


def candidates(spark: SparkSession, dataset: Dataset, select: str, days: Sequence[Day]) -> list[Row]:
    """The good rows of all answers before these, the latest first; none where the dataset does not keep them.

    They are collected, since only small datasets keep them. What cannot be typed is nobody's: its own load said so.
    """
    earlier = [Day(day.market_date, tuple(_earlier(day.commits))) for day in days] if dataset.keeps_withdrawn else []
    if not (known := [day for day in earlier if day.commits]):
        return []
    rows = TypedRows(spark, dataset, select, known, with_text=True).all_good().collect()
    return sorted(rows, key=lambda row: row["revision"], reverse=True)


def beside(
    spark: SparkSession, dataset: Dataset, rows: DataFrame, gone: Sequence[Row]
) -> tuple[DataFrame, dict[dt.date, int]]:
    """The rows and, marked, those that are gone from them; how many these are a market day."""
    if not gone:
        return rows, {}
    key = ("market_date", *dataset.key)
    there = {tuple(row) for row in rows.select(*key).where(_on({row["market_date"] for row in gone})).collect()}
    left: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in gone:
        if (name := tuple(row[column] for column in key)) not in there:
            left.setdefault(name, tuple(True if column == MARK else row[column] for column in rows.columns))
    if not left:
        return rows, {}
    frame = spark.createDataFrame(list(left.values()), rows.schema)
    return rows.unionByName(frame), dict(Counter(name[0] for name in left))


def _earlier(commits: Iterable[Commit]) -> Iterable[Commit]:
    """The commits before these: bronze keeps every revision beside the newest, counted from 1."""
    for commit in commits:
        for revision in range(1, commit.revision):
            name = PurePosixPath(commit.key).name
            other = name.replace(f"r{commit.revision:06d}", f"r{revision:06d}")
            key, uri = (text.removesuffix(name) + other for text in (commit.key, commit.uri))
            yield msgspec.structs.replace(commit, key=key, uri=uri, revision=revision)


def _on(days: set[dt.date]) -> str:
    listed = ", ".join(f"DATE'{day}'" for day in sorted(days))
    return f"market_date IN ({listed})"
