"""An engineer's own copy of the bundle: silver to gold of a day in the sandbox, by a person who writes nowhere else."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from local.databricks import bundle
from tests.local.databricks.workspace import OVER, ROOT, Workspace
from tests.plugins.anthill.lakehouse.lake import Lake, sail
from tests.plugins.anthill.lakehouse.test_notebooks import bucket as bucket

DAY = dt.date(2024, 1, 3)
WHO = "data_engineer"
SCHEMAS = ("silver", "gold", "quality", "sandbox")


@pytest.fixture
def workspace(bucket: Any, tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with a sandbox, over the day's objects in bronze."""
    listed = catalog.load("indices").lists["index"]
    with sail() as remote, closing(Lake(remote, tmp_path, asset_class="indices")) as lake:
        values = [{"ticker": ticker, "results": [{"o": 9, "h": 11, "l": 8, "c": 10}]} for ticker in listed]
        lake.put_bodies("daily_bars", DAY, values, len(values), asof=f"{DAY}T22:00:00+00:00")
        lake.put("tickers", DAY, [{"ticker": ticker, "active": True} for ticker in listed])
        commits = []
        for commit in lake.commits.values():
            body = Path(commit["uri"].removeprefix("file://")).read_bytes()
            bucket.put_object(Bucket="lake", Key=commit["key"], Body=body)
            commits.append(commit | {"uri": f"s3://lake/{commit['key']}"})
    bucket.put_object(Bucket="lake", Key="manifest.json", Body=json.dumps(commits).encode())
    schemas = {name: str(tmp_path / "workspace" / name) for name in SCHEMAS}
    running = Workspace(tmp_path, ["--python-path", str(ROOT / "plugins")], schemas=schemas).start()
    yield running
    running.stop()


def tables(workspace: Workspace, schema: str) -> list[str]:
    """The names in a schema."""
    found = workspace.call("GET", f"2.1/unity-catalog/tables?catalog_name=dev&schema_name={schema}", by="terraform")
    return sorted(table["name"] for table in found.get("tables", []))


def ended(workspace: Workspace, job: int, parameters: dict[str, str]) -> dict[str, Any]:
    """What a job's notebook exits with that the engineer starts and waits for."""
    started = workspace.call("POST", "2.2/jobs/run-now", by=WHO, job_id=job, job_parameters=parameters)["run_id"]
    state = ""
    while state not in OVER:
        time.sleep(0.05)
        run = workspace.call("GET", "2.2/jobs/runs/get", by=WHO, run_id=started)
        state = run["state"]["life_cycle_state"]
    output = workspace.call("GET", "2.2/jobs/runs/get-output", by=WHO, run_id=run["tasks"][-1]["run_id"])
    assert "error" not in output, output["error_trace"]
    result: dict[str, Any] = json.loads(output["notebook_output"]["result"])
    return result


def test_a_day_from_silver_to_gold_in_the_sandbox(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs that the target `personal` deploys, started by whom they belong to: all of it under a prefix."""
    monkeypatch.setenv("BUNDLE_VAR_budget_policy", "policy")
    deployed = bundle.load(ROOT / "databricks", "personal").jobs
    days = {"asset_class": "indices", "market_date_from": str(DAY), "market_date_to": str(DAY)}
    more = {"silver": {"manifest": "s3://lake/manifest.json"}, "quality": {"datasets": "daily_bars,tickers"}}
    results = {}
    for step in ("silver", "quality", "gold"):
        job = workspace.call("POST", "2.2/jobs/create", by=WHO, **deployed[step])["job_id"]
        results[step] = ended(workspace, job, days | more.get(step, {}))
    assert results["gold"]["tables"]["daily_prices"]["rows"] == len(catalog.load("indices").lists["index"])
    made = tables(workspace, "sandbox")
    assert {"local_silver_indices_daily_bars", "local_quality_results", "local_gold_indices_daily_prices"} < set(made)
    assert {name.split("_")[0] for name in made} == {"local"}
    assert [tables(workspace, name) for name in ("silver", "gold", "quality")] == [[], [], []]
    read = "SELECT count(*) FROM dev.sandbox.local_gold_fact_daily_price"
    assert workspace.sql(read, by=WHO)["result"]["data_array"] == [[str(len(catalog.load("indices").lists["index"]))]]
