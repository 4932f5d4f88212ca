"""A row of each table of gold from the small market, as the catalogue shows it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import polars as pl

from anthill import catalog
from docs.site.gold import STAR, Gold
from docs.site.samples import Sample
from docs.site.tables import Table
from tests.plugins.anthill.lakehouse.lake import Lake

LONGEST = 60  # letters of a value


def sampled(lake: Lake) -> dict[str, Sample]:
    """A sample of each of them."""
    return {table.name: _sample(lake, table) for table in of_markets()}


def of_markets() -> list[Table]:
    """The tables of gold that a market fills; those of a database have a business of their own."""
    folders = Gold({}).tables
    return [table for name in (*catalog.with_past(), STAR) for table in folders[name]]


def _sample(lake: Lake, table: Table) -> Sample:
    frame = lake.table(f"gold.{table.name}")
    types = {field.name: field.dataType.simpleString() for field in lake.spark.table(f"dev.gold.{table.name}").schema}
    names = [column.name for column in table.columns]
    row = _row(frame, table)
    return Sample({name: types[name] for name in names}, {name: words(row[name]) for name in names if row})


def _row(frame: pl.DataFrame, table: Table) -> dict[str, Any]:
    """The row with the fewest NULLs; of those the latest, then the first by the table's key; {} where it has none."""
    nulls = pl.sum_horizontal(pl.all().is_null()).alias("nulls")
    days = [pl.col(name) for name in ("market_date",) if name in frame.columns]
    by = [nulls, *days, *(pl.col(name) for name in table.keys[0].names)]
    descending = [False, *(True for _ in days), *(False for _ in table.keys[0].names)]
    return next(iter(frame.sort(by, descending=descending).head(1).to_dicts()), {})


def words(value: Any) -> str:
    """A value as the catalogue shows it: numbers by six digits, what is long with its beginning."""
    text = _words(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{Decimal(f'{value:.6g}'):f}"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, list | dict):
        return json.dumps(_shown(value), ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    return float(f"{value:.6g}") if isinstance(value, float) else value
