"""A table of reference rows: columns to filter and sort by, and a way to write some rows out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Row = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """Columns of equal length; `write` turns row numbers into the API's objects, `search` names the columns of text."""

    columns: dict[str, np.ndarray]
    write: Callable[[np.ndarray], list[Row]]
    search: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def table_of(rows: list[Row], columns: list[str]) -> Table:
    """A small table held as the rows themselves."""
    text = {name: np.array([row.get(name, "") for row in rows], dtype=np.str_) for name in columns}
    return Table(text, lambda numbers: [rows[number] for number in numbers])


def date_keys(days: list[str]) -> np.ndarray:
    """Dates as the numbers 20260602, which order and compare fast."""
    return np.array([int(day.replace("-", "")) for day in days], dtype=np.int64)
