"""The DAG `erasure`: what its form takes, and that nothing goes before somebody has said yes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from anthill.erasure.dag import erasure_dag

DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def dag() -> DAG:
    """The DAG, anew for each test: a field keeps what it was given."""
    return erasure_dag("what it does")


def test_nothing_goes_before_the_answer(dag: DAG) -> None:
    """Bronze first, then the tables; what was done is recorded however it ends; no yes within a week is a no."""
    order = {"plan": set(), "approve": {"plan"}, "bronze": {"approve"}, "tables": {"bronze"}, "record": {"tables"}}
    assert {task: dag.task_dict[task].upstream_task_ids for task in dag.task_ids} == order
    rules = dict.fromkeys(order, "all_success") | {"record": "all_done"}
    assert {task: dag.task_dict[task].trigger_rule for task in order} == rules
    approve: Any = dag.task_dict["approve"]
    assert (approve.defaults, approve.response_timeout) == (["Reject"], dt.timedelta(days=7))
    assert (approve.subject, approve.body) == (
        "Erase what plan {{ ti.xcom_pull(task_ids='plan')['sha256'][:12] }} names?",
        "{{ ti.xcom_pull(task_ids='plan')['markdown'] }}",
    )


def test_it_is_started_by_hand_and_alone(dag: DAG) -> None:
    """No schedule, one run at a time, found where rights are; its documentation is the file's."""
    assert (dag.dag_id, dag.schedule, dag.catchup, dag.max_active_runs) == ("erasure", None, False, 1)
    assert (dag.tags, dag.doc_md) == ({"governance"}, "what it does")
    assert {task.owner for task in dag.tasks} == {"market-data"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dataset", "people.panel"),
        ("column", "person"),
        ("digests", [DIGEST]),
        ("market_date", "2026-07-01"),
        *((name, None) for name in ("dataset", "column", "digests", "market_date")),
    ],
)
def test_what_may_be_asked_for(dag: DAG, name: str, value: Any) -> None:
    """People, or a day; what is left out is nothing."""
    assert dag.params.get_param(name).resolve(value) == value
    assert set(dag.params) == {"dataset", "column", "digests", "market_date"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("digests", ["Ann"]),
        ("digests", [DIGEST.upper()]),
        ("digests", [f"{DIGEST}0"]),
        ("digests", DIGEST),
        ("market_date", "yesterday"),
        ("dataset", 7),
        ("column", ["a"]),
    ],
)
def test_a_value_itself_is_refused(dag: DAG, name: str, value: Any) -> None:
    """A name in place of its digest would stay in Airflow."""
    with pytest.raises(ParamValidationError):
        dag.params.get_param(name).resolve(value)
