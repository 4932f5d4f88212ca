"""The last task of a day tells what has to be told, once, and is red unless all others are green."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TriggerRule
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from anthill.alerts import metrics
from anthill.alerts.complete import CompleteDay
from tests.plugins.anthill.alerts.conftest import Read
from tests.scripted_server import ScriptedServer, error, page

MARKED = "marked-9"
START = pendulum.datetime(2026, 7, 2)
TASKS = ("land.bars", "land.splits", "silver", "quality", "gold")
FINE = dict.fromkeys(TASKS, "success")
RESULTS: dict[str, Any] = {
    "land.bars": {"rows": 1200, "drift": []},
    "land.splits": {"rows": 34},
    "silver": {"datasets": {}},
    "quality": {"warnings": []},
    "gold": "no dict",
}


class Day:
    """A day's run whose tasks ended one way or another, the notes that were written and what was measured."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.notes: list[str] = []
        self.measured: list[Any] = []
        patch.setattr("anthill.run_note.write", lambda context, text: self.notes.append(text))
        patch.setattr(metrics, "send", lambda outcome, now: self.measured.append(outcome))
        with DAG("stocks", schedule=None):
            self.task = CompleteDay(task_id="complete", asset_class="stocks")
            [EmptyOperator(task_id=name) for name in TASKS] >> self.task

    def end(
        self,
        states: dict[str, str] | None = None,
        errors: dict[str, str] | None = None,
        run_type: str = "scheduled",
        held_back: list[str] | None = None,
        start: Any = START,
    ) -> dict[str, Any]:
        """Run the task after the others."""
        ended = {name: state for name, state in {**FINE, **(states or {})}.items() if state}

        def pull(task_ids: str, key: str = "return_value") -> Any:
            if key == "held_back":
                return held_back if task_ids == "gold" else None
            return (errors or {}).get(task_ids) if key == "error" else RESULTS[task_ids]

        def task_states(dag_id: str, run_ids: list[str]) -> dict[str, dict[str, str]]:
            assert (dag_id, run_ids) == ("stocks", ["r"])
            return {"r": {**ended, "another": "failed"}}

        ti: Any = SimpleNamespace(dag_id="stocks", run_id="r", get_task_states=task_states, xcom_pull=pull)
        run = SimpleNamespace(run_type=run_type, dag_id="stocks", run_id="r", run_after=pendulum.datetime(2026, 7, 4))
        context: Any = {"ti": ti, "params": {}, "data_interval_start": start, "dag_run": run, "run_id": "r"}
        return self.task.execute(context)


@pytest.fixture
def day(topic: tuple[str, Read], bucket: str, monkeypatch: pytest.MonkeyPatch) -> Day:
    """July 2nd; messages of both kinds go to the topic."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__ALERT_TOPIC_ARN", topic[0])
    monkeypatch.setenv("AIRFLOW__ANTHILL__NOTICE_TOPIC_ARN", topic[0])
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example")
    return Day(monkeypatch)


def test_a_whole_day_is_green_and_noted(day: Day, topic: tuple[str, Read]) -> None:
    """What was landed, and no message; a task that had nothing to do is whole."""
    assert day.end({"gold": "skipped"}) == {"market_date": "2026-07-02"}
    assert day.notes == ["stocks 2026-07-02: 2 datasets landed, 1,234 rows."]
    assert topic[1]() == []
    (outcome,) = day.measured
    assert outcome.states == {**FINE, "gold": "skipped"}  # of its own tasks, and of no others
    assert set(outcome.results) == {"land.bars", "land.splits", "silver", "quality"}
    assert outcome.link == "https://airflow.example/dags/stocks/runs/r"


def test_a_look_that_found_nothing_tells_nothing(day: Day, topic: tuple[str, Read]) -> None:
    """Of a database, where landing is skipped: a failure before it is not over by that."""
    with pytest.raises(AirflowFailException):
        day.end({"gold": "failed"})
    day.task.about = "land.bars"
    with pytest.raises(AirflowSkipException, match=r"land\.bars was skipped: there is nothing to tell"):
        day.end({"land.bars": "skipped"})
    (failure,) = topic[1]()
    assert failure["Subject"] == "stocks 2026-07-02 failure: gold failed"
    assert len(day.notes) == len(day.measured) == 1
    day.end()
    assert topic[1]()[0]["Subject"] == "stocks 2026-07-02 recovery: the day is whole"


def test_a_look_by_hand_is_told_under_the_day_on_which_it_was_started(day: Day, topic: tuple[str, Read]) -> None:
    """An edition that somebody asks for is about no market day of the run's own; what fails is told as ever."""
    day.task.about = "land.bars"
    assert day.end(run_type="manual", start=None) == {"market_date": "2026-07-04"}
    assert topic[1]() == []
    with pytest.raises(AirflowFailException):
        day.end({"gold": "failed"}, run_type="manual", start=None)
    assert topic[1]()[0]["Subject"] == "stocks 2026-07-04 failure: gold failed"


def test_a_cut_is_noted_with_its_moment(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many tables there are, and how many had changed."""
    cut = {"at": "20260702T120300Z", "changed": ["staff"], "rows": {"staff": 3, "design": 2}}
    monkeypatch.setitem(RESULTS, "land", cut)
    monkeypatch.setitem(FINE, "land", "success")
    with day.task.dag:
        EmptyOperator(task_id="land") >> day.task
    day.end()
    assert day.notes == ["stocks 20260702T120300Z: 1 of 2 tables have changed."]


def test_a_red_task_makes_the_day_red_and_is_told_once(day: Day, topic: tuple[str, Read]) -> None:
    """With its own words, in the failure, the note and the message; when it is over, that is told once, too."""
    for _ in range(2):
        with pytest.raises(
            AirflowFailException, match=r"1 datasets landed, 1,200 rows\.\nland\.splits: no key\nFirst: "
        ):
            day.end({"land.splits": "failed", "gold": "upstream_failed"}, {"land.splits": "no key", "gold": "x"})
    cause, step = day.notes[-1].splitlines()[1:]
    assert cause == "land.splits: no key"
    assert step.startswith("First: open the log of the task: its last lines say")
    assert step.endswith("The runbook: docs/runbook.md#land")
    (message,) = topic[1]()
    assert message["Subject"] == "stocks 2026-07-02 failure: land.splits failed"
    assert cause in message["Message"]
    assert "The runbook: docs/runbook.md#land" in message["Message"]
    for _ in range(2):
        day.end()
    (recovery,) = topic[1]()
    assert recovery["Subject"] == "stocks 2026-07-02 recovery: the day is whole"
    assert "nothing has to be done: this ends the earlier message" in recovery["Message"]


def test_a_day_that_gold_held_back_is_red(day: Day) -> None:
    """In the words of gold's notebook, in the failure and the note."""
    with pytest.raises(
        AirflowFailException, match=r"\ngold holds back bars of 2026-07-02: not checked\nFirst: .*#gold$"
    ):
        day.end({"gold": "skipped"}, held_back=["bars of 2026-07-02: not checked"])


def test_a_task_that_was_never_run_makes_the_day_red(day: Day) -> None:
    """Airflow knows no state of it."""
    with pytest.raises(AirflowFailException, match="2 datasets landed"):
        day.end({"gold": ""})
    assert day.measured[0].states["gold"] == "none"


def test_a_backfills_days_send_nothing(day: Day, topic: tuple[str, Read]) -> None:
    """They are red all the same."""
    with pytest.raises(AirflowFailException, match="silver: it said nothing"):
        day.end({"silver": "failed"}, run_type="backfill")
    assert topic[1]() == []


def test_a_message_that_cannot_be_sent_makes_a_whole_day_red(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would miss it otherwise."""
    monkeypatch.setitem(RESULTS, "quality", {"warnings": ["few rows"]})
    monkeypatch.setenv("AIRFLOW__ANTHILL__NOTICE_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:nowhere")
    said = r"(?s)1,234 rows\.\nquality: 1 expectations are not met\nA message about it could not be sent: \w+: .*"
    with pytest.raises(AirflowFailException, match=said):
        day.end()


def test_metrics_that_cannot_be_sent_make_no_day_red(
    day: Day, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gap in a graph, and a line in the log."""

    def refuse(outcome: Any, now: Any) -> None:
        raise ValueError("no such namespace")

    monkeypatch.setattr(metrics, "send", refuse)
    assert day.end() == {"market_date": "2026-07-02"}
    assert "The metrics were not sent: ValueError: no such namespace" in capsys.readouterr().out


def test_it_looks_whatever_became_of_the_others(day: Day) -> None:
    """And once: a second try would see the same."""
    assert (day.task.trigger_rule, day.task.retries) == (TriggerRule.ALL_DONE, 0)


def test_a_run_that_is_about_no_day_is_told(day: Day, topic: tuple[str, Read], monkeypatch: pytest.MonkeyPatch) -> None:
    """In the failure, the note and a message, with what to do; one that cannot be sent is in the failure."""
    said = "run r has no data interval: trigger it again"
    with pytest.raises(AirflowFailException, match=said):
        day.end(dict.fromkeys(TASKS, "failed"), run_type="manual", start=None)
    assert day.notes[0].startswith(said)
    assert day.measured == []
    (message,) = topic[1]()
    assert message["Subject"] == "stocks 2026-07-04 failure: a run was started that is about no market day"
    assert said in message["Message"]
    monkeypatch.setenv("AIRFLOW__ANTHILL__ALERT_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:nowhere")
    with pytest.raises(AirflowFailException, match=rf"(?s){said}.*A message about it could not be sent: \w+"):
        day.end(run_type="manual", start=None)


def test_an_announced_day_off_is_told_once(
    day: Day, topic: tuple[str, Read], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A whole day stays green; where the source cannot be asked, the log says so and nothing else changes."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__CLOCK", "2026-07-02T22:00-04:00")
    announced = [{"date": "2026-07-08", "exchange": "NYSE", "name": "Day of mourning", "status": "closed"}]
    answers = [page(announced), page(announced), page({"status": "ERROR"}), error(500)]
    with ScriptedServer(lambda _: answers.pop(0)) as server:
        monkeypatch.setenv(
            "AIRFLOW_CONN_POLYGON_DEFAULT",
            json.dumps({"conn_type": "polygon", "host": server.url, "password": MARKED, "extra": {"plan": "advanced"}}),
        )
        for _ in range(4):
            assert day.end() == {"market_date": "2026-07-02"}
        assert {asked.path for asked in server.asked} == {"/v1/marketstatus/upcoming"}
    (message,) = topic[1]()
    assert message["Subject"].startswith("stocks 2026-07-08 calendar: the source announces that NYSE is closed")
    assert 'below `XNYS:` as `2026-07-08: "Day of mourning"`' in message["Message"]
    assert capsys.readouterr().out.count("Days off to come are not known") == 2
