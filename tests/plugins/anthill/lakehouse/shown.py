"""What a widget shows, or a kept query keeps, over a lake: its SQL, asked where the tables are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from anthill.consumption import query
from anthill.dashboards import dashboard
from tests.plugins.anthill.lakehouse.lake import Lake


def frame(lake: Lake, board: str, name: str) -> pl.DataFrame:
    """Its answer."""
    (widget,) = (each for each in dashboard.read(dashboard.folder() / board).widgets if each.name == name)
    answer = pl.from_arrow(lake.spark.sql(widget.ordered(widget.sql).replace(" gold.", " dev.gold.")).toArrow())
    assert isinstance(answer, pl.DataFrame)
    return answer.select(widget.columns)


def rows(lake: Lake, board: str, name: str) -> list[tuple[Any, ...]]:
    """Its rows, sorted."""
    return sorted(frame(lake, board, name).rows(), key=repr)


def kept(lake: Lake, asset_class: str, name: str, day: dt.date) -> pl.DataFrame:
    """What a kept query keeps of a day; its tables have no schema, as Athena finds them."""
    lake.spark.sql("USE CATALOG dev")
    lake.spark.sql("USE SCHEMA gold")
    answer = pl.from_arrow(lake.spark.sql(query.read(asset_class, name).on(str(day))).toArrow())
    assert isinstance(answer, pl.DataFrame)
    return answer
