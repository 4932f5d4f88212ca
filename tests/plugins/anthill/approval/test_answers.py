"""What an answer does: the tasks of `governance` one by one where a person is asked, the answer as Airflow has it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, TaskAwaitingInput

from anthill import run_note, task
from anthill.alerts import failure
from anthill.approval import state
from anthill.approval.drift import ShowDrift
from anthill.approval.report import ReportPlan
from anthill.approval.tasks import ApplyPlan, ApprovePlan, PlanGovernance
from anthill.governance.operator import ApplyGrants
from tests.local.databricks.workspace import Workspace

from .conftest import TABLE, VIEW, Declare, give, held, records

AT = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)
ANNA = {"id": "7", "name": "anna"}


class Run:
    """One run's tasks by hand, with an XCom of its own; the answer is what Airflow's scheduler would hand over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.xcom: dict[tuple[str, str], Any] = {}
        self.states: dict[str, str] = {}
        self.task_id = ""
        monkeypatch.setattr(task, "state_of", lambda _, task_id: self.states.get(task_id, "None"))
        monkeypatch.setattr(run_note, "write", lambda *_: True)

    @property
    def context(self) -> Any:
        """What a task is given."""
        ti = SimpleNamespace(
            dag_id="governance", run_id="r", task_id=self.task_id, map_index=-1, id="1", xcom_push=self.push,
            xcom_pull=lambda task_ids, key="return_value": self.xcom.get((task_ids, key)),
        )  # fmt: skip
        return {"ti": ti, "task_instance": ti, "dag_run": SimpleNamespace(dag_id="governance", run_id="r")}

    def push(self, key: str, value: Any) -> None:
        """Keep it for other tasks."""
        self.xcom[self.task_id, key] = value

    def do(self, operator: Any) -> Any:
        """Execute a task as Airflow would, its state and its error kept."""
        self.task_id = operator.task_id
        try:
            found = operator.execute(self.context)
        except Exception as error:
            self.states[self.task_id] = "failed"
            failure.remember({**self.context, "exception": error})
            raise
        self.states[self.task_id] = "success"
        self.push("return_value", found)
        return found

    def plan(self) -> dict[str, Any]:
        """The plan."""
        return self.do(PlanGovernance(task_id="plan"))

    def answer(self, option: str, who: dict[str, str] | None) -> None:
        """The answer, by somebody or by the end of the time."""
        event = {"chosen_options": [option], "params_input": {}, "responded_at": AT, "responded_by_user": who}
        self.task_id = "approve"
        operator = ApprovePlan(task_id="approve")
        operator.execute_complete({**self.context, "task": operator}, event)  # of a no, its result is kept nowhere
        self.states |= {"approve": "success", **({"apply": "skipped"} if option == "Reject" else {})}

    def apply(self) -> dict[str, int]:
        """The change."""
        return self.do(ApplyPlan(task_id="apply"))

    def report(self) -> dict[str, Any]:
        """The record."""
        return self.do(ReportPlan(task_id="report"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, declare: Declare) -> Run:
    """A run in an environment where a person is asked."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__APPROVAL", "True")
    return Run(monkeypatch)


def approved(run: Run) -> None:
    """The plan, anna's yes, the change and the record."""
    run.plan()
    run.answer("Approve", ANNA)
    run.apply()
    run.report()


def test_what_a_person_approved_is_applied_under_her_name(
    run: Run, declare: Declare, workspace: Workspace, s3: Any, bucket: str
) -> None:
    """Who, which plan, when; the next plan asks nobody, and is approved by the declaration."""
    declare(daily_prices={"analysts": ["SELECT"]})
    plan = run.plan()
    assert plan["asks"]
    assert plan["waits"] == [f"table {TABLE}: analysts +SELECT"]
    assert "### Waits for an approval: is given (1)" in plan["shown"]
    run.answer("Approve", ANNA)
    assert held(workspace) == {}
    assert run.apply() == {"added": 1, "removed": 0}
    assert held(workspace) == {"analysts": ["SELECT"]}
    run.report()
    (record,) = records(s3, bucket)
    assert (record["outcome"], record["by"], record["sha256"]) == ("applied", "anna", plan["sha256"])
    assert dt.datetime.fromisoformat(record["answered_at"]) == AT
    assert not run.plan()["asks"]


@pytest.mark.parametrize(
    ("who", "outcome", "said"),
    [(ANNA, "rejected", "was rejected by anna"), (None, "unanswered", "was answered by nobody")],
)
def test_a_no_and_no_answer_change_nothing(
    run: Run,
    declare: Declare,
    workspace: Workspace,
    s3: Any,
    bucket: str,
    topic: tuple[str, Any],
    who: dict[str, str] | None,
    outcome: str,
    said: str,
) -> None:
    """It is recorded with who said it, one message tells it, and the next plan asks again."""
    give(workspace, "analysts", "SELECT")
    declare(daily_prices={"data_engineers": ["SELECT"]})
    run.plan()
    run.answer("Reject", who)
    assert run.report()["outcome"] == outcome
    assert held(workspace) == {"analysts": ["SELECT"]}
    (record,) = records(s3, bucket)
    assert (record["outcome"], record["by"]) == (outcome, who["name"] if who else "")
    (message,) = topic[1]()
    assert said in message["Subject"]
    assert run.plan()["asks"]


def test_an_approval_of_a_plan_that_moved_on_changes_nothing(
    run: Run, declare: Declare, workspace: Workspace, s3: Any, bucket: str, topic: tuple[str, Any]
) -> None:
    """Somebody gave something by hand meanwhile: it is told what, once, and neither half is done."""
    declare(daily_prices={"analysts": ["SELECT"]})
    run.plan()
    give(workspace, "data_scientists", "MODIFY")
    run.answer("Approve", ANNA)
    with pytest.raises(AirflowFailException, match=r"Nothing was changed: .* data_scientists MODIFY"):
        run.apply()
    with pytest.raises(AirflowFailException):
        run.report()
    assert held(workspace) == {"data_scientists": ["MODIFY"]}
    (record,) = records(s3, bucket)
    assert (record["outcome"], record["by"]) == ("moved", "anna")
    (message,) = topic[1]()
    assert "has moved on" in message["Subject"]


def test_a_principal_that_was_deleted_in_between_changes_nothing(
    run: Run, declare: Declare, workspace: Workspace, topic: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not half of it: the other table, too, has no readers yet."""
    from anthill.governance import principals

    declare(daily_prices={"data_scientists": ["SELECT"]}, sessions={"analysts": ["SELECT"]})
    run.plan()
    run.answer("Approve", ANNA)
    exists = principals._exists
    monkeypatch.setattr(principals, "_exists", lambda hook, who: who != "data_scientists" and exists(hook, who))
    with pytest.raises(AirflowFailException, match=r"Nothing was changed.\nprincipal data_scientists: the workspace"):
        run.apply()
    with pytest.raises(AirflowFailException):
        run.report()
    assert held(workspace) == held(workspace, VIEW) == {}
    (message,) = topic[1]()
    assert "principal data_scientists" in message["Message"]


def test_the_same_approval_twice_changes_nothing_more(run: Run, declare: Declare, workspace: Workspace) -> None:
    """A task that is cleared and runs again finds all done; an old approval does not undo what was approved since."""
    declare(daily_prices={"analysts": ["SELECT"]})
    approved(run)
    assert run.apply() == {"added": 0, "removed": 0}
    first = run.xcom["plan", "return_value"]
    declare(daily_prices={"data_engineers": ["SELECT"]})
    approved(run)
    declare(daily_prices={"analysts": ["SELECT"]})
    run.xcom["plan", "return_value"] = first
    with pytest.raises(AirflowFailException, match="moved on"):
        run.apply()
    assert held(workspace) == {"data_engineers": ["SELECT"]}


def test_a_message_says_where_to_answer(
    run: Run, declare: Declare, topic: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link of the run's required action, what waits, and until when; the task then waits for an answer."""
    from airflow.providers.standard.operators import hitl

    monkeypatch.setattr(hitl, "upsert_hitl_detail", lambda **_: None)
    declare(daily_prices={"analysts": ["SELECT"]})
    run.plan()
    operator = ApprovePlan(task_id="approve")
    run.task_id = "approve"
    with pytest.raises(TaskAwaitingInput) as waits:
        operator.execute({**run.context, "task": operator})
    assert waits.value.timeout == dt.timedelta(hours=20)
    assert operator.defaults == ["Reject"]
    (message,) = topic[1]()
    assert "http://airflow/dags/governance/runs/r/tasks/approve/required_actions" in message["Message"]
    assert f"- table {TABLE}: analysts +SELECT" in message["Message"]
    assert message["MessageAttributes"]["severity"]["Value"] == "alert"


def test_what_was_done_by_hand_is_told_with_who_and_when(
    run: Run, declare: Declare, workspace: Workspace, topic: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given and taken; what a commit no longer declares is nobody's hand. The local workspace has no audit table."""
    show = lambda: run.do(ShowDrift(task_id="drift"))  # noqa: E731
    declare(daily_prices={"analysts": ["SELECT"], "data_engineers": ["SELECT"]})
    run.plan()
    assert show() == {"by_hand": None, "by_iam": None, "in_glue": None}
    run.answer("Approve", ANNA)
    run.apply()
    run.report()
    declare(daily_prices={"analysts": ["SELECT"]})
    run.plan()
    assert show() == {"by_hand": 0, "by_iam": None, "in_glue": None}
    give(workspace, "data_scientists", "MODIFY")
    change = {"principal": "analysts", "remove": ["SELECT"]}
    workspace.call("PATCH", f"2.1/unity-catalog/permissions/table/{TABLE}", changes=[change])
    run.plan()
    topic[1]()
    with pytest.raises(AirflowFailException) as error:
        show()
    given, taken, ways = str(error.value).splitlines()
    assert (given, taken) == (f"table {TABLE}: data_scientists +MODIFY", f"table {TABLE}: analysts -SELECT")
    assert "declare it in include/grants/, or let it be undone" in ways
    (message,) = topic[1]()
    assert "2 rights were given or taken by hand (no audit table tells who)" in message["Message"]

    rows = [
        ["2026-11-29T11:00:00Z", "otto@x.com", "unityCatalog", "updatePermissions", TABLE, said, done, "", "10.0.0.1"]
        for said, done in (("data_scientists +MODIFY", "true"), ("data_scientists +SELECT", "false"))
    ]
    names = [
        "event_time",
        "who",
        "service_name",
        "action_name",
        "what",
        "change",
        "done",
        "refusal",
        "source_ip_address",
    ]
    answer = {
        "status": {"state": "SUCCEEDED"},
        "manifest": {"schema": {"columns": [{"name": name} for name in names]}},
        "result": {"data_array": rows},
    }
    asked: list[Any] = []

    class Audited:
        def _do_api_call(self, endpoint: tuple[str, str], body: Any = None) -> Any:
            asked.append(body)
            return {"warehouses": [{"id": "w"}]} if endpoint[0] == "GET" else answer

    monkeypatch.setattr(state, "hook", lambda *_: Audited())
    with pytest.raises(AirflowFailException, match=r"data_scientists \+MODIFY, by otto@x.com at 2026-11-29T11:00:00Z"):
        show()
    assert "FROM system.access.audit" in asked[-1]["statement"]
    assert not asked[-1]["statement"].rstrip().endswith(";")
    assert {each["name"] for each in asked[-1]["parameters"]} == {"first", "last"}


def test_a_market_day_applies_what_an_approved_plan_holds(
    run: Run, declare: Declare, workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader that a view has lost comes back; a new reader and a removal wait, and the task is green."""
    market_day = lambda: ApplyGrants(task_id="grants", asset_class="stocks").execute({})  # noqa: E731
    declare(daily_prices={"analysts": ["SELECT"]})
    assert market_day() == {"granted": 0, "revoked": 0, "unchanged": 0, "waiting": 1}
    assert held(workspace) == {}
    approved(run)
    change = {"principal": "analysts", "remove": ["SELECT"]}
    workspace.call("PATCH", f"2.1/unity-catalog/permissions/table/{TABLE}", changes=[change])
    give(workspace, "data_scientists", "MODIFY")
    declare(daily_prices={"analysts": ["SELECT"], "data_engineers": ["SELECT"]})
    assert market_day() == {"granted": 1, "revoked": 0, "unchanged": 0, "waiting": 2}
    assert held(workspace) == {"analysts": ["SELECT"], "data_scientists": ["MODIFY"]}


def test_a_misspelt_setting_is_no_no(run: Run, declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes yes means that somebody is asked."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__APPROVAL", "yes")
    declare(daily_prices={"analysts": ["SELECT"]})
    with pytest.raises(AirflowFailException, match=r"anthill\.approval is 'yes'; allowed: True, False"):
        run.plan()
