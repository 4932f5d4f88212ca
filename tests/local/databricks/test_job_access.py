"""Jobs have permissions: who may see, start, change and hand them on, refused in the service's words.

The forms are those of the vendor's own test server (databricks/cli, libs/testserver/jobs.go and permissions.go), of
databricks-sdk-py#953 and databricks/cli#3849. Which words stand in what order is not kept there: the words are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.local.databricks.workspace import ACCOUNT, ROOT, Workspace

BUNDLE = ROOT / "databricks"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with the bundle's own jobs, as its target dev deploys them."""
    running = Workspace(tmp_path_factory.mktemp("deployed"), ["--bundle", str(BUNDLE), "--target", "dev"])
    running.environment = {**ACCOUNT.variables, "BUNDLE_VAR_budget_policy": "policy"}
    yield running.start()
    running.stop()


@pytest.fixture(scope="module")
def gold(deployed: Workspace) -> int:
    """The id of its job of gold."""
    return int(deployed.call("GET", "2.2/jobs/list", name="anthill-gold")["jobs"][0]["job_id"])


def levels(workspace: Workspace, job: int, by: str = "terraform") -> dict[str, str]:
    """Who has which level on a job."""
    told = workspace.call("GET", f"2.0/permissions/jobs/{job}", by=by)["access_control_list"]
    names = ("user_name", "group_name", "service_principal_name")
    return {
        next(entry[name] for name in names if name in entry): entry["all_permissions"][0]["permission_level"]
        for entry in told
    }


def test_a_deployment_gives_what_its_target_declares(deployed: Workspace, gold: int) -> None:
    """Of the bundle's levels a job has its own (CAN_RUN is CAN_MANAGE_RUN); who deploys is the owner."""
    target = msgspec.yaml.decode((BUNDLE / "databricks.yml").read_text())["targets"]["dev"]
    assert [entry["level"] for entry in target["permissions"]] == ["CAN_MANAGE", "CAN_RUN", "CAN_VIEW", "CAN_MANAGE"]
    assert levels(deployed, gold) == {
        ACCOUNT.role("bundle").name: "IS_OWNER",
        ACCOUNT.role("pipeline").name: "CAN_MANAGE_RUN",
        ACCOUNT.role("drift").name: "CAN_VIEW",
        "data_engineers": "CAN_MANAGE",
        "admins": "CAN_MANAGE",
    }
    job = deployed.call("GET", "2.2/jobs/get", job_id=gold, by="drift")
    assert job["creator_user_name"] == ACCOUNT.role("bundle").name
    assert job["run_as_user_name"] == ACCOUNT.role("pipeline").name


def denied(answer: Any) -> str:
    """The message of a refusal."""
    assert answer["error_code"] == "PERMISSION_DENIED"
    return str(answer["message"])


@pytest.mark.parametrize("role", ["drift", "analyst"])
def test_who_may_not_run_a_job_is_refused(deployed: Workspace, gold: int, role: str) -> None:
    """403, with who lacks what on which job."""
    message = denied(deployed.call("POST", "2.2/jobs/run-now", status=403, by=role, job_id=gold))
    assert message.startswith(f"User {ACCOUNT.role(role).name} does not have ")
    assert message.endswith(f" permissions on job {gold}")
    assert {"Manage Run", "Owner", "Admin"} <= set(message.split(" have ")[1].split(" permissions")[0].split(" or "))


def test_who_may_not_see_a_job_sees_none(deployed: Workspace, gold: int) -> None:
    """No list has it, and to ask for it is refused, as it is for a job that is not there."""
    assert deployed.call("GET", "2.2/jobs/list", by="analyst") == {}
    for job in (gold, 1):
        message = denied(deployed.call("GET", "2.2/jobs/get", status=403, by="analyst", job_id=job))
        assert set(message.split(" have ")[1].split(" permissions")[0].split(" or ")) == {
            "View", "Admin", "Manage Run", "Owner"
        }  # fmt: skip


@pytest.mark.parametrize(("call", "more"), [("reset", {"new_settings": {}}), ("update", {}), ("delete", {})])
def test_who_runs_a_job_does_not_change_it(deployed: Workspace, gold: int, call: str, more: dict[str, Any]) -> None:
    """Airflow's principal starts what the deliveries' has deployed, and nothing else."""
    message = denied(deployed.call("POST", f"2.2/jobs/{call}", status=403, job_id=gold, **more))
    assert message == f"User {ACCOUNT.role('pipeline').name} does not have Admin or Owner permissions on job {gold}"


def test_permissions_are_for_who_manages(deployed: Workspace, gold: int) -> None:
    """To read them, too."""
    message = denied(deployed.call("GET", f"2.0/permissions/jobs/{gold}", status=403))
    assert message == (
        f"{ACCOUNT.role('pipeline').name} does not have Manage permissions on Job with ID: ElasticJobId({gold}). "
        f"Please contact the owner or an administrator for access."
    )


def test_permissions_are_given_and_taken(workspace: Workspace) -> None:
    """PATCH adds to a list, PUT writes it whole; a run of who is let in is theirs to see and to cancel, too."""
    job = workspace.job("lent", workspace.notebook("slow", "import time; time.sleep(1200)"))
    at = f"2.0/permissions/jobs/{job}"
    workspace.call("POST", "2.2/jobs/run-now", status=403, by="data_engineer", job_id=job)
    asked = [{"group_name": "data_engineers", "permission_level": "CAN_MANAGE_RUN"}]
    told = workspace.call("PATCH", at, access_control_list=asked)
    assert (told["object_id"], told["object_type"]) == (f"/jobs/{job}", "job")
    assert levels(workspace, job)["data_engineers"] == "CAN_MANAGE_RUN"
    run = workspace.call("POST", "2.2/jobs/run-now", by="data_engineer", job_id=job)["run_id"]
    found = workspace.call("GET", "2.2/jobs/runs/get", by="data_engineer", run_id=run)
    assert found["creator_user_name"] == "data_engineer@example.com"
    assert found["run_as_user_name"] == ACCOUNT.role("pipeline").name
    assert workspace.call("GET", "2.2/jobs/runs/list", by="analyst", job_id=job) == {}
    for path in ("jobs/runs/get", "jobs/runs/get-output", "jobs/runs/export"):
        denied(workspace.call("GET", f"2.2/{path}", status=403, by="analyst", run_id=run))
    for path in ("jobs/runs/cancel", "jobs/runs/delete", "jobs/runs/repair"):
        denied(workspace.call("POST", f"2.2/{path}", status=403, by="analyst", run_id=run))
    workspace.call("POST", "2.2/jobs/runs/cancel", by="data_engineer", run_id=run)
    owner = {"service_principal_name": ACCOUNT.role("pipeline").name, "permission_level": "IS_OWNER"}
    workspace.call("PUT", at, access_control_list=[owner])
    denied(workspace.call("POST", "2.2/jobs/run-now", status=403, by="data_engineer", job_id=job))


REFUSED = {
    "no owner": ("analysts", "CAN_VIEW", 400, "The job must have exactly one owner."),
    "level": ("analysts", "CAN_RUN", 400, "'CAN_RUN' is not a valid permission level"),
    "nobody": ("anylysts", "CAN_VIEW", 404, "Principal: anylysts does not exist"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_list_changes_nothing(workspace: Workspace, case: str) -> None:
    """It is refused, and the one that is there stays."""
    group, level, status, message = REFUSED[case]
    entries = [{"group_name": group, "permission_level": level}]
    job = workspace.job("kept", workspace.notebook("quick", "pass"))
    before = levels(workspace, job)
    at = f"2.0/permissions/jobs/{job}"
    assert message in workspace.call("PUT", at, status=status, access_control_list=entries)["message"]
    assert levels(workspace, job) == before


def test_a_run_that_is_no_jobs_is_whose_it_is(workspace: Workspace) -> None:
    """Who submitted it sees it, and nobody else but admins."""
    task = {"task_key": "main", "notebook_task": {"notebook_path": workspace.notebook("quick", "pass")}}
    run = workspace.call("POST", "2.2/jobs/runs/submit", by="data_engineer", run_name="own", tasks=[task])["run_id"]
    for role in ("data_engineer", "terraform"):
        assert workspace.call("GET", "2.2/jobs/runs/get", by=role, run_id=run)["run_name"] == "own"
    denied(workspace.call("GET", "2.2/jobs/runs/get", status=403, run_id=run))
