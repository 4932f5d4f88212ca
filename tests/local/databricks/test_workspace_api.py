"""Who calls, what lies at a path, a run's page as an answer, and what is no call: as clients read it."""

from __future__ import annotations

import pytest
import requests

from tests.local.databricks.workspace import ACCOUNT, ROOT, TOKEN, Workspace


@pytest.mark.parametrize("role", ["pipeline", "analyst"])
def test_a_token_is_a_principals(workspace: Workspace, role: str) -> None:
    """SCIM's Me names who it belongs to: an application id or an address, and the groups."""
    me = workspace.call("GET", "2.0/preview/scim/v2/Me", by=role)
    assert me["userName"] == ACCOUNT.role(role).name
    assert [group["display"] for group in me["groups"]] == list(ACCOUNT.role(role).groups)


@pytest.mark.parametrize(
    ("resource", "attribute", "name"),
    [
        ("Groups", "displayName", "analysts"),
        ("Users", "userName", "analyst@example.com"),
        ("ServicePrincipals", "applicationId", ACCOUNT.role("pipeline").name),
    ],
)
def test_scim_finds_by_a_name_without_case(workspace: Workspace, resource: str, attribute: str, name: str) -> None:
    """RFC 7644: a filter, and a list response without Resources where nothing is found; names keep their case."""
    at = f"2.0/preview/scim/v2/{resource}"
    found = workspace.call("GET", at, filter=f'{attribute} eq "{name.upper()}"')
    assert (found["totalResults"], [each[attribute] for each in found["Resources"]]) == (1, [name])
    nobody = workspace.call("GET", at, filter=f'{attribute} eq "nobody"')
    assert nobody["totalResults"] == 0
    assert "Resources" not in nobody
    everybody = workspace.call("GET", at)
    assert name in [each[attribute] for each in everybody["Resources"]]
    workspace.call("GET", at, status=400, filter=f'{attribute} co "a"')


def test_no_call_is_told_as_the_service_tells_it(workspace: Workspace) -> None:
    """ENDPOINT_NOT_FOUND (databricks/databricks-cli#383), for a wrong method, too."""
    for method, path, called in (("GET", "2.0/repos", "GET /repos"), ("DELETE", "2.2/jobs/list", "DELETE /jobs/list")):
        answer = workspace.call(method, path, status=404)
        assert answer == {"error_code": "ENDPOINT_NOT_FOUND", "message": f"No API found for '{called}'"}
    page = requests.get(f"{workspace.url}/elsewhere")
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (404, "text/plain")


def test_a_call_has_its_versions(workspace: Workspace) -> None:
    """Bad Target for a version that the service does not have (apache/airflow#60444)."""
    assert workspace.call("GET", "2.2/sql/warehouses", status=404) == {"error": "Bad Target: /api/2.2/sql/warehouses"}


def test_what_lies_at_a_path(workspace: Workspace) -> None:
    """A notebook is told by its path; a file of this machine that is none is not."""
    path = workspace.notebook("looked_up", "pass")
    told = workspace.call("GET", "2.0/workspace/get-status", path=path)
    assert (told["object_type"], told["language"], told["path"]) == ("NOTEBOOK", "PYTHON", path)
    for other in ("/Users/nobody", str(ROOT / "pyproject.toml"), str(ROOT)):
        answer = workspace.call("GET", "2.0/workspace/get-status", status=404, path=other)
        assert answer == {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": f"Path ({other}) doesn't exist."}


def test_a_run_is_exported(workspace: Workspace) -> None:
    """The notebook's cells with their output are a view in HTML, as the SDK's ExportRunOutput has it."""
    job = workspace.job("exported", workspace.notebook("exported", "print('<told>')"))
    run = workspace.wait(workspace.run_now(job))
    for run_id in (run["run_id"], run["tasks"][0]["run_id"]):
        (view,) = workspace.call("GET", "2.2/jobs/runs/export", run_id=run_id)["views"]
        assert (view["name"], view["type"]) == ("exported", "NOTEBOOK")
        assert "&lt;told&gt;" in view["content"]


def test_links_are_not_signed_with_what_clients_know(workspace: Workspace) -> None:
    """Nobody makes a link to a result out of a token."""
    answer = workspace.sql("SELECT 1 AS one", disposition="EXTERNAL_LINKS")
    link = answer["result"]["external_links"][0]["external_link"]
    assert TOKEN not in link
    assert requests.get(link).json() == [["1"]]
    assert requests.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 403
