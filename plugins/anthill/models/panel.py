"""The features of one asset class as columns of numbers: a row a security and day, and what came of the next day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
FEATURES = (
    "is_liquid", "return_1d", "variance_1d", "variance_5d", "variance_22d", "variance_252d", "variance_ewma",
    "squared_return_20d",
)  # fmt: skip
NEEDED = ("return_1d", "variance_1d", "variance_5d", "variance_22d", "variance_252d")
FLOOR = 1e-8  # a variance below that of 0.01 % a day is a tick, not a movement


@dataclass(frozen=True)
class Panel:
    """Rows by security and day; `next_variance` and `next_square` are NaN where the next market day has none."""

    tickers: npt.NDArray[np.object_]
    days: npt.NDArray[np.datetime64]
    columns: dict[str, Floats]
    next_variance: Floats
    next_square: Floats

    def __len__(self) -> int:
        return len(self.days)

    def where(self, rows: Flags) -> Panel:
        """Some of the rows."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Panel(self.tickers[rows], self.days[rows], columns, self.next_variance[rows], self.next_square[rows])

    @property
    def whole(self) -> Flags:
        """Rows that have all that a forecast needs."""
        there = np.isfinite(np.vstack([self.columns[name] for name in NEEDED])).all(axis=0)
        found: Flags = there & (self.columns["variance_252d"] > 0)
        return found

    @property
    def universe(self) -> Flags:
        """Rows that losses count: nobody is misled by a forecast of what nobody trades, or of ticks of a cent."""
        found: Flags = self.columns["is_liquid"] == 1
        return found

    @property
    def quarters(self) -> npt.NDArray[np.int64]:
        """Of each row the quarter of the forecast's day, counted from 1970."""
        months = self.days.astype("datetime64[M]").astype(np.int64)
        return months // 3


def of(table: pa.Table) -> Panel:
    """The panel of a table of features, with `security`, or of one whose ticker is the security."""
    given = {name: table.column(name).cast("double").to_numpy() for name in FEATURES}
    tickers = table.column("ticker").to_numpy().astype(object)
    names = table.column("security" if "security" in table.column_names else "ticker")
    securities = names.combine_chunks().dictionary_encode().indices.to_numpy()
    days = table.column("market_date").to_numpy().astype("datetime64[D]")
    _, sessions = np.unique(days, return_inverse=True)
    order = np.lexsort((sessions, securities))
    columns = {name: values[order] for name, values in given.items()}
    same = (np.diff(securities[order]) == 0) & (np.diff(sessions[order]) == 1)
    after = np.append(same, False)[: len(days)]
    return Panel(
        tickers[order],
        days[order],
        columns,
        _next(columns["variance_1d"], after),
        _next(columns["return_1d"] ** 2, after),
    )


def _next(values: Floats, after: Flags) -> Floats:
    return np.where(after, np.append(values[1:], np.nan)[: len(values)], np.nan)


def quarter_name(quarter: int) -> str:
    """2024Q3."""
    return f"{1970 + quarter // 4}Q{quarter % 4 + 1}"


def first_day(quarter: int) -> dt.date:
    """The first day of a quarter."""
    return dt.date(1970 + quarter // 4, quarter % 4 * 3 + 1, 1)
