"""What the report asks of gold: each widget's query, for the most traded of each asset class, over what is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from anthill.dashboards.dashboard import Dashboard
from anthill.dashboards.widget import Widget, tables
from anthill.warehouse.warehouse import Warehouse

MOST = 50  # of each asset class
DIGITS = 7  # that a number keeps: more than a chart shows, and half the size
_BRANCH = "\nUNION ALL\n"


@dataclass(frozen=True)
class Choice:
    """What there is to choose from: by group the first ones, and how many more it has."""

    groups: Mapping[str, Sequence[str]]
    left_out: Mapping[str, int]

    @property
    def names(self) -> list[str]:
        """All of them."""
        return [name for names in self.groups.values() for name in names]


@dataclass
class Lake:
    """Gold and quality as the warehouse has them."""

    warehouse: Warehouse

    @cached_property
    def tables(self) -> set[str]:
        """Every table that is there."""
        return {f"{schema}.{each['name']}" for schema in ("gold", "quality") for each in self.warehouse.listed(schema)}

    @cached_property
    def days(self) -> dict[str, int]:
        """How many market days gold has of each asset class."""
        if "quality.published" not in self.tables:
            return {}
        rows = self.warehouse.records(
            "SELECT asset_class, max(days) AS days FROM ("
            "SELECT asset_class, count(DISTINCT market_date) AS days FROM quality.published"
            " GROUP BY asset_class, gold_table) AS held GROUP BY asset_class ORDER BY asset_class"
        )
        return {row["asset_class"]: row["days"] for row in rows}

    def choice(self, board: Dashboard) -> Choice | None:
        """The choice of a dashboard; none where it has none."""
        if (widget := board.choice) is None or not (sql := self._query(widget)):
            return None
        (group,), (rank,) = widget.of("Group"), widget.of("Rank")
        ranked = (
            f"SELECT * FROM (\n{sql}\n) AS ranked ORDER BY {group.name}, {rank.name} DESC NULLS LAST, {widget.chosen}"
        )
        found: dict[str, list[str]] = {}
        for row in self.warehouse.records(ranked):
            found.setdefault(row[group.name], []).append(row[widget.chosen])
        order = sorted(found, key=lambda name: sql.find(f"'{name}'"))  # as the file has them
        return Choice({name: found[name][:MOST] for name in order}, {name: len(found[name][MOST:]) for name in order})

    def answer(self, widget: Widget, choice: Choice | None) -> dict[str, Any]:
        """The columns of a widget's answer, and why it has none where what it reads is not there."""
        if not (sql := self._query(widget)):
            lacking = sorted(set(widget.tables) - self.tables)
            schema, name = lacking[0].split(".", 1)
            why = {"system": "Databricks alone has it", "quality": "nothing was loaded"}
            asset_class = name.split("_")[0]
            reason = why.get(schema, f"{asset_class} was not loaded (make demo ASSETS={asset_class})")
            return {"columns": {}, "missing": f"There is no {' and no '.join(lacking)} here: {reason}."}
        values: dict[str, str] = {}
        if widget.chosen and choice:
            values = {f"p{at}": name for at, name in enumerate(choice.names)}
            sql = f"SELECT * FROM (\n{sql}\n) AS answer WHERE {widget.chosen} IN ({', '.join(f':{p}' for p in values)})"
        table = self.warehouse.query(widget.ordered(sql), **values).table
        return {"columns": {name: _kept(table[name].to_pylist()) for name in widget.columns}}

    def _query(self, widget: Widget) -> str:
        """The query without the parts whose tables are not there; empty where nothing is left."""
        return _BRANCH.join(each for each in widget.sql.split(_BRANCH) if self.tables.issuperset(tables(each)))


def _kept(values: list[Any]) -> Any:
    """A column as the page has it: numbers to DIGITS, words once each with their places."""
    plain = [_plain(value) for value in values]
    if not any(isinstance(value, str) for value in plain):
        return plain
    words = list(dict.fromkeys(value for value in plain if value is not None))
    at = {word: place for place, word in enumerate(words)}
    return {"words": words, "places": [None if value is None else at[value] for value in plain]}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        return float(f"{float(value):.{DIGITS}g}") if abs(value) < float("inf") else None
    return value
