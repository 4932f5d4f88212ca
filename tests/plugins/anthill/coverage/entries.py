"""Commits and landings for tests of the index."""

from __future__ import annotations

import datetime as dt

from anthill.bronze.commits import Commit, Place
from anthill.intervals import market_day
from anthill.ledger.results import Landed
from anthill.sources.polygon.declaration import PolygonDataset

NOW = dt.datetime(2026, 7, 3, 22, tzinfo=dt.UTC)
BARS = PolygonDataset(
    "bars", ("T",), {"T": "t"}, path="/v2/{market_date}", asset_class="stocks", source="polygon", name="grouped_daily"
)


def commit(day: dt.date, revision: int = 1, rows: int = 10, shard: str = "", dataset: str = "grouped_daily") -> Commit:
    """A commit of a stocks dataset."""
    return Commit(
        bucket="bronze",
        key=Place("polygon", "stocks", dataset, str(day), shard).key(revision),
        shard=shard,
        revision=revision,
        rows=rows,
        pages=2,
        size=100,
        sha256="00" * 32,
        digest="d",
        asof=NOW + dt.timedelta(minutes=revision),
        run=f"stocks/run{revision}/land/1",
    )


def landed(*commits: Commit, dataset: str = "grouped_daily", day: dt.date) -> Landed:
    """The landing of these commits."""
    rows, pages = sum(each.rows for each in commits), sum(each.pages for each in commits)
    return Landed("stocks", dataset, market_day("XNYS", day), "landed", rows, pages, 1000, 0.5, list(commits))
