"""The demo follows its runs: slow ones to their end, and says at last what failed first, why, and where to read on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local import demo, standstill
from local.airflow_api import AirflowApi
from local.connections import Addresses
from local.demo import DemoError, Progress
from local.job import Job
from local.stack import Options, Stack
from tests.scripted_server import Asked, Reply, ScriptedServer, http

FOREX, CRYPTO = Job("market_backfill", "r1", "forex in bulk"), Job("market_backfill", "r2", "crypto in bulk")
Looks = dict[str, list[tuple[str, list[dict[str, Any]]]]]


def task(name: str, state: str, end: str = "", index: int = -1, attempt: int = 1) -> dict[str, Any]:
    """A task instance as Airflow tells it."""
    return {
        "task_id": name, "state": state, "end_date": end or None, "start_date": "2026-07-02T10:00:00Z",
        "map_index": index, "try_number": attempt,
    }  # fmt: skip


class Airflow:
    """Runs whose states and tasks go on with each look, and the logs of their tasks."""

    def __init__(self) -> None:
        self.looks: Looks = {}
        self.failed: dict[str, list[dict[str, Any]]] = {}
        self.logs: dict[str, list[Any]] = {}
        self.noted: list[dict[str, str]] = []
        self.clock = 0.0
        self.now: dict[str, tuple[str, list[dict[str, Any]]]] = {}

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        return http(json.dumps(self._answer(asked)).encode())

    def _answer(self, asked: Asked) -> Any:
        run = next((run for run in ("r1", "r2") if f"/dagRuns/{run}" in asked.path), "")
        match asked.path.split("/")[-1]:
            case "token":
                return {"access_token": "t"}
            case "eventLogs":
                return {"event_logs": self.noted}
            case "taskInstances" if "state=failed" in asked.target:
                tasks = self.failed[run]
            case "list":
                self.clock += 50.0
                self.now = {run: steps[0] for run, steps in self.looks.items()}
                self.looks = {run: steps[1:] or steps for run, steps in self.looks.items()}
                place = {"dag_id": "market_backfill"}
                tasks = [{**each, **place, "dag_run_id": run} for run, (_, found) in self.now.items() for each in found]
            case last if "/logs/" in asked.path:
                return {"content": self.logs[f"{run} {asked.path.split('/')[-3]} {last}"]}
            case _:
                return {"state": self.now[run][0]}
        return {"task_instances": tasks, "total_entries": len(tasks)}


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Airflow:
    """An Airflow at each look of which 50 seconds have gone by."""
    airflow = Airflow()
    monkeypatch.setattr(demo, "POLL", 0.0)
    monkeypatch.setattr(standstill, "time", SimpleNamespace(monotonic=lambda: 1 + airflow.clock))
    return airflow


@pytest.fixture
def watch(airflow: Airflow, tmp_path: Path) -> Iterator[Callable[..., list[str]]]:
    """Follow runs; the lines that were said."""
    stack = Stack(Options(tmp_path)).at(Addresses(airflow="", s3="", polygon="", databricks="", database=""))
    with ScriptedServer(airflow) as server:

        def watch(*jobs: Job) -> list[str]:
            said: list[str] = []
            demo.watch(stack, AirflowApi(server.url), list(jobs), Progress(said.append))
            return said

        yield watch


def log(home: Path, run: str, *parts: str) -> Path:
    """A task's log as Airflow lays it out."""
    path = home.joinpath("airflow", "logs", "dag_id=market_backfill", f"run_id={run}", *parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("…")
    return path


def test_runs_that_go_on_are_followed_to_their_end(airflow: Airflow, watch: Callable[..., list[str]]) -> None:
    """However long: two looks at the same, then another state, another try, another task."""
    steps = [
        ("running", [task("land", state, attempt=attempt)]) for attempt in (1, 2) for state in ("queued", "running")
    ]
    airflow.looks = {"r1": [step for step in steps for _ in range(2)] + [("success", [])]}
    assert [line[7:] for line in watch(FOREX)] == [
        "0/1 runs done", "0/1 runs done · forex in bulk: land", "0/1 runs done", "0/1 runs done · forex in bulk: land",
        "1/1 runs done",
    ]  # fmt: skip


def test_a_task_that_waits_for_its_next_try_does_not_stand_still(
    airflow: Airflow, watch: Callable[..., list[str]]
) -> None:
    """That may be half an hour."""
    airflow.looks = {"r1": [("running", [task("plan", "up_for_retry")])] * 40 + [("success", [])]}
    assert "forex in bulk: plan (again soon)" in watch(FOREX)[0]


def test_runs_that_stand_still_are_named_with_a_log(
    airflow: Airflow, watch: Callable[..., list[str]], tmp_path: Path
) -> None:
    """After two minutes in which no task changed or wrote, and nothing worked for it."""
    airflow.looks = {"r1": [("running", [task("chunk.silver", "deferred", index=3)])]}
    written = log(tmp_path, "r1", "task_id=chunk.silver", "map_index=3", "attempt=1.log")
    with pytest.raises(DemoError) as found:
        watch(FOREX)
    lines = str(found.value).splitlines()
    assert lines[0].startswith("for 150 s no task has changed")
    assert lines[-2:] == ["forex in bulk, task chunk.silver 3, try 1 is deferred", f"Log           {written}"]


def test_the_last_lines_name_what_failed_first(
    airflow: Airflow, watch: Callable[..., list[str]], tmp_path: Path
) -> None:
    """Its reason and its log; what failed after it stands before."""
    airflow.looks = {"r1": [("failed", [])], "r2": [("failed", [])]}
    airflow.failed = {
        "r1": [task("chunk.land", "failed", "2026-07-02T10:00:09Z", index=0, attempt=4)],
        "r2": [task("plan", "failed", "2026-07-02T10:00:05Z", attempt=2)],
    }
    airflow.logs = {
        "r1 chunk.land 4": [{"event": "no disk", "level": "error"}],
        "r2 plan 2": [
            "::group::",
            {"event": "Task failed", "level": "error", "error_detail": [{"exc_type": "E", "exc_value": "why"}]},
        ],
    }
    written = log(tmp_path, "r2", "task_id=plan", "attempt=2.log")
    with pytest.raises(DemoError) as found:
        watch(FOREX, CRYPTO)
    lines = str(found.value).splitlines()
    assert lines[-4:] == [
        "First failed  crypto in bulk, task plan, try 2",
        "Reason        Task failed",
        "E: why",
        f"Log           {written}",
    ]
    assert "forex in bulk, task chunk.land 0, try 4: no disk" in lines


def test_a_task_that_died_without_a_word_has_the_schedulers(
    airflow: Airflow, watch: Callable[..., list[str]], tmp_path: Path
) -> None:
    """Its note is the reason, its log the place to read on."""
    airflow.looks = {"r1": [("failed", [])]}
    airflow.failed = {"r1": [task("plan", "failed")]}
    airflow.logs = {"r1 plan 1": []}
    airflow.noted = [
        {"event": "failed", "extra": "{}"},
        {"event": "heartbeat timeout", "extra": "Task did not emit heartbeat within 600 seconds"},
    ]
    with pytest.raises(DemoError) as found:
        watch(FOREX)
    assert str(found.value).splitlines()[-2:] == [
        "Reason        heartbeat timeout: Task did not emit heartbeat within 600 seconds",
        f"Log           {tmp_path / 'run' / 'scheduler.log'}",
    ]


def test_a_run_that_somebody_ended_says_so(airflow: Airflow, watch: Callable[..., list[str]]) -> None:
    """No task of it failed."""
    airflow.looks = {"r1": [("failed", [])]}
    airflow.failed = {"r1": []}
    with pytest.raises(DemoError, match=r"forex in bulk \(r1\): no task failed"):
        watch(FOREX)


def test_nobody_who_reads_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed pipe ends no stack half-way."""

    def closed(*_: Any, **__: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", closed)
    demo.tell("Stopping the stack")
