"""Bronze objects as rows of text: what they are checked against, and how pages become rows on Spark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from anthill.lakehouse.commits import Commit, Day

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROW = "_row"  # the field of `given` that holds a row's own JSON text


class BronzeError(RuntimeError):
    """A bronze object is not what was committed; the message names it, what was expected and what to do."""


def verify(spark: SparkSession, commits: Sequence[Commit]) -> None:
    """Compare the bytes of every object with the SHA-256 of its commit."""
    files = spark.read.format("binaryFile").load([commit.uri for commit in commits])
    found = {row["path"]: row["sha256"] for row in files.selectExpr("path", "sha2(content, 256) AS sha256").collect()}
    for commit in commits:
        digests = {digest for path, digest in found.items() if path.endswith(commit.key)}
        if digests != {commit.sha256}:
            raise BronzeError(
                f"{commit.uri}: expected sha256 {commit.sha256}, found {', '.join(digests) or 'no object'}. Nothing "
                f"was loaded. Bronze is never edited: restore this version of the object, or land the day again."
            )


def check_rows(commit: Commit, rows: int) -> None:
    """Compare the rows that were parsed with the rows that were committed."""
    if rows != commit.rows:
        raise BronzeError(
            f"{commit.uri}: expected {commit.rows} rows, found {rows}. Nothing was loaded. Its bytes are as committed, "
            f"so its pages are not shaped as expected (rows in `results`): look at the object before anything else."
        )


def pages(spark: SparkSession, days: Sequence[Day]) -> DataFrame:
    """One row a page: value STRING, market_date DATE, shard STRING, revision INT, asof TIMESTAMP, source_uri STRING."""
    from pyspark.sql import functions as f

    frames = [
        spark.read.text(commit.uri).select(
            "value",
            f.lit(day.market_date).alias("market_date"),
            f.lit(commit.shard).alias("shard"),
            f.lit(commit.revision).cast("int").alias("revision"),
            f.lit(commit.moment).alias("asof"),
            f.lit(commit.uri).alias("source_uri"),
        )
        for day in days
        for commit in day.commits
    ]
    # By halves: a chain of unions would nest too deep for Spark Connect's messages.
    while len(frames) > 1:
        pairs = [frames[at : at + 2] for at in range(0, len(frames), 2)]
        frames = [pair[0].unionAll(pair[1]) if len(pair) == 2 else pair[0] for pair in pairs]
    return frames[0]


def rows(spark: SparkSession, page_view: str, fields: Mapping[str, str], *, with_text: bool) -> DataFrame:
    """The rows of the pages: fields as STRING under their columns' names, the page's facts, and all again in `given`.

    Without text, pages are parsed at one go. With text, row by row: slower, but one row that is no object cannot
    spoil its page, and `given._row` holds each row's JSON.
    """
    lineage = ["market_date", "shard", "revision", "asof", "source_uri"]
    names = ", ".join(lineage)
    struct = ", ".join(f"`{name}`: STRING" for name in fields)
    if with_text:
        ddl = ", ".join(f"`{name}` STRING" for name in fields)
        texts = f"SELECT {names}, from_json(value, 'results ARRAY<STRING>').results AS results FROM {page_view}"
        each = f"SELECT {names}, explode(results) AS {ROW} FROM ({texts})"
        parsed = f"CASE WHEN {ROW} LIKE '{{%' THEN from_json({ROW}, '{ddl}') END"
        query = f"SELECT {names}, {ROW}, inline(array({parsed})) FROM ({each})"
    else:
        parsed = f"from_json(value, 'results ARRAY<STRUCT<{struct}>>').results"
        results = f"SELECT {names}, {parsed} AS results FROM {page_view}"
        query = f"SELECT {names}, CAST(NULL AS STRING) AS {ROW}, inline(results) FROM ({results})"
    # By position: names that differ in case only, such as T and t, are one name to Spark.
    named = spark.sql(query).toDF(*lineage, ROW, *fields.values())
    given = ", ".join(f"`{name}`" for name in (ROW, *fields.values()))
    return named.selectExpr("*", f"struct({given}) AS given").drop(ROW)
