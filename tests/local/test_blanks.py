"""What gold has nothing of is told by table, with the reason, and not drawn; the product's own tables over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from anthill import catalog
from anthill.lakehouse import statements
from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace as Client
from local import blanks, summary
from tests.local.databricks.workspace import TOKEN, Workspace

DAYS = (dt.date(2026, 7, 1), dt.date(2026, 7, 2))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A workspace, asked over its REST API; each test has days or tables of its own."""
    running = Workspace(tmp_path_factory.mktemp("workspace")).start()
    yield Warehouse(Client(running.url, TOKEN), "dev", "local")
    running.stop()


def fill(warehouse: Warehouse, table: str, *rows: dict[str, str]) -> None:
    """Make a gold table by the product's own SQL, and give it rows; what a row does not name is NULL."""
    asset_class, _, name = table.partition("_")
    file = statements.path("gold", asset_class, name)
    warehouse.query(statements.filled(statements.split(statements.code(file))[0], file, "dev"))
    columns = [column["column"] for column in warehouse.columns(f"gold.{table}").records()]
    for row in rows:
        assert set(row) <= set(columns)
        values = ", ".join(row.get(column, "NULL") for column in columns)
        warehouse.query(f"INSERT INTO dev.gold.{table} ({', '.join(columns)}) VALUES ({values})")


def returns(day: dt.date | str, **columns: str) -> dict[str, str]:
    """A row of crypto_daily_returns."""
    return {"ticker": "'X:BTCUSD'", "market_date": f"DATE'{day}'", "is_anomaly": "false", **columns}


def find(
    warehouse: Warehouse,
    asset_class: str,
    silver: dict[str, int],
    gold: dict[str, int],
    days: tuple[dt.date, dt.date] = DAYS,
) -> dict[str, Any]:
    """What is empty where silver and gold have so many rows of the days."""
    where = f"market_date BETWEEN DATE'{days[0]}' AND DATE'{days[1]}'"
    counted = ({name: {"rows": rows} for name, rows in layer.items()} for layer in (silver, gold))
    return blanks.find(warehouse, catalog.load(asset_class), *counted, where)


def test_a_column_without_a_value_is_told_with_what_its_comment_says(warehouse: Warehouse) -> None:
    """Values on other days do not count, one value in these days does; a column may be made from an empty one."""
    fill(
        warehouse,
        "crypto_daily_returns",
        returns("2026-06-30", simple_return="0.1", zscore="1", volatility_20d="1"),
        returns("2026-07-01", log_return="0.1"),
        returns("2026-07-02", log_return="0.1"),
    )
    found = find(warehouse, "crypto", {}, {"crypto_daily_returns": 2})
    assert found == {
        "empty_tables": {},
        "empty_columns": {
            "crypto_daily_returns": {
                "simple_return": "NULL when none in 20 market days",
                "volatility_20d": "NULL below 10 returns",
                "volatility_20d_annualised": "no volatility_20d",
                "zscore": "NULL below 10 returns",
            }
        },
    }


def test_a_column_that_says_nothing_of_null_has_what_its_table_reads_as_the_reason(warehouse: Warehouse) -> None:
    """The mean of returns stands on returns; without a lead the reason is that there is none."""
    days = (dt.date(2026, 5, 1), dt.date(2026, 5, 1))
    fill(warehouse, "crypto_daily_returns", returns(days[0], log_return="1", volatility_20d="1"))
    day = {"market_date": f"DATE'{days[0]}'"}
    counts = dict.fromkeys(("tickers", "advancers", "decliners", "unchanged", "turnover", "anomalies"), "0")
    fill(warehouse, "crypto_market_summary", {**day, **counts, "top_gainers": "array()", "top_losers": "array()"})
    both = {"crypto_daily_returns": 1, "crypto_market_summary": 1}
    columns = find(warehouse, "crypto", {}, both, days)["empty_columns"]["crypto_market_summary"]
    assert columns == dict.fromkeys(
        ("average_return", "median_return"), "no simple_return in gold.crypto_daily_returns"
    )
    alone = find(warehouse, "crypto", {}, {"crypto_market_summary": 1}, days)["empty_columns"]
    assert set(alone["crypto_market_summary"].values()) == {"no value in these days"}


def test_what_is_null_by_its_own_definition_lacks_nothing(warehouse: Warehouse) -> None:
    """A table that is not kept by day is looked at whole; a comment that names its own column gives no reason."""
    row = dict.fromkeys(("instrument_key", "ticker", "identity", "name", "type"), "'a'")
    row |= dict.fromkeys(("valid_from", "valid_to", "last_seen", "delisted_on"), "DATE'2020-01-01'")
    fill(warehouse, "indices_instruments", row)
    found = find(warehouse, "indices", {}, {"indices_instruments": 1})
    assert found["empty_columns"] == {"indices_instruments": {"currency": "no value in these days"}}


def test_a_table_without_rows_names_what_it_reads_and_is_empty(warehouse: Warehouse) -> None:
    """Reports were not filed, which their view depends on; ratios are had for the present only."""
    silver = {"stocks_balance_sheets": 0, "stocks_income_statements": 0, "stocks_cash_flow_statements": 5}
    silver |= {"stocks_ratios": 0, "stocks_news": 7}
    gold = dict.fromkeys(("stocks_filed_statements", "stocks_financials", "stocks_ratios", "stocks_news"), 0)
    assert find(warehouse, "stocks", silver, gold)["empty_tables"] == {
        "stocks_filed_statements": "no rows in silver.stocks_balance_sheets; "
        "no rows in silver.stocks_income_statements",
        "stocks_financials": "no rows in gold.stocks_filed_statements",
        "stocks_ratios": "no rows in silver.stocks_ratios, which the source has for the present only",
        "stocks_news": "no rows in these days",
    }


def numbers(**lacking: Any) -> dict[str, Any]:
    """What the summary counts of an asset class."""
    nothing = {"empty_tables": {}, "empty_columns": {}}
    quality = {"expectations": 1, "passed": 1, "warnings": 0, "critical": 0}
    counted = {layer: {"crypto_daily_returns": {"days": 2, "rows": 2}} for layer in ("bronze", "silver", "gold")}
    more = {"quality": quality, "quarantined": 0, "landed_new": 1, "bronze_objects": 1, "bronze_by_day": {}}
    grants = {"granted": 0, "revoked": 0, "unchanged": 0}
    return {"days": ["2026-07-01", "2026-07-02"], **counted, **more, "grants": grants, **nothing, **lacking}


LACKING = {
    "empty_tables": {"crypto_correlations": "no rows in a"},
    "empty_columns": {"crypto_daily_returns": {"zscore": "few", "simple_return": "none", "volatility_20d": "few"}},
}


def test_columns_of_a_table_with_one_reason_are_one_line() -> None:
    """Tables in order, the columns of a reason together."""
    assert blanks.lines(LACKING) == [
        ("crypto_correlations", (), "no rows in a"),
        ("crypto_daily_returns", ("simple_return",), "none"),
        ("crypto_daily_returns", ("volatility_20d", "zscore"), "few"),
    ]


def test_the_text_says_what_the_days_cannot_show() -> None:
    """By table, with the reason; nothing where nothing is lacking."""
    files = {"files": dict.fromkeys(("summary", "report", "objects", "logs"), "x"), "seconds": 1, "peak_memory_mb": 1}
    text = summary.text({"sources": {}, "asset_classes": {"crypto": numbers(**LACKING)}, **files})
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in text.splitlines() if "│" in line]
    assert ["crypto_correlations", "all", "no rows in a"] in rows
    assert ["crypto_daily_returns", "volatility_20d, zscore", "few"] in rows
    assert "cannot show" not in summary.text({"sources": {}, "asset_classes": {"crypto": numbers()}, **files})
