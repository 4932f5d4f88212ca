"""The tasks that run jobs: whatever becomes of the run, the task says it, and a retry runs the job again."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskDeferred
from structlog.testing import capture_logs

from anthill import assets
from anthill.lakehouse.operator import RunJob
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.lakehouse.job_runs import (
    DAY,
    SECONDS,
    Instance,
    connection,
    context,
    event_of,
    finish,
    job,
    run,
    runs,
    submit,
    task,
    workspace,
)

__all__ = ["connection", "workspace"]

ATTEMPTS = """
import datetime as dt
from airflow.sdk import DAG
from anthill.task import run_of
from anthill.lakehouse.operator import RunJob

class Probe(RunJob):
    def execute(self, context):
        context["ti"].xcom_push("before", run_of(context))
        return super().execute(context)

    def execute_complete(self, context, event):
        ti = context["ti"]
        before = ti.xcom_pull(task_ids=ti.task_id, key="before", map_indexes=ti.map_index)
        ti.xcom_push("attempt", {"before": before, "after": run_of(context)})
        return super().execute_complete(context, event)

with DAG("attempts", schedule=None, start_date=dt.datetime(2026, 1, 1), params={"market_date": ""}):
    Probe(task_id="probe", job="attempts", asset_class="stocks", retries=1, retry_delay=dt.timedelta())
"""


def test_a_run_gives_what_its_notebook_returned(workspace: Workspace) -> None:
    """Deferred while it runs; the result is the notebook's, for the run's market day."""
    job(workspace, "good", SECONDS.format(0.5), DAY)
    assert run("good", Instance("good"))["day"] == "2026-06-02"


def test_a_run_that_the_index_cannot_be_told_of_is_no_failure(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection to S3 is wrong: the task has its result, and its log says what coverage lacks and why."""
    conn = {"conn_type": "aws", "extra": {"endpoint_url": "nowhere", "region_name": "us-east-1"}}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(conn))
    job(workspace, "untold", DAY)
    with capture_logs() as told:
        assert run("untold", Instance("untold"))["day"] == "2026-06-02"
    lines = [line["event"] % line.get("positional_args", ()) for line in told if line["log_level"] == "warning"]
    assert lines[-1:] == ["The coverage index was not told of this run: ValueError: Invalid endpoint: nowhere"]


@pytest.mark.parametrize("nothing_done", [True, False])
def test_what_a_notebook_held_back_is_handed_on(workspace: Workspace, nothing_done: bool) -> None:
    """The lines of what waits are told; where that was all, the task is skipped in the notebook's words."""
    lines = ["stocks.splits of 2026-06-02: not checked since they were loaded"]
    result: dict[str, Any] = {"asset_class": "stocks", "from": "2026-06-02", "to": "2026-06-02", "held_back": lines}
    result |= {"nothing_done": "gold stays as it is"} if nothing_done else {}
    name, instance = f"waits_{nothing_done}".lower(), Instance(f"waits {nothing_done}")
    job(workspace, name, f"dbutils.notebook.exit({json.dumps(json.dumps(result))})")
    deferred = submit(name, instance)
    if nothing_done:
        with pytest.raises(AirflowSkipException, match=r"^gold stays as it is$"):
            finish(name, instance, deferred)
    else:
        assert finish(name, instance, deferred)["held_back"] == lines
    assert instance.xcoms["held_back"] == lines


def test_how_golds_days_stand_is_told_to_the_index_and_not_in_the_log(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has a line a day at worst: neither the log nor the task's result holds it."""
    heard: list[Any] = []
    monkeypatch.setattr("anthill.ledger.gold.hear", lambda _, declared, *given: heard.append((declared, *given)))
    monkeypatch.setattr("anthill.ledger.jobs.record", lambda *given: None)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps({"conn_type": "aws", "extra": {"region_name": "x"}}))
    standing = {"daily_prices": {"reads": ["grouped_daily"], "published": ["2026-06-02"], "held_back": []}}
    told = {"asset_class": "stocks", "from": "2026-06-02", "to": "2026-06-02", "tables": {}, "standing": standing}
    job(workspace, "gold", f"dbutils.notebook.exit({json.dumps(json.dumps(told))})")
    with capture_logs() as said:
        assert "standing" not in run("gold", Instance("gold"))
    ((declared, name, kind, result),) = heard
    assert (declared.asset_class, kind, result["standing"]) == ("stocks", "gold", standing)
    assert name.startswith("stocks/")
    assert "daily_prices" not in str(said)


def test_what_came_of_a_run_is_told_on_its_tables(workspace: Workspace) -> None:
    """The event of each asset has the days and the counts of its table; where the notebook gives none, nothing."""
    counts = {"daily_prices": {"rows": 7, "days": 1}, "movers": "unchanged"}
    told = {"asset_class": "stocks", "from": "2026-06-02", "to": "2026-06-02", "tables": counts}
    job(workspace, "telling", f"dbutils.notebook.exit({json.dumps(json.dumps(told))})")
    tables = [assets.gold("stocks", name) for name in ("daily_prices", "movers", "other")]
    known = context(Instance("telling"))
    known["task"].outlets = tables
    known["outlet_events"] = {table: SimpleNamespace(extra=None) for table in tables}
    try:
        task("telling").execute(known)
    except TaskDeferred as deferred:
        task("telling").execute_complete(known, event_of(deferred.trigger))
    assert [known["outlet_events"][table].extra for table in tables] == [
        {"market_date_from": "2026-06-02", "market_date_to": "2026-06-02", "rows": 7, "days": 1},
        {},
        {},
    ]


WRONG = {
    "nothing": ("pass", "without output"),
    "an empty text": ("dbutils.notebook.exit('')", "without output"),
    "a text": ("dbutils.notebook.exit('done')", "no JSON object: 'done'"),
    "another asset class": (
        DAY.replace("map(", "'forex', *map(").replace('("asset_class", ', "("),
        "of another run: asset_class 'forex' for 'stocks'",
    ),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("waited", [True, False], ids=["waited for", "over at once"])
def test_a_success_without_its_result_is_red(
    workspace: Workspace, what: str, waited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SUCCESS alone is not enough: the message says what is wrong once, with the run, and the index is told."""
    cell, said = WRONG[what]
    name = f"wrong_{what.replace(' ', '_')}_{waited}"
    known = job(workspace, name, *([SECONDS.format(1)] if waited else []), cell)
    told: list[str] = []
    monkeypatch.setattr("anthill.ledger.jobs.record", lambda *given: told.append(given[-1].message))
    instance = Instance(name)
    if not waited:  # submitted before, under the same token, and over when it is submitted again
        with contextlib.suppress(TaskDeferred, AirflowException):
            task(name).execute(context(instance))
        workspace.wait(instance.xcoms["run_id"])
        told.clear()
    with pytest.raises(AirflowException) as caught:
        run(name, instance)
    (only,) = runs(workspace, known)
    assert only["state"]["result_state"] == "SUCCESS"
    message = str(caught.value)
    assert f"Databricks run {only['run_id']} of" in message
    assert said in message
    assert message.count("Databricks run") == 1
    assert told == [message]


def test_a_failed_run_is_red_and_a_retry_runs_it_again(workspace: Workspace) -> None:
    """The message has the notebook's error; the second try is another run, and its own result counts."""
    mark = workspace.folder / "mark"
    fails_once = f"import pathlib; again = pathlib.Path('{mark}').exists(); pathlib.Path('{mark}').touch()"
    known = job(workspace, "flaky", fails_once, "assert again, '3 keys twice'", DAY)
    with pytest.raises(AirflowException, match="3 keys twice"):
        run("flaky", Instance("flaky", 1))
    assert run("flaky", Instance("flaky", 2))["day"] == "2026-06-02"
    assert len(runs(workspace, known)) == 2


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("silver.BadObjectError", AirflowFailException),
        ("silver.SilverError", AirflowException),
        ("quality.QualityError", AirflowFailException),
    ],
)
def test_what_no_other_try_mends_is_not_tried_again(workspace: Workspace, error: str, kind: type[Exception]) -> None:
    """An object that was changed, and rows that break an expectation, are as they are; an engine may do better."""
    place, _, name = error.partition(".")
    job(workspace, name, f"from anthill.lakehouse.{place} import {name}\nraise {name}('2026-06-02: no')")
    with pytest.raises(AirflowException, match=f"{name}: 2026-06-02: no") as raised:
        run(name, Instance(name))
    assert type(raised.value) is kind


def test_the_same_try_submitted_twice_is_one_run(workspace: Workspace) -> None:
    """A task that is handed out twice, or whose answer was lost, finds its run again: Databricks knows the token."""
    known = job(workspace, "twice", SECONDS.format(1), DAY)
    before = Instance("twice")
    after = Instance("twice", id=before.id)
    with contextlib.suppress(TaskDeferred):
        task("twice").execute(context(before))
    assert run("twice", after)["day"] == "2026-06-02"
    assert before.xcoms["run_id"] == after.xcoms["run_id"]
    assert len(runs(workspace, known)) == 1


def test_what_else_is_asked_for_is_another_run(workspace: Workspace) -> None:
    """One attempt, another day or another job: a run of its own, not the one before."""
    first, other = job(workspace, "asked", DAY), job(workspace, "asked_too", DAY)
    instance = Instance("asked")
    run("asked", instance)
    later = context(instance) | {"params": {"market_date": "2026-06-03"}}
    with contextlib.suppress(TaskDeferred):
        task("asked").execute(later)
    run("asked_too", instance)
    assert (len(runs(workspace, first)), len(runs(workspace, other))) == (2, 1)


@pytest.fixture
def dag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None) -> Any:
    """A DAG of Airflow's with one task that runs a job, once and again."""
    from airflow.dag_processing.dagbag import DagBag

    (tmp_path / "attempts.py").write_text(ATTEMPTS)
    monkeypatch.setattr("airflow.settings.DAGS_FOLDER", str(tmp_path))
    return DagBag(dag_folder=str(tmp_path)).dags["attempts"]


def test_a_run_made_again_under_its_old_name_is_an_attempt_of_its_own(workspace: Workspace, dag: Any) -> None:
    """Airflow itself: a deleted run that is made again, and a retry, are new runs there; a deferral is the same."""
    mark = f"pathlib.Path('{workspace.folder}/attempted')"
    fails_once = f"import pathlib; again = {mark}.exists(); {mark}.touch(); assert again"
    known = job(workspace, "attempts", SECONDS.format(0.5), fails_once, DAY)
    moment = dt.datetime(2026, 6, 2, tzinfo=dt.UTC)

    def ended() -> tuple[str, str, str]:
        made = dag.test(logical_date=moment, run_after=moment, run_conf={"market_date": "2026-06-02"})
        (instance,) = made.get_task_instances()
        attempt = instance.xcom_pull(task_ids="probe", key="attempt")
        assert str(instance.state) == "success"
        assert attempt["before"] == attempt["after"], "a deferral is no new attempt"
        return made.run_id, attempt["before"], instance.xcom_pull(task_ids="probe", key="run_id")

    first, again = ended(), ended()
    assert first[0] == again[0], "the same run id"
    assert first[1] != again[1]
    assert first[2] != again[2]
    assert len(runs(workspace, known)) == 3, "one that failed, its retry, and that of the run made again"


WORDS = {"one": "it's 1", "other": 'a "b"', "both": """it's a "b", {'error': 'x'}"""}


@pytest.mark.parametrize("name", WORDS)
def test_a_notebooks_words_are_told_whole(workspace: Workspace, name: str) -> None:
    """Whatever quotes are in them, and nothing of the provider's list around them."""
    job(workspace, f"says-{name}", f"raise ValueError({WORDS[name]!r})")
    with pytest.raises(AirflowException) as caught:
        run(f"says-{name}", Instance("words"))
    assert f"ValueError: {WORDS[name]}" in str(caught.value)
    assert "task_key" not in str(caught.value)


@dataclass
class Day(Instance):
    """A task of a market day, with what became of silver."""

    silver: str = "success"
    silver_run: int | None = 7

    def get_task_states(self, dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
        """The states of the run's tasks."""
        return {run_id: {"silver": self.silver} for run_id in run_ids}

    def xcom_pull(self, task_ids: str, key: str, map_indexes: int = -1) -> Any:
        """Silver's run, or its own."""
        return self.silver_run if (task_ids, key) == ("silver", "run_id") else self.xcoms.get(key)


@pytest.mark.parametrize(("state", "why"), [("skipped", "silver was skipped"), ("failed", "silver started no run")])
def test_what_has_nothing_to_work_on_is_skipped(workspace: Workspace, state: str, why: str) -> None:
    """No run of Databricks is started to find out that the day was not loaded."""
    known = job(workspace, f"idle-{state}", DAY)
    probe = RunJob(task_id="probe", job=f"idle-{state}", asset_class="stocks", after="silver")
    with pytest.raises(AirflowSkipException, match=f"nothing of the market day was loaded: {why}"):
        probe.execute(context(Day("r", silver=state, silver_run=None)))
    assert runs(workspace, known) == []


@pytest.mark.parametrize("state", ["success", "failed", "skipped"])
def test_what_silver_loaded_is_worked_on(workspace: Workspace, state: str) -> None:
    """A run of silver that failed may have loaded all but one dataset."""
    known = job(workspace, f"busy-{state}", DAY)
    probe = RunJob(task_id="probe", job=f"busy-{state}", asset_class="stocks", after="silver")
    with contextlib.suppress(TaskDeferred):
        probe.execute(context(Day("r", silver=state)))
    assert len(runs(workspace, known)) == 1
