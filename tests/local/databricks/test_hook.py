"""The Airflow provider's own hook, operators and triggers against the workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.providers.databricks.operators.databricks import (
    DatabricksRunNowOperator,
    DatabricksSQLStatementsOperator,
    DatabricksSubmitRunOperator,
)
from airflow.providers.databricks.triggers.databricks import DatabricksExecutionTrigger
from airflow.sdk.exceptions import AirflowException, TaskDeferred

from tests.local.databricks.held import Held
from tests.local.databricks.workspace import TOKEN, Workspace


def _event(trigger: Any) -> dict[str, Any]:
    """What a trigger fires, run as the triggerer runs it."""

    async def first() -> dict[str, Any]:
        async for event in trigger.run():
            return dict(event.payload)
        raise AssertionError("the trigger ended without an event")

    return asyncio.run(first())


def _run_deferred(operator: Any, then: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """Execute a deferrable operator, `then` what its job waits for, its trigger, and its completion."""
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute({})
    then()
    event = _event(deferred.value.trigger)
    getattr(operator, deferred.value.method_name)({}, event)
    return event


def _run_now(name: str, **settings: Any) -> DatabricksRunNowOperator:
    return DatabricksRunNowOperator(
        task_id="run", job_name=name, deferrable=True, forward_dag_params=False, do_xcom_push=False,
        polling_period_seconds=0.1, databricks_retry_delay=0.1, **settings,
    )  # fmt: skip


def test_connection_test(connection: str) -> None:
    """The connection test of the Airflow UI passes."""
    assert DatabricksHook(connection).test_connection() == (True, "Connection successfully tested")


def test_wrong_token_is_refused(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong token is answered 403, and the hook says so without repeating it."""
    monkeypatch.setenv("AIRFLOW_CONN_WRONG", workspace.connection.replace(TOKEN, "nobodys-token"))
    ok, message = DatabricksHook("wrong").test_connection()
    assert not ok
    assert "Invalid access token" in message
    assert "nobodys-token" not in message


def test_run_now_deferred(workspace: Workspace, connection: str) -> None:
    """A deferrable operator finds its job by name, waits in a trigger, and the run's result is there."""
    held = Held(workspace, "greet", ("dbutils.notebook.exit(dbutils.widgets.get('day'))",))
    workspace.job("greet", held.path, parameters=[{"name": "day", "default": "none"}])
    event = _run_deferred(_run_now("greet", job_parameters={"day": "2024-01-02"}), held.go)
    run = DatabricksHook(connection).get_run(event["run_id"])
    assert (
        DatabricksHook(connection).get_run_output(run["tasks"][0]["run_id"])["notebook_output"]["result"]
        == "2024-01-02"
    )


def test_failed_run_raises_with_the_notebooks_error(workspace: Workspace, connection: str) -> None:
    """The message of a failed task carries what the notebook raised."""
    held = Held(workspace, "raises", ("raise ValueError('3 keys twice')",))
    workspace.job("raises", held.path)
    with pytest.raises(AirflowException, match="ValueError: 3 keys twice"):
        _run_deferred(_run_now("raises"), held.go)


def test_unknown_parameter_is_refused(workspace: Workspace, connection: str) -> None:
    """A job parameter that the job does not declare is a clear error, not a silent default."""
    path = workspace.notebook("greet", "dbutils.notebook.exit('x')")
    workspace.job("strict", path, parameters=[{"name": "day", "default": ""}])
    with pytest.raises(AirflowException, match="declares no parameter date: it has day"):
        _run_now("strict", job_parameters={"date": "2024-01-02"}).execute({})


def test_sync_run_and_submit(workspace: Workspace, connection: str, tmp_path: Path) -> None:
    """The operators that wait in the worker wait until the notebook has run, and fail with it; run-now and submit."""
    ran = tmp_path / "ran"
    path = workspace.notebook("quick", f"open({str(ran)!r}, 'a').write('x')", "dbutils.notebook.exit('x')")
    broken = workspace.notebook("broken", "raise ValueError('3 keys twice')")
    settings = {"polling_period_seconds": 0.1, "do_xcom_push": False}

    def now(notebook: str) -> None:
        job = str(workspace.job(notebook.rpartition("/")[2], notebook))
        DatabricksRunNowOperator(task_id="now", job_id=job, forward_dag_params=False, **settings).execute({})

    def submit(notebook: str) -> None:
        task = {"notebook_path": notebook}
        DatabricksSubmitRunOperator(task_id="submit", notebook_task=task, **settings).execute({})

    for number, run in enumerate((now, submit)):
        run(path)
        assert ran.read_text() == "x" * (number + 1)
        with pytest.raises(AirflowException, match="3 keys twice"):
            run(broken)


def test_trigger_cancels_the_run_when_killed(workspace: Workspace, connection: str) -> None:
    """A task that is cleared by hand while deferred cancels its run."""
    job = workspace.job("killed", workspace.notebook("slow", "import time; time.sleep(1200)"))
    run_id = workspace.run_now(job)
    asyncio.run(DatabricksExecutionTrigger(run_id, connection).on_kill())
    assert workspace.wait(run_id)["state"]["result_state"] == "CANCELED"


def test_list_jobs_reads_every_page(workspace: Workspace, connection: str) -> None:
    """The hook's pages of jobs add up to all of them, and a name is found wherever it stands."""
    path = workspace.notebook("quick", "pass")
    made = {workspace.job(f"page-{i}", path) for i in range(7)}
    hook = DatabricksHook(connection)
    assert made <= {job["job_id"] for job in hook.list_jobs(limit=3)}
    assert hook.find_job_id_by_name("page-6") == max(made)
    assert hook.find_job_id_by_name("page-7") is None


def test_sql_statements(workspace: Workspace, connection: str) -> None:
    """A statement runs in the worker and deferred; one that fails raises with the engine's message."""

    def operator(statement: str, **settings: Any) -> DatabricksSQLStatementsOperator:
        return DatabricksSQLStatementsOperator(
            task_id="sql", statement=statement, warehouse_id="local", polling_period_seconds=0.1, do_xcom_push=False,
            **settings,
        )  # fmt: skip

    operator("SELECT 1").execute({})
    for rows in (10**7 * 4**times for times in range(7)):  # one that is not over before the operator looks
        try:
            operator(f"SELECT count(DISTINCT id % 1000) FROM range({rows})", deferrable=True).execute({})
        except TaskDeferred as deferred:
            event = _event(deferred.trigger)
            operator("the same", deferrable=True).execute_complete({}, event)
            break
    else:
        pytest.fail("no statement was waited for by a trigger")
    with pytest.raises(AirflowException, match="no_such_table"):
        operator("SELECT * FROM dev.gold.no_such_table").execute({})


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "retry_after": 0}])
def test_polling_survives_faults(
    own_workspace: Workspace, monkeypatch: pytest.MonkeyPatch, fault: dict[str, int]
) -> None:
    """Two faulty answers while polling are retried: the operator ends well, and there was one run."""
    faults = own_workspace.folder / "faults.yaml"
    faults.write_text(yaml.safe_dump([{"path": "runs/get$", "after": 3, "times": 2, **fault}]))
    own_workspace.options = ["--faults", str(faults)]
    own_workspace.start()
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", own_workspace.connection)
    held = Held(own_workspace, "polled")
    own_workspace.job("polled", held.path)
    _run_deferred(_run_now("polled"), held.go)
    assert len(own_workspace.call("GET", "2.2/jobs/runs/list")["runs"]) == 1


def test_get_reads_parameters_from_query_and_body(workspace: Workspace) -> None:
    """The parameters of a GET are read wherever the client put them."""
    import requests

    run_id = workspace.run_now(workspace.job("both", workspace.notebook("quick", "pass")))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{workspace.url}/api/2.2/jobs/runs/get"
    for given in ({"params": {"run_id": run_id}}, {"json": {"run_id": run_id}}):
        assert requests.get(url, headers=headers, **given).json()["run_id"] == run_id


def test_statement_is_pending_then_has_rows_and_schema(workspace: Workspace) -> None:
    """With wait_timeout 0s a statement is PENDING first; then rows are text, named and typed by the manifest."""
    query = "SELECT CAST(:n AS INT) AS n, 'x' AS s, NULL AS nothing, ARRAY(1, 2) AS list"
    parameters = [{"name": "n", "value": "41", "type": "INT"}]
    first = workspace.sql(query, wait_timeout="0s", parameters=parameters)
    assert first["status"]["state"] == "PENDING"
    last = workspace.ended(first)
    assert last["status"] == {"state": "SUCCEEDED"}
    assert last["result"]["data_array"] == [["41", "x", None, "[1, 2]"]]
    columns = last["manifest"]["schema"]["columns"]
    assert [(c["name"], c["type_name"]) for c in columns][:2] == [("n", "INT"), ("s", "STRING")]


def test_statement_is_cancelled(workspace: Workspace) -> None:
    """A cancelled statement is CANCELED, and its process is gone."""
    query = "SELECT count(*) FROM range(100000000000)"
    statement = workspace.sql(query, wait_timeout="0s")["statement_id"]
    assert workspace.call("POST", f"2.0/sql/statements/{statement}/cancel") == {}
    last = workspace.ended(workspace.call("GET", f"2.0/sql/statements/{statement}"))
    assert last["status"]["state"] == "CANCELED"


def test_run_page(workspace: Workspace) -> None:
    """A run's page shows state, parameters, cells, output and error, escaped, and refreshes only while it runs."""
    import requests

    cells = ("# MAGIC %md\n# MAGIC The title", "print('<b>told</b>')", "raise KeyError('gone')")
    held = Held(workspace, "page", cells)
    job = workspace.job("page", held.path, parameters=[{"name": "day", "default": "2024-01-02"}])
    run_id = workspace.run_now(job)
    url = workspace.wait(run_id, "RUNNING")["run_page_url"]
    assert "http-equiv=refresh" in requests.get(url).text
    held.go()
    workspace.wait(run_id)
    page = requests.get(url).text
    for part in (
        "FAILED",
        "2024-01-02",
        "The title",
        "&lt;b&gt;told&lt;/b&gt;",
        "KeyError: &#x27;gone&#x27;",
        held.path,
    ):
        assert part in page
    assert "http-equiv=refresh" not in page
    home = requests.get(workspace.url).text
    assert f"/runs/{run_id}'" in home
    assert requests.get(f"{workspace.url}/jobs/0/runs/999999").status_code == 404


@pytest.mark.parametrize("notebook", ["spark.sql('SELECT nothing FROM dev.gold.absent').collect()", "def ("])
def test_an_error_of_the_engine_is_shown_in_full(workspace: Workspace, notebook: str) -> None:
    """What get-output has of it, the trace to its last line, is on the run's page and in its export."""
    import html

    import requests

    job = workspace.job("in_full", workspace.notebook("in_full", "# MAGIC %md\n# MAGIC A title", notebook))
    run = workspace.wait(workspace.run_now(job))
    output = workspace.output(run)
    page = requests.get(run["run_page_url"]).text
    (view,) = workspace.call("GET", "2.2/jobs/runs/export", run_id=run["run_id"])["views"]
    for shown in (page, view["content"]):
        assert html.escape(output["error"]) in shown
        assert html.escape(output["error_trace"].strip()) in shown


def test_port_in_use_is_told(workspace: Workspace, tmp_path: Path) -> None:
    """A taken port ends the start with a message that names it."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "local.databricks", "--port", str(workspace.port), "--state", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert f"Port {workspace.port} of 127.0.0.1 cannot be listened on" in ended.stderr
