"""Bronze objects as rows of text: what they are checked against, and how pages become rows on Spark."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from anthill import header
from anthill.dataset import Dataset
from anthill.lakehouse import copies, file_tables, page_rows, stream_rows
from anthill.lakehouse.commits import Commit, Day
from anthill.lakehouse.page_rows import FAULT, ROW

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LINEAGE = ("market_date", "shard", "revision", "asof", "source_uri")
_TYPES = ("DATE", "STRING", "INT", "TIMESTAMP", "STRING")
_SCHEME = "^[a-z0-9]+:/+"


class BronzeError(RuntimeError):
    """A bronze object is not what was committed; the message names it, what was expected and what to do."""


class ChangedError(BronzeError):
    """It holds something else: whoever reads it again finds the same."""


def verify(spark: SparkSession, commits: Sequence[Commit]) -> None:
    """Compare the bytes of every object with the SHA-256 of its commit."""
    files = spark.read.format("binaryFile").load([commit.uri for commit in commits])
    digests_of = files.selectExpr("path", "sha2(content, 256) AS sha256")  # on Sail twice for one of 1 MiB or more
    try:
        found = {row["path"]: row["sha256"] for row in digests_of.collect()}
    except Exception as error:
        if named := [commit for commit in commits if _is_about(error, commit.key)]:
            raise BronzeError(_unlike(named[0], "no object")) from error
        raise
    for commit in commits:
        digests = {digest for path, digest in found.items() if path.endswith(commit.key)}
        if digests != {commit.sha256}:
            kind = ChangedError if digests else BronzeError
            raise kind(_unlike(commit, ", ".join(digests) or "no object"))


def _is_about(error: Exception, key: str) -> bool:
    """Whether Spark says that there is no such object, where Sail finds nothing and says nothing."""
    return "PATH_NOT_FOUND" in str(error) and key in str(error)


def _unlike(commit: Commit, found: str) -> str:
    return (
        f"{commit.uri}: expected sha256 {commit.sha256}, found {found}. Nothing was loaded. Bronze is never edited: "
        f"restore this version of the object, or land the day again."
    )


def content(spark: SparkSession, uri: str) -> str:
    """The text of one object."""
    try:
        found = _files(spark, [uri]).select("content").limit(1).collect()
    except Exception as error:
        if not _is_about(error, uri.partition("//")[2]):
            raise
        found = []
    if not found:
        raise BronzeError(f"{uri}: no such object; run the task again, which lists what is to be loaded")
    return bytes(found[0]["content"]).decode()


def _files(spark: SparkSession, uris: Sequence[str]) -> DataFrame:
    """The objects by path and content, each once: Sail gives one of 1 MiB or more for each piece that it would read."""
    return spark.read.format("binaryFile").load(list(uris)).select("path", "content").dropDuplicates(["path"])


def check_rows(commit: Commit, rows: int) -> None:
    """Compare the rows that were parsed with the rows that were committed."""
    if rows != commit.rows:
        raise ChangedError(
            f"{commit.uri}: expected {commit.rows} rows, found {rows}. Nothing was loaded. Its bytes are as committed, "
            f"so its pages are not shaped as expected (rows in `results`): look at the object before anything else."
        )


def rows(spark: SparkSession, dataset: Dataset, days: Sequence[Day], *, with_text: bool) -> DataFrame:
    """The rows of some days: every column of the source as STRING, what is known of its page, and all again in `given`.

    Without text, pages are parsed at one go, and a row that no decoder reads spoils them. With text, row by row and
    slower: `given._row` holds each row's own text, and `given._fault` why it cannot be read.
    """
    commits = [(day, commit) for day in days for commit in day.commits]
    if dataset.is_provisional:
        lineage = dict(zip(LINEAGE, _TYPES, strict=True))
        return given(stream_rows.rows(spark, dataset, commits, lineage, with_text=with_text), dataset)
    of_tables = [known for known in commits if known[1].is_table]
    files = [known for known in commits if known[1].is_csv and not known[1].is_table]
    copied = [known for known in commits if known[1].is_copy]
    chains = [known for known in commits if not (known[1].is_table or known[1].is_csv or known[1].is_copy)]
    frames = []
    if of_tables:
        frames.append(_of_tables(spark, dataset, of_tables, with_text=with_text))
    if copied:
        of_copies = texts(spark, dataset, copied) if with_text else lines(spark, copied)
        of_copies.createOrReplaceTempView("copied")
        frames.append(copies.of_lines(spark, dataset, copied[0][1].columns, LINEAGE, with_text=with_text))
    if chains:
        of_pages = texts(spark, dataset, chains) if with_text else lines(spark, chains)
        of_pages.createOrReplaceTempView("pages")
        frames.append(_of_pages(spark, dataset, with_text=with_text))
    if files:
        of_lines = texts(spark, dataset, files) if with_text else lines(spark, files)
        of_lines.createOrReplaceTempView("flat_files")
        frames.append(_of_flat_files(spark, dataset, with_text=with_text))
    together = frames[0] if len(frames) == 1 else frames[0].unionByName(frames[1])
    return given(together, dataset)


def given(rows: DataFrame, dataset: Dataset) -> DataFrame:
    """Rows with all that is known of each once more in `given`."""
    of_row = ", ".join(f"`{name}`" for name in (ROW, FAULT, *dataset.columns))
    return rows.selectExpr("*", f"struct({of_row}) AS given").drop(ROW, FAULT)


def _of_tables(
    spark: SparkSession, dataset: Dataset, commits: Sequence[tuple[Day, Commit]], *, with_text: bool
) -> DataFrame:
    """The rows of tables of files, each with the columns that its own header has."""
    for _, commit in commits:
        if said := header.problem(commit.columns, dataset.headers):
            raise ChangedError(f"{commit.uri}: {said}. Nothing was loaded: declare it in include/datasets")
    known = {
        commit.key: (day.market_date, commit.shard, commit.revision, commit.moment, commit.uri)
        for day, commit in commits
    }
    columns = [f"{name} {kind}" for name, kind in zip(LINEAGE, _TYPES, strict=True)]
    columns += [f"`{name}` STRING" for name in (ROW, FAULT, *dataset.columns)]
    form = file_tables.Form(dataset.encoding, dataset.delimiter, dataset.fields, dataset.sheet)
    headers = {commit.key: commit.columns for _, commit in commits}
    batches = partial(file_tables.batches, known, headers, form, with_text)
    return _files(spark, [commit.uri for _, commit in commits]).mapInArrow(batches, ", ".join(columns))


def texts(spark: SparkSession, dataset: Dataset, commits: Sequence[tuple[Day, Commit]]) -> DataFrame:
    """One row a row of the source: what `lines` knows of it, its page's fields as _page0 and on, _row and _fault."""
    known = {
        commit.key: (day.market_date, commit.shard, commit.revision, commit.moment, commit.uri)
        for day, commit in commits
    }
    columns = [f"{name} {kind}" for name, kind in zip(LINEAGE, _TYPES, strict=True)]
    columns += [f"_page{at} STRING" for at in range(len(dataset.page_fields))] + [f"{ROW} STRING", f"{FAULT} STRING"]
    batches = partial(_batches, known, list(dataset.page_fields), dataset.rows_in)
    return _files(spark, [commit.uri for _, commit in commits]).mapInArrow(batches, ", ".join(columns))


def _batches(
    known: Mapping[str, tuple[Any, ...]], page_fields: Sequence[str], rows_in: str, objects: Iterable[Any]
) -> Iterator[Any]:
    """Objects as batches of Arrow, path and content, to batches of their rows, one a page; runs where Spark does."""
    import pyarrow as pa

    kinds = [pa.date32(), pa.string(), pa.int32(), pa.timestamp("us", "UTC"), pa.string()]
    fields = list(zip(LINEAGE, kinds, strict=True))
    fields += [(f"_page{at}", pa.string()) for at in range(len(page_fields))]
    fields += [(ROW, pa.string()), (FAULT, pa.string())]
    for batch in objects:
        for path, data in zip(batch["path"].to_pylist(), batch["content"].to_pylist(), strict=True):
            key = next(key for key in known if path.endswith(key))
            for found, around in _pages(data, rows_in, of_lines=not key.endswith(".jsonl.gz")):
                same = [*known[key], *(around.get(name) for name in page_fields)]
                columns = [[value] * len(found) for value in same]
                columns += [[text for text, _ in found], [fault for _, fault in found]]
                arrays = [pa.array(each, kind) for each, (_, kind) in zip(columns, fields, strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _pages(
    data: bytes, rows_in: str, *, of_lines: bool
) -> Iterator[tuple[list[tuple[str, str | None]], dict[str, str]]]:
    """The rows of each page, their text and fault, and the page's other fields; a file of lines is one page."""
    lines = gzip.decompress(data).split(b"\n")
    if of_lines:
        yield [(_shown(line), page_rows.unreadable(line)) for line in lines if line], {}
        return
    for line in lines:
        if line.strip():
            rows, around = page_rows.split(line, rows_in)
            yield [(_shown(row), page_rows.fault(row)) for row in rows], around


def _shown(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def lines(spark: SparkSession, commits: Sequence[tuple[Day, Commit]]) -> DataFrame:
    """One row a line: value STRING, market_date DATE, shard STRING, revision INT, asof TIMESTAMP, source_uri STRING."""
    if not _tells_paths(spark, commits[0][1].uri):
        return lines_one_by_one(spark, commits)
    read = spark.read.text([commit.uri for _, commit in commits])
    read = read.selectExpr("value", f"regexp_replace(_metadata.file_path, '{_SCHEME}', '') AS path")
    # Spark encodes the path once more where it holds what a URI may not, such as the % of an encoded shard.
    known = [
        (path, day.market_date, commit.shard, commit.revision, commit.moment, commit.uri)
        for day, commit in commits
        for path in {_path(commit.uri), quote(_path(commit.uri))}
    ]
    columns = [f"{name} {kind}" for name, kind in zip(("path", *LINEAGE), ("STRING", *_TYPES), strict=True)]
    return read.join(spark.createDataFrame(known, ", ".join(columns)), "path").select("value", *LINEAGE)


def _tells_paths(spark: SparkSession, uri: str) -> bool:
    """Whether the engine says which line is of which object: Sail has no _metadata. One object is looked at."""
    from pyspark.errors import AnalysisException

    try:
        return bool(spark.read.text(uri).select("_metadata.file_path").columns)
    except AnalysisException:
        return False


def _path(uri: str) -> str:
    return re.sub(_SCHEME, "", uri)


def lines_one_by_one(spark: SparkSession, commits: Sequence[tuple[Day, Commit]]) -> DataFrame:
    """The same by a read of each object: Spark takes a tenth of a second for each, Sail a few milliseconds."""
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
    known = [*LINEAGE, *(f"_page{at}" for at in range(len(once)))]
    kept = ", ".join(known)
    if with_text:
        ddl = ", ".join(f"`{name}` STRING" for name in names)
        query = f"SELECT {kept}, {ROW}, {FAULT}, inline(array(from_json({ROW}, '{ddl}'))) FROM pages"
    else:
        of_page = "".join(f", get_json_object(value, '$.{name}') AS _page{at}" for at, name in enumerate(once))
        # A bare array becomes the body that all others are.
        body, array = (
            ("concat('{\"results\":', value, '}')", "results")
            if dataset.rows_in == "body"
            else ("value", dataset.rows_in)
        )
        struct = ", ".join(f"`{name}`: STRING" for name in names)
        parsed = f"from_json({body}, '{array} ARRAY<STRUCT<{struct}>>').{array}"
        if dataset.rows_in == "object":
            one = f"array(from_json(value, 'results STRUCT<{struct}>').results)"
            parsed = f"filter({one}, row -> row IS NOT NULL)"
        results = f"SELECT {', '.join(LINEAGE)}{of_page}, {parsed} AS structs FROM pages"
        none = "CAST(NULL AS STRING)"
        query = f"SELECT {kept}, {none} AS {ROW}, {none} AS {FAULT}, inline(structs) FROM ({results})"
    # By position: names that differ in case only, such as T and t, are one name to Spark.
    numbered = spark.sql(query).toDF(*known, ROW, FAULT, *(f"_field{at}" for at in range(len(names))))
    of_row = [
        f"{_deep(f'_field{names.index(top)}', deep)} AS `{column}`"
        for (top, _, deep), column in ((name.partition("."), column) for name, column in dataset.fields.items())
    ]
    named = [f"_page{at} AS `{column}`" for at, column in enumerate(dataset.page_fields.values())]
    named += [f"shard AS `{dataset.apart}`"] if dataset.apart else []
    return numbered.selectExpr(*LINEAGE, ROW, FAULT, *named, *of_row)


def _of_flat_files(spark: SparkSession, dataset: Dataset, *, with_text: bool) -> DataFrame:
    """The rows in the view `flat_files`: every line but the header."""
    header = ",".join(dataset.file_fields)
    columns = list(dataset.file_fields.values())
    # A line of another length has no values: from_csv would give up the whole file. Quoted are lists of numbers alone,
    # whose commas become semicolons.
    whole = f"size(parts) = {len(columns)}"
    values = (f"CASE WHEN {whole} THEN nullif(get(parts, {at}), '') END AS `{name}`" for at, name in enumerate(columns))
    texts = f"{ROW}, {FAULT}" if with_text else f"value AS {ROW}, CAST(NULL AS STRING) AS {FAULT}"
    texts = f"SELECT {', '.join(LINEAGE)}, {texts} FROM flat_files"
    lists = (
        f"array_join(transform(split({ROW}, '\"'), (part, at) -> "
        f"CASE WHEN at % 2 = 1 THEN replace(part, ',', ';') ELSE part END), '')"
    )
    unquoted = f"CASE WHEN instr({ROW}, '\"') > 0 THEN {lists} ELSE {ROW} END"
    lines = f"SELECT *, split({unquoted}, ',') AS parts FROM ({texts}) WHERE {ROW} <> '{header}'"
    # By inline, since Sail checks NOT NULL before a filter that stands alone: the header would break it.
    fields = f"{', '.join(LINEAGE)}, {ROW}, {FAULT}"
    query = f"SELECT {fields}, inline(array(struct({', '.join(values)}))) FROM ({lines})"
    return spark.sql(query).select(*LINEAGE, ROW, FAULT, *dataset.columns)


def _deep(column: str, path: str) -> str:
    """A field, or what lies under it when it is itself an object."""
    return f"get_json_object({column}, '$.{path}')" if path else column
