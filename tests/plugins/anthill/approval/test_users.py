"""Who may answer: a run that waits, and Airflow's own API asked by users of different rights, none of them admin."""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import Any

import pytest
from airflow.utils.session import create_session
from sqlalchemy import select
from starlette.testclient import TestClient

from anthill.approval.dag import governance_dag
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.ui.conftest import app, client, headers

from .conftest import Declare, held, records

__all__ = ["app", "client", "headers"]

Headers = dict[str, dict[str, str]]
ASKED = "/api/v2/dags/governance/dagRuns/{}/taskInstances/approve/-1/hitlDetails"


def waits() -> str:
    """The run whose approval waits."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance

    end = time.monotonic() + 300
    while time.monotonic() < end:
        with create_session() as session:
            asked = select(TaskInstance.run_id).join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
            run = session.scalar(asked.where(TaskInstance.dag_id == "governance", HITLDetail.responded_at.is_(None)))
            state = select(TaskInstance.state).where(TaskInstance.run_id == run, TaskInstance.task_id == "approve")
            if run and session.scalar(state) == "awaiting_input":
                return str(run)
        time.sleep(0.2)
    raise TimeoutError("no approval waits")


def test_who_may_only_look_is_refused_and_who_may_act_is_recorded(
    client: TestClient,
    headers: Headers,
    declare: Declare,
    workspace: Workspace,
    s3: Any,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Vera's yes is 403 and nobody's 401; ann's counts once, a second answer is 409, and the record has her name."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__APPROVAL", "True")
    declare(daily_prices={"analysts": ["SELECT"]})
    answers: list[int] = []

    def answer() -> None:
        path = ASKED.format(waits())

        def call(option: str, **sent: Any) -> int:
            given = {"chosen_options": [option], "params_input": {}}
            return int(client.patch(path, json=given, **sent).status_code)

        answers.extend([call("Approve"), call("Approve", headers=headers["vera"])])
        answers.append(client.get(path, headers=headers["vera"]).status_code)
        answers.append(call("Maybe", headers=headers["ann"]))
        answers.append(len(held(workspace)))
        answers.extend(call(option, headers=headers["ann"]) for option in ("Approve", "Reject"))

    dag = governance_dag(None)
    for task in dag.tasks:
        task.retries = 0
    answering = threading.Thread(target=answer)
    answering.start()
    ended = dag.test(logical_date=dt.datetime(2026, 8, 1, tzinfo=dt.UTC))
    answering.join()
    assert answers == [401, 403, 200, 400, 0, 200, 409]
    assert {task.task_id: str(task.state) for task in ended.get_task_instances()} == dict.fromkeys(
        ("plan", "approve", "apply", "lineage", "report", "drift"), "success"
    )
    assert held(workspace) == {"analysts": ["SELECT"]}
    (record,) = records(s3, bucket)
    assert (record["outcome"], record["by"]) == ("applied", "ann")
