"""Notebooks as kernels run them: results, errors, output, fresh sources, tables of other runs."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.local.databricks.workspace import Workspace


def test_exit_value_is_the_result(workspace: Workspace) -> None:
    """A notebook reads its parameters, and what it exits with is in get-output."""
    path = workspace.notebook(
        "exit", "dbutils.widgets.text('who', 'nobody')", "dbutils.notebook.exit('hello ' + dbutils.widgets.get('who'))"
    )
    assert workspace.result(path) == "hello nobody"
    assert workspace.result(path, who="ants") == "hello ants"


def test_error_fails_the_run_and_is_told(workspace: Workspace) -> None:
    """An exception fails the run; its line, message and output are in get-output, and later cells do not run."""
    path = workspace.notebook("broken", "print('before')", "raise ValueError('17 rows are missing')", "print('after')")
    task = {"task_key": "main", "notebook_task": {"notebook_path": path}}
    run = workspace.wait(workspace.call("POST", "2.2/jobs/runs/submit", tasks=[task])["run_id"])
    assert (run["state"]["life_cycle_state"], run["state"]["result_state"]) == ("INTERNAL_ERROR", "FAILED")
    output = workspace.output(run)
    assert output["error"] == "ValueError: 17 rows are missing"
    assert 'broken.py", line 6' in output["error_trace"]
    assert output["logs"] == "before\n"


@pytest.mark.parametrize("way", ["import os; os.kill(os.getpid(), 9)", "import os; os._exit(3)"])
def test_kernel_that_dies_fails_only_its_run(workspace: Workspace, way: str) -> None:
    """A process that is killed fails its run with a message, and the next run has a kernel."""
    task = {"task_key": "main", "notebook_task": {"notebook_path": workspace.notebook("dies", way)}}
    run = workspace.wait(workspace.call("POST", "2.2/jobs/runs/submit", tasks=[task])["run_id"])
    assert "unresponsive" in workspace.output(run)["error"]
    assert workspace.result(workspace.notebook("lives", "dbutils.notebook.exit('alive')")) == "alive"


def test_namespace_is_fresh(workspace: Workspace) -> None:
    """Nothing that a run sets is there for the next."""
    path = workspace.notebook(
        "fresh", "import sys; seen = 'mark' in dir(sys); sys.mark = 1; dbutils.notebook.exit(seen)"
    )
    assert [workspace.result(path), workspace.result(path)] == ["False", "False"]


def test_edit_shows_at_the_next_run(own_workspace: Workspace) -> None:
    """A changed notebook and a changed module are what the next run executes."""
    modules = own_workspace.folder / "modules"
    modules.mkdir()
    own_workspace.options = ["--python-path", str(modules)]
    own_workspace.start()
    for value in ("one", "three"):  # Python tells edits within a second by the file's length
        (modules / "edited.py").write_text(f"VALUE = {value!r}\n")
        path = own_workspace.notebook("edited", f"import edited\ndbutils.notebook.exit(edited.VALUE + ' {value}')")
        assert own_workspace.result(path) == f"{value} {value}"


def test_magic_cells(workspace: Workspace) -> None:
    """%sql runs, %md is shown only, %run brings the names of another notebook."""
    workspace.notebook("shared", "def double(n):\n    return 2 * n")
    path = workspace.notebook(
        "magic",
        "# MAGIC %md\n# MAGIC # Title, not Python",
        "# MAGIC %run ./shared",
        "# MAGIC %sql\n# MAGIC CREATE OR REPLACE TEMP VIEW numbers AS SELECT 20 AS n;\n# MAGIC SELECT n FROM numbers",
        "dbutils.notebook.exit(double(spark.table('numbers').first().n + 1))",
    )
    assert workspace.result(path) == "42"


def test_unknown_magic_is_refused(workspace: Workspace) -> None:
    """A magic command that is not supported fails the run and is named with its file and line."""
    path = workspace.notebook("scala", "x = 1", "# MAGIC %scala\n# MAGIC val x = 1")
    task = {"task_key": "main", "notebook_task": {"notebook_path": path}}
    run = workspace.wait(workspace.call("POST", "2.2/jobs/runs/submit", tasks=[task])["run_id"])
    assert "scala.py:6: the magic command %scala" in workspace.output(run)["error"]


def test_tables_are_seen_by_other_kernels_and_statements(workspace: Workspace) -> None:
    """A table that one run makes is there for the next, for SQL statements, and grows with inserts."""
    table = "dev.silver.seen"
    make = workspace.notebook(
        "make", f"spark.sql('CREATE TABLE IF NOT EXISTS {table} (n BIGINT) USING delta')",
        f"spark.sql('INSERT INTO {table} SELECT 7')",
    )  # fmt: skip
    count = workspace.notebook("count", f"dbutils.notebook.exit(spark.table('{table}').count())")
    for rows in ("1", "2"):
        workspace.result(make)
        assert workspace.result(count) == rows
        assert workspace.sql(f"SELECT count(*) FROM {table}")["result"]["data_array"] == [[rows]]


def test_session_is_utc(workspace: Workspace) -> None:
    """Times are read and shown in UTC."""
    path = workspace.notebook(
        "utc", "t = spark.sql(\"SELECT CAST(TIMESTAMP '2024-01-02 03:04:05' AS STRING) AS t\").first().t",
        "dbutils.notebook.exit(t + ' ' + spark.conf.get('spark.sql.session.timeZone'))",
    )  # fmt: skip
    assert workspace.result(path) == "2024-01-02 03:04:05 UTC"


def test_session_is_not_forgotten_while_a_run_is_busy(workspace: Workspace) -> None:
    """Sail drops a session that is idle longer than this, two minutes unless told: a run may be silent for a day."""
    path = workspace.notebook(
        "silent", "import os; dbutils.notebook.exit(os.environ['SAIL_SPARK__SESSION_TIMEOUT_SECS'])"
    )
    assert int(workspace.result(path)) >= 24 * 3600


def test_secret_comes_from_the_environment(own_workspace: Workspace) -> None:
    """A secret is read from its variable; a missing one names the variable to set."""
    own_workspace.environment = {"SECRET_MARKET_API_KEY": "sesame"}
    own_workspace.start()
    lines = "try:\n    dbutils.secrets.get('market', 'other')\nexcept ValueError as error:\n    told = str(error)"
    leave = "import json; dbutils.notebook.exit(json.dumps([dbutils.secrets.get('market', 'api-key'), told]))"
    value, told = json.loads(own_workspace.result(own_workspace.notebook("secret", lines, leave)))
    assert value == "sesame"
    assert "SECRET_MARKET_OTHER" in told


def test_a_run_is_forked_from_what_is_loaded_already(workspace: Workspace) -> None:
    """A run costs a fork and a session, not an interpreter and Spark's libraries."""
    notebook = "import os, sys, json; dbutils.notebook.exit(json.dumps([os.getppid(), sys.argv]))"
    path = workspace.notebook("quick", notebook)
    parents = [json.loads(workspace.result(path)) for _ in range(2)]
    assert parents[0] == parents[1]
    assert "zygote" in parents[0][1][0], "it goes on with the command line of the process that it was forked from"


def test_notebook_must_be_there(workspace: Workspace, tmp_path: Path) -> None:
    """A path that leads to no file fails the run and is named."""
    task = {"task_key": "main", "notebook_task": {"notebook_path": str(tmp_path / "absent")}}
    run = workspace.wait(workspace.call("POST", "2.2/jobs/runs/submit", tasks=[task])["run_id"])
    assert f'Unable to access the notebook "{tmp_path / "absent"}"' in workspace.output(run)["error"]


def test_parent_of_kernels_is_started_again(own_workspace: Workspace) -> None:
    """When the process that kernels are forked from is killed, the next run has a new one."""
    own_workspace.start()
    path = own_workspace.notebook("parent", "import os; dbutils.notebook.exit(os.getppid())")
    first = own_workspace.result(path)
    os.kill(int(first), signal.SIGKILL)
    assert own_workspace.result(path) != first


def test_a_statement_s_catalog_and_schema_are_names(workspace: Workspace) -> None:
    """Whatever a client sends as one, it becomes no SQL; values are those of the parameters."""
    parameters = [{"name": "x", "value": "O'X`;--"}]
    fine = workspace.sql("SELECT :x AS x", catalog="dev", schema="default", parameters=parameters)
    assert fine["result"]["data_array"] == [["O'X`;--"]]
    for name in ("dev; SELECT 1", "dev` SELECT `1", "None"):
        failed = workspace.sql("SELECT 1 AS x", catalog=name)
        assert failed["status"]["state"] == "FAILED"
        assert "syntax" not in failed["status"]["error"]["message"].lower()


def test_a_statement_leaves_nothing_to_the_next(workspace: Workspace) -> None:
    """Views of a session, what names go to and settings are its own; a table of before is read anew."""
    workspace.sql("CREATE TABLE gold.counted (n INT) USING delta")
    workspace.sql("CREATE TEMP VIEW kept AS SELECT 1 AS n")
    workspace.sql("SET spark.sql.session.timeZone = Asia/Tokyo")
    lost = workspace.sql("SELECT n FROM kept")
    assert lost["status"]["state"] == "FAILED"
    assert "kept" in lost["status"]["error"]["message"]
    (zone,) = workspace.sql("SELECT current_timezone()")["result"]["data_array"]
    assert zone == ["UTC"]
    for expected in ("0", "1", "2"):
        counted = workspace.sql("SELECT count(*) FROM counted", schema="gold")
        assert counted["result"]["data_array"] == [[expected]]
        assert workspace.sql("SELECT * FROM counted")["status"]["state"] == "FAILED"  # without a schema
        workspace.sql(f"INSERT INTO gold.counted VALUES ({expected})")


def test_a_statement_finds_a_process_that_lives(own_workspace: Workspace) -> None:
    """One that waits serves whoever asks with their own rights; those killed while they waited are no answer."""
    own_workspace.start()
    assert own_workspace.sql("SELECT 1")["status"]["state"] == "SUCCEEDED"
    waiting = kernels(own_workspace)
    assert len(waiting) == 1
    own_workspace.sql("CREATE TABLE gold.own (n INT) USING delta")
    assert kernels(own_workspace) == waiting
    refused = own_workspace.sql("SELECT * FROM gold.own", by="analyst")
    assert "INSUFFICIENT_PERMISSIONS" in refused["status"]["error"]["message"]
    assert kernels(own_workspace) == waiting
    for pid in waiting:
        os.kill(pid, signal.SIGKILL)
    assert own_workspace.sql("SELECT 2")["result"]["data_array"] == [["2"]]
    waiting = kernels(own_workspace)
    own_workspace.stop(signal.SIGKILL)
    while any(Path(f"/proc/{pid}").exists() for pid in waiting):
        time.sleep(0.02)


def kernels(workspace: Workspace) -> list[int]:
    """The processes that the parent of all runs has forked and that are not over."""
    assert workspace.process is not None
    (parent,) = children(workspace.process.pid)
    return children(parent)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
