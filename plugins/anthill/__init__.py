"""Market data from Polygon.io to silver and gold Delta tables; `anthill.read` gives them to Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anthill.reader import Reading


def read(
    table: str,
    first: dt.date | str | None = None,
    last: dt.date | str | None = None,
    columns: Sequence[str] = (),
    **source: Any,
) -> Reading:
    """A table or view of the lake for polars, pandas, DuckDB or Spark: see `anthill.reader.read`."""
    from anthill import reader

    return reader.read(table, first, last, columns, **source)
