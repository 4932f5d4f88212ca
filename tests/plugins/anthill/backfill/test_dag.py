"""What runs of a bulk backfill when a part of it fails: Airflow's own scheduling, with tasks that only fail or not."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from airflow.exceptions import AirflowSkipException
from airflow.models.dagrun import DagRun
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from anthill.backfill.dag import backfill_dag
from anthill.backfill.operators import GrantBackfill, LandChunk, LoadChunk, PlanBackfill, ReportBackfill, RunOverRange

CHUNKS = [{"market_date_from": day, "market_date_to": day, "days_before": 0} for day in ("2026-06-01", "2026-06-02")]
AFTER = ("quality", "gold", "grants", "report", "complete")


@pytest.fixture(autouse=True, scope="module")
def database(airflow_database: None) -> None:
    """Airflow's tables, which a run of a DAG is written to."""


class Tasks:
    """What each task does in place of its own work: raise what its list has next, or end well; and how often it ran."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.faults: dict[str, list[Exception]] = {}
        self.ran: Counter[str] = Counter()
        for kind in (PlanBackfill, LandChunk, LoadChunk, RunOverRange, GrantBackfill, ReportBackfill):
            monkeypatch.setattr(kind, "execute", self.execute)

    def execute(self, context: Any) -> Any:
        """Called in place of the operator's own."""
        task, place = context["ti"].task_id.removeprefix("chunk."), context["ti"].map_index
        self.ran[task] += 1
        faults = self.faults.get(task if place < 1 else f"{task} {place}", [])
        if faults:
            raise faults.pop(0)
        return CHUNKS if task == "plan" else {}


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> Tasks:
    """Tasks that do nothing."""
    return Tasks(monkeypatch)


def run() -> DagRun:
    """A backfill; only its plan has retries, without their delay."""
    dag = backfill_dag(None)
    for task in dag.tasks:
        task.retry_delay, task.retry_exponential_backoff = dt.timedelta(), False
        task.retries = task.retries if task.task_id == "plan" else 0
    form = {"asset_class": "forex", "market_date_from": "2026-06-01", "market_date_to": "2026-06-02"}
    return dag.test(run_conf=form)


def states(run: DagRun) -> dict[str, str]:
    """How each task ended; of mapped ones the second."""
    found = sorted(run.get_task_instances(), key=lambda instance: instance.map_index)
    return {instance.task_id.removeprefix("chunk."): str(instance.state) for instance in found}


def test_a_plan_whose_first_try_dies_is_tried_again(tasks: Tasks) -> None:
    """The run goes on as if nothing had been; a chunk of which bronze has nothing is no failure."""
    tasks.faults = {
        "plan": [RuntimeError("The read operation timed out")],
        "silver 1": [AirflowSkipException("bronze has nothing")],
    }
    ended = run()
    assert str(ended.state) == "success"
    assert tasks.ran == {"plan": 2, "land": 2, "silver": 2, "quality": 1, "gold": 1, "grants": 1, "report": 1}
    assert states(ended)["silver"] == "skipped"
    assert states(ended)["complete"] == "success"


def test_behind_a_plan_that_fails_for_good_nothing_runs(tasks: Tasks) -> None:
    """A wrong form fails at its first try, and no task says that silver is empty."""
    tasks.faults["plan"] = [AirflowFailException("there is no XNYS market day")] * 9
    ended = run()
    assert (str(ended.state), tasks.ran) == ("failed", {"plan": 1})
    assert {states(ended)[task] for task in AFTER} <= {"upstream_failed", "skipped"}


def test_what_fails_behind_the_plan_lets_the_rest_be_checked_and_published(tasks: Tasks) -> None:
    """Every chunk, and the checks themselves: quality, gold and the report run once, and the run is red."""
    tasks.faults = {task: [AirflowException("no disk")] for task in ("silver", "land 1", "quality")}
    ended = run()
    assert str(ended.state) == "failed"
    assert tasks.ran == {"plan": 1, "land": 2, "silver": 2, "quality": 1, "gold": 1, "grants": 1, "report": 1}


def test_what_a_chunk_landed_before_it_failed_is_loaded(tasks: Tasks) -> None:
    """And checked and published, while the run is red, even where no day is missing in the end."""
    tasks.faults["land 1"] = [AirflowException("S3 failed for the keys before it")]
    ended = run()
    assert tasks.ran == {"plan": 1, "land": 2, "silver": 2, "quality": 1, "gold": 1, "grants": 1, "report": 1}
    assert str(ended.state) == "failed"
    assert {task: states(ended)[task] for task in AFTER} == {
        "quality": "success",
        "gold": "success",
        "grants": "success",
        "report": "success",
        "complete": "upstream_failed",
    }


def test_a_gold_that_held_all_of_it_back_is_reported(tasks: Tasks) -> None:
    """A skipped gold leads to a report, which says what waits; nothing is skipped behind it unseen."""
    tasks.faults["gold"] = [AirflowSkipException("gold stays as it is")]
    ended = run()
    assert tasks.ran == {"plan": 1, "land": 2, "silver": 2, "quality": 1, "gold": 1, "grants": 1, "report": 1}
    assert {task: states(ended)[task] for task in AFTER} == {
        "quality": "success",
        "gold": "skipped",
        "grants": "success",
        "report": "success",
        "complete": "success",
    }
