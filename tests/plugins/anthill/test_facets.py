"""Events of OpenLineage about our tasks: asked of the operators by Airflow's provider, sent by file and by HTTP.

The specification's JSON schema comes with no package: an event is read back by the classes of openlineage-python, and
each facet must name the schema of its class.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from airflow.utils.state import TaskInstanceState

from anthill import catalog
from anthill.backfill.operators import LandChunk
from anthill.bronze import told as bronze_told
from anthill.bronze.commits import Commit
from anthill.lakehouse.load_silver import LoadSilver
from anthill.lakehouse.operator import RunJob
from anthill.landing.operator import LandDataset
from anthill.landing.snapshot import LandSnapshot
from anthill.ledger.results import Landed

DATABRICKS = {"conn_type": "databricks", "host": "dbc-1.cloud.databricks.com", "password": "t"}
WORKSPACE = "databricks://dbc-1.cloud.databricks.com"
BRONZE = "s3://anthill-dev-bronze"


@pytest.fixture(autouse=True)
def connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workspace's name is part of its tables' names."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", json.dumps(DATABRICKS))


@pytest.fixture
def landing() -> LandDataset:
    """A landing that has ended: two rows in one object of 100 bytes."""
    task = LandDataset(task_id="land", asset_class="stocks", dataset="splits")
    at = dt.datetime(2026, 6, 30, tzinfo=dt.UTC)
    commit = Commit(
        bucket="b", key="k", shard="", revision=1, rows=2, pages=1, size=100, sha256="", digest="", asof=at, run="r"
    )
    task._landed = Landed("stocks", "splits", at.date(), "landed", 2, 1, 400, 1.0, [commit])
    return task


def ended(job: str, result: dict[str, Any]) -> RunJob:
    """A job that has ended with the result of its notebook."""
    task: RunJob
    if job == "silver":
        task = LoadSilver(task_id=job, asset_class="stocks", datasets=["splits"])
    else:
        task = RunJob(task_id=job, job=job, asset_class="stocks")
    task._ended = {"asset_class": "stocks", **result}
    return task


def told(task: Any, state: TaskInstanceState = TaskInstanceState.SUCCESS) -> Any:
    """What the provider takes of a task that has ended."""
    from airflow.providers.openlineage.extractors.manager import ExtractorManager

    return ExtractorManager().extract_metadata(
        dagrun=SimpleNamespace(run_id="r", dag_id="stocks"),
        task=task,
        task_instance_state=state,
        task_instance=SimpleNamespace(task_id=task.task_id, dag_id="stocks", run_id="r"),
    )


def event(task: Any) -> Any:
    """The event of a task that has ended well."""
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

    found = told(task)
    now = dt.datetime.now(dt.UTC).isoformat()
    run, job = Run(str(uuid.uuid4())), Job("anthill", task.task_id)
    return RunEvent(
        eventType=RunState.COMPLETE, eventTime=now, run=run, job=job, inputs=found.inputs, outputs=found.outputs
    )


@pytest.fixture
def posted() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An HTTP server that keeps what is posted to it."""
    bodies: list[dict[str, Any]] = []

    class Keeps(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/api/v1/lineage"
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Keeps)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    server.server_close()


def test_a_landing_tells_the_sources_dataset_and_bronzes_rows(landing: LandDataset) -> None:
    """Columns as the declaration names them at the source, rows and bytes as they were committed."""
    found = told(landing)
    (source,), (bronze,) = found.inputs, found.outputs
    assert (source.namespace, source.name) == ("polygon://api", "/stocks/v1/splits")
    assert (bronze.namespace, bronze.name) == (BRONZE, "polygon/stocks/splits")
    fields = ["id", "ticker", "execution_date", "split_from", "split_to", "adjustment_type"]
    assert [field.name for field in bronze.facets["schema"].fields] == fields
    counted = bronze.outputFacets["outputStatistics"]
    assert (counted.rowCount, counted.size) == (2, 100)


def test_a_chunk_of_a_backfill_and_a_snapshot_tell_the_same(landing: LandDataset) -> None:
    """A chunk names each of its datasets; what was landed of a snapshot is counted as a day is."""
    chunk = LandChunk(task_id="land", market_date_from="2026-06-29", market_date_to="2026-06-30", days_before=0)
    declared = catalog.load("stocks").datasets
    chunk._asked = [declared["splits"], declared["dividends"]]
    assert [each.name for each in told(chunk).outputs] == ["polygon/stocks/splits", "polygon/stocks/dividends"]
    snapshot = LandSnapshot(task_id="land", asset_class="stocks", dataset="snapshot")
    snapshot._landed = landing._landed
    (bronze,) = told(snapshot).outputs
    assert (bronze.name, bronze.outputFacets["outputStatistics"].rowCount) == ("polygon/stocks/snapshot", 2)


def test_people_are_told_by_the_bucket_that_has_them() -> None:
    """What is personal lies in a bucket of its own, and its events say so."""
    person = msgspec.structs.replace(catalog.load("stocks").datasets["splits"], personal=True)
    assert bronze_told.bronze(person).namespace == "s3://anthill-dev-personal"
    assert bronze_told.bronze(person, bucket="other").namespace == "s3://other"


def test_silver_tells_which_field_became_which_column() -> None:
    """`execution_date` of bronze is that of silver, `id` is `split_id`; rows of both as the notebook counted them."""
    found = told(ended("silver", {"datasets": {"splits": {"days": 1, "bronze_rows": 3, "silver_rows": 2}}}))
    (bronze,), (silver,) = found.inputs, found.outputs
    assert (silver.namespace, silver.name) == (WORKSPACE, "dev.silver.stocks_splits")
    (of_id,) = silver.facets["columnLineage"].fields["split_id"].inputFields
    assert (of_id.namespace, of_id.name, of_id.field) == (BRONZE, "polygon/stocks/splits", "id")
    types = {field.name: field.type for field in silver.facets["schema"].fields}
    assert (types["split_from"], types["execution_date"]) == ("double", "date")
    assert bronze.inputFacets["dataQualityMetrics"].rowCount == 3
    assert silver.outputFacets["outputStatistics"].rowCount == 2


def test_gold_tells_what_its_sql_reads() -> None:
    """Short volume stands on its own dataset and on who bore which ticker; its rows are the notebook's."""
    found = told(ended("gold", {"tables": {"short_volume": {"days": 1, "rows": 7}}}))
    assert [each.name for each in found.inputs] == ["dev.gold.stocks_instruments", "dev.silver.stocks_short_volume"]
    (gold,) = found.outputs
    assert (gold.name, gold.outputFacets["outputStatistics"].rowCount) == ("dev.gold.stocks_short_volume", 7)
    assert {"ticker", "market_date"} <= {field.name for field in gold.facets["schema"].fields}


def test_quality_tells_what_broke_of_which_table() -> None:
    """An assertion each, with the dataset that it is about, and none with another."""
    line = "splits of 2026-06-30: splits with a share count of 0 or less [ratio_positive: 1, must be 0]"
    found = told(ended("quality", {"checks": 9, "warned": 1, "warnings": [line]}))
    failed = {
        each.name: each.inputFacets["dataQualityAssertions"].assertions for each in found.inputs if each.inputFacets
    }
    assert list(failed) == ["dev.silver.stocks_splits"]
    assert [(each.assertion, each.success) for each in failed["dev.silver.stocks_splits"]] == [(line, False)]
    assert found.outputs == []


def test_what_failed_has_its_datasets_and_no_counts(landing: LandDataset) -> None:
    """Whoever looks for why a table is late finds the task that did not write it."""
    landing._landed = None
    (bronze,) = told(landing, TaskInstanceState.FAILED).outputs
    assert (bronze.name, bronze.outputFacets) == ("polygon/stocks/splits", {})


def test_by_file_and_by_http_it_is_one_event(
    landing: LandDataset, posted: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Each facet names its producer and the schema of its class, by the address that the specification gives it."""
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.file import FileConfig, FileTransport
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    told_of = event(landing)
    address, bodies = posted
    OpenLineageClient(transport=HttpTransport(HttpConfig(url=address))).emit(told_of)
    log = tmp_path / "events.jsonl"
    OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=str(log), append=True))).emit(told_of)
    (by_http,), by_file = bodies, json.loads(log.read_text())
    assert by_http == by_file
    assert re.fullmatch(r"https://openlineage\.io/spec/\d-\d-\d/OpenLineage\.json#.*RunEvent", by_file["schemaURL"])
    facets = {
        **by_file["outputs"][0]["facets"],
        **by_file["outputs"][0]["outputFacets"],
    }
    assert set(facets) == {"schema", "columnLineage", "outputStatistics"}
    for name, facet in facets.items():
        kind = f"{name[0].upper()}{name[1:]}(Output)?DatasetFacet"
        url = rf"https://openlineage\.io/spec/facets/\d-\d-\d/{kind}\.json(#/\$defs/{kind})?"
        assert re.fullmatch(url, facet["_schemaURL"])
        assert facet["_producer"]


def test_a_dag_file_imports_nothing_of_openlineage() -> None:
    """It is for a task that has ended, and only where a transport is set."""
    code = "import sys; from anthill.dag_builder.market import market_dag; market_dag('stocks', doc_md=''); "
    code += "print([name for name in sys.modules if name.startswith('openlineage')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"
