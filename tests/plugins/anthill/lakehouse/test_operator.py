"""The tasks that run jobs: whatever becomes of the run, the task says it, and a retry runs the job again."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.sdk._shared.module_loading import import_string
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskDeferred
from structlog.testing import capture_logs

from anthill import assets, catalog
from anthill.coverage.reader import Reader
from anthill.lakehouse.operator import LoadSilver, RunJob
from anthill.landing.bronze import Place
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.landing.s3 import s3_at
from tests.plugins.anthill.landing.s3_faults import Fault, S3Proxy
from tests.plugins.anthill.landing.workers import environment

PARAMETERS = [{"name": n, "default": ""} for n in ("catalog", "asset_class", "market_date_from", "market_date_to")]
SECONDS = "import time; time.sleep({})"
DAY = """
import json
asset_class, first, last = map(dbutils.widgets.get, ("asset_class", "market_date_from", "market_date_to"))
dbutils.notebook.exit(json.dumps({"asset_class": asset_class, "from": first, "to": last, "day": first}))
"""
TRIGGER = """
import asyncio, json, sys
from airflow.sdk._shared.module_loading import import_string
path, kwargs = json.loads(sys.argv[1])
print("watching", flush=True)
async def watch():
    async for event in import_string(path)(**kwargs).run():
        print(event.payload, flush=True)
asyncio.run(watch())
"""

ATTEMPTS = """
import datetime as dt
from airflow.sdk import DAG
from anthill.landing.operator import run_of
from anthill.lakehouse.operator import RunJob

class Probe(RunJob):
    def execute(self, context):
        context["ti"].xcom_push("before", run_of(context))
        return super().execute(context)

    def execute_complete(self, context, event):
        ti = context["ti"]
        before = ti.xcom_pull(task_ids=ti.task_id, key="before", map_indexes=ti.map_index)
        ti.xcom_push("attempt", {"before": before, "after": run_of(context)})
        return super().execute_complete(context, event)

with DAG("attempts", schedule=None, start_date=dt.datetime(2026, 1, 1), params={"market_date": ""}):
    Probe(task_id="probe", job="attempts", asset_class="stocks", retries=1, retry_delay=dt.timedelta())
"""


@dataclass
class Instance:
    """A task instance as far as a task uses it: who it is, and its XComs, which a deferral keeps."""

    run_id: str
    try_number: int = 1
    dag_id: str = "stocks"
    task_id: str = "probe"
    map_index: int = -1
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    xcoms: dict[str, Any] = field(default_factory=dict)

    def xcom_push(self, key: str, value: Any) -> None:
        """Keep a value."""
        self.xcoms[key] = value

    def xcom_pull(self, task_ids: str, key: str, map_indexes: int = -1) -> Any:
        """The value kept."""
        assert (task_ids, map_indexes) == (self.task_id, self.map_index)
        return self.xcoms.get(key)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with a script of faults."""
    folder = tmp_path_factory.mktemp("workspace")
    running = Workspace(folder, ["--faults", str(folder / "faults.yaml")]).start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def connection(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow's connection to it, asked often."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setenv("AIRFLOW__ANTHILL__JOB_POLL_SECONDS", "1")


def context(instance: Instance) -> dict[str, Any]:
    """What a running task is given."""
    known = {"ti": instance, "params": {"market_date": "2026-06-02"}, "dag_run": SimpleNamespace(run_type="manual")}
    return {**known, "task": SimpleNamespace(outlets=[]), "outlet_events": {}}


def task(name: str) -> RunJob:
    """The task that runs a job."""
    return RunJob(task_id="probe", job=name, asset_class="stocks", databricks_retry_delay=0.1)


def job(workspace: Workspace, name: str, *cells: str, **settings: Any) -> int:
    """A job as the bundle would have it."""
    path = workspace.notebook(name, *cells)
    return workspace.job(f"anthill-{name}", path, parameters=PARAMETERS, **settings)


def submit(name: str, instance: Instance) -> TaskDeferred:
    """Execute the task until it waits."""
    with pytest.raises(TaskDeferred) as deferred:
        task(name).execute(context(instance))
    return deferred.value


def event_of(trigger: Any) -> dict[str, Any]:
    """What a trigger fires."""

    async def first() -> dict[str, Any]:
        async for event in trigger.run():
            return dict(event.payload)
        raise AssertionError("the trigger ended without an event")

    return asyncio.run(asyncio.wait_for(first(), 60))


def finish(name: str, instance: Instance, deferred: TaskDeferred) -> dict[str, Any]:
    """Wait as the triggerer does, and take the run up."""
    result: dict[str, Any] = task(name).execute_complete(context(instance), event_of(deferred.trigger))
    return result


def run(name: str, instance: Instance) -> dict[str, Any]:
    """The whole task: submitted, waited for where it is not over at once, taken up."""
    try:
        result: dict[str, Any] = task(name).execute(context(instance))
    except TaskDeferred as deferred:
        return finish(name, instance, deferred)
    return result


def runs(workspace: Workspace, job_id: int) -> list[dict[str, Any]]:
    """Every run of a job."""
    found: list[dict[str, Any]] = workspace.call("GET", "2.2/jobs/runs/list", job_id=job_id).get("runs", [])
    return found


def test_a_run_gives_what_its_notebook_returned(workspace: Workspace) -> None:
    """Deferred while it runs; the result is the notebook's, for the run's market day."""
    job(workspace, "good", SECONDS.format(0.5), DAY)
    assert run("good", Instance("good"))["day"] == "2026-06-02"


def test_a_run_that_the_index_cannot_be_told_of_is_no_failure(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connection to S3 is wrong: the task has its result, and its log says what coverage lacks and why."""
    conn = {"conn_type": "aws", "extra": {"endpoint_url": "nowhere", "region_name": "us-east-1"}}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(conn))
    job(workspace, "untold", DAY)
    with capture_logs() as told:
        assert run("untold", Instance("untold"))["day"] == "2026-06-02"
    lines = [line["event"] % line.get("positional_args", ()) for line in told if line["log_level"] == "warning"]
    assert lines[-1:] == ["The coverage index was not told of this run: ValueError: Invalid endpoint: nowhere"]


@pytest.mark.parametrize("nothing_done", [True, False])
def test_what_a_notebook_held_back_is_handed_on(workspace: Workspace, nothing_done: bool) -> None:
    """The lines of what waits are told; where that was all, the task is skipped in the notebook's words."""
    lines = ["stocks.splits of 2026-06-02: not checked since they were loaded"]
    result: dict[str, Any] = {"asset_class": "stocks", "from": "2026-06-02", "to": "2026-06-02", "held_back": lines}
    result |= {"nothing_done": "gold stays as it is"} if nothing_done else {}
    name, instance = f"waits_{nothing_done}".lower(), Instance(f"waits {nothing_done}")
    job(workspace, name, f"dbutils.notebook.exit({json.dumps(json.dumps(result))})")
    deferred = submit(name, instance)
    if nothing_done:
        with pytest.raises(AirflowSkipException, match=r"^gold stays as it is$"):
            finish(name, instance, deferred)
    else:
        assert finish(name, instance, deferred)["held_back"] == lines
    assert instance.xcoms["held_back"] == lines


def test_what_came_of_a_run_is_told_on_its_tables(workspace: Workspace) -> None:
    """The event of each asset has the days and the counts of its table; where the notebook gives none, nothing."""
    counts = {"daily_prices": {"rows": 7, "days": 1}, "movers": "unchanged"}
    told = {"asset_class": "stocks", "from": "2026-06-02", "to": "2026-06-02", "tables": counts}
    job(workspace, "telling", f"dbutils.notebook.exit({json.dumps(json.dumps(told))})")
    tables = [assets.gold("stocks", name) for name in ("daily_prices", "movers", "other")]
    known = context(Instance("telling"))
    known["task"].outlets = tables
    known["outlet_events"] = {table: SimpleNamespace(extra=None) for table in tables}
    try:
        task("telling").execute(known)
    except TaskDeferred as deferred:
        task("telling").execute_complete(known, event_of(deferred.trigger))
    assert [known["outlet_events"][table].extra for table in tables] == [
        {"market_date_from": "2026-06-02", "market_date_to": "2026-06-02", "rows": 7, "days": 1},
        {},
        {},
    ]


WRONG = {
    "nothing": ("pass", "without output"),
    "an empty text": ("dbutils.notebook.exit('')", "without output"),
    "a text": ("dbutils.notebook.exit('done')", "no JSON object: 'done'"),
    "another asset class": (
        DAY.replace("map(", "'forex', *map(").replace('("asset_class", ', "("),
        "of another run: asset_class 'forex' for 'stocks'",
    ),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("waited", [True, False], ids=["waited for", "over at once"])
def test_a_success_without_its_result_is_red(
    workspace: Workspace, what: str, waited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SUCCESS alone is not enough: the message says what is wrong once, with the run, and the index is told."""
    cell, said = WRONG[what]
    name = f"wrong_{what.replace(' ', '_')}_{waited}"
    known = job(workspace, name, *([SECONDS.format(1)] if waited else []), cell)
    told: list[str] = []
    monkeypatch.setattr("anthill.coverage.jobs.record", lambda *given: told.append(given[-1].message))
    instance = Instance(name)
    if not waited:  # submitted before, under the same token, and over when it is submitted again
        with contextlib.suppress(TaskDeferred, AirflowException):
            task(name).execute(context(instance))
        workspace.wait(instance.xcoms["run_id"])
        told.clear()
    with pytest.raises(AirflowException) as caught:
        run(name, instance)
    (only,) = runs(workspace, known)
    assert only["state"]["result_state"] == "SUCCESS"
    message = str(caught.value)
    assert f"Databricks run {only['run_id']} of" in message
    assert said in message
    assert message.count("Databricks run") == 1
    assert told == [message]


def test_a_failed_run_is_red_and_a_retry_runs_it_again(workspace: Workspace) -> None:
    """The message has the notebook's error; the second try is another run, and its own result counts."""
    mark = workspace.folder / "mark"
    fails_once = f"import pathlib; again = pathlib.Path('{mark}').exists(); pathlib.Path('{mark}').touch()"
    known = job(workspace, "flaky", fails_once, "assert again, '3 keys twice'", DAY)
    with pytest.raises(AirflowException, match="3 keys twice"):
        run("flaky", Instance("flaky", 1))
    assert run("flaky", Instance("flaky", 2))["day"] == "2026-06-02"
    assert len(runs(workspace, known)) == 2


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("silver.BadObjectError", AirflowFailException),
        ("silver.SilverError", AirflowException),
        ("quality.QualityError", AirflowFailException),
    ],
)
def test_what_no_other_try_mends_is_not_tried_again(workspace: Workspace, error: str, kind: type[Exception]) -> None:
    """An object that was changed, and rows that break an expectation, are as they are; an engine may do better."""
    place, _, name = error.partition(".")
    job(workspace, name, f"from anthill.lakehouse.{place} import {name}\nraise {name}('2026-06-02: no')")
    with pytest.raises(AirflowException, match=f"{name}: 2026-06-02: no") as raised:
        run(name, Instance(name))
    assert type(raised.value) is kind


def test_the_same_try_submitted_twice_is_one_run(workspace: Workspace) -> None:
    """A task that is handed out twice, or whose answer was lost, finds its run again: Databricks knows the token."""
    known = job(workspace, "twice", SECONDS.format(1), DAY)
    before = Instance("twice")
    after = Instance("twice", id=before.id)
    with contextlib.suppress(TaskDeferred):
        task("twice").execute(context(before))
    assert run("twice", after)["day"] == "2026-06-02"
    assert before.xcoms["run_id"] == after.xcoms["run_id"]
    assert len(runs(workspace, known)) == 1


def test_what_else_is_asked_for_is_another_run(workspace: Workspace) -> None:
    """One attempt, another day or another job: a run of its own, not the one before."""
    first, other = job(workspace, "asked", DAY), job(workspace, "asked_too", DAY)
    instance = Instance("asked")
    run("asked", instance)
    later = context(instance) | {"params": {"market_date": "2026-06-03"}}
    with contextlib.suppress(TaskDeferred):
        task("asked").execute(later)
    run("asked_too", instance)
    assert (len(runs(workspace, first)), len(runs(workspace, other))) == (2, 1)


@pytest.fixture
def dag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None) -> Any:
    """A DAG of Airflow's with one task that runs a job, once and again."""
    from airflow.dag_processing.dagbag import DagBag

    (tmp_path / "attempts.py").write_text(ATTEMPTS)
    monkeypatch.setattr("airflow.settings.DAGS_FOLDER", str(tmp_path))
    return DagBag(dag_folder=str(tmp_path)).dags["attempts"]


def test_a_run_made_again_under_its_old_name_is_an_attempt_of_its_own(workspace: Workspace, dag: Any) -> None:
    """Airflow itself: a deleted run that is made again, and a retry, are new runs there; a deferral is the same."""
    mark = f"pathlib.Path('{workspace.folder}/attempted')"
    fails_once = f"import pathlib; again = {mark}.exists(); {mark}.touch(); assert again"
    known = job(workspace, "attempts", SECONDS.format(0.5), fails_once, DAY)
    moment = dt.datetime(2026, 6, 2, tzinfo=dt.UTC)

    def ended() -> tuple[str, str, str]:
        made = dag.test(logical_date=moment, run_after=moment, run_conf={"market_date": "2026-06-02"})
        (instance,) = made.get_task_instances()
        attempt = instance.xcom_pull(task_ids="probe", key="attempt")
        assert str(instance.state) == "success"
        assert attempt["before"] == attempt["after"], "a deferral is no new attempt"
        return made.run_id, attempt["before"], instance.xcom_pull(task_ids="probe", key="run_id")

    first, again = ended(), ended()
    assert first[0] == again[0], "the same run id"
    assert first[1] != again[1]
    assert first[2] != again[2]
    assert len(runs(workspace, known)) == 3, "one that failed, its retry, and that of the run made again"


def test_a_run_over_its_time_is_red(workspace: Workspace) -> None:
    """The job's own limit ends it, and the message says so."""
    job(workspace, "late", SECONDS.format(30), timeout_seconds=1)
    with pytest.raises(AirflowException, match=r"TIMEDOUT|timed out"):
        run("late", Instance("late"))


def test_a_run_cancelled_by_hand_is_red(workspace: Workspace) -> None:
    """Somebody cancels it in the workspace while the task waits."""
    job(workspace, "stopped", SECONDS.format(30))
    instance = Instance("stopped")
    deferred = submit("stopped", instance)
    workspace.call("POST", "2.2/jobs/runs/cancel", run_id=instance.xcoms["run_id"])
    with pytest.raises(AirflowException, match="CANCELED"):
        finish("stopped", instance, deferred)


def test_a_run_queued_beyond_patience_is_cancelled_and_red(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow ends the wait; the run does not stay in the queue, where the retry's would stand behind it."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__JOB_PATIENCE_MINUTES", "45")
    known = job(workspace, "crowded", SECONDS.format(30), max_concurrent_runs=1, queue={"enabled": True})
    ahead = workspace.run_now(known)
    instance = Instance("crowded")
    deferred = submit("crowded", instance)
    assert deferred.timeout is not None
    assert deferred.timeout.total_seconds() == 45 * 60
    with pytest.raises(AirflowException, match=r"anthill-crowded.*run \d+ is QUEUED after 45 minutes.*cancelled.*http"):
        # What the scheduler hands to the task when a trigger's time is over.
        task("crowded").resume_execution("__fail__", {"error": "Trigger timeout"}, context(instance))
    assert workspace.wait(instance.xcoms["run_id"])["state"]["result_state"] == "CANCELED"
    assert workspace.run(ahead)["state"]["life_cycle_state"] == "RUNNING"
    workspace.call("POST", "2.2/jobs/runs/cancel", run_id=ahead)


@pytest.mark.parametrize(
    "faults", [[{"status": 503}, {"status": 500}], [{"status": 429, "retry_after": 0}]], ids=["5xx", "429"]
)
def test_faults_while_polling_cost_nothing(workspace: Workspace, faults: list[dict[str, int]]) -> None:
    """The workspace answers wrongly twice while the run goes on: one run, and its result."""
    name = f"polled{faults[0]['status']}"
    known = job(workspace, name, SECONDS.format(2.5), DAY)
    instance = Instance(name)
    deferred = submit(name, instance)
    rules = [{"path": "runs/get$", "times": 1, **fault} for fault in faults]
    (workspace.folder / "faults.yaml").write_text(yaml.safe_dump(rules))
    assert finish(name, instance, deferred)["day"] == "2026-06-02"
    assert len(runs(workspace, known)) == 1


def test_the_triggerer_is_killed_while_a_run_is_waited_for(workspace: Workspace) -> None:
    """Another triggerer takes the trigger up from what Airflow's database has of it: one run, its result."""
    known = job(workspace, "orphaned", SECONDS.format(4), DAY)
    instance = Instance("orphaned")
    deferred = submit("orphaned", instance)
    command = [sys.executable, "-c", TRIGGER, json.dumps(deferred.trigger.serialize())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "watching\n"
        killed.kill()
    assert killed.returncode == -9
    path, kwargs = deferred.trigger.serialize()
    event = event_of(import_string(path)(**kwargs))
    assert task("orphaned").execute_complete(context(instance), event)["day"] == "2026-06-02"
    assert len(runs(workspace, known)) == 1


def test_the_workspace_dies_and_comes_back(own_workspace_job: tuple[Workspace, int]) -> None:
    """A run that was lost with it is no success: the task is red, and the retry runs it again."""
    workspace, known = own_workspace_job
    first = Instance("lost", 1)
    deferred = submit("lost", first)
    workspace.stop()
    workspace.start()
    with pytest.raises(AirflowException):
        finish("lost", first, deferred)
    (workspace.folder / "go").touch()
    assert run("lost", Instance("lost", 2))["day"] == "2026-06-02"
    assert len(runs(workspace, known)) == 2


@pytest.fixture
def own_workspace_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Workspace, int]]:
    """A workspace that a test may end, with a job that takes long until it may go."""
    own = Workspace(tmp_path).start()
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", own.connection)
    wait = f"import pathlib, time; time.sleep(1 if pathlib.Path('{tmp_path}/go').exists() else 60)"
    yield own, job(own, "lost", wait, DAY)
    with contextlib.suppress(Exception):
        own.stop()


def test_silver_without_its_bucket_fails_for_good(monkeypatch: pytest.MonkeyPatch, s3_url: str) -> None:
    """The bucket is named with what to do, and no run is submitted."""
    aws = {"endpoint_url": s3_url, "region_name": "us-east-1"}
    conn = {"conn_type": "aws", "login": "test-id", "password": "test-secret", "extra": aws}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(conn))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", "no-such-bucket")
    silver = LoadSilver(task_id="silver", asset_class="stocks", datasets=["splits"])
    with pytest.raises(AirflowFailException, match=r"s3://no-such-bucket/polygon/.*NoSuchBucket.*Create the bucket"):
        silver.execute(context(Instance("silver")))


def test_silver_is_given_the_newest_commits(monkeypatch: pytest.MonkeyPatch, s3_url: str) -> None:
    """Of its datasets and market days, as a list on S3; the coverage index is told what it did not know of them."""
    s3, bucket = s3_at(s3_url), "bronze-of-silver"
    s3.create_bucket(Bucket=bucket)
    aws = {"endpoint_url": s3_url, "region_name": "us-east-1"}
    conn = {"conn_type": "aws", "login": "test-id", "password": "test-secret", "extra": aws}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(conn))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    silver = LoadSilver(task_id="silver", asset_class="stocks", datasets=["splits", "dividends"])
    with pytest.raises(AirflowSkipException, match="bronze has nothing of stocks from 2026-06-02 to 2026-06-02: land"):
        silver.parameters(context(Instance("manual")))
    day, other = dt.date(2026, 6, 2), dt.date(2026, 6, 3)
    for dataset, landed, revision in (
        ("splits", day, 1), ("splits", day, 2), ("dividends", day, 1), ("ratios", day, 1), ("splits", other, 1)
    ):  # fmt: skip
        sha256 = hashlib.sha256(b"x").hexdigest()
        told = {"rows": revision, "pages": 1, "sha256": sha256, "digest": "d", "asof": f"{landed}T22:00:00+00:00"}
        metadata = {name: str(value) for name, value in {**told, "run": "stocks/r/land/1"}.items()}
        key = Place("stocks", dataset, landed).key(revision)
        s3.put_object(Bucket=bucket, Key=key, Body=b"x", Metadata=metadata, ChecksumAlgorithm="SHA256")
    asked = silver.parameters(context(Instance("manual")))
    manifest = asked.pop("manifest").removeprefix(f"s3://{bucket}/")
    days = {"market_date_from": "2026-06-02", "market_date_to": "2026-06-02"}
    assert asked == {"catalog": "dev", "asset_class": "stocks", **days}
    commits = json.loads(s3.get_object(Bucket=bucket, Key=manifest)["Body"].read())
    assert sorted((c["dataset"], c["market_date"], c["revision"], c["rows"]) for c in commits) == [
        ("dividends", "2026-06-02", 1, 1),
        ("splits", "2026-06-02", 2, 2),
    ]
    entries = Reader(s3, bucket).entries("stocks", catalog.load("stocks").datasets, [2026])
    known = {name: {at: entry.rows for at, entry in found.items()} for name, found in entries.items() if found}
    assert known == {"splits": {day: 2}, "dividends": {day: 1}}


LOADED = DAY.replace('"day": first', '"datasets": {}, "manifest": dbutils.widgets.get("manifest")')


@pytest.mark.parametrize("waited", [True, False], ids=["waited for", "over at once"])
def test_what_cannot_be_read_keeps_only_itself_out_of_the_load(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, s3_url: str, waited: bool
) -> None:
    """A changed object, one that S3 does not tell of, half a day: the rest is loaded, and the task is red, in words."""
    s3, bucket, day = s3_at(s3_url), f"bronze-left-out-{waited}".lower(), dt.date(2026, 6, 2)
    s3.create_bucket(Bucket=bucket)
    sha256, changed = (hashlib.sha256(body).hexdigest() for body in (b"x", b"y"))
    for dataset, shard, known in (
        ("splits", "", sha256), ("dividends", "", changed), ("ratios", "", sha256), ("tickers", "active", sha256)
    ):  # fmt: skip
        told = {"rows": 1, "pages": 1, "sha256": known, "digest": "d", "asof": f"{day}T22:00:00+00:00", "run": "r"}
        s3.put_object(
            Bucket=bucket,
            Key=Place("stocks", dataset, day, shard).key(1),
            Body=b"x",
            Metadata={name: str(value) for name, value in told.items()},
            ChecksumAlgorithm="SHA256",
        )
    denied = Fault(403, "")
    prefix = f"{'waited' if waited else 'over'}-"
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    monkeypatch.setenv("AIRFLOW__ANTHILL__JOB_PREFIX", prefix)
    path = workspace.notebook(f"{prefix}silver", *([SECONDS.format(1)] if waited else []), LOADED)
    workspace.job(f"{prefix}anthill-silver", path, parameters=[*PARAMETERS, {"name": "manifest", "default": ""}])
    instance = Instance("left out")

    def silver() -> LoadSilver:
        names = ["splits", "dividends", "ratios", "tickers"]
        return LoadSilver(task_id="probe", asset_class="stocks", datasets=names, databricks_retry_delay=0.1)

    with S3Proxy(s3_url) as proxy:
        proxy.choose = lambda method, path, _: denied if method == "HEAD" and "/ratios/" in path else None
        aws = {"endpoint_url": proxy.url, "region_name": "us-east-1"}
        conn = {"conn_type": "aws", "login": "test-id", "password": "test-secret", "extra": aws}
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(conn))
        with pytest.raises(TaskDeferred) as deferred:
            silver().execute(context(instance))
        run_id = instance.xcoms["run_id"]
        workspace.wait(run_id)
        event = event_of(deferred.value.trigger)
        # Handed out again, its run is over when it is submitted.
        again = (lambda task: task.execute_complete(context(instance), event)) if waited else None
        with pytest.raises(AirflowFailException) as caught:
            again(silver()) if again else silver().execute(context(instance))
    head, *lines = str(caught.value).splitlines()
    assert head == "The rest is loaded. Left out:"
    assert [line.split(": ")[0] for line in lines] == [
        f"stocks.{name} of {day}" for name in ("dividends", "ratios", "tickers")
    ]
    assert all(said in line for said, line in zip(("was changed", "AccessDenied", "shards"), lines, strict=True))
    result = json.loads(workspace.output(workspace.run(run_id))["notebook_output"]["result"])
    key = result["manifest"].removeprefix(f"s3://{bucket}/")
    assert [line["dataset"] for line in json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())] == ["splits"]
    (told,) = Reader(s3, bucket).jobs("stocks", dt.datetime(2020, 1, 1, tzinfo=dt.UTC)).values()
    assert (told.ok, told.message) == (True, "")
