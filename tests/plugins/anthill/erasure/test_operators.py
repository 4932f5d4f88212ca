"""The tasks of an erasure over S3 and a workspace: who may have it done, what is kept, and that nobody is named."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk._shared.module_loading import import_string
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskDeferred

from anthill.bronze.copied import digest
from anthill.erasure.operators import EraseBronze, EraseTables, PlanErasure, RecordErasure
from local import lake
from tests.local.databricks.workspace import Workspace
from tests.local.emulator import client

from .panel import ANNA, BERT, CARL, DAY, land, row

PARAMETERS = ("catalog", "asset_class", "plan")
RESULT = """
import json
given = {name: dbutils.widgets.get(name) for name in NAMES}
tables = {"silver.people_panel": {"rows": 1, "plan": given["plan"]}}
days = {"from": "2026-06-15", "to": "2026-06-15"}
dbutils.notebook.exit(json.dumps({**days, "asset_class": given["asset_class"], "tables": tables}))
"""
APPROVED = {
    "chosen_options": ["Approve"], "params_input": {}, "responded_at": "2026-06-17T09:00:00+00:00",
    "responded_by_user": {"id": "7", "name": "Vera Guardian"},
}  # fmt: skip
NOBODY = {**APPROVED, "responded_by_user": None}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with the job, whose notebook hands back what an erasure does."""
    running = Workspace(tmp_path_factory.mktemp("workspace")).start()
    path = running.notebook("erasure", f"NAMES = {PARAMETERS!r}", RESULT)
    running.job("anthill-erasure", path, parameters=[{"name": name, "default": ""} for name in PARAMETERS])
    yield running
    running.stop()


def connection(url: str, key: str) -> str:
    """An AWS connection as Airflow's variables hold it."""
    extra = {"endpoint_url": url, "region_name": lake.REGION}
    return json.dumps({"conn_type": "aws", "login": key, "password": key, "extra": extra})


class Run:
    """One run of the DAG, task by task."""

    def __init__(self, answer: Any = APPROVED, running: str = "", **form: Any) -> None:
        self.kept: dict[str, Any] = {"approve": answer}
        self.form = {"dataset": "people.panel", "column": "email", "digests": [digest(BERT)], **form}
        self._running = running

    def context(self, name: str) -> Any:
        """What a running task is given."""
        count = lambda dag_id, states: int(dag_id == self._running and states == ["running"])  # noqa: E731
        pull = lambda task_ids, key="return_value", **_: self.kept.get(task_ids) if key == "return_value" else None  # noqa: E731
        known = {"dag_id": "erasure", "run_id": "r", "task_id": name, "id": name, "map_index": -1, "try_number": 1}
        ti = SimpleNamespace(**known, get_dr_count=count, xcom_pull=pull, xcom_push=lambda key, value: None)
        run = SimpleNamespace(dag_id="erasure", run_id="r", run_type="manual")
        task = SimpleNamespace(outlets=[])
        return {"params": self.form, "ti": ti, "dag_run": run, "outlet_events": {}, "task": task}

    def plan(self) -> dict[str, Any]:
        """Plan."""
        self.kept["plan"] = PlanErasure(task_id="plan").execute(self.context("plan"))
        return dict(self.kept["plan"])

    def bronze(self, **given: Any) -> dict[str, Any]:
        """Erase what is in bronze."""
        self.kept["bronze"] = EraseBronze(task_id="bronze", **given).execute(self.context("bronze"))
        return dict(self.kept["bronze"])

    def tables(self) -> dict[str, Any]:
        """Run the job, and wait for it as the triggerer does."""
        task, context = EraseTables(task_id="tables"), self.context("tables")
        try:
            found = task.execute(context)
        except TaskDeferred as deferred:
            kind, kwargs = deferred.trigger.serialize()

            async def event() -> dict[str, Any]:
                async for event in import_string(kind)(**kwargs).run():
                    return dict(event.payload)
                raise AssertionError

            found = task.execute_complete(context, asyncio.run(event()))
        self.kept["tables"] = found
        return found

    def record(self) -> str:
        """Keep what came of it."""
        return RecordErasure(task_id="record").execute(self.context("record"))


@pytest.fixture(autouse=True)
def environment(
    people: Any, emulator: str, landing: Any, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bert is in bronze; each role has its connection."""
    land(landing, lake.PERSONAL, DAY, [row(ANNA, 1), row(BERT, 2), row(CARL, 3)])
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", connection(emulator, lake.LANDING_KEY))
    monkeypatch.setenv("AIRFLOW_CONN_AWS_ERASURE", connection(emulator, lake.ERASURE_KEY))
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setenv("AIRFLOW__ANTHILL__JOB_POLL_SECONDS", "1")


def kept_at(emulator: str, uri: str) -> dict[str, Any]:
    """A document beside bronze."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    found: dict[str, Any] = json.loads(
        client(emulator, lake.LANDING_KEY).get_object(Bucket=bucket, Key=key)["Body"].read()
    )
    return found


def test_what_somebody_approved_is_erased_and_recorded(emulator: str, caplog: pytest.LogCaptureFixture) -> None:
    """Who approved which plan when, what went, and no name of who was erased: in no log, no XCom, no record."""
    caplog.set_level(logging.DEBUG)
    run = Run()
    planned = run.plan()
    went = run.bronze()
    assert went["versions"] == 1
    assert run.tables()["tables"]["silver.people_panel"]["plan"] == planned["uri"]
    record = kept_at(emulator, uri := run.record())
    assert uri.startswith(f"s3://{lake.BRONZE}/polygon/people/_erasure/records/")
    assert {name: record[name] for name in ("outcome", "plan", "approved_by", "approved_at", "versions", "rows")} == {
        "outcome": "erased", "plan": planned["sha256"], "approved_by": "Vera Guardian",
        "approved_at": APPROVED["responded_at"], "versions": 1, "rows": {"silver.people_panel": 1},
    }  # fmt: skip
    assert record["asked"]["digests"] == [digest(BERT)]
    assert record["rewritten"] == list(went["rewritten"])
    assert record["rewritten"]
    for text in (caplog.text, str(run.kept), str(record), str(kept_at(emulator, planned["uri"]))):
        assert BERT not in text
        assert "bert" not in text.lower()


@pytest.mark.parametrize("answer", [None, {**APPROVED, "chosen_options": ["Reject"]}, NOBODY])
def test_nobody_takes_the_role_without_an_approval(emulator: str, answer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rejected, not answered, or answered by a time-out: the role's connection is not even looked for."""
    monkeypatch.delenv("AIRFLOW_CONN_AWS_ERASURE")
    run = Run(answer)
    run.plan()
    with pytest.raises(AirflowFailException, match="nobody has approved the plan"):
        run.bronze()
    record = kept_at(emulator, run.record())
    assert (record["outcome"], record["approved_by"], record["versions"]) == ("rejected", "", 0)


def test_no_other_role_can_erase() -> None:
    """The landing's own, given as if it were the one."""
    run = Run()
    run.plan()
    with pytest.raises(AirflowException, match=r"AccessDenied|may not"):
        run.bronze(erasure_conn_id="aws_default")


def test_a_plan_that_somebody_changed_is_not_carried_out(emulator: str) -> None:
    """What was approved is what is erased."""
    run = Run()
    planned = run.plan()
    bucket, _, key = planned["uri"].removeprefix("s3://").partition("/")
    changed = kept_at(emulator, planned["uri"]) | {"unreadable": 5}
    client(emulator, lake.FAULT_KEY).put_object(Bucket=bucket, Key=key, Body=json.dumps(changed).encode())
    with pytest.raises(Exception, match="is not the plan that it is named by"):
        run.bronze()
    client(emulator, lake.FAULT_KEY).delete_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize("running", ["people", "people_intraday", "market_backfill", "market_as_of"])
def test_tables_wait_for_who_writes_them(running: str) -> None:
    """Files of a run that is not over are in no version yet: VACUUM would delete them."""
    run = Run(running=running)
    run.plan()
    with pytest.raises(AirflowException, match=f"{running} is running"):
        run.tables()


def test_what_is_not_whole_is_red_and_recorded(emulator: str) -> None:
    """Bronze is erased and the job is not: whoever looks at the run knows, and clears the red task."""
    run = Run()
    run.plan()
    run.bronze()
    with pytest.raises(AirflowFailException, match="not everything is erased, s3://") as red:
        run.record()
    assert kept_at(emulator, str(red.value).split()[4].rstrip(":"))["outcome"] == "failed"


def test_nobody_in_bronze_is_nothing_to_erase() -> None:
    """Skipped, and there is no record of it."""
    run = Run(digests=[digest("dora@example.org")])
    with pytest.raises(AirflowSkipException, match=r"bronze has nothing of them in people.panel"):
        run.plan()
    with pytest.raises(AirflowSkipException):
        run.record()


REFUSED = [
    ({"digests": [BERT]}, "1 of 1 digests are none"),
    ({"dataset": "stocks.splits"}, "dataset is 'stocks.splits', allowed are those that are personal: people.panel"),
    ({"dataset": "people.panels"}, "did you mean 'people.panel'"),
    ({"column": "says"}, "column is 'says', allowed .*: email, member"),
    ({"market_date": "2026-06-15"}, "is about people .* or about a market day"),
    ({"digests": []}, "is about people .* or about a market day"),
    ({"column": ""}, "is about people .* or about a market day"),
]


@pytest.mark.parametrize(("form", "said"), REFUSED)
def test_a_form_that_is_none_is_refused(form: dict[str, Any], said: str) -> None:
    """What is allowed is said, and never what stood where a digest should."""
    with pytest.raises(AirflowFailException, match=said) as refused:
        Run(**form).plan()
    assert BERT not in str(refused.value)
