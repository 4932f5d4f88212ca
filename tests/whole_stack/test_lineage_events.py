"""A market day with OpenLineage turned on: each task that moves data says what it read and wrote, and how many rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from local.stack import Options, Stack
from tests.end_to_end.conftest import SMALL

from .conftest import wait_for

pytestmark = pytest.mark.long

DAY = "2026-06-16"


class Telling(Stack):
    """A stack whose tasks write their events to a file."""

    @property
    def events(self) -> Path:
        """The file, a line an event."""
        return self.home / "events.jsonl"

    def environment(self) -> dict[str, str]:
        """With a transport, as an environment names one."""
        transport = {"type": "file", "log_file_path": str(self.events), "append": True}
        return {
            **super().environment(),
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
            "AIRFLOW__OPENLINEAGE__DISABLED": "False",
            "AIRFLOW__OPENLINEAGE__NAMESPACE": "anthill",
        }


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """All that a run of forex told."""
    stack = Telling(Options(tmp_path_factory.mktemp("telling"), polygon=SMALL))
    with stack.lock():
        stack.start()
        try:
            api = stack.api()
            api.wait_for_dag("forex")
            api.patch("/dags/forex", {"is_paused": False})
            run = api.post("/dags/forex/dagRuns", {"logical_date": None, "conf": {"market_date": DAY}})["dag_run_id"]

            def over() -> dict[str, Any] | None:
                found: dict[str, Any] = api.get(f"/dags/forex/dagRuns/{run}")
                return found if found["state"] in ("success", "failed") else None

            assert wait_for(over, "the end of the day")["state"] == "success"
            yield [json.loads(line) for line in stack.events.read_text().splitlines()]
        finally:
            stack.stop()


def of(events: list[dict[str, Any]], task: str, kind: str = "COMPLETE") -> dict[str, Any]:
    """The last event of a kind that a task sent."""
    return [each for each in events if each["job"]["name"] == f"forex.{task}" and each["eventType"] == kind][-1]


def test_each_task_starts_and_ends(events: list[dict[str, Any]]) -> None:
    """In the run of its own, under the run of the day."""
    tasks = [f"land.{name}" for name in catalog.load("forex").daily] + ["silver", "quality", "gold"]
    for task in tasks:
        start, end = of(events, task, "START"), of(events, task)
        assert start["run"]["runId"] == end["run"]["runId"]
        assert end["run"]["facets"]["parent"]["job"]["name"] == "forex"
        assert start["eventTime"] < end["eventTime"]


def test_what_one_wrote_is_what_the_next_read(events: list[dict[str, Any]]) -> None:
    """From the API to gold by the same names, with the rows that were counted."""
    landed = of(events, "land.grouped_daily")
    (source,), (bronze,) = landed["inputs"], landed["outputs"]
    assert source["namespace"] == "polygon://api"
    rows = bronze["outputFacets"]["outputStatistics"]["rowCount"]
    assert rows == 12  # the pairs of the small market
    silver = of(events, "silver")
    assert (bronze["namespace"], bronze["name"]) in {(each["namespace"], each["name"]) for each in silver["inputs"]}
    (typed,) = [each for each in silver["outputs"] if each["name"] == "dev.silver.forex_grouped_daily"]
    assert typed["outputFacets"]["outputStatistics"]["rowCount"] == rows
    fields = typed["facets"]["columnLineage"]["fields"]["close"]["inputFields"]
    assert [(each["name"], each["field"]) for each in fields] == [("polygon/forex/grouped_daily", "c")]
    gold = of(events, "gold")
    assert typed["name"] in {each["name"] for each in gold["inputs"]}
    (prices,) = [each for each in gold["outputs"] if each["name"] == "dev.gold.forex_daily_prices"]
    assert prices["outputFacets"]["outputStatistics"]["rowCount"] == rows
    assert {"ticker", "close"} <= {field["name"] for field in prices["facets"]["schema"]["fields"]}
