"""Day after day on the market's own schedule: what the source revises is fetched again, and silver and gold follow."""

from __future__ import annotations

import datetime as dt
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.models.dagrun import DagRun

from anthill import catalog
from anthill.coverage.freshness import freshness
from anthill.coverage.reader import Reader
from anthill.coverage.states import State
from anthill.ledger.documents import Documents
from local import lake
from local.stack import Options, Stack
from tests.end_to_end.conftest import PRICES, SMALL, run_dag, running, states

pytestmark = pytest.mark.long
DUE = "22:30"  # New York: half an hour after a day of stocks is due


@pytest.fixture(scope="module")
def workspace_faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace's script of faults, which it reads again when it changes; a test leaves it empty."""
    path = tmp_path_factory.mktemp("faults") / "workspace.yaml"
    path.write_text("[]")
    return path


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, workspace_faults: Path) -> Iterator[Stack]:
    """A small market whose late trades revise bars for three sessions, as it stood on June 1st."""
    options = Options(
        tmp_path_factory.mktemp("stack"),
        today="2026-06-01",
        polygon=(*SMALL, "--late-trades", "--clock", DUE),
        databricks=("--faults", str(workspace_faults)),
    )
    yield from running(Stack(options))


def move(stack: Stack, today: str, time: str = DUE) -> None:
    """Set the stand-in's clock (New York)."""
    body = json.dumps({"today": today, "time": time}).encode()
    request = urllib.request.Request(f"{stack.addresses.polygon}/_clock", body, method="POST")
    urllib.request.urlopen(request).close()


def volumes(stack: Stack, table: str, day: str) -> dict[str, Any]:
    """The volume of each ticker: late trades always add to it."""
    rows = stack.warehouse().records(f"SELECT ticker, volume FROM {table} WHERE market_date = DATE'{day}'")
    return {row["ticker"]: row["volume"] for row in rows}


def keys(stack: Stack, place: str) -> list[str]:
    """What bronze has under a dataset and day."""
    prefix = f"polygon/stocks/{place}/"
    listed = stack.s3().list_objects_v2(Bucket=lake.BRONZE, Prefix=prefix)
    return [entry["Key"].removeprefix(prefix) for entry in listed["Contents"]]


def test_late_trades_reach_gold_and_the_run_says_how_many(airflow_database: None, stack: Stack) -> None:
    """The second day's run takes the first day's revision; the earlier answer stays in bronze."""
    run_dag("stocks", at=dt.datetime(2026, 6, 2, 3, tzinfo=dt.UTC))
    first = volumes(stack, "gold.stocks_daily_prices", "2026-06-01")
    move(stack, "2026-06-02")
    again: DagRun = run_dag("stocks", at=dt.datetime(2026, 6, 3, 3, tzinfo=dt.UTC))
    assert set(states(again).values()) <= {"success", "skipped"}
    landed = again.get_task_instance("land.grouped_daily").xcom_pull(task_ids="land.grouped_daily")
    outcomes = {day["market_date"]: day["outcome"] for day in landed["earlier"]}
    assert outcomes["2026-06-01"] == "restated"
    silver = again.get_task_instance("silver").xcom_pull(task_ids="silver")["datasets"]["grouped_daily"]
    second = volumes(stack, "gold.stocks_daily_prices", "2026-06-01")
    changed = {ticker for ticker in first.keys() | second.keys() if first.get(ticker) != second.get(ticker)}
    assert changed
    assert silver["restated"] == {"2026-06-01": len(changed)}
    assert second == volumes(stack, "silver.stocks_grouped_daily", "2026-06-01")
    assert keys(stack, "grouped_daily/date=2026-06-01") == ["r000001.jsonl.gz", "r000002.jsonl.gz"]


def test_the_coverage_index_is_told_of_all_of_it(airflow_database: None, stack: Stack) -> None:
    """The restated day and who found it, the calls that it took, and each stage as fresh as is due."""
    stocks, reader = catalog.load("stocks"), Reader(Documents(stack.s3(), lake.DOCUMENTS), lake.BRONZE)
    assert reader.told("stocks", stocks.datasets, [2026])["grouped_daily"] == {
        dt.date(2026, 6, 1): State.RESTATED,
        dt.date(2026, 6, 2): State.LANDED,
    }
    (part,) = reader.entries("stocks", stocks.datasets, [2026])["grouped_daily"]["2026-06-01"].parts
    assert (part.revision, part.before, part.run.split("/")[2]) == (2, part.rows, "land.grouped_daily")
    fresh = freshness(reader, stocks, dt.datetime(2026, 6, 3, 3, tzinfo=dt.UTC))
    assert fresh.due == dt.date(2026, 6, 2)
    assert {stage.name: stage.behind for stage in fresh.stages[:2]} == {"bronze": 0, "silver": 0}
    assert fresh.stages[2].ok
    assert fresh.stages[2].page.startswith(stack.addresses.databricks)
    assert fresh.quality
    assert fresh.quality.ok
    assert "grouped_daily" in {each.dataset for each in fresh.restatements}
    calls = reader.calls("stocks", dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))
    assert sum(task.calls for dataset, task in calls if dataset == "grouped_daily") == 3  # a day, and two the day after


def test_what_comes_again_and_cannot_be_checked_stays_out_of_gold(
    airflow_database: None, stack: Stack, workspace_faults: Path
) -> None:
    """The workspace refuses to start quality: gold shows what was checked before, says what waits, and is skipped."""
    before = volumes(stack, "gold.stocks_daily_prices", "2026-06-01")
    move(stack, "2026-06-03")
    refused = [{"path": "run-now", "method": "POST", "after": 1, "status": 403, "error_code": "PERMISSION_DENIED"}]
    workspace_faults.write_text(yaml.safe_dump(refused))
    again = run_dag("stocks", at=dt.datetime(2026, 6, 4, 3, tzinfo=dt.UTC), landing=PRICES)
    workspace_faults.write_text("[]")
    ended = states(again)
    assert {name: ended[name] for name in ("silver", "quality", "gold", "grants", "complete")} == {
        "silver": "success",
        "quality": "failed",
        "gold": "skipped",
        "grants": "success",
        "complete": "failed",
    }
    loaded = volumes(stack, "silver.stocks_grouped_daily", "2026-06-01")
    assert loaded != before
    assert volumes(stack, "gold.stocks_daily_prices", "2026-06-01") == before
    assert not volumes(stack, "gold.stocks_daily_prices", "2026-06-03")
    held = again.get_task_instance("gold").xcom_pull(task_ids="gold", key="held_back")
    assert any(
        line.startswith("stocks.grouped_daily of 2026-06-01, 2026-06-02, 2026-06-03: not checked") for line in held
    )


def test_snapshots_of_a_day_are_taken_apart_and_loaded_together(airflow_database: None, stack: Stack) -> None:
    """Two takings of one session are two objects and two times of silver."""
    for time in ("10:00", "10:15"):
        move(stack, "2026-06-03", time)
        assert set(states(run_dag("stocks_intraday")).values()) == {"success"}
    assert keys(stack, "snapshot/date=2026-06-03") == ["1400/r000001.jsonl.gz", "1415/r000001.jsonl.gz"]
    move(stack, "2026-06-03")
    assert set(states(run_dag("stocks", market_date="2026-06-03", landing=PRICES)).values()) <= {"success", "skipped"}
    rows = stack.warehouse().records(
        "SELECT asof, count(*) AS n FROM silver.stocks_snapshot WHERE market_date = DATE'2026-06-03' GROUP BY asof"
    )
    assert len(rows) == 2
    assert all(row["n"] > 250 for row in rows)
