"""Readers after a gold that replaced a view and then failed: the real DAGs, with a workspace's real grants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.models.dagrun import DagRun
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from anthill.alerts.complete import CompleteDay
from anthill.backfill.dag import backfill_dag
from anthill.backfill.operators import LandChunk, LoadChunk, PlanBackfill, ReportBackfill
from anthill.dag_builder.market import market_dag
from anthill.governance import grants
from anthill.lakehouse.load_silver import LoadSilver
from anthill.lakehouse.operator import RunJob
from anthill.landing.operator import LandDataset
from tests.by_name import long_but
from tests.local.databricks.workspace import Workspace

PATH = "2.1/unity-catalog/permissions/table/dev.gold.{}"
READERS = {"analysts": ["SELECT"]}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, airflow_database: None) -> Iterator[Workspace]:
    """A workspace with a table and a view of it."""
    running = Workspace(tmp_path_factory.mktemp("workspace")).start()
    running.sql("CREATE TABLE dev.gold.forex_prices (n INT) USING delta")
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def declared(tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tables with readers, of which gold has made one; nobody reads it."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setattr(grants, "include_dir", lambda: tmp_path)
    (tmp_path / "grants").mkdir()
    (tmp_path / "grants/shared.yaml").write_text("securables: []")
    names = ("prices", "returns")
    tables = [{"type": "table", "name": f"{{catalog}}.gold.forex_{name}", "grants": READERS} for name in names]
    (tmp_path / "grants/forex.yaml").write_text(yaml.safe_dump({"securables": tables}))
    change = {"principal": "analysts", "remove": ["SELECT"]}
    workspace.call("PATCH", PATH.format("forex_prices"), changes=[change])


def run(dag: DAG, gold: Exception | None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A run in which gold ends so, and everything else but the grants is no work; how each task ended."""

    def execute(_: Any, context: Any) -> Any:
        if context["ti"].task_id == "gold" and gold:
            raise gold
        plan = {"market_date_from": "2026-06-01", "market_date_to": "2026-06-01", "days_before": 0}
        return [plan] if context["ti"].task_id == "plan" else {}

    for kind in (LandDataset, LoadSilver, RunJob, CompleteDay, PlanBackfill, LandChunk, LoadChunk, ReportBackfill):
        monkeypatch.setattr(kind, "execute", execute)
    dag.deadline = None
    for task in dag.tasks:
        task.retries = 0
    form = {"asset_class": "forex", "market_date_from": "2026-06-01", "market_date_to": "2026-06-01"}
    ended: DagRun = dag.test(
        logical_date=dt.datetime(2026, 6, 2, tzinfo=dt.UTC), run_conf=form if dag.dag_id != "forex" else None
    )
    return {task.task_id: str(task.state) for task in ended.get_task_instances()}


def readers(workspace: Workspace) -> dict[str, list[str]]:
    """Who holds what on the one table."""
    held = workspace.call("GET", PATH.format("forex_prices")).get("privilege_assignments", [])
    return {each["principal"]: each["privileges"] for each in held}


@pytest.mark.parametrize("dag", long_but(market_dag, [market_dag, backfill_dag]), ids=lambda build: build.__name__)
@pytest.mark.parametrize(
    "gold", [AirflowException("no disk"), AirflowSkipException("held back")], ids=["failed", "skipped"]
)
def test_a_gold_that_did_not_end_well_takes_nobodys_rights(
    dag: Any, gold: Exception, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table that is there has its readers again; the one that gold did not make is no second failure."""
    ended = run(dag("forex", None) if dag is market_dag else dag(None), gold, monkeypatch)
    assert readers(workspace) == READERS
    assert ended["grants"] == "success"


@pytest.mark.parametrize("dag", long_but(market_dag, [market_dag, backfill_dag]), ids=lambda build: build.__name__)
def test_a_table_that_gold_should_have_made_is_missed(
    dag: Any, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a gold that ended well, a table that is declared and not there is red; the other has its readers."""
    ended = run(dag("forex", None) if dag is market_dag else dag(None), None, monkeypatch)
    assert readers(workspace) == READERS
    assert ended["grants"] == "failed"
