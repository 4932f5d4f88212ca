"""The whole platform on one machine is this machine's own, and the UI reads tasks' logs without a log server."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import requests

from local.airflow_api import AirflowApi
from local.stack import Stack
from tests.sockets import open_to_others

from .conftest import backfill, ended, wait_for


@pytest.fixture(scope="module")
def form() -> dict[str, Any]:
    """A day of one small dataset."""
    day = "2026-06-15"
    return {"asset_class": "forex", "only": {"grouped_daily": [day]}, "again": True}


def test_nothing_listens_elsewhere(stack: Stack, api: AirflowApi, form: dict[str, Any]) -> None:
    """Airflow's parts, the stand-ins, the database, and all that they started for tasks; 8793 and 8794 among them."""
    assert backfill(api, **form)["state"] == "success"
    assert open_to_others(stack.running().values()) == []
    assert {"s3", "postgres", "api-server", "scheduler", "triggerer"} <= stack.running().keys()


def test_the_ui_has_no_other_name(stack: Stack) -> None:
    """A rebound page gets no token, which everybody of this machine gets without a password, and no page."""
    address = stack.addresses.airflow
    port = address.rsplit(":", 1)[1]
    assert requests.get(f"http://localhost:{port}/api/v2/version").ok
    for path in ("/", "/auth/token", "/api/v2/version", "/anthill/coverage", "/execution/"):
        for name in (f"evil.example:{port}", f"{socket.gethostname()}.evil.example", "0.0.0.0"):
            assert requests.get(address + path, headers={"Host": name}).status_code == 421
        assert requests.get(address + path, headers={"Origin": "http://evil.example"}).status_code == 403


def test_the_ui_reads_the_logs_of_running_and_of_finished_tasks(api: AirflowApi, form: dict[str, Any]) -> None:
    """Lines come while a task is at work or waits in the triggerer, and stay when it is over."""
    runs: list[str] = []

    def at_work() -> tuple[str, str] | None:
        if not runs or ended(api, runs[-1]):
            runs.append(api.post("/dags/market_backfill/dagRuns", {"logical_date": None, "conf": form})["dag_run_id"])
        for task in instances(api, runs[-1], "running", "deferred"):
            if lines := log(api, runs[-1], task):
                still = [each["id"] for each in instances(api, runs[-1], "running", "deferred")]
                if task["id"] in still:
                    return task["id"], lines
        return None

    seen, lines = wait_for(at_work, "a line of a task at work")
    assert wait_for(lambda: ended(api, runs[-1]), "the run's end")["state"] == "success"
    done = instances(api, runs[-1], "success")
    logs = {task["id"]: log(api, runs[-1], task) for task in done if task["operator"] != "EmptyOperator"}
    assert all(logs.values()), logs
    assert set(lines.splitlines()) <= set(logs[seen].splitlines())


def instances(api: AirflowApi, run: str, *states: str) -> list[dict[str, Any]]:
    """The tasks of a run that are in one of these states."""
    return api.all(f"/dags/market_backfill/dagRuns/{run}/taskInstances", "task_instances", state=list(states))


def log(api: AirflowApi, run: str, task: dict[str, Any]) -> str:
    """What the UI shows of a task's own words, without the headings of its sources."""
    place = f"/dags/market_backfill/dagRuns/{run}/taskInstances/{task['task_id']}/logs/{task['try_number']}"
    found = api.get(place, map_index=task["map_index"], full_content=True)["content"]
    return "\n".join(line["event"] for line in found if line.get("timestamp"))
