"""Airflow's own triggerer killed while it waits for a run of the workspace: `make chaos` runs it, it takes minutes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from local import connections, demo
from local.airflow_api import AirflowApi
from local.stack import Options, Stack
from tests.end_to_end.conftest import SMALL

pytestmark = pytest.mark.skipif(not os.environ.get("ANTHILL_CHAOS"), reason="takes minutes: `make chaos` runs it")
DAY = "2026-06-03"
FORM = {
    "asset_class": "stocks",
    "datasets": ["grouped_daily", "splits", "dividends"],
    "market_date_from": DAY,
    "market_date_to": DAY,
    "chunk": 63,
}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """The whole platform, every part of Airflow a process."""
    stack = Stack(Options(tmp_path, polygon=SMALL))
    with stack.lock():
        stack.start()
        try:
            yield stack
        finally:
            stack.stop()


def wait_for(what: str, found: Any, patience: float = 600) -> Any:
    """What a look finds as soon as it finds something."""
    end = time.monotonic() + patience
    while not (result := found()):
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.2)
    return result


def test_a_killed_triggerer_loses_no_run(stack: Stack) -> None:
    """The next triggerer takes the wait up; every job ran once, and the day is in gold."""
    api = AirflowApi(stack.addresses.airflow)
    api.wait_for_dag("market_backfill")
    api.patch("/dags/market_backfill", {"is_paused": False})
    job = demo.trigger(api, "market_backfill", FORM, "stocks")

    def instances() -> list[dict[str, Any]]:
        return api.all(f"/dags/{job.dag}/dagRuns/{job.run}/taskInstances", "task_instances")

    wait_for("a deferred task", lambda: [each for each in instances() if each["state"] == "deferred"])
    (service,) = [each for each in stack.services if each.name == "triggerer"]
    assert service.child is not None
    killed = service.child.pid
    service.child.kill()
    service.child.wait()
    service.start()
    assert service.child.pid != killed

    def ended() -> str:
        state = str(api.get(f"/dags/{job.dag}/dagRuns/{job.run}")["state"])
        return state if state in {"success", "failed"} else ""

    assert wait_for("the end of the run", ended) == "success", {each["task_id"]: each["state"] for each in instances()}
    headers = {"Authorization": f"Bearer {connections.TOKEN}"}
    url = f"{stack.addresses.databricks}/api/2.2/jobs/runs/list"
    runs = requests.get(url, headers=headers).json()["runs"]
    assert sorted(run["run_name"] for run in runs) == [
        "anthill-gold",
        "anthill-quality",
        "anthill-silver",
    ]
    (gold,) = stack.warehouse().records("SELECT count(*) AS n FROM gold.stocks_traded_prices")
    assert gold["n"] > 200
