"""Bronze objects as rows of text: what they are checked against, and how pages become rows on Spark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anthill.dataset import Dataset
from anthill.lakehouse.commits import Commit, Day

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_LINEAGE = ("market_date", "shard", "revision", "asof", "source_uri")
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


def content(spark: SparkSession, uri: str) -> str:
    """The text of one object."""
    (row,) = spark.read.format("binaryFile").load(uri).select("content").collect()
    return bytes(row["content"]).decode()


def check_rows(commit: Commit, rows: int) -> None:
    """Compare the rows that were parsed with the rows that were committed."""
    if rows != commit.rows:
        raise BronzeError(
            f"{commit.uri}: expected {commit.rows} rows, found {rows}. Nothing was loaded. Its bytes are as committed, "
            f"so its pages are not shaped as expected (rows in `results`): look at the object before anything else."
        )


def rows(spark: SparkSession, dataset: Dataset, days: Sequence[Day], *, with_text: bool) -> DataFrame:
    """The rows of some days: every column of the source as STRING, what is known of its page, and all again in `given`.

    Without text, pages are parsed at one go. With text, row by row: slower, but one row that is no object cannot
    spoil its page, and `given._row` holds each row's JSON. Flat files are lines, and always have their text.
    """
    commits = [(day, commit) for day in days for commit in day.commits]
    files = [known for known in commits if known[1].is_csv]
    chains = [known for known in commits if not known[1].is_csv]
    frames = []
    if chains:
        lines(spark, chains).createOrReplaceTempView("pages")
        frames.append(_of_pages(spark, dataset, with_text=with_text))
    if files:
        lines(spark, files).createOrReplaceTempView("flat_files")
        frames.append(_of_flat_files(spark, dataset))
    together = frames[0] if len(frames) == 1 else frames[0].unionByName(frames[1])
    given = ", ".join(f"`{name}`" for name in (ROW, *dataset.columns))
    return together.selectExpr("*", f"struct({given}) AS given").drop(ROW)


def lines(spark: SparkSession, commits: Sequence[tuple[Day, Commit]]) -> DataFrame:
    """One row a line: value STRING, market_date DATE, shard STRING, revision INT, asof TIMESTAMP, source_uri STRING."""
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
        for day, commit in commits
    ]
    # By halves: a chain of unions would nest too deep for Spark Connect's messages.
    while len(frames) > 1:
        pairs = [frames[at : at + 2] for at in range(0, len(frames), 2)]
        frames = [pair[0].unionAll(pair[1]) if len(pair) == 2 else pair[0] for pair in pairs]
    return frames[0]


def _of_pages(spark: SparkSession, dataset: Dataset, *, with_text: bool) -> DataFrame:
    """The rows in the view `pages`."""
    once, names = list(dataset.page_fields), list(dict.fromkeys(name.partition(".")[0] for name in dataset.fields))
    known = [*_LINEAGE, *(f"_page{at}" for at in range(len(once)))]
    of_page = "".join(f", get_json_object(value, '$.{name}') AS _page{at}" for at, name in enumerate(once))
    # A bare array becomes the body that all others are.
    body, array = (
        ("concat('{\"results\":', value, '}')", "results") if dataset.rows_in == "body" else ("value", dataset.rows_in)
    )
    kept = ", ".join(known)
    if with_text:
        ddl = ", ".join(f"`{name}` STRING" for name in names)
        parsed = f"from_json({body}, '{array} ARRAY<STRING>').{array}"
        texts = f"SELECT {', '.join(_LINEAGE)}{of_page}, {parsed} AS texts FROM pages"
        each = f"SELECT {kept}, explode(texts) AS {ROW} FROM ({texts})"
        parsed = f"CASE WHEN {ROW} LIKE '{{%' THEN from_json({ROW}, '{ddl}') END"
        query = f"SELECT {kept}, {ROW}, inline(array({parsed})) FROM ({each})"
    else:
        struct = ", ".join(f"`{name}`: STRING" for name in names)
        parsed = f"from_json({body}, '{array} ARRAY<STRUCT<{struct}>>').{array}"
        results = f"SELECT {', '.join(_LINEAGE)}{of_page}, {parsed} AS structs FROM pages"
        query = f"SELECT {kept}, CAST(NULL AS STRING) AS {ROW}, inline(structs) FROM ({results})"
    # By position: names that differ in case only, such as T and t, are one name to Spark.
    numbered = spark.sql(query).toDF(*known, ROW, *(f"_field{at}" for at in range(len(names))))
    of_row = [
        f"{_deep(f'_field{names.index(top)}', deep)} AS `{column}`"
        for (top, _, deep), column in ((name.partition("."), column) for name, column in dataset.fields.items())
    ]
    named = [f"_page{at} AS `{column}`" for at, column in enumerate(dataset.page_fields.values())]
    return numbered.selectExpr(*_LINEAGE, ROW, *named, *of_row)


def _of_flat_files(spark: SparkSession, dataset: Dataset) -> DataFrame:
    """The rows in the view `flat_files`: every line but the header."""
    assert dataset.flat_file is not None  # noqa: S101 only such datasets have them
    header = ",".join(dataset.flat_file.fields)
    columns = list(dataset.flat_file.fields.values())
    # Nothing is quoted in these files. A line of another length has no values: from_csv would give up the whole file.
    whole = f"size(parts) = {len(columns)}"
    values = (f"CASE WHEN {whole} THEN nullif(get(parts, {at}), '') END AS `{name}`" for at, name in enumerate(columns))
    lines = f"SELECT *, split(value, ',') AS parts FROM flat_files WHERE value <> '{header}'"
    # By inline, since Sail checks NOT NULL before a filter that stands alone: the header would break it.
    query = f"SELECT {', '.join(_LINEAGE)}, value AS {ROW}, inline(array(struct({', '.join(values)}))) FROM ({lines})"
    return spark.sql(query).select(*_LINEAGE, ROW, *dataset.columns)


def _deep(column: str, path: str) -> str:
    """A field, or what lies under it when it is itself an object."""
    return f"get_json_object({column}, '$.{path}')" if path else column
