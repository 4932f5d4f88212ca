"""A table of the lake written into a file: all of it, or some market days and columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anthill.export import forms, place
from anthill.export.errors import ExportError
from anthill.warehouse import advice
from anthill.warehouse.errors import QueryError
from anthill.warehouse.names import full_name, quoted
from anthill.warehouse.warehouse import Warehouse

DAY = "market_date"
_SHOWN = 5  # days that a message lists


@dataclass(frozen=True)
class Question:
    """What is taken of a table: market days from and to, both included, and columns; all without them."""

    table: str
    first: dt.date | None = None
    last: dt.date | None = None
    columns: tuple[str, ...] = ()

    def sql(self) -> str:
        """The statement."""
        columns = ", ".join(map(quoted, self.columns)) or "*"
        days = [f"{DAY} >= DATE'{self.first}'"] if self.first else []
        days += [f"{DAY} <= DATE'{self.last}'"] if self.last else []
        return f"SELECT {columns} FROM {self.table}{' WHERE ' + ' AND '.join(days) if days else ''}"


@dataclass(frozen=True)
class Exported:
    """What was written, and how what the form cannot hold as it is."""

    rows: int
    notes: list[str]


def checked(warehouse: Warehouse, table: str, first: Any, last: Any, columns: Sequence[str]) -> Question:
    """The question to a table that is there; QueryError or ExportError where it has not what is asked for."""
    question = Question(full_name(table), first, last, tuple(columns))
    there = [column["name"] for column in warehouse.described(question.table)["columns"]]
    for column in question.columns:
        if column not in there:
            raise QueryError(advice.no_column(column, there, [question.table]))
    if (first or last) and DAY not in there:
        raise ExportError(f"{question.table} is not kept by market day: leave --from and --to out")
    if first and last and first > last:
        raise ExportError(f"--from {first} is after --to {last}: there is no such day")
    return question


def export(warehouse: Warehouse, question: Question, form: str, target: str) -> Exported:
    """Write the answer, whatever its size, in bounded memory; under the target's name it is whole or not there."""
    with place.written(target) as sink:
        found = warehouse.stream(question.sql())
        if form == "xlsx" and found.total >= forms.EXCEL_ROWS:
            raise ExportError(
                f"a sheet of Excel holds {forms.EXCEL_ROWS - 1:,} rows, and {question.table} has {found.total:,} "
                f"here: take fewer days, or parquet or csv"
            )
        writer = forms.FORMS[form](sink, found.schema)
        rows = forms.write(writer, found.batches)
    return Exported(rows, writer.notes)


def missing(warehouse: Warehouse, question: Question) -> str:
    """Which market days of those asked for gold has not, and why, as a sentence; "" where it has them all."""
    from anthill import calendars, catalog, renamed

    layer, _, name = question.table.partition(".")
    asset_class, _, part = name.partition("_")
    if layer != "gold" or asset_class not in catalog.asset_classes() or not question.first or not question.last:
        return ""
    declared = catalog.load(asset_class)
    if (old := renamed.load().tables.get(name)) is not None:
        part = old.rows_of[0].removeprefix(f"{asset_class}_")
    if part not in declared.gold:
        return ""
    mine = f"asset_class = '{asset_class}' AND {DAY} BETWEEN DATE'{question.first}' AND DATE'{question.last}'"
    had = {
        row[DAY]
        for row in warehouse.records(f"SELECT {DAY} FROM quality.published WHERE {mine} AND gold_table = '{part}'")
    }
    begin = max(question.first, declared.start_date)
    wanted = calendars.market_days(declared.calendar, begin, question.last) if begin <= question.last else []
    lacking = [day for day in wanted if str(day) not in had]
    if not lacking or not _kept_by_day(warehouse, declared.asset_class, part):
        return ""
    shown = ", ".join(map(str, lacking[:_SHOWN])) + (
        f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    )
    return f"{question.table} has not {shown}: {_reason(warehouse, mine, lacking)}"


def _kept_by_day(warehouse: Warehouse, asset_class: str, part: str) -> bool:
    """Whether a table has entries for its days at all: one that is kept as a whole has a single one."""
    (counted,) = warehouse.records(
        f"SELECT count(*) AS days FROM quality.published WHERE asset_class = '{asset_class}' AND gold_table = '{part}'"
    )
    return bool(counted["days"] > 1)


def _reason(warehouse: Warehouse, mine: str, lacking: Sequence[dt.date]) -> str:
    days = ", ".join(f"DATE'{day}'" for day in lacking)
    broken = warehouse.records(
        f"SELECT DISTINCT dataset, expectation FROM quality.results WHERE {mine} AND {DAY} IN ({days}) "
        f"AND severity = 'critical' AND NOT passed ORDER BY dataset, expectation"
    )
    if broken:
        names = ", ".join(f"{row['dataset']}.{row['expectation']}" for row in broken[:3])
        return f"held back, for {names} is broken (quality.results says how)"
    return "not loaded yet, or not checked (`anthill coverage` shows how far they have come)"
