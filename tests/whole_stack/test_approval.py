"""Approvals in a whole Airflow where not everybody may everything: by the UI's call, by nobody, by the wrong user."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from local import airflow, lake
from local.databricks.account import Account
from local.stack import Options, Stack

from .conftest import wait_for

pytestmark = pytest.mark.long

PATIENCE = 0.04  # hours that a plan waits: long enough for a busy machine to answer, short enough to wait for its end
SCHEMA = "2.1/unity-catalog/permissions/schema/dev.gold"
Answer = tuple[int, Any]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Airflow, S3 and the workspace; anna may act and vera may look."""
    stack = Stack(Options(tmp_path_factory.mktemp("approval"), people=("root:admin", "anna:op", "vera:viewer")))
    with pytest.MonkeyPatch.context() as patch, stack.lock():
        patch.setenv("AIRFLOW__ANTHILL__APPROVAL", "True")
        patch.setenv("AIRFLOW__ANTHILL__APPROVAL_HOURS", str(PATIENCE))
        stack.start(("postgres", "s3", "databricks", *airflow.PARTS))
        try:
            stack.api().wait_for_dag("governance")
            stack.api().patch("/dags/governance", {"is_paused": False})
            yield stack
        finally:
            stack.stop()


def call(stack: Stack, who: str, method: str, path: str, body: Any = None) -> Answer:
    """A call as the page of `who` makes it: with the session's cookie."""
    address = stack.addresses.airflow
    signed = json.dumps({"username": who, "password": who}).encode()
    login = urllib.request.Request(f"{address}/auth/token", signed, {"Content-Type": "application/json"})
    with urllib.request.urlopen(login) as answer:
        token = json.load(answer)["access_token"]
    headers = {"Cookie": f"_token={token}", "Content-Type": "application/json"}
    given = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{address}/api/v2{path}", given, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def answer(stack: Stack, run: str, who: str, option: str) -> Answer:
    """The call of the page *Required Actions*."""
    path = f"/dags/governance/dagRuns/{run}/taskInstances/approve/-1/hitlDetails"
    return call(stack, who, "PATCH", path, {"chosen_options": [option], "params_input": {}})


def asked(stack: Stack) -> str:
    """A run that waits for its answer."""
    run: str = stack.api().post("/dags/governance/dagRuns", {"logical_date": None})["dag_run_id"]
    wait_for(lambda: states(stack, run).get("approve") == "awaiting_input" or None, "a plan that waits", 240)
    # Faster than the scheduler hears of the pause, an answer is taken for a lost task, and asked for again.
    time.sleep(10)
    return run


def states(stack: Stack, run: str) -> dict[str, str]:
    """How the tasks stand."""
    found = stack.api().get(f"/dags/governance/dagRuns/{run}/taskInstances")["task_instances"]
    return {each["task_id"]: str(each["state"]) for each in found}


def ended(stack: Stack, run: str) -> dict[str, str]:
    """How the tasks stand at the run's end."""
    over = ("success", "failed")
    wait_for(lambda: stack.api().get(f"/dags/governance/dagRuns/{run}")["state"] in over or None, "the end", 300)
    return states(stack, run)


def record(stack: Stack) -> dict[str, Any]:
    """The newest record."""
    s3 = stack.s3(lake.LANDING_KEY)
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=lake.BRONZE, Prefix="governance/records/")["Contents"]]
    found: dict[str, Any] = json.loads(s3.get_object(Bucket=lake.BRONZE, Key=max(keys))["Body"].read())
    return found


def grants(stack: Stack, **change: Any) -> dict[str, list[str]]:
    """Who holds what on gold, after a change by hand."""
    headers = {"Authorization": f"Bearer {Account().role('pipeline').token}", "Content-Type": "application/json"}
    body = json.dumps({"changes": [change]}).encode() if change else None
    url = f"{stack.addresses.databricks}/api/{SCHEMA}"
    request = urllib.request.Request(url, body, headers, method="PATCH" if change else "GET")
    with urllib.request.urlopen(request) as answer:
        held = json.load(answer).get("privilege_assignments", [])
    return {each["principal"]: each["privileges"] for each in held}


def test_who_may_not_act_is_refused_and_who_may_is_recorded(stack: Stack) -> None:
    """Vera's yes is no answer; anna's is one, once, and the record has her name."""
    run = asked(stack)
    assert answer(stack, run, "vera", "Approve")[0] == 403
    assert call(stack, "vera", "GET", f"/dags/governance/dagRuns/{run}/hitlDetails")[0] == 200
    assert grants(stack) == {}
    assert answer(stack, run, "anna", "Maybe")[0] == 400
    assert answer(stack, run, "anna", "Approve")[0] == 200
    assert answer(stack, run, "anna", "Reject")[0] == 409
    assert ended(stack, run) == dict.fromkeys(("plan", "approve", "apply", "lineage", "report", "drift"), "success")
    assert grants(stack)["analysts"] == ["USE_SCHEMA"]
    found = record(stack)
    assert (found["outcome"], found["by"]) == ("applied", "anna")
    assert found["added"] > 0


def test_nobodys_answer_is_a_no_and_an_answer_that_is_late_counts_for_nothing(stack: Stack) -> None:
    """The hand-made right stays, it is drift and red as such, and a yes afterwards is refused."""
    given = grants(stack, principal="analysts", add=["MODIFY"])
    run = asked(stack)
    states = ended(stack, run)
    assert states == {
        "plan": "success", "approve": "success", "apply": "skipped", "lineage": "skipped", "report": "success",
        "drift": "failed",
    }  # fmt: skip
    assert answer(stack, run, "anna", "Approve")[0] == 409
    assert grants(stack) == given
    assert (record(stack)["outcome"], record(stack)["by"]) == ("unanswered", "")


def test_an_approval_of_a_plan_that_moved_on_is_red_and_changes_nothing(stack: Stack) -> None:
    """What was given meanwhile was in no plan that anna has read."""
    run = asked(stack)
    given = grants(stack, principal="data_engineers", add=["EXECUTE"])
    assert answer(stack, run, "anna", "Approve")[0] == 200
    states = ended(stack, run)
    assert (states["apply"], states["report"]) == ("failed", "failed")
    assert grants(stack) == given
    assert record(stack)["outcome"] == "moved"
