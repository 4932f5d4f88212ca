"""A cut's jobs have queues of their own: one begins and ends while a backfill of the market holds all others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.sdk.exceptions import TaskDeferred

from anthill import catalog
from anthill.lakehouse import tables
from anthill.lakehouse.operator import RunJob
from local.databricks.bundle import load
from tests.local.databricks.workspace import ACCOUNT, Workspace
from tests.plugins.anthill.lakehouse.job_runs import (
    DAY,
    SECONDS,
    Instance,
    connection,
    context,
    job,
    workspace,
)
from tests.plugins.anthill.lakehouse.lake import Lake

__all__ = ["connection", "workspace"]

BUNDLE = Path(__file__).parents[4] / "databricks"
STEPS = ("silver", "quality", "gold")
TIMES = 6  # that each of two writers writes


@pytest.mark.parametrize("step", STEPS)
def test_a_cut_ends_before_a_backfill_does(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """One run of the market's job goes on, another stands in its queue; the cut's begins and ends meanwhile."""
    for name, value in {"BUNDLE_VAR_budget_policy": "policy", **ACCOUNT.variables}.items():
        monkeypatch.setenv(name, value)
    queue, declared = catalog.load("totesys").queue, load(BUNDLE, "dev").jobs
    own, markets = (
        {name: declared[key][name] for name in ("max_concurrent_runs", "queue")} for key in (f"{queue}_{step}", step)
    )
    market = job(workspace, step, SECONDS.format(3600), **markets)
    job(workspace, f"{queue}-{step}", DAY, **own)
    backfill = [workspace.run_now(market) for _ in range(2)]
    workspace.wait(backfill[0], "RUNNING")
    probe = RunJob(task_id="probe", job=step, asset_class="stocks", queue_of=queue, databricks_retry_delay=0.1)
    instance = Instance(f"cut {step}")
    with pytest.raises(TaskDeferred):
        probe.execute(context(instance))
    cut = workspace.wait(instance.xcoms["run_id"])  # however long it takes here
    assert (cut["run_name"], cut["state"]["result_state"]) == (f"anthill-{queue}-{step}", "SUCCESS")
    assert [workspace.run(run)["state"]["life_cycle_state"] for run in backfill] == ["RUNNING", "QUEUED"]
    for run in reversed(backfill):
        workspace.call("POST", "2.2/jobs/runs/cancel", run_id=run)
        workspace.wait(run)


@pytest.fixture
def lakes(sail: str, tmp_path: Path) -> Iterator[tuple[Lake, Lake]]:
    """Two sessions over one table of loads, as two jobs have it."""
    pair = Lake(sail, tmp_path), Lake(sail, tmp_path)
    where = f"{tmp_path}/dev/quality/held"
    pair[0].spark.sql(f"CREATE TABLE dev.quality.held (asset_class STRING, n INT) USING delta LOCATION '{where}'")
    pair[1].spark.sql(f"CREATE TABLE IF NOT EXISTS dev.quality.held USING delta LOCATION '{where}'")
    yield pair
    for lake in pair:
        lake.close()


def test_two_jobs_write_to_one_table_and_nothing_is_lost(lakes: tuple[Lake, Lake]) -> None:
    """Each replaces rows of its own; who is overtaken does it again."""
    failed: list[BaseException] = []

    def write(lake: Lake, name: str) -> None:
        try:
            for number in range(1, TIMES + 1):
                rows = lake.spark.sql(f"SELECT '{name}' AS asset_class, {number} AS n")
                tables.replace(lake.spark, "dev.quality.held", f"asset_class = '{name}'", rows)
        except BaseException as error:
            failed.append(error)

    writers = [threading.Thread(target=write, args=pair) for pair in zip(lakes, ("stocks", "totesys"), strict=True)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    assert sorted(lakes[0].table("quality.held").rows()) == [("stocks", TIMES), ("totesys", TIMES)]


def test_what_is_wrong_is_told_at_once(lakes: tuple[Lake, Lake]) -> None:
    """Only a writer that was overtaken writes again."""
    asked: list[str] = []

    class Refuses:
        def sql(self, statement: str) -> None:
            asked.append(statement)
            raise RuntimeError("[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] n")

    with pytest.raises(RuntimeError, match="NOT_NULL"):
        tables._write(Refuses(), "INSERT")  # type: ignore[arg-type]
    assert asked == ["INSERT"]
