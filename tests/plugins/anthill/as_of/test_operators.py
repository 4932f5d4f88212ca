"""The tasks of a rebuild, over S3 and the workspace: what is planned, made, told, granted, listed and dropped."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from airflow.sdk._shared.module_loading import import_string
from airflow.sdk.exceptions import AirflowFailException, TaskDeferred

from anthill import run_note
from anthill.as_of import plan
from anthill.as_of.operators import ANSWER, GrantAsOf, PlanAsOf, RebuildAsOf, ReportAsOf
from anthill.bronze.commits import Place
from anthill.governance import grants
from anthill.landing.commit import Committer
from anthill.landing.content import Content
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.landing.test_content import page

DAYS = [dt.date(2024, 5, day) for day in (23, 24, 28, 29)]  # the 27th is a holiday
MOMENT, TEXT = dt.datetime(2024, 5, 29, 12, tzinfo=dt.UTC), "2024-05-29T12:00:00Z"
SCHEMAS = [f"dev.asof_20240529t120000z_{layer}" for layer in ("silver", "quality", "gold")]
TABLE = "dev.asof_20240529t120000z_gold.indices_daily_prices"
PARAMETERS = ("catalog", "asset_class", "market_date_from", "market_date_to", "manifest", "as_of")
RESULT = """
import json
given = {name: dbutils.widgets.get(name) for name in NAMES}
days = {"from": given["market_date_from"], "to": given["market_date_to"]}
tables = {"daily_prices": {"days": 2, "fresh_until": "2024-05-24"}}
held = ["indices.tickers of 2024-05-24: broke a critical expectation: see quality.results"]
dbutils.notebook.exit(json.dumps({**days, "asset_class": given["asset_class"], "tables": tables, "held_back": held}))
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with the job, whose notebook hands back what a rebuild does."""
    running = Workspace(tmp_path_factory.mktemp("workspace")).start()
    path = running.notebook("as_of", f"NAMES = {PARAMETERS!r}", RESULT)
    running.job("anthill-as_of", path, parameters=[{"name": name, "default": ""} for name in PARAMETERS])
    yield running
    running.stop()


class Instance(SimpleNamespace):
    """A task instance whose XComs all tasks of the run share."""

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep a value."""
        self.kept[self.task_id, key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value", map_indexes: Any = None) -> Any:
        """The value kept."""
        return self.kept.get((task_ids, key))


class Runner:
    """Runs the DAG's tasks in their order with what the form says, as Airflow would."""

    def __init__(self) -> None:
        self.notes: list[str] = []  # what stood in the run's note, in order

    def __call__(self, **form: Any) -> dict[str, Any]:
        """The answer of a run."""
        self.kept: dict[tuple[str, str], Any] = {}
        for name in ("plan", "rebuild", "grants", "report"):
            known = {"dag_id": "market_as_of", "run_id": "r", "task_id": name, "id": name, "map_index": -1}
            run = SimpleNamespace(dag_id="market_as_of", run_id="r", run_type="manual")
            context = {"params": {"as_of": TEXT, "asset_classes": ["indices"], "action": "rebuild", **form}}
            context |= {"ti": Instance(**known, kept=self.kept), "dag_run": run, "outlet_events": {}}
            context |= {"task": SimpleNamespace(outlets=[])}
            if name == "plan":
                self.kept[name, "return_value"] = PlanAsOf(task_id=name).execute(context)
            elif name == "rebuild":
                for job in self.kept["plan", "return_value"]:
                    self.kept[name, "return_value"] = ended(RebuildAsOf(task_id=name, **job), context)
            elif name == "report":
                self.kept[name, "return_value"] = ReportAsOf(task_id=name).execute(context)
            elif self.kept["plan", "return_value"]:
                self.kept[name, "return_value"] = GrantAsOf(task_id=name).execute(context)
        answer: dict[str, Any] = self.kept["report", "return_value"]
        return answer


def ended(task: RebuildAsOf, context: Any) -> dict[str, Any]:
    """The result of a job that was waited for."""
    try:
        return task.execute(context)  # of the same attempt, whose run is known and over
    except TaskDeferred as deferred:
        kind, kwargs = deferred.trigger.serialize()

    async def event() -> dict[str, Any]:
        async for event in import_string(kind)(**kwargs).run():
            return dict(event.payload)
        raise AssertionError

    return task.execute_complete(context, asyncio.run(event()))


@pytest.fixture
def run(workspace: Workspace, s3: Any, s3_url: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """The DAG's tasks over bronze of indices: two days that were landed in time, one late, one not yet due."""
    for day, asof in zip(
        DAYS, (*(MOMENT - dt.timedelta(hours=1),) * 2, *(MOMENT + dt.timedelta(hours=1),) * 2), strict=True
    ):
        with Content.of([msgspec.structs.replace(page([1]), asof=asof)]) as content:
            Committer(s3, bucket, "run").commit(Place("polygon", "indices", "tickers", str(day)), content)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__ANTHILL__JOB_POLL_SECONDS", "1")
    runner = Runner()
    monkeypatch.setattr(run_note, "write", lambda _, text: runner.notes.append(text))
    yield runner
    for schema in SCHEMAS:
        if schema in schemas(workspace):
            workspace.call("DELETE", f"2.1/unity-catalog/schemas/{schema}?force=true")


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Readers of gold, and of one table of it."""
    monkeypatch.setattr(grants, "include_dir", lambda: tmp_path)
    (tmp_path / "grants").mkdir()
    schema = {"type": "schema", "name": "{catalog}.gold", "grants": {"analysts": ["USE_SCHEMA"]}}
    catalog = {"type": "catalog", "name": "{catalog}", "grants": {"analysts": ["MANAGE"]}}
    table = {"type": "table", "name": "{catalog}.gold.indices_daily_prices", "grants": {"data_engineers": ["SELECT"]}}
    for area, securables in (("shared", [schema, catalog]), ("indices", [table])):
        (tmp_path / "grants" / f"{area}.yaml").write_text(json.dumps({"securables": securables}))


def schemas(workspace: Workspace) -> list[str]:
    """The catalog's schemas."""
    return [
        each["full_name"] for each in workspace.call("GET", "2.1/unity-catalog/schemas", catalog_name="dev")["schemas"]
    ]


def held(workspace: Workspace, kind: str, name: str) -> dict[str, list[str]]:
    """Who may do what."""
    found = workspace.call("GET", f"2.1/unity-catalog/permissions/{kind}/{name}", by="terraform").get(
        "privilege_assignments", []
    )
    return {item["principal"]: item["privileges"] for item in found}


def test_a_rebuild_from_its_form_to_its_end(
    run: Runner, workspace: Workspace, declared: None, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listed, made, granted as declared, reported; repeated, listed, dropped; nothing else is told or opened."""
    monkeypatch.setattr(plan, "_read_by", lambda _: {"forex"})  # of which bronze had nothing
    assert run(action="list") == {"rebuilds": []}
    other = "dev.asof_20240529t120001z_gold"  # a second later
    workspace.call("POST", "2.1/unity-catalog/schemas", name=other.partition(".")[2], catalog_name="dev")
    own, before = schemas(workspace), held(workspace, "schema", "dev.gold")
    for schema in SCHEMAS:
        workspace.call("POST", "2.1/unity-catalog/schemas", name=schema.partition(".")[2], catalog_name="dev")
    assert workspace.sql(f"CREATE TABLE {TABLE} (ticker STRING) USING delta")["status"]["state"] == "SUCCEEDED"

    answer = run()
    assert (answer["as_of"], answer["schemas"]) == (TEXT, SCHEMAS)
    assert answer["lines"] == [
        "indices as of 2024-05-29T12:00:00Z: 2 market days from 2024-05-23 to 2024-05-24",
        "not in it: indices.tickers of 2024-05-28, landed later (2024-05-29T13:00:00Z)",
        "indices: 1 of 1 tables of gold have days, the last 2024-05-24",
        "held back from gold: indices.tickers of 2024-05-24: broke a critical expectation: see quality.results",
    ]
    (job,) = run.kept["plan", "return_value"]
    listed = json.loads(
        s3.get_object(Bucket=bucket, Key=job["manifest"].removeprefix(f"s3://{bucket}/"))["Body"].read()
    )
    assert [line["market_date"] for line in listed] == ["2024-05-23", "2024-05-24"]
    assert "\n".join(answer["lines"]) == run.notes[-1]
    assert run.notes[-3:-1] == [
        "Rebuilding indices as of 2024-05-29T12:00:00Z: market days from 2024-05-23 to 2024-05-24",
        "Rebuilt indices as of 2024-05-29T12:00:00Z",
    ]
    # Who reads the table reads it here; the catalog and the environment's own tables are as they were.
    assert held(workspace, "schema", SCHEMAS[2]) == {"analysts": ["USE_SCHEMA"]}
    assert held(workspace, "table", TABLE) == {"data_engineers": ["SELECT"]}
    assert held(workspace, "schema", "dev.gold") == before
    assert "MANAGE" not in held(workspace, "catalog", "dev")["analysts"]
    # Coverage is told nothing.
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert not [key for key in keys if "/_coverage/" in key]

    assert run()["lines"] == answer["lines"]
    there, beside = run(action="list")["rebuilds"]
    assert (beside["schema"], beside["tables"]) == (other, [])
    assert (there["as_of"], there["schema"], there["tables"]) == (TEXT, SCHEMAS[2], ["indices_daily_prices"])
    assert run(action="drop") == {"as_of": TEXT, "dropped": sorted(SCHEMAS)}
    assert schemas(workspace) == own
    assert run(action="drop", as_of="2024-05-29T12:00:01Z")["dropped"] == [other]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"as_of": "2099-01-01T00:00:00Z"}, "as_of: 2099-01-01T00:00:00Z is in the future, here it is 20"),
        ({"as_of": "2024-05-29T12:00:00"}, "does not say its time zone"),
        ({"as_of": None}, "as_of: '' is no moment"),
        ({"asset_classes": ["bonds"]}, "asset_classes: bonds was chosen, there are crypto, "),
        ({"asset_classes": None}, "asset_classes: nothing was chosen"),
        (
            {"as_of": "2024-05-01T00:00:00Z"},
            "market day of indices: the first that came after it is of 2024-05-29T11:00:00Z",
        ),
        ({"asset_classes": ["forex"]}, "as_of: bronze has nothing of forex; land it first"),
        ({"action": "drop"}, f"nothing is rebuilt as of {TEXT}; there are: none"),
    ],
)
def test_what_cannot_be_rebuilt_is_told_so(
    run: Runner, workspace: Workspace, form: dict[str, Any], message: str
) -> None:
    """At once, in the run's note too, with what can; no schema is made."""
    before = schemas(workspace)
    with pytest.raises(AirflowFailException) as failed:
        run(**form)
    assert message in str(failed.value)
    assert run.notes[-1] == str(failed.value)
    assert ("plan", ANSWER) not in run.kept
    assert schemas(workspace) == before
