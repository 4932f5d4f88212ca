"""Views: replaced where their definition changed, and only there, since a view that is replaced loses its grants."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NAME = re.compile(r"CREATE OR REPLACE VIEW (\S+)")
_HEAD = re.compile(r"\)\s+(?=COMMENT ')")  # the end of the columns: a column's own comment follows its name
_PROPERTY = "anthill.definition"
_HELD = re.compile(rf"\b{re.escape(_PROPERTY)}=([0-9a-f]{{64}})\b")


class ViewError(ValueError):
    """A statement makes no view whose definition can be told; the message says what it lacks."""


def publish(spark: SparkSession, creation: str) -> bool:
    """Make the view of a CREATE OR REPLACE VIEW, unless the catalog has that very one; whether it was made."""
    named = _NAME.match(creation)
    text, places = _HEAD.subn(f") TBLPROPERTIES ('{_PROPERTY}' = '{_digest(creation)}') ", creation, count=1)
    if not named or not places:
        raise ViewError(f"a view is CREATE OR REPLACE VIEW name (columns) COMMENT '…' AS …, not {creation[:60]!r}")
    if _held(spark, named[1]) == _digest(creation):
        return False
    spark.sql(text)
    return True


def _held(spark: SparkSession, view: str) -> str:
    """The digest that the catalog has with a view; empty where there is none, or none of ours."""
    if not spark.catalog.tableExists(view):
        return ""
    rows = spark.sql(f"DESCRIBE TABLE EXTENDED {view}").collect()
    found = [_HELD.search(row["data_type"] or "") for row in rows if row["col_name"] == "Table Properties"]
    return found[0][1] if found and found[0] else ""


def _digest(creation: str) -> str:
    return hashlib.sha256(creation.encode()).hexdigest()
