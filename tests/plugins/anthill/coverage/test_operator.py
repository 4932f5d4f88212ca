"""The task that rebuilds the index, by Airflow's connection."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from anthill import catalog
from anthill.coverage.dag import index_dag
from anthill.coverage.operator import RebuildIndex
from anthill.coverage.reader import Reader
from anthill.ledger.documents import Documents
from tests.plugins.anthill.aws import aws_connection

from ..ledger.test_recorder import DAY, NEXT, put

RUN = {"ti": SimpleNamespace(dag_id="coverage_index", run_id="r", task_id="stocks", id="3", map_index=-1)}


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch, s3_url: str, bucket: str) -> None:
    """Airflow's connection to the S3, and the bucket of bronze."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)


@pytest.mark.usefixtures("connection")
def test_the_task_mends_the_index(s3: Any, bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It returns each dataset's days and those mended, says so in the log, and finds nothing a second time."""
    for day in (DAY, NEXT):
        put(s3, bucket, day)
    done = RebuildIndex(task_id="stocks", asset_class="stocks").execute(RUN)
    assert set(done) == set(catalog.load("stocks").datasets)
    assert done["grouped_daily"] == {"days": 2, "mended": 2}
    assert done["splits"] == {"days": 0, "mended": 0}
    assert "grouped_daily: 2 market days, 2 mended" in capsys.readouterr().out
    again = RebuildIndex(task_id="stocks", asset_class="stocks").execute(RUN)
    assert again["grouped_daily"] == {"days": 2, "mended": 0}
    bars = {"grouped_daily": catalog.load("stocks").datasets["grouped_daily"]}
    entry = Reader(Documents(s3, bucket), bucket).entries("stocks", bars, [DAY.year])["grouped_daily"][str(DAY)]
    assert (entry.rows, entry.parts[0].run) == (7, "r")


@pytest.mark.usefixtures("connection")
def test_without_the_bucket_it_fails_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry makes no bucket: the message names it."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", "no-such-bucket")
    monkeypatch.setenv("AIRFLOW__ANTHILL__DOCUMENTS_BUCKET", "no-such-bucket")
    with pytest.raises(AirflowFailException, match="no-such-bucket"):
        RebuildIndex(task_id="stocks", asset_class="stocks").execute(RUN)


def test_the_dag_has_a_task_an_asset_class() -> None:
    """Started by hand, one run at a time, and on from the beginning: nothing else starts it."""
    dag = index_dag("what it does")
    assert (dag.dag_id, dag.doc_md, dag.schedule, dag.max_active_runs) == ("coverage_index", "what it does", None, 1)
    assert dag.is_paused_upon_creation is False
    assert {name: task.asset_class for name, task in dag.task_dict.items()} == {
        name: name for name in catalog.asset_classes()
    }
    assert {task.owner for task in dag.tasks} == {"market-data"}
    assert {task.aws_conn_id for task in dag.tasks} == {"aws_default"}
    assert dag.tags == {"market", "coverage"}
    assert dag.start_date is None or dag.start_date <= dt.datetime.now(dt.UTC)
