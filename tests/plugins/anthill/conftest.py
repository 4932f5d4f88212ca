"""A warehouse with a small gold, that the tests of its readers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace as Client
from tests.local.databricks.workspace import TOKEN, Workspace

# Two market days, of which the second is held back in forex; prices are a view over a table, as in gold.
GOLD = (
    "CREATE TABLE dev.gold.stocks_traded_prices USING delta AS SELECT concat('T', CAST(id % 4 AS STRING)) AS ticker, "
    "date_add(DATE'2026-06-30', CAST(id / 4 AS INT)) AS market_date, id / 3 AS close, "
    "TIMESTAMP'2026-07-01 13:30:00.123456' + make_dt_interval(0, 0, 0, id) AS seen_at, "
    "named_struct('Open', id / 7, 'tags', array('a', CAST(id AS STRING))) AS bar FROM range(12)",
    "CREATE OR REPLACE VIEW dev.gold.stocks_daily_prices (ticker COMMENT 'Symbol', market_date COMMENT 'Market day', "
    "adj_close COMMENT 'USD', seen_at COMMENT 'UTC', bar COMMENT 'Bar') AS "
    "SELECT ticker, market_date, close / 2 AS adj_close, seen_at, bar FROM dev.gold.stocks_traded_prices",
    "CREATE OR REPLACE VIEW dev.gold.dim_instrument (ticker) AS "
    "SELECT DISTINCT ticker FROM dev.gold.stocks_traded_prices",
    "CREATE TABLE dev.quality.published USING delta AS SELECT 'stocks' AS asset_class, 'daily_prices' AS gold_table, "
    "date_add(DATE'2026-06-30', CAST(id AS INT)) AS market_date FROM range(2)",
    "CREATE TABLE dev.quality.results USING delta AS SELECT 'stocks' AS asset_class, 'grouped_daily' AS dataset, "
    "DATE'2026-07-02' AS market_date, 'rows_are_many' AS expectation, 'critical' AS severity, false AS passed",
)


@pytest.fixture(scope="session")
def gold_workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A running workspace with that gold."""
    running = Workspace(tmp_path_factory.mktemp("gold-workspace")).start()
    for statement in GOLD:
        answer = running.sql(statement)
        assert answer["status"]["state"] == "SUCCEEDED", answer
    yield running
    running.stop()


@pytest.fixture(scope="session")
def warehouse(gold_workspace: Workspace) -> Warehouse:
    """Its warehouse."""
    return Warehouse(Client(gold_workspace.url, TOKEN), "dev", "local")
