"""Types as a warehouse words them, such as STRUCT<open: DOUBLE, tags: ARRAY<STRING>>, as Arrow's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from anthill.warehouse.errors import QueryError

if TYPE_CHECKING:
    import pyarrow as pa

_TOKEN = re.compile(r"\s*(`(?:[^`]|``)*`|[A-Za-z_]\w*|\d+|[<>(),:])")
_PLAIN = {
    "BOOLEAN": "bool_", "BYTE": "int8", "TINYINT": "int8", "SHORT": "int16", "SMALLINT": "int16", "INT": "int32",
    "INTEGER": "int32", "LONG": "int64", "BIGINT": "int64", "FLOAT": "float32", "DOUBLE": "float64", "STRING": "string",
    "CHAR": "string", "VARCHAR": "string", "VARIANT": "string", "DATE": "date32", "BINARY": "binary", "VOID": "null",
}  # fmt: skip


def schema(columns: list[dict[str, Any]]) -> pa.Schema:
    """The schema of a result's columns; times are UTC, in microseconds."""
    import pyarrow as pa

    return pa.schema([(each["name"], arrow(each.get("type_text") or each["type_name"])) for each in columns])


def arrow(text: str) -> pa.DataType:
    """Arrow's type; QueryError for one that is none."""
    tokens = _TOKEN.findall(text)
    kind = _type(tokens, text)
    if tokens:
        raise QueryError(f"the warehouse has a column of type {text!r}, which is none that can be read")
    return kind


def _type(tokens: list[str], text: str) -> pa.DataType:
    import pyarrow as pa

    try:
        name = tokens.pop(0).upper()
        if name == "ARRAY":
            (inner,) = _inside(tokens, text)
            return pa.list_(inner)
        if name == "MAP":
            key, value = _inside(tokens, text)
            return pa.map_(key, value)
        if name == "STRUCT":
            return pa.struct(_fields(tokens, text))
        if name in ("DECIMAL", "DEC", "NUMERIC"):
            return pa.decimal128(*(_numbers(tokens) or (10, 0)))
        if name in ("TIMESTAMP", "TIMESTAMP_LTZ"):
            return pa.timestamp("us", tz="UTC")
        if name == "TIMESTAMP_NTZ":
            return pa.timestamp("us")
        _numbers(tokens)
        return getattr(pa, _PLAIN[name])()
    except (IndexError, KeyError, ValueError) as error:
        raise QueryError(f"the warehouse has a column of type {text!r}, which is none that can be read") from error


def _inside(tokens: list[str], text: str) -> list[pa.DataType]:
    _take(tokens, "<")
    found = [_type(tokens, text)]
    while tokens[0] == ",":
        tokens.pop(0)
        found.append(_type(tokens, text))
    _take(tokens, ">")
    return found


def _fields(tokens: list[str], text: str) -> list[tuple[str, pa.DataType]]:
    _take(tokens, "<")
    found = []
    while tokens[0] != ">":
        name = tokens.pop(0)
        _take(tokens, ":")
        found.append((name[1:-1].replace("``", "`") if name.startswith("`") else name, _type(tokens, text)))
        _skip_comment(tokens)
        if tokens[0] == ",":
            tokens.pop(0)
    _take(tokens, ">")
    return found


def _skip_comment(tokens: list[str]) -> None:
    """NOT NULL, after a field."""
    while tokens[0].upper() in ("NOT", "NULL"):
        tokens.pop(0)


def _numbers(tokens: list[str]) -> tuple[int, ...]:
    if not tokens or tokens[0] != "(":
        return ()
    tokens.pop(0)
    found = []
    while (word := tokens.pop(0)) != ")":
        if word.isdigit():
            found.append(int(word))
    return tuple(found)


def _take(tokens: list[str], wanted: str) -> None:
    if tokens.pop(0) != wanted:
        raise ValueError(wanted)
