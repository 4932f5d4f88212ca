"""Messages and logs lead to a section of the runbook that is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from anthill import catalog
from anthill.alerts import runbook
from anthill.alerts.alert import Kind
from anthill.approval.dag import governance_dag
from anthill.backfill.dag import backfill_dag
from anthill.dag_builder.intraday import intraday_dag
from anthill.dag_builder.market import market_dag

TEXT = (Path(__file__).parents[4] / "docs" / "runbook.md").read_text()
ANCHORS = {*re.findall(r"^### (\S+)$", TEXT, re.MULTILINE), *re.findall(r'^<a id="([^"]+)"></a>$', TEXT, re.MULTILINE)}


def test_every_section_that_is_named_is_there() -> None:
    """Of every kind of message, and of every step."""
    assert {*get_args(Kind), *runbook.STEPS.values(), runbook.INTRADAY} <= ANCHORS


@pytest.mark.parametrize("asset_class", catalog.asset_classes())
def test_every_task_of_a_market_day_has_a_section(asset_class: str) -> None:
    """Whichever is red."""
    for task in market_dag(asset_class, None).task_ids:
        assert runbook.section(asset_class, task) in ANCHORS, task
    if catalog.load(asset_class).intraday:
        dag = intraday_dag(asset_class, None)
        assert {runbook.section(dag.dag_id, task) for task in dag.task_ids} == {"intraday"}


def test_every_task_of_a_backfill_that_can_fail_has_a_section() -> None:
    """The others only wait."""
    waiting = {"landed", "computed"}
    sections = {task: runbook.section("market_backfill", task) for task in backfill_dag(None).task_ids}
    assert {task for task, section in sections.items() if section not in ANCHORS} == waiting
    assert (sections["chunk.land"], sections["report"]) == ("land", "market_backfill")
    assert runbook.section("doctor", "examine") == ""


def test_the_second_of_two_headings_of_one_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken expectation is another section than a doubt; on the site as in the repository."""
    assert TEXT.index('<a id="task-quality">') > TEXT.index("## Red tasks") > TEXT.index("### quality")
    assert runbook.link("task-quality") == "docs/runbook.md#task-quality"
    monkeypatch.setenv("AIRFLOW__ANTHILL__DOCS_URL", "https://docs.example/anthill/")
    assert runbook.link("land") == "https://docs.example/anthill/runbook.html#land"


def test_every_task_of_governance_has_its_section() -> None:
    """Its plan is none of a backfill."""
    assert {runbook.section("governance", task) for task in governance_dag(None).task_ids} == {"governance"}
    assert "governance" in ANCHORS
