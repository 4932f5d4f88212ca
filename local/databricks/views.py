"""Views: Sail's catalog forgets them with its session, so that every statement that makes one is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_CREATE = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.`]+)", re.IGNORECASE)
_IF_NOT_EXISTS = re.compile(r"CREATE\s+VIEW\s+IF\s+NOT\s+EXISTS\b", re.IGNORECASE)
_COMMENT = re.compile(r"\)\s*COMMENT\s+'((?:[^'\\]|\\.)*)'\s*AS\b", re.IGNORECASE)


def name(statement: str) -> str:
    """The full name of the view that a statement makes, "" if it makes none."""
    found = _CREATE.match(statement.lstrip())
    return found[1].replace("`", "") if found else ""


def is_made(statement: str, exists: bool) -> bool:
    """Whether the statement makes a view, in the place of one that exists, too."""
    return not (exists and _IF_NOT_EXISTS.match(statement.lstrip()))


def watch(spark: Any, emit: Callable[..., None]) -> None:
    """Tell of every view that a session makes: its full name, its statement and its columns."""
    sql = spark.sql

    def watched(statement: str, *arguments: Any, **named: Any) -> Any:
        result = sql(statement, *arguments, **named)
        if made := name(statement):
            comment = _COMMENT.search(statement)
            columns = [row.asDict() for row in sql(f"DESCRIBE TABLE {made}").collect()]
            emit("view", name=made, statement=statement, comment=comment[1] if comment else None, columns=columns)
        return result

    spark.sql = watched


def describe(view: dict[str, Any]) -> dict[str, Any]:
    """A view as Unity Catalog tells it."""
    catalog, schema, name = view["name"].split(".")
    return {
        "name": name,
        "catalog_name": catalog,
        "schema_name": schema,
        "full_name": view["name"],
        "table_type": "VIEW",
        "view_definition": view["statement"],
        "comment": view["comment"],
        "columns": [
            {
                "name": column["col_name"],
                "position": position,
                "type_text": column["data_type"],
                "type_name": column["data_type"].partition("(")[0].partition("<")[0].upper(),
                "nullable": True,
                "comment": column["comment"],
            }
            for position, column in enumerate(view["columns"])
        ],
    }
