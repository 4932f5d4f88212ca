"""The tasks of the DAG `models`: what each asks the job for, on which day, and what operators are told of it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from anthill import settings
from anthill.alerts import topics
from anthill.forecasts.dag import models_dag
from anthill.forecasts.operators import ChangeModel, Score
from anthill.parameters import checked

MONDAY, SUNDAY = dt.datetime(2026, 6, 15, 11, tzinfo=dt.UTC), dt.datetime(2026, 6, 14, 11, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day on which nothing is trained."""
    monkeypatch.setattr(settings, "now", lambda: MONDAY)


def context(**form: Any) -> Any:
    """What a running task is given."""
    run = SimpleNamespace(dag_id="models", run_id="r", run_type="manual")
    return {"params": form, "dag_run": run, "ti": SimpleNamespace(task_id="score")}


def test_the_dag_forecasts_daily_and_neither_task_waits_for_the_other() -> None:
    """Both are leaves: what is red makes the run red."""
    dag = models_dag("what it does")
    assert (dag.dag_id, dag.doc_md, dag.schedule, dag.catchup) == ("models", "what it does", "30 10 * * *", False)
    assert {task.task_id: task.upstream_task_ids for task in dag.tasks} == {"score": set(), "change": set()}


def test_a_run_is_about_the_week_before_it_or_what_the_form_says() -> None:
    """The job takes the parameters as they are."""
    given = Score(task_id="score").parameters(context())
    days = {"market_date_from": "2026-06-08", "market_date_to": "2026-06-15"}
    assert given == {"catalog": "dev", **days, "action": "score", "version": ""}
    assert checked(given) == given
    form = {"action": "rescore", "market_date_from": "2026-05-01", "market_date_to": "2026-05-29"}
    asked = Score(task_id="score").parameters(context(**form))
    assert (asked["action"], asked["market_date_from"], asked["market_date_to"]) == tuple(form.values())
    with pytest.raises(AirflowFailException, match="2026-07-01 is after market_date_to 2026-06-15"):
        Score(task_id="score").parameters(context(market_date_from="2026-07-01"))


def test_a_training_is_on_sundays_and_a_form_goes_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """On other days nothing is changed; a rollback names its version."""
    change = ChangeModel(task_id="change")
    with pytest.raises(AirflowSkipException, match="due on Sundays"):
        change.execute(context())
    assert change.action(context(action="rescore")) == ""
    assert change.parameters(context(action="roll_back", version="4"))["version"] == "4"
    with pytest.raises(AirflowFailException, match="roll_back needs the number of a version"):
        change.parameters(context(action="roll_back"))
    monkeypatch.setattr(settings, "now", lambda: SUNDAY)
    assert change.action(context()) == "train"
    assert change.action(context(action="copy")) == "copy"
    assert change.parameters(context(action="copy"))["version"] == ""


def test_operators_are_told_of_a_champion_that_loses_or_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notice each, with what the job found; a run in which all is well says nothing."""
    sent: list[Any] = []
    monkeypatch.setattr(topics, "publish", lambda alert, conn: sent.append(alert))
    task = Score(task_id="score")
    task._tell(context(), 1, {"beaten": [], "no_model": ""})
    assert sent == []
    task._tell(context(), 1, {"beaten": ["stocks: from"], "no_model": "no model: down"})
    assert [(alert.kind, alert.severity, alert.details) for alert in sent] == [
        ("model", "notice", ("stocks: from",)),
        ("model", "notice", ("no model: down",)),
    ]
    assert all(alert.runbook.endswith("runbook.md#model") for alert in sent)
    assert "better than the champion for 20 days" in sent[0].text
