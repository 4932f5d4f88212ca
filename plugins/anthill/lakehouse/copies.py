"""A table as PostgreSQL copies it, as rows of text: a line each, tabs between, backslashes before what breaks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from anthill.dataset import Dataset
from anthill.lakehouse.page_rows import FAULT, ROW

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ASIDE = "char(0)"  # no text of PostgreSQL has it
_ESCAPED = {"b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_BACKSLASH = "char(92)"


def of_lines(
    spark: SparkSession, dataset: Dataset, columns: Sequence[str], lineage: Sequence[str], *, with_text: bool
) -> DataFrame:
    """The rows in the view `copied`; `columns` are the database's in its order, more than are declared perhaps.

    Moments and booleans are written as everywhere in bronze: `2026-06-01T12:00:00`, `true`.
    """
    whole = f"size(parts) = {len(columns)}"
    types: Mapping[str, str] = getattr(dataset, "types", {})
    values = (
        f"CASE WHEN {whole} THEN {value(f'get(parts, {columns.index(name)})', types.get(name, ''))} END AS `{name}`"
        for name in dataset.columns
    )
    kept = ", ".join(lineage)
    texts = f"{ROW}, {FAULT}" if with_text else f"value AS {ROW}, CAST(NULL AS STRING) AS {FAULT}"
    lines = f"SELECT *, split({ROW}, '\t', -1) AS parts FROM (SELECT {kept}, {texts} FROM copied)"
    return spark.sql(f"SELECT {kept}, {ROW}, {FAULT}, {', '.join(values)} FROM ({lines})")


def value(field: str, type_: str) -> str:
    """A field's text as SQL, NULL for none."""
    text = field
    if type_ == "boolean":
        text = f"CASE {field} WHEN 't' THEN 'true' WHEN 'f' THEN 'false' ELSE {field} END"
    elif type_.startswith("timestamp"):
        text = f"replace({field}, ' ', 'T')"
    elif type_.startswith(("character", "text")):
        text = f"replace({field}, concat({_BACKSLASH}, {_BACKSLASH}), {_ASIDE})"
        for letter, code in _ESCAPED.items():
            text = f"replace({text}, concat({_BACKSLASH}, '{letter}'), char({code}))"
        text = f"replace({text}, {_ASIDE}, {_BACKSLASH})"
    return f"CASE WHEN {field} <> concat({_BACKSLASH}, 'N') THEN {text} END"
