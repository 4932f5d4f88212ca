"""The form of a bulk backfill takes what can be planned and refuses the rest; its DAG runs when it is asked to."""

from __future__ import annotations

import re
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import ParamValidationError

from anthill import catalog
from anthill.backfill.dag import backfill_dag


@pytest.fixture
def dag() -> DAG:
    """The DAG, anew for each test: a field keeps what it was given."""
    return backfill_dag("what it does")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("asset_class", name) for name in catalog.asset_classes()),
        ("datasets", None),
        ("datasets", ["splits", "dividends"]),
        ("market_date_from", None),
        ("market_date_from", "2019-07-01"),
        ("market_date_to", None),
        ("market_date_to", "2019-07-01"),
        ("only", None),
        ("only", {"splits": ["2026-06-01", "2026-06-08/2026-06-12"]}),
        ("chunk", 1),
        ("chunk", 504),
        ("again", True),
        ("again", False),
        ("begin_at", "bronze"),
        ("begin_at", "silver"),
        ("begin_at", "gold"),
    ],
)
def test_what_may_be_asked_for(dag: DAG, name: str, value: Any) -> None:
    """Airflow takes it, as it is."""
    assert dag.params.get_param(name).resolve(value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("asset_class", "bonds"),
        ("asset_class", None),
        ("datasets", "splits"),
        ("datasets", [1]),
        ("market_date_from", "yesterday"),
        ("market_date_from", 20190701),
        ("market_date_to", "2019-07-32"),
        ("market_date_to", []),
        ("only", ["splits"]),
        ("chunk", 0),
        ("chunk", 505),
        ("chunk", 1.5),
        ("chunk", None),
        ("again", "yes"),
        ("again", None),
        ("begin_at", "quality"),
        ("begin_at", None),
    ],
)
def test_what_may_not(dag: DAG, name: str, value: Any) -> None:
    """Airflow refuses it before a run is made."""
    with pytest.raises(ParamValidationError):
        dag.params.get_param(name).resolve(value)


def test_nobody_starts_years_by_a_slip(dag: DAG) -> None:
    """Neither asset class nor days have a default; a chunk is a quarter, and what is landed is not fetched again."""
    with pytest.raises(ParamValidationError):
        dag.params.get_param("asset_class").resolve()
    rest = {name: dag.params.get_param(name).resolve() for name in dag.params if name != "asset_class"}
    days = dict.fromkeys(("datasets", "market_date_from", "market_date_to", "only"))
    assert rest == {**days, "chunk": 63, "again": False, "begin_at": "bronze"}


def test_each_field_says_what_it_is(dag: DAG) -> None:
    """A title and a sentence, in the case of a sentence; the days' example is one that the plan takes."""
    for name in dag.params:
        schema = dag.params.get_param(name).serialize()["schema"]
        said = dag.params.get_param(name).description
        assert re.match(r"[A-Z][a-z]+( [a-z]|$)", schema["title"]), name
        assert said is not None
        assert re.match(r"[A-Z][a-z]+ ", said), name
        assert said.strip() == said
    example = re.search(r"\{.*\}", dag.params.get_param("only").description or "")
    assert example is not None
    assert example[0] == '{"splits": ["2026-06-01", "2026-06-08/2026-06-12"]}'


def test_the_dag_waits_to_be_asked(dag: DAG) -> None:
    """No schedule and no catching up; several backfills may run at once; people find it by its tags and its text."""
    assert (dag.dag_id, dag.schedule, dag.catchup, dag.doc_md) == ("market_backfill", None, False, "what it does")
    assert dag.max_active_runs > 1
    assert dag.tags == {"market", "backfill"}
    assert re.match(r"[A-Z][a-z]+ ", dag.description or "")
    assert {task.owner for task in dag.tasks} == {"market-data"}
    assert {task.task_id for task in dag.tasks} == {
        "plan", "chunk.land", "chunk.silver", "landed", "quality", "gold", "computed", "grants", "report", "complete"
    }  # fmt: skip
    assert [dag.get_task(name).job for name in ("quality", "gold")] == ["quality", "gold"]
