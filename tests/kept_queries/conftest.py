"""Gold of a small market, and DuckDB in a process and an environment of its own over its files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import polars as pl
import pytest

from anthill.consumption import declared, query
from tests import by_name
from tests.oracle.bronze import Bronze
from tests.oracle.conftest import s3, s3_url, sail, small
from tests.plugins.anthill.lakehouse.lake import Lake

__all__ = ["s3", "s3_url", "sail", "small"]

ROOT = Path(__file__).parents[2]
DAY = "2026-07-02"  # the last of the small market
DATABASE = "anthill_dev_gold"
QUERIES = {
    kept.name: kept
    for asset_class in ("forex", "stocks")
    for kept in (query.read(asset_class, name) for name in query.names(asset_class))
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These take minutes: they are run by name."""
    by_name.skip_unless("ANTHILL_CONSUMPTION", items, Path(__file__).parent, "`make test-consumption` runs it")


@pytest.fixture(scope="session")
def lake(small: tuple[Lake, Bronze]) -> Lake:
    """The small market's tables, by their bare names."""
    small[0].spark.sql("USE CATALOG dev")
    small[0].spark.sql("USE SCHEMA gold")
    return small[0]


@pytest.fixture(scope="session")
def files(lake: Lake) -> dict[str, Path]:
    """The folder of each table that is declared for consumption and is no view."""
    return {each.name: lake.root / "dev/gold" / each.name for each in declared.load("dev", DATABASE) if not each.select}


@pytest.fixture(scope="session")
def answers(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """What DuckDB answers to each kept query, and of each view; written as Parquet, as UNLOAD does."""
    views = {each.name: each.select for each in declared.load("dev", DATABASE) if each.select}
    asked = {name: kept.on(DAY) for name, kept in QUERIES.items()} | {name: f"SELECT * FROM {name}" for name in views}
    out = tmp_path_factory.mktemp("answers")
    given = {"database": DATABASE, "tables": {name: str(path) for name, path in files.items()}, "views": views}
    script = [str(ROOT / "var/consumption/bin/python"), str(Path(__file__).with_name("on_duckdb.py"))]
    subprocess.run(script, input=json.dumps({**given, "queries": asked, "out": str(out)}), text=True, check=True)
    return {name: pl.read_parquet(out / f"{name}.parquet") for name in asked}
