"""A lake as it was known at a moment: what gold was before a restatement, beside what it is now."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from unittest.mock import patch

import polars as pl
import pytest

from anthill import catalog, moments
from anthill.lakehouse import as_of
from anthill.lakehouse.commits import CommitError
from anthill.lakehouse.quality import QualityError
from anthill.parameters import checked
from local.databricks import delta_sql
from tests.plugins.anthill.lakehouse.lake import Lake, bar

pytestmark = pytest.mark.long
EARLY, DAYS = dt.date(2024, 5, 20), [dt.date(2024, 5, day) for day in (21, 22, 23, 24)]
MOMENT = "2026-01-03T00:00:00Z"  # after what `put_day` lands, before LATER
LATER = "2026-01-04T08:00:00+00:00"
PREFIX = "asof_20260103t000000z_"


def tables(lake: Lake, prefix: str = "") -> dict[str, pl.DataFrame]:
    """Every table and view of silver and gold, but when dates and loads were written."""
    found = {}
    for layer in ("silver", "gold"):
        for row in lake.spark.sql(f"SHOW TABLES IN dev.{prefix}{layer}").collect():
            if row.tableName.startswith(("stocks_", "fact_", "dim_instrument")):
                frame = lake.table(f"{prefix}{layer}.{row.tableName}")
                plain = frame.with_columns(pl.col(pl.List(pl.String)).list.join(",")) if frame.width else frame
                found[f"{layer}.{row.tableName}"] = frame.sort(plain.columns)
    return found


@pytest.fixture
def schemas(lake: Lake) -> Lake:
    """A lake of prices and what they stand on, with the schemas of a moment as in a workspace."""
    lake.only("market_summary")
    places = {f"{PREFIX}{layer}": f"{lake.root}/asof/{layer}" for layer in moments.LAYERS}
    for schema, location in places.items():
        lake.spark.sql(f"CREATE SCHEMA dev.{schema} LOCATION '{location}'")
    delta_sql.add_to(lake.spark, places)
    return lake


def rebuild(lake: Lake, commits: list[dict[str, Any]]) -> dict[str, Any]:
    """Run the job's code over commits, with parameters that a notebook takes."""
    manifest = lake.root / "as_of.json"
    manifest.write_text(json.dumps(commits))
    days = sorted(commit["market_date"] for commit in commits)
    given = {"catalog": "dev", "asset_class": "stocks", "as_of": MOMENT}
    given |= {"market_date_from": days[0], "market_date_to": days[-1]}
    load, declared = catalog.load, lake.declared()
    with patch.object(catalog, "load", lambda name: declared if name == "stocks" else load(name)):
        return as_of.run(lake.spark, **checked(given), manifest=f"file://{manifest}")


def broken_off_run(*_: Any, **__: Any) -> None:
    """What a run that is killed has not done."""
    raise KeyboardInterrupt


def test_a_rebuild_is_what_gold_was_before_a_restatement(schemas: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Land, restate, backfill, rebuild as of before: value for value as it was, and nothing of the real moves."""
    lake = schemas
    monkeypatch.setattr(as_of, "_AT_ONCE", 3)
    for at, day in enumerate(DAYS):
        lake.put_day(day, [bar("OLD", 40.0 + at), bar("BAD", 9.0 + at, v="much" if at == 2 else 5.0)])
    lake.put("grouped_daily", DAYS[0], [bar("OLD", 40.0), bar("BAD", 9.0, v=5.0)], asof=MOMENT)  # at that very moment
    lake.silver(DAYS[0], DAYS[-1])
    with pytest.raises(QualityError, match="1 of 2 bronze rows are in quarantine"):
        lake.quality(DAYS[0], DAYS[-1])
    lake.gold(DAYS[0], DAYS[-1])
    before, then = tables(lake), [dict(commit) for commit in lake.commits.values()]
    assert before["gold.stocks_daily_prices"].height == 6  # the third day is held back

    lake.put("grouped_daily", DAYS[1], [bar("OLD", 41.5), bar("BAD", 10.0)], asof=LATER)
    lake.put("grouped_daily", DAYS[2], [bar("OLD", 42.0), bar("BAD", 11.0)], asof=LATER)
    split = {"id": "1", "ticker": "OLD", "execution_date": str(DAYS[2]), "split_from": 1, "split_to": 2}
    lake.put("splits", DAYS[2], [split], asof=LATER)
    lake.put_day(EARLY, [bar("OLD", 39.0)])
    lake.run(EARLY, DAYS[-1])
    now = tables(lake)
    assert not now["gold.stocks_daily_prices"].equals(before["gold.stocks_daily_prices"])

    with monkeypatch.context() as broken_off:
        broken_off.setattr(as_of.quality, "run", broken_off_run)
        with pytest.raises(KeyboardInterrupt):
            rebuild(lake, then)
    loads = lake.table(f"{PREFIX}quality.loads")
    done = rebuild(lake, then)
    assert lake.table(f"{PREFIX}quality.loads").equals(loads)  # what was loaded is not loaded again
    rebuilt = tables(lake, PREFIX)
    assert rebuilt.keys() - before.keys() == {"gold.dim_instrument", "gold.fact_daily_price"}  # of its own prices
    assert rebuilt["gold.fact_daily_price"].height == before["gold.stocks_daily_prices"].height
    assert [name for name, frame in before.items() if not rebuilt[name].equals(frame)] == []
    assert [name for name, frame in tables(lake).items() if not now[name].equals(frame)] == []
    assert done["tables"]["daily_prices"]["days"] == len(DAYS) - 1
    assert done["held_back"] == [
        "stocks.grouped_daily of 2024-05-23: broke a critical expectation: see quality.results"
    ]
    assert f"All results are in dev.{PREFIX}quality.results" in done["broken"]

    again = rebuild(lake, then)
    assert {table["days"] for table in again["tables"].values()} == {0}
    with pytest.raises(CommitError, match="lists 3 commits from after 2026-01-03T00:00:00Z, the first is file:"):
        rebuild(lake, list(lake.commits.values()))
