"""What was deployed is tried as Airflow's own principal: the job is started by it, and told what must run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowException, TaskDeferred

from anthill.lakehouse.trial import RunSmoke, smoke_dag
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.lakehouse.job_runs import Instance, connection, context, event_of, workspace

__all__ = ["connection", "workspace"]

NOTEBOOK = """
import json
catalog, digest = map(dbutils.widgets.get, ("catalog", "digest"))
if digest == "{other}":
    raise RuntimeError(f"another wheel runs in {{catalog}}")
dbutils.notebook.exit(json.dumps({{"catalog": catalog, "digest": digest, "tables": {{"gold": 1}}}}))
"""


def tried(digest: str) -> dict[str, object]:
    """The task of the DAG, from its start to its end."""
    instance = Instance("smoke")
    given = context(instance) | {"params": {"digest": digest}, "task": SimpleNamespace(outlets=[])}
    operator = RunSmoke(task_id="probe", databricks_retry_delay=0.1)
    try:
        return operator.execute(given)
    except TaskDeferred as deferred:
        return RunSmoke(task_id="probe").execute_complete(given, event_of(deferred.trigger))


def test_the_job_is_told_the_digest(workspace: Workspace) -> None:
    """The result is the notebook's; where another wheel runs the task is red in the notebook's words."""
    own, other = "0a" * 32, "0b" * 32
    path = workspace.notebook("smoke", NOTEBOOK.format(other=other))
    workspace.job("anthill-smoke", path, parameters=[{"name": name, "default": ""} for name in ("catalog", "digest")])
    assert tried(own) == {"catalog": "dev", "digest": own, "tables": {"gold": 1}}
    with pytest.raises(AirflowException, match=r"run \d+ of smoke failed: .*another wheel runs in dev"):
        tried(other)


def test_the_dag_takes_a_digest_or_nothing() -> None:
    """Started by hand or after a delivery, and on from the beginning."""
    dag = smoke_dag("what it does")
    assert (dag.dag_id, dag.doc_md, dag.schedule, dag.is_paused_upon_creation) == ("smoke", "what it does", None, False)
    assert dag.task_dict["smoke"].retries == 0
    param = dag.params.get_param("digest")
    assert param.resolve() == ""
    assert param.resolve("0a" * 32) == "0a" * 32
    with pytest.raises(ValueError, match="0a"):
        param.resolve("0a")
