"""What makes a row unfit for silver, as SQL: a value that cannot be read, or one that must be there and is not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from anthill.dataset import Dataset
from anthill.lakehouse.bronze_rows import FAULT, ROW

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

_SHOWN = 80  # characters of a value in a reason
_NO_NAME = "[\\\\p{Cc}\ufffd]"  # control characters, and what stands for bytes that were no text
# An item of a good answer may be an error in place of a row: what it says comes first.
_ERROR, _MESSAGE = (f"get_json_object(given.{ROW}, '$.{name}')" for name in ("error", "message"))
_SAID = f"concat('the source says ', {_ERROR}, coalesce(concat(': ', {_MESSAGE}), ''))"


def condition(dataset: Dataset, typed: StructType, required: Collection[str]) -> str:
    """A predicate over typed rows: true for a row that has a fault."""
    return " OR ".join([f"given.{FAULT} IS NOT NULL", *(f"({when})" for when, _ in _faults(dataset, typed, required))])


def reason(dataset: Dataset, typed: StructType, required: Collection[str]) -> str:
    """A string over typed rows with their text: every fault of the row, parted by semicolons."""
    refusal = f"CASE WHEN given.{ROW} LIKE '{{%' THEN {_SAID} END"
    each = [refusal, *(f"CASE WHEN {when} THEN {text} END" for when, text in _faults(dataset, typed, required))]
    return f"coalesce(given.{FAULT}, concat_ws('; ', {', '.join(each)}))"


def _faults(dataset: Dataset, typed: StructType, required: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every possible fault: when it is one, and its text. Required are the columns that are declared NOT NULL."""
    declared = set(dataset.columns)
    for field in typed:
        name, kind = field.name, field.dataType.simpleString()
        if name in declared:
            given = f"given.`{name}`"
            unreadable = f"({given} IS NOT NULL AND `{name}` IS NULL)"
            if kind in ("double", "float"):
                unreadable += f" OR isnan(`{name}`) OR abs(`{name}`) = CAST('Infinity' AS DOUBLE)"
            if name in dataset.key and kind == "string":
                unreadable += f" OR `{name}` LIKE '{{%' OR `{name}` LIKE '[%' OR `{name}` RLIKE '{_NO_NAME}'"
            sql_type = {"bigint": "BIGINT", "int": "INT"}.get(kind, kind.upper())
            value = f"substr({given}, 1, {_SHOWN})"
            yield unreadable, f"concat('{name}: cannot read \\'', {value}, '\\' as {sql_type}')"
        if name in required:
            missing = f"given.`{name}` IS NULL AND `{name}` IS NULL" if name in declared else f"`{name}` IS NULL"
            yield missing, f"'{name} is missing'"
            if kind == "string" and name in declared:
                yield f"trim(`{name}`) = ''", f"'{name} is empty'"
