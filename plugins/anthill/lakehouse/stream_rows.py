"""Segments of a stream, and what the API has of the minutes that nobody heard, as rows of text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from anthill.dataset import Dataset
from anthill.lakehouse import frames, page_rows
from anthill.lakehouse.commits import Commit, Day
from anthill.lakehouse.page_rows import FAULT, ROW

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Reading(msgspec.Struct, frozen=True):
    """How a stream is read, handed to where Spark runs: columns in order, and where they come from."""

    columns: tuple[str, ...]
    channels: tuple[str, ...]
    fields: Mapping[str, str]  # of a message
    api_fields: Mapping[str, str]  # of a row of the API, or of its page
    with_text: bool


def rows(
    spark: SparkSession,
    dataset: Dataset,
    commits: Sequence[tuple[Day, Commit]],
    lineage: Mapping[str, str],
    *,
    with_text: bool,
) -> DataFrame:
    """A row a message or bar of the API, every column of the source as STRING; `lineage` are names and types."""
    account = getattr(dataset, "account")  # noqa: B009 what only a stream has: no kind is named here
    reading = Reading(
        dataset.columns,
        tuple(getattr(dataset, "channels")),  # noqa: B009
        dict(dataset.fields),
        {**account.page_fields, **account.fields},
        with_text,
    )
    known = {
        commit.key: (day.market_date, commit.shard, commit.revision, commit.moment, commit.uri)
        for day, commit in commits
    }
    ddl = [f"{name} {kind}" for name, kind in lineage.items()]
    ddl += [f"`{name}` STRING" for name in (ROW, FAULT, *dataset.columns)]
    files = spark.read.format("binaryFile").load([commit.uri for _, commit in commits])
    files = files.select("path", "content").dropDuplicates(["path"])
    return files.mapInArrow(partial(_batches, known, tuple(lineage), reading), ", ".join(ddl))


def _batches(
    known: Mapping[str, tuple[Any, ...]], lineage: Sequence[str], reading: Reading, objects: Iterable[Any]
) -> Iterator[Any]:
    """Objects as batches of Arrow, path and content, to a batch of rows for each; runs where Spark does."""
    import pyarrow as pa

    kinds = [pa.date32(), pa.string(), pa.int32(), pa.timestamp("us", "UTC"), pa.string()]
    names = [*lineage, ROW, FAULT, *reading.columns]
    kinds += [pa.string()] * (len(names) - len(kinds))
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    for batch in objects:
        for path, data in zip(batch["path"].to_pylist(), batch["content"].to_pylist(), strict=True):
            key = next(key for key in known if path.endswith(key))
            found = list(_rows(data, known[key], reading))
            columns = [[row[at] for row in found] for at in range(2 + len(reading.columns))]
            same = [[value] * len(found) for value in known[key]]
            arrays = [pa.array(each, kind) for each, kind in zip([*same, *columns], kinds, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _rows(data: bytes, known: tuple[Any, ...], reading: Reading) -> Iterator[list[str | None]]:
    """The rows of one object: text, fault, and the columns."""
    _, shard, _, asof, _ = known
    line = 0
    for second, text in frames.members(data):
        for frame in filter(None, text.split(b"\n")):
            line += 1
            if frame.lstrip().startswith(b"{"):  # a page of the API
                received, found, fields = int(asof.timestamp() * 1000), _of_page(frame), reading.api_fields
            else:
                received, found, fields = second * 1000, frames.messages(frame, reading.channels), reading.fields
            around = {"received_at": str(received), "segment": shard, "line": str(line)}
            for message, shown, fault in found:
                values = {column: _text(message.get(name)) for name, column in fields.items()} | around
                row = [values.get(column) for column in reading.columns]
                yield [shown if reading.with_text else None, fault, *row]


def _of_page(page: bytes) -> Iterator[frames.Message]:
    """The rows of a page of the API, each with what the page says once."""
    found, around = page_rows.split(page, "results")
    for row in found:
        fault = page_rows.fault(row)
        yield {**around, **({} if fault else msgspec.json.decode(row))}, row.decode("utf-8", "replace"), fault


def _text(value: Any) -> str | None:
    """A value as it is written in JSON; a string without its quotes."""
    return value if value is None or isinstance(value, str) else json.dumps(value)
