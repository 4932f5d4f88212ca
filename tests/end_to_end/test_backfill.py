"""Market days in bulk: what is missing is fetched, what the plan leaves out is told, and it goes on after a break."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.models.dagrun import DagRun

from anthill import calendars, catalog
from anthill.bronze import commits as bronze
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.sources import kinds
from local import connections, lake
from local.stack import Stack
from tests.end_to_end.conftest import objects, run_dag

pytestmark = pytest.mark.long
FIRST, LAST = dt.date(2026, 6, 22), dt.date(2026, 6, 29)
DAYS = calendars.market_days("XNYS", FIRST, LAST)
DATASETS = ["grouped_daily", "splits", "dividends"]


def backfill(**form: Any) -> DagRun:
    """A run of the bulk backfill."""
    asked = {"asset_class": "stocks", "datasets": DATASETS, "market_date_from": str(FIRST), "market_date_to": str(LAST)}
    return run_dag("market_backfill", **{**asked, "chunk": 3, **form})


def states(run: DagRun) -> dict[tuple[str, int], str]:
    """How each task ended, by its place among the mapped ones."""
    return {(instance.task_id, instance.map_index): str(instance.state) for instance in run.get_task_instances()}


def report(run: DagRun) -> dict[str, Any]:
    """What the last task returned."""
    found: dict[str, Any] = run.get_task_instance("report").xcom_pull(task_ids="report")
    return found


@contextlib.contextmanager
def tampered(stack: Stack, day: dt.date, *, end: bytes = b"", **metadata: str) -> Iterator[None]:
    """A day of bars that somebody landed and then put other bytes or facts in the place of, until the block ends."""
    s3, dataset = stack.s3(lake.FAULT_KEY), catalog.load("stocks").datasets["grouped_daily"]
    commit = land(
        kinds.connect(dataset.source, [dataset], 1),
        Committer(s3, lake.BRONZE, "by hand"),
        dataset,
        market_day("XNYS", day),
    ).commits[0]
    whole = s3.get_object(Bucket=lake.BRONZE, Key=commit.key)
    body = whole["Body"].read()
    put = {"Bucket": lake.BRONZE, "Key": commit.key, "ChecksumAlgorithm": "SHA256"}
    s3.put_object(**put, Body=body + end, Metadata={**whole["Metadata"], **metadata})
    yield
    s3.put_object(**put, Body=body, Metadata=whole["Metadata"])


def test_a_day_that_fails_is_listed_and_the_next_run_fetches_only_that(
    airflow_database: None, stack: Stack, faults: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The rest goes on to gold; each failed day is red with its reason, and whole after the second run.

    One is not landed, the object of one was changed, and one of another chunk has other rows than it says.
    """
    changed, fewer, lost = DAYS[1], DAYS[3], DAYS[4]
    rule = {"match": {"path": f"/v2/aggs/grouped/.*/{lost}"}, "then": {"error": "not_ready"}}
    faults.write_text(json.dumps([rule]))
    with tampered(stack, changed, end=b"more"), tampered(stack, fewer, rows="1"):
        first = backfill()
    faults.write_text("[]")
    outcome = states(first)
    assert {state for (task, _), state in outcome.items() if task == "chunk.land"} == {"success"}
    assert (outcome["chunk.silver", 0], outcome["chunk.silver", 1]) == ("failed", "failed")
    assert sorted(place for task, place in outcome if task == "chunk.land") == [0, 1]
    assert (outcome["report", -1], outcome["complete", -1]) == ("failed", "upstream_failed")
    log = "".join(capfd.readouterr())
    assert re.search(rf"grouped_daily {lost} to {lost}: .*before end of day", log)
    assert re.search(
        rf"Left out:.*grouped_daily of {changed}: .*date={changed}/r000001\S* was changed after", log, re.DOTALL
    )
    assert re.search(rf"BadObjectError: 1 market days .*grouped_daily of {fewer}: .*expected 1 rows, found \d\d+", log)
    assert re.search(r"Landing: 6 of 6 market days done, 0 left", log)
    assert connections.POLYGON_KEY not in log
    days = f"market_date BETWEEN DATE'{FIRST}' AND DATE'{LAST}'"
    held = f"SELECT DISTINCT market_date FROM gold.stocks_daily_prices WHERE {days} ORDER BY market_date"
    there = [row["market_date"] for row in stack.warehouse().records(held)]
    assert there == [str(day) for day in DAYS if day not in {changed, fewer, lost}]

    second = backfill()
    assert set(states(second).values()) == {"success"}
    assert (report(second)["landed"], report(second)["there"]) == (1, len(DAYS) * len(DATASETS) - 1)
    assert [row["market_date"] for row in stack.warehouse().records(held)] == list(map(str, DAYS))


def test_all_again_keeps_every_answer(airflow_database: None, stack: Stack) -> None:
    """Each day is asked for, and the same answers are no revision."""
    before = objects(stack)
    assert report(backfill(again=True))["landed"] == len(DAYS) * len(DATASETS)
    assert objects(stack) == before


def test_what_the_plan_does_not_reach_is_no_failure(airflow_database: None, stack: Stack, faults: Path) -> None:
    """Days before its history are listed with their reason; the run is green."""
    first = dt.date(2026, 5, 18)
    rules = [
        {"match": {"path": f"/v2/aggs/grouped/.*/{day}"}, "then": {"error": "plan_history"}}
        for day in calendars.market_days("XNYS", first, dt.date(2026, 5, 21))
    ]
    faults.write_text(json.dumps(rules))
    run = backfill(market_date_from=str(first), market_date_to="2026-05-29", datasets=["grouped_daily"], chunk=20)
    faults.write_text("[]")
    assert set(states(run).values()) == {"success"}
    (refusal,) = report(run)["refused"]
    assert (refusal["market_date_from"], refusal["market_date_to"], refusal["days"]) == ("2026-05-18", "2026-05-21", 4)
    assert "timeframe" in refusal["reason"]
    landed = bronze.newest_of_all(stack.s3(), lake.BRONZE, catalog.load("stocks").datasets["grouped_daily"])
    assert "2026-05-21" not in landed
    assert "2026-05-22" in landed


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"datasets": ["exchanges"]}, "exchanges cannot be had for days gone by"),
        ({"market_date_from": "2026-06-13", "market_date_to": "2026-06-14"}, "there is no XNYS market day"),
    ],
)
def test_a_wrong_form_fails_at_once(
    airflow_database: None, stack: Stack, form: dict[str, Any], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The message says what is allowed, and nothing is asked of the API."""
    run = backfill(**form)
    assert states(run)["plan", -1] == "failed"
    assert str(run.state) == "failed"
    assert message in "".join(capfd.readouterr())
