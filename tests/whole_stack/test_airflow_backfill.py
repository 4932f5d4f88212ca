"""Airflow's own backfill, asked for over its REST API and run by its real scheduler, executor and triggerer."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anthill import calendars, catalog
from local import airflow
from local.airflow_api import AirflowApi
from local.stack import ROOT, Stack
from tests.end_to_end.conftest import objects
from tests.whole_stack.conftest import whole

pytestmark = pytest.mark.long

FIRST, LAST = dt.date(2026, 6, 18), dt.date(2026, 6, 22)  # Juneteenth on Friday, then a weekend
REFUSED, SUNDAY = dt.date(2026, 6, 19), dt.date(2026, 6, 21)  # two days of the forex week, which has no Saturday
PATIENCE = 1500.0  # seconds for a backfill of two small days, on a machine ten times slower, too


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API's script of faults: one day of forex is not entitled."""
    path = tmp_path_factory.mktemp("faults") / "faults.json"
    rule = {"match": {"path": f"/v2/aggs/grouped/.*/fx/{REFUSED}"}, "then": {"error": "not_entitled"}}
    path.write_text(json.dumps([rule]))
    return path


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, faults: Path) -> Iterator[Stack]:
    """Small markets and the whole of Airflow."""
    yield from whole(tmp_path_factory.mktemp("stack"), faults)


@pytest.fixture(scope="module")
def api(stack: Stack) -> AirflowApi:
    """Airflow's REST API, with every DAG there and forex switched on."""
    api = stack.api()
    for name in catalog.asset_classes():
        api.wait_for_dag(name)
    api.patch("/dags/forex", {"is_paused": False})
    return api


def asked(asset_class: str, first: dt.date, last: dt.date, **form: Any) -> dict[str, Any]:
    """What a backfill is asked for with."""
    return {"dag_id": asset_class, "from_date": f"{first}T00:00:00Z", "to_date": f"{last}T00:00:00Z", **form}


def planned(api: AirflowApi, asset_class: str, first: dt.date, last: dt.date, **form: Any) -> list[dt.date]:
    """The market days that a backfill would run."""
    answer = api.post("/backfills/dry_run", asked(asset_class, first, last, **form))
    return [dt.datetime.fromisoformat(run["logical_date"]).date() for run in answer["backfills"]]


def backfill(api: AirflowApi, first: dt.date, last: dt.date, **form: Any) -> None:
    """Run a backfill of forex to its end."""
    made = api.post("/backfills", asked("forex", first, last, **form))
    end = time.monotonic() + PATIENCE
    while api.get(f"/backfills/{made['id']}")["completed_at"] is None:
        assert time.monotonic() < end, runs(api)
        time.sleep(0.5)


def runs(api: AirflowApi) -> dict[dt.date, str]:
    """How the run of each market day of forex ended."""
    found = api.all("/dags/forex/dagRuns", "dag_runs")
    return {dt.datetime.fromisoformat(run["logical_date"]).date(): run["state"] for run in found}


def most_at_once(entries: list[dict[str, Any]]) -> int:
    """How many of these runs or tasks were at work at the same moment."""
    steps = [(entry[name], change) for entry in entries for name, change in (("start_date", 1), ("end_date", -1))]
    at_work, most = 0, 0
    for _, change in sorted(steps):
        at_work += change
        most = max(most, at_work)
    return most


@pytest.mark.parametrize("asset_class", catalog.with_past())
def test_it_plans_the_market_days(api: AirflowApi, asset_class: str) -> None:
    """Each DAG has a run a market day of its own calendar, none on holidays and weekends."""
    calendar = catalog.load(asset_class).calendar
    assert planned(api, asset_class, FIRST, LAST) == calendars.market_days(calendar, FIRST, LAST)


def test_it_keeps_to_its_limits(api: AirflowApi, stack: Stack) -> None:
    """No more runs at once than it was asked with, no more landing tasks than the pool has slots; a bad day is red."""
    airflow.create_pools(api, ROOT / "include" / "pools.json", slots=1)
    backfill(api, REFUSED, SUNDAY, max_active_runs=1)
    assert runs(api) == {REFUSED: "failed", SUNDAY: "success"}
    assert most_at_once(api.all("/dags/forex/dagRuns", "dag_runs")) == 1
    tasks = api.all("/dags/forex/dagRuns/~/taskInstances", "task_instances")
    landing = [task for task in tasks if task["pool"] == "polygon"]
    assert len(landing) == 2 * len(catalog.load("forex").daily)
    assert most_at_once(landing) == 1
    assert {task["try_number"] for task in tasks if task["task_id"] == "quality"} == {1}, "data is no better at a retry"
    assert days_in_gold(stack) == [SUNDAY]


def test_what_it_runs_again_is_a_choice(api: AirflowApi, stack: Stack, faults: Path) -> None:
    """`none` runs no day twice, `failed` runs what was red and mends it, `completed` runs all and changes nothing."""
    assert planned(api, "forex", REFUSED, SUNDAY, reprocess_behavior="none") == []
    assert planned(api, "forex", REFUSED, SUNDAY, reprocess_behavior="completed") == [REFUSED, SUNDAY]
    assert planned(api, "forex", REFUSED, SUNDAY, reprocess_behavior="failed") == [REFUSED]
    faults.write_text("[]")
    airflow.create_pools(api, ROOT / "include" / "pools.json", slots=4)
    backfill(api, REFUSED, SUNDAY, reprocess_behavior="failed")
    assert days_in_gold(stack) == [REFUSED, SUNDAY]
    bronze = objects(stack)
    backfill(api, SUNDAY, SUNDAY, reprocess_behavior="completed")
    assert set(runs(api).values()) == {"success"}
    assert objects(stack) == bronze, "the same answers are no revision"
    assert days_in_gold(stack) == [REFUSED, SUNDAY]


def days_in_gold(stack: Stack) -> list[dt.date]:
    """The market days of the prices in gold; each pair is there once a day."""
    query = "SELECT market_date, count(*) AS n, count(DISTINCT ticker) AS pairs FROM gold.forex_daily_prices GROUP BY 1"
    rows = stack.warehouse().records(query)
    assert all(row["n"] == row["pairs"] for row in rows)
    return sorted(dt.date.fromisoformat(str(row["market_date"])) for row in rows)
