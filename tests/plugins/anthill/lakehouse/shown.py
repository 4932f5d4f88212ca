"""What a widget shows over a lake: its query, asked where the tables are."""

from __future__ import annotations

from typing import Any

import polars as pl

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
