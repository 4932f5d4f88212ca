"""A table of reference rows: columns to filter and sort by, and a way to write some rows out."""

import bisect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length; `write` turns row numbers into the API's objects, `search` names the columns of text.

    A column may hold numbers in the order of its words: `readers` then turns the words of a filter into such numbers.
    """

    columns: dict[str, np.ndarray]
    write: Callable[[np.ndarray], list[Row]]
    search: tuple[str, ...] = field(default=())
    readers: dict[str, Callable[[str, str], Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def table_of(rows: list[Row], columns: list[str]) -> Table:
    """A small table held as the rows themselves."""
    text = {name: np.array([row.get(name, "") for row in rows], dtype=np.str_) for name in columns}
    return Table(text, lambda numbers: [rows[number] for number in numbers])


class Columns(dict[str, np.ndarray]):
    """Columns of which some are only made when a filter or an order asks for them."""

    def __init__(self, ready: dict[str, np.ndarray], make: Callable[[str], np.ndarray]) -> None:
        super().__init__(ready)
        self._make = make

    def __missing__(self, name: str) -> np.ndarray:
        """Makes a column and keeps it."""
        self[name] = self._make(name)
        return self[name]


def rank_of(words: list[str]) -> Callable[[str, str], float]:
    """A reader for a column that holds places in sorted `words`; what is not among them falls between two."""

    def read(name: str, value: str) -> float:
        at = bisect.bisect_left(words, value)
        return at if at < len(words) and words[at] == value else at - 0.5

    return read


def date_keys(days: list[str]) -> np.ndarray:
    """Dates as the numbers 20260602, which order and compare fast."""
    return np.array([int(day.replace("-", "")) for day in days], dtype=np.int64)
