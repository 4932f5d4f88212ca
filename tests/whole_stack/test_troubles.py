"""Five kinds of trouble as an operator meets them: page, note and log tell the same cause and the same next step.

Their days are their own: tests of other files may have had this stack before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.airflow_api import AirflowApi
from local.stack import Stack

from .conftest import SHOTS, backfill, wait_for
from .test_coverage_page import context, opened, walk

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

__all__ = ["context"]

GROUPED = "/v2/aggs/grouped/.*/fx/"
ROW = "forex.grouped_daily"
NO_KEY = "Put a valid API key into the connection's password."
RUNBOOK = "The runbook: docs/runbook.md#"


@contextmanager
def playing(faults: Path, *rules: dict[str, Any]) -> Iterator[None]:
    """Play these faults beside those that there are."""
    before = faults.read_text()
    faults.write_text(json.dumps([*rules, *json.loads(before)]))
    try:
        yield
    finally:
        faults.write_text(before)


@pytest.fixture
def forex(stack: Stack, api: AirflowApi) -> Any:
    """Runs forex's own DAG on a market day to its end; gives the run."""
    api.patch("/dags/forex", {"is_paused": False})

    def run(day: str) -> dict[str, Any]:
        started = api.post("/dags/forex/dagRuns", {"logical_date": None, "conf": {"market_date": day}})
        return wait_for(lambda: over(api, started["dag_run_id"]), f"the end of forex on {day}")

    return run


def over(api: AirflowApi, run: str) -> dict[str, Any] | None:
    """A run of forex once it has ended."""
    found: dict[str, Any] = api.get(f"/dags/forex/dagRuns/{run}")
    return found if found["state"] in ("success", "failed") else None


def states(api: AirflowApi, run: dict[str, Any]) -> dict[str, str]:
    """How its tasks ended."""
    path = f"/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances"
    return {task["task_id"]: task["state"] for task in api.all(path, "task_instances")}


def log_of(page: Page, stack: Stack, run: dict[str, Any], task: str) -> list[str]:
    """The lines that a task's page shows of its log, without a click: groups stay folded."""
    page.goto(f"{stack.addresses.airflow}/dags/{run['dag_id']}/runs/{run['dag_run_id']}/tasks/{task}")
    page.get_by_text(RUNBOOK).last.wait_for()
    text: str = page.get_by_test_id("virtualized-list").inner_text()
    return [line for line in text.splitlines() if line.strip() and not line.strip().isdigit()]


def cell(context: BrowserContext, stack: Stack, row: str, day: str, shot: str) -> tuple[str, str]:
    """What the coverage page says of a cell: its name for it, and its details."""
    page, frame = opened(context, stack)
    name = walk(page, frame, row, day).removeprefix(f"{row}, {day}: ")
    page.keyboard.press("Enter")
    details = frame.locator("#details")
    details.get_by_text(day).first.wait_for()
    text = details.inner_text()
    page.screenshot(path=SHOTS / f"trouble-{shot}.png")
    page.close()
    return name, text


def test_a_wrong_key(forex: Any, stack: Stack, api: AirflowApi, faults: Path, context: BrowserContext) -> None:
    """The source is not to blame, nor the plan, nor the day: no needless job is started, and the remedy is one text."""
    day = "2026-06-01"
    with playing(faults, {"match": {"path": "."}, "then": {"error": "unknown_key"}}):
        run = forex(day)
    assert run["state"] == "failed"
    found = states(api, run)
    assert {task for task, state in found.items() if state == "failed"} == {
        *(task for task in found if task.startswith("land.")),
        "complete",
    }
    _, cause, step, *others = run["note"].splitlines()
    assert NO_KEY in cause
    assert step.endswith(f"{RUNBOOK}land")
    assert others == []
    name, details = cell(context, stack, ROW, day, "1-key")
    assert name == "key refused"
    assert NO_KEY in details
    lines = log_of(context.new_page(), stack, run, "land.grouped_daily")
    assert NO_KEY in lines[-2]
    assert f"{RUNBOOK}land" in lines[-1]


def test_a_broken_expectation_holds_the_day_back(
    forex: Any, stack: Stack, api: AirflowApi, faults: Path, context: BrowserContext
) -> None:
    """Named with what was seen and the limit, and held back from gold by its name."""
    day = "2026-06-02"
    with playing(faults, {"match": {"path": f"{GROUPED}{day}"}, "then": {"row": {"at": 0, "set": {"c": -1.0}}}}):
        run = forex(day)
    assert states(api, run)["quality"] == "failed"
    cause, step = run["note"].splitlines()[1:3]
    assert "grouped_daily of 2026-06-02" in cause
    name, details = cell(context, stack, "gold.forex_daily_prices", day, "2-expectation")
    assert name == "held back"
    assert "grouped_daily broke prices_positive" in details
    assert "[prices_positive" in cause
    lines = log_of(context.new_page(), stack, run, "quality")
    assert "[prices_positive" in " ".join(lines[-3:])
    assert step.endswith(f"{RUNBOOK}task-quality")
    assert f"{RUNBOOK}task-quality" in lines[-1]


def test_a_day_held_back_that_was_published(
    forex: Any, stack: Stack, api: AirflowApi, faults: Path, context: BrowserContext
) -> None:
    """Gold keeps its former rows and says that they are: outdated, until the source is right again."""
    day, table = "2026-06-03", "gold.forex_daily_prices"
    assert forex(day)["state"] == "success"
    assert cell(context, stack, table, day, "3-published")[0] == "published"
    with playing(faults, {"match": {"path": f"{GROUPED}{day}"}, "then": {"row": {"at": 0, "set": {"c": -1.0}}}}):
        run = forex(day)
    name, details = cell(context, stack, table, day, "3-outdated")
    assert name == "outdated"
    assert "grouped_daily broke prices_positive" in details
    assert "FROM quality.results" in details
    query = details.partition("SELECT ")[2].partition(" Copy")[0].splitlines()[0]
    rows = stack.warehouse().records(f"SELECT {query}")
    assert [row["expectation"] for row in rows if not row["passed"] and row["severity"] == "critical"] == [
        "prices_positive"
    ]
    assert "[prices_positive: 1, must be = 0]" in run["note"].splitlines()[1]


def test_a_workspace_that_is_down(
    stack: Stack, api: AirflowApi, faults: Path, workspace_faults: Path, context: BrowserContext
) -> None:
    """A run that is given up leaves a day in bronze: it is published from the page, and the source is not asked."""
    day, table = "2026-06-04", "gold.forex_daily_prices"
    down = {"path": "/jobs/(run-now|list)", "times": 50, "status": 503, "message": "The workspace is not available."}
    api.patch("/dags/forex", {"is_paused": False})
    with playing(workspace_faults, down):
        run = api.post("/dags/forex/dagRuns", {"logical_date": None, "conf": {"market_date": day}})
        wait_for(lambda: states(api, run).get("silver") == "up_for_retry" or None, "a silver that tries again")
        lines = log_of(context.new_page(), stack, run, "silver")
        api.patch(f"/dags/forex/dagRuns/{run['dag_run_id']}", {"state": "failed"})
    assert "503 Server Error: Service Unavailable for url" in lines[-2]
    assert f"{RUNBOOK}silver" in lines[-1]
    page, frame = opened(context, stack)
    assert walk(page, frame, table, day) == f"{table}, {day}: not published"
    page.keyboard.press("Space")
    page.keyboard.press("f")
    frame.get_by_text("what bronze holds is loaded, checked and published for 2026-06-04, without a call").wait_for()
    page.screenshot(path=SHOTS / "trouble-4-fill.png")
    with playing(faults, {"match": {"path": "."}, "then": {"error": "unknown_key"}}):
        frame.locator("#start").click()
        frame.locator("#active").get_by_text(f"{table}, {day}: published").wait_for(state="attached")


def test_a_backfill_half_done(stack: Stack, api: AirflowApi, faults: Path, context: BrowserContext) -> None:
    """What it lacks is named with its reason, and the same form fetches only that."""
    form = {"asset_class": "forex", "datasets": ["grouped_daily"], "market_date_from": "2026-06-17"}
    form["market_date_to"] = "2026-06-19"
    with playing(faults, {"match": {"path": f"{GROUPED}2026-06-18"}, "then": {"error": "not_found"}}):
        run = backfill(api, **form)
    assert run["state"] == "failed"
    head, step, cause = run["note"].splitlines()[:3]
    assert "2 landed" in head
    assert step.startswith("First: run it again with the same form")
    reason = cause.partition(": ")[2]
    name, details = cell(context, stack, ROW, "2026-06-18", "5-backfill")
    assert name == "refused"
    assert reason in details
    lines = log_of(context.new_page(), stack, run, "report")
    assert step in lines
    assert reason in lines[-2]
    assert f"{RUNBOOK}market_backfill" in lines[-1]
    again = backfill(api, **form)
    assert again["state"] == "success"
    assert "1 landed" in again["note"]
