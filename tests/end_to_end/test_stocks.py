"""One market day of stocks, from the API to grants."""

from __future__ import annotations

import gzip
import json
import urllib.request
from collections.abc import Iterator

import pytest

from anthill import catalog
from anthill.bronze import commits as bronze
from local import connections, lake
from local.stack import Stack
from tests.end_to_end.conftest import Run, states

DAY, BEFORE = "2026-06-15", "2026-06-12"
DATASETS = ("grouped_daily", "tickers", "splits", "dividends")


@pytest.fixture(scope="module")
def first(airflow_database: None, stack: Stack) -> dict[str, str]:
    """How the first run of the day ended, task by task."""
    from tests.end_to_end.conftest import run_day

    return states(run_day(DAY))


def served(stack: Stack, path: str) -> list[dict]:
    """Every row that the API serves under a path, asked for by hand."""
    rows: list[dict] = []
    url: str | None = stack.addresses.polygon + path
    while url:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {connections.POLYGON_KEY}"})
        with urllib.request.urlopen(request) as answer:
            page = json.load(answer)
        rows += page.get("results") or []
        url = page.get("next_url")
    return rows


def landed(stack: Stack, dataset: str) -> Iterator[dict]:
    """Every row in bronze of the day's newest commits."""
    import datetime as dt

    s3 = stack.s3()
    day = dt.date.fromisoformat(DAY)
    for key in bronze.newest_revisions(s3, lake.BRONZE, catalog.load("stocks").datasets[dataset], str(day)).values():
        body = s3.get_object(Bucket=lake.BRONZE, Key=key)["Body"].read()
        for line in gzip.decompress(body).splitlines():
            yield from json.loads(line).get("results") or []


def test_every_task_succeeds(first: dict[str, str]) -> None:
    """A task a dataset, silver, quality, gold and grants; what answers for another day only is skipped."""
    declared = catalog.load("stocks")
    assert {task for task, state in first.items() if state == "skipped"} == {
        f"land.{name}" for name, dataset in declared.daily.items() if dataset.present_only
    }
    done = [f"land.{name}" for name in declared.historical] + [
        "silver",
        "quality",
        "reconcile",
        "gold",
        "grants",
        "complete",
    ]
    assert {task: state for task, state in first.items() if state != "skipped"} == dict.fromkeys(done, "success")


def test_bronze_holds_what_the_api_serves(first: dict[str, str], stack: Stack) -> None:
    """Row for row, in the order of the answers."""
    paths = {
        "grouped_daily": f"/v2/aggs/grouped/locale/us/market/stocks/{DAY}?adjusted=false&include_otc=false",
        "splits": f"/stocks/v1/splits?execution_date.gt={BEFORE}&execution_date.lte={DAY}&limit=5000",
        "dividends": f"/stocks/v1/dividends?ex_dividend_date.gt={BEFORE}&ex_dividend_date.lte={DAY}&limit=5000",
    }
    for dataset, path in paths.items():
        assert list(landed(stack, dataset)) == served(stack, path)
    tickers = [
        served(stack, f"/v3/reference/tickers?market=stocks&date={DAY}&limit=1000&active={x}")
        for x in ("true", "false")
    ]
    assert list(landed(stack, "tickers")) == tickers[0] + tickers[1]


def test_silver_and_gold_hold_the_day(first: dict[str, str], stack: Stack) -> None:
    """As many rows as bronze less what was set aside, and a gold row a bar with the same prices as traded."""
    warehouse = stack.warehouse()
    for dataset in DATASETS:
        (load,) = warehouse.records(
            "SELECT * FROM quality.loads WHERE asset_class = 'stocks'"
            f" AND dataset = '{dataset}' AND market_date = DATE'{DAY}'"
        )
        assert load["bronze_rows"] == len(list(landed(stack, dataset)))
        assert load["bronze_rows"] == load["silver_rows"] + load["duplicates"] + load["quarantined"]
        (count,) = warehouse.records(
            f"SELECT count(*) AS n FROM silver.stocks_{dataset} WHERE market_date = DATE'{DAY}'"
        )
        assert count["n"] == load["silver_rows"] + (load["withdrawn"] or 0)
    closes = {row["T"]: row["c"] for row in landed(stack, "grouped_daily")}
    gold = warehouse.records(f"SELECT ticker, close FROM gold.stocks_daily_prices WHERE market_date = DATE'{DAY}'")
    assert {row["ticker"]: row["close"] for row in gold} == closes


def test_the_declared_readers_may_read_gold(first: dict[str, str], stack: Stack) -> None:
    """The grants stand in the catalog as they are declared."""
    request = urllib.request.Request(
        f"{stack.addresses.databricks}/api/2.1/unity-catalog/permissions/table/dev.gold.stocks_daily_prices",
        headers={"Authorization": f"Bearer {connections.TOKEN}"},
    )
    with urllib.request.urlopen(request) as answer:
        granted = json.load(answer)["privilege_assignments"]
    readers = {assignment["principal"]: assignment["privileges"] for assignment in granted}
    assert readers == {"analysts": ["SELECT"], "data_engineers": ["SELECT"], "data_scientists": ["SELECT"]}


def test_every_gold_column_has_a_comment(first: dict[str, str], stack: Stack) -> None:
    """An analyst sees units without asking."""
    for name in catalog.load("stocks").gold:
        columns = stack.warehouse().columns(f"gold.stocks_{name}").records()
        assert columns
        assert [column["column"] for column in columns if not column["comment"]] == []


def test_again_changes_nothing(first: dict[str, str], run: Run, stack: Stack) -> None:
    """A second run of the same day succeeds and writes no object, no row and no grant."""

    def keys() -> set[tuple[str, str]]:
        listed = stack.s3().list_objects_v2(Bucket=lake.BRONZE)["Contents"]
        return {(entry["Key"], entry["ETag"]) for entry in listed}

    before = keys(), stack.warehouse().records("SELECT sum(close) AS s, count(*) AS n FROM gold.stocks_daily_prices")
    again = run(DAY)
    assert set(states(again).values()) == {"success", "skipped"}
    after = keys(), stack.warehouse().records("SELECT sum(close) AS s, count(*) AS n FROM gold.stocks_daily_prices")
    assert before == after
    grants = again.get_task_instance("grants").xcom_pull(task_ids="grants")
    assert (grants["granted"], grants["revoked"]) == (0, 0)
    assert grants["unchanged"] > 0
