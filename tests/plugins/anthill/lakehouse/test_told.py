"""What jobs read and write, as OpenLineage is told."""

from __future__ import annotations

import pytest

from anthill import catalog
from anthill.lakehouse import told

WORKSPACE = "x.cloud.databricks.com"
STOCKS = catalog.load("stocks")


@pytest.mark.parametrize("job", ["quality", "reconcile"])
def test_a_check_reads_silver_and_names_what_failed(job: str) -> None:
    """Each dataset's table, with the lines about it alone; nothing is written."""
    warnings = ["splits of 2026-06-02: 2 rows", "splits of 2026-06-03: 1 row", "dividends of 2026-06-02: 3 rows"]
    read, written = told.of("stocks", "dev", WORKSPACE).of(job, {"warnings": warnings})
    assert written == []
    assert {each.namespace for each in read} == {f"databricks://{WORKSPACE}"}
    compared = STOCKS.with_streams() if job == "reconcile" else STOCKS
    assert [each.name for each in read] == [f"dev.silver.stocks_{name}" for name in compared.datasets]
    assert {each.name: each.failed for each in read if each.failed} == {
        "dev.silver.stocks_splits": tuple(warnings[:2]),
        "dev.silver.stocks_dividends": tuple(warnings[2:]),
    }
    assert not any(each.failed for each in told.of("stocks", "dev", WORKSPACE).of(job, {})[0])


def test_a_load_has_the_rows_of_its_datasets() -> None:
    """Of bronze and of silver each; a result without any names all that it would load."""
    loaded = {"splits": {"bronze_rows": 5, "silver_rows": 4}, "gone": {"bronze_rows": 1}}
    (bronze,), (silver,) = told.of("stocks", "dev", WORKSPACE).of("silver", {"datasets": loaded})
    assert (bronze.rows, silver.rows, silver.name) == (5, 4, "dev.silver.stocks_splits")
    assert silver.columns["ticker"][0] == "string"
    assert silver.came_of["ticker"] == ((bronze.namespace, bronze.name, "ticker"),)
    _, (stream,) = told.of("stocks", "dev", WORKSPACE).of("silver", {"datasets": {"minute_stream": {"silver_rows": 3}}})
    assert (stream.rows, stream.name) == (3, "dev.silver.stocks_minute_stream")
    read, written = told.of("stocks", "dev", WORKSPACE).of("silver", {})
    assert len(read) == len(written) == len(STOCKS.datasets)


def test_gold_reads_what_it_did_not_write() -> None:
    """Tables of silver and those of gold that stood before; of its own the rows that are known."""
    read, written = told.of("stocks", "dev", WORKSPACE).of("gold", {"tables": {"market_summary": {"rows": 7}}})
    assert [(each.name, each.rows) for each in written] == [("dev.gold.stocks_market_summary", 7)]
    assert {"dev.gold.stocks_daily_returns"} <= {each.name for each in read}
    assert not {each.name for each in read} & {each.name for each in written}
    read, written = told.of("stocks", "dev", WORKSPACE).of("gold", {})
    assert {each.name.removeprefix("dev.gold.stocks_") for each in written} == set(STOCKS.gold)
    assert {each.name.split(".")[1] for each in read} == {"silver"}


def test_another_job_touches_nothing() -> None:
    """Nobody is told of what is not known."""
    assert told.of("stocks", "dev", WORKSPACE).of("erasure", {}) == ([], [])
