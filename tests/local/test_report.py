"""Whose prices the demo's report shows: what was traded most often, in whatever currency, and nothing by its level."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anthill.lakehouse import statements
from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace as Client
from docs.site.tables import Table
from local import report
from tests.local.databricks.workspace import TOKEN, Workspace
from tests.local.test_blanks import numbers

DAY = dt.date(2026, 7, 1)
# By asset class whose prices are shown, of these: ticker, close, volume, and what else its row has.
MARKETS: dict[str, tuple[str, list[tuple[str, float, float, dict[str, Any]]]]] = {
    "forex": ("C:EURUSD", [("C:USDIDR", 16000.0, 10.0, {}), ("C:EURUSD", 1.1, 20.0, {})]),
    "crypto": ("X:BTCUSD", [("X:SHIBJPY", 2e3, 9e9, {"trades": 5}), ("X:BTCUSD", 9e4, 1.0, {"trades": 6})]),
    "stocks": (
        "FUND",
        [
            ("WT", 9.0, 9e9, {"trades": 9, "type": "warrant"}),
            ("SHARE", 9.0, 9e9, {"trades": 7, "type": "share"}),
            ("FUND", 1.0, 1.0, {"trades": 8, "type": "fund"}),
        ],
    ),
}


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """A workspace, asked over its REST API."""
    running = Workspace(tmp_path / "workspace").start()
    yield Warehouse(Client(running.url, TOKEN), "dev", "local")
    running.stop()


def make(warehouse: Warehouse, table: str, rows: list[dict[str, Any]]) -> None:
    """A table of gold with the columns that its SQL declares, of doubles where a view leaves the type open."""
    declared = Table.read(statements.path("gold", *table.split("_", 1)))
    kinds = {column.name: column.type or "DOUBLE" for column in declared.columns}
    kinds |= dict.fromkeys({"ticker", "type", "security"} & set(kinds), "STRING")
    kinds |= dict.fromkeys({"market_date", "adjusted_from"} & set(kinds), "DATE")
    values = ", ".join(f"CAST({{{name}}} AS {kind}) AS {name}" for name, kind in kinds.items())
    found = " UNION ALL ".join(
        "SELECT "
        + values.format(
            **dict.fromkeys(kinds, "NULL") | {name: repr(each) for name, each in row.items() if each is not None}
        )
        for row in rows
    )
    warehouse.query(f"CREATE TABLE dev.gold.{table} USING delta AS {found}")


@pytest.mark.parametrize("asset_class", [*MARKETS, "indices"])
def test_what_was_traded_most_often_is_shown(warehouse: Warehouse, tmp_path: Path, asset_class: str) -> None:
    """Of stocks among shares and funds; of indices, which nobody trades, the first by its name."""
    levels = [("I:DJI", 44000.0, None, {}), ("I:COMP", 20000.0, None, {}), ("I:NDX", 9.0, None, {})]
    shown, rows = MARKETS.get(asset_class, ("I:COMP", levels))
    prices = [
        {"ticker": ticker, "market_date": str(DAY), **dict.fromkeys(("open", "high", "low", "close"), close)}
        | {"volume": volume, **more}
        for ticker, close, volume, more in rows
    ]
    make(warehouse, f"{asset_class}_daily_prices", prices)
    make(warehouse, f"{asset_class}_daily_returns", [{"ticker": shown, "market_date": str(DAY)}])
    make(warehouse, f"{asset_class}_market_summary", [{"market_date": str(DAY), "advancers": 1, "decliners": 1}])
    out = tmp_path / "report.html"
    report.write(warehouse, {asset_class: [DAY]}, {"asset_classes": {asset_class: numbers()}}, out)
    assert re.findall(r"<h3>Prices of ([^<]*)</h3>", out.read_text()) == [shown]
