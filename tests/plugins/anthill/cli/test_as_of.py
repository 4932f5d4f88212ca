"""`anthill as-of` against Amazon MWAA: what it starts, what it shows while it waits, and what it asks before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from anthill.cli import airflow
from anthill.cli.session import Session

from .conftest import Run
from .test_mwaa import MWAA, rest

DAG, TEXT = "/dags/market_as_of", "2024-05-28T12:00:00Z"
LATE = "not in it: stocks.splits of 2024-05-23, landed later (2024-06-03T08:12:00Z)"
REBUILT = {"as_of": TEXT, "schemas": ["dev.asof_20240528t120000z_gold"], "lines": ["stocks as of then", LATE]}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """MWAA's API, looked at without waiting."""
    client = boto3.client("mwaa", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(Session, "_aws", lambda *_: client)
    monkeypatch.setattr(airflow.time, "sleep", lambda _: None)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def runs(stub: Stubber, conf: dict[str, Any], notes: list[str], answer: Any, state: str = "success") -> None:
    """A run with this form, whose note is another at each look, and its answer."""
    rest(stub, "GET", DAG, {"is_paused": False})
    rest(stub, "POST", f"{DAG}/dagRuns", {"dag_run_id": "r"}, Body={"logical_date": None, "conf": conf, "note": ANY})
    for note in notes:
        rest(stub, "GET", f"{DAG}/dagRuns/r", {"state": "running", "note": note})
    for _ in range(2):
        rest(stub, "GET", f"{DAG}/dagRuns/r", {"state": state, "note": notes[-1] if notes else None})
    path = f"{DAG}/dagRuns/r/taskInstances"
    if state == "failed":
        failed = {"task_instances": [{"task_id": "plan"}]}
        rest(stub, "GET", path, failed, QueryParameters={"state": "failed"})
    else:
        path += "/report/xcomEntries/return_value"
        rest(stub, "GET", path, {"value": answer}, QueryParameters={"deserialize": "true"})


def test_a_rebuild_is_started_followed_and_told(run: Run, stub: Stubber) -> None:
    """In UTC, whatever zone was given; each step once, then every day that is not in it, and where it lies."""
    conf = {"as_of": TEXT, "asset_classes": ["stocks", "forex"], "action": "rebuild"}
    runs(
        stub, conf, ["From the command line", "Looking", "Looking", "Rebuilding", f"stocks as of then\n{LATE}"], REBUILT
    )
    done = run("as-of", "2024-05-28T14:00:00+02:00", "stocks", "forex", **MWAA, COLUMNS="400")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "Started market_as_of r",
        *("Looking", "Rebuilding", "stocks as of then", LATE),
        "market_as_of ended: success",
        "Read it in dev.asof_20240528t120000z_gold",
    ]


def test_what_cannot_be_rebuilt_ends_it(run: Run, stub: Stubber) -> None:
    """With the words of the run, and code 1."""
    message = "as_of: 2099-01-01T00:00:00Z is in the future, here it is 2026-07-01T00:00:00Z"
    conf = {"as_of": "2099-01-01T00:00:00Z", "asset_classes": ["stocks"], "action": "rebuild"}
    runs(stub, conf, [message], None, "failed")
    done = run("as-of", "2099-01-01T00:00:00Z", "stocks", **MWAA, COLUMNS="400")
    assert (done.exit_code, message in done.output) == (1, True)
    assert "failed in plan" in done.output


def test_rebuilds_are_listed_and_dropped(run: Run, stub: Stubber) -> None:
    """For people and for scripts; nothing is dropped before somebody has said so."""
    there = [{"as_of": TEXT, "schema": "dev.asof_20240528t120000z_gold", "tables": ["a", "b"], "made": None}]
    runs(stub, {"action": "list"}, [], {"rebuilds": there})
    shown = run("as-of", "--list", **MWAA, COLUMNS="400")
    assert [TEXT, "dev.asof_20240528t120000z_gold", "2"] in [line.split() for line in shown.output.splitlines()]
    runs(stub, {"action": "list"}, [], {"rebuilds": []})
    assert json.loads(run("--json", "as-of", "--list", **MWAA).stdout) == []

    no = run("as-of", TEXT, "--drop", **MWAA)  # nobody answers
    assert (no.exit_code, "with all their tables?" in no.output) == (1, True)
    assert "--drop needs --yes" in run("--json", "as-of", TEXT, "--drop", **MWAA).output
    runs(stub, {"as_of": TEXT, "action": "drop"}, [], {"as_of": TEXT, "dropped": ["dev.x", "dev.y"]})
    assert "Dropped dev.x, dev.y" in run("as-of", TEXT, "--drop", "--yes", **MWAA).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "'' is no moment"),
        (("2024-05-28T12:00:00", "stocks"), "does not say its time zone: write it as 2024-05-28T12:00:00Z"),
        ((TEXT,), "name the asset classes to rebuild"),
        ((TEXT, "stocks", "--drop"), "--drop drops a whole rebuild"),
        ((TEXT, "--list"), "--list shows all rebuilds"),
    ],
)
def test_wrong_arguments_are_told_so(run: Run, stub: Stubber, arguments: tuple[str, ...], message: str) -> None:
    """With what is allowed; nothing is started."""
    done = run("as-of", *arguments, **MWAA, COLUMNS="400")
    assert (done.exit_code, message in done.output) == (2, True), done.output
