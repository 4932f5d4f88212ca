"""The stacks of an environment: applied where they publish, and what the most important of them made stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from databricks.sdk.errors import NotFound

from scripts.first_day.place import Place
from scripts.first_day.step import MissingError, Step
from scripts.repository import declared, places
from scripts.variables import Known
from terraform.root import reads

SECURITY = "platform_development/security"
ISSUER = "token.actions.githubusercontent.com"
SECTION = "5. The stacks"
# In the order of the page, which is one in which each finds what it reads.
ORDER = (
    "platform_development/network",
    "platform_development/lake",
    "innovation_development/lake",
    "platform_development/databricks",
    "platform_development/monitoring",
    "innovation_development/compute",
    "innovation_development/catalog",
    "innovation_development/consumption",
    "platform_development/mwaa",
    "platform_development/recorder",
)
# Beside the stacks that they read.
BEFORE = {"platform_development/databricks": ("tokens", "groups", "metastore", "principals")}


def step(stack: str, after: tuple[str, ...] = ()) -> Step:
    """The step that applies a stack."""
    terraform = f"make terraform ENV={{environment}} STACK={stack}"
    return Step(
        stack,
        SECTION,
        WHAT[stack],
        f"{terraform} DO=init && {terraform} DO=apply",
        lambda place: _applied(place, stack),
        (*after, *sorted(reads(stack)), *BEFORE.get(stack, ())),
    )


def trust(place: Place) -> str:
    """GitHub's tokens are trusted, and each role by the jobs of its GitHub environment alone."""
    iam = place.aws("iam")
    providers = [each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    if not any(arn.endswith(f"/{ISSUER}") for arn in providers):
        raise MissingError("the account does not know GitHub's tokens")
    repository = place.given(*SECURITY.split("/"))["repository"]
    known, count = Known(place.environment, {}, {}, place.root), 0
    for each in places(declared(place.root), place.environment):
        for variable, template in each.variables:
            if template == "{role}":
                _trusts(iam, str(known(each.name, variable, template)), f"repo:{repository}:environment:{each.name}")
                count += 1
    return f"{count} roles, by the jobs of {repository}"


def _trusts(iam: Any, arn: str, subject: str) -> None:
    name = arn.rpartition("/")[2]
    try:
        document = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    except iam.exceptions.NoSuchEntityException as error:
        raise MissingError(f"there is no role {name}") from error
    trusted = [each.get("Condition", {}).get("StringEquals", {}).get(f"{ISSUER}:sub") for each in document["Statement"]]
    if trusted != [subject]:
        raise MissingError(f"the role {name} trusts {', '.join(map(str, trusted))}, and GitHub says {subject}")


def _applied(place: Place, stack: str) -> str:
    if (told := place.published.get(stack)) is None:
        raise MissingError(f"{stack} has published nothing")
    return STANDS[stack](place, told) if stack in STANDS else ", ".join(told)


def _workspace(place: Place, told: dict[str, Any]) -> str:
    try:
        found = place.databricks.workspaces.get(int(told["workspace_id"]))
    except NotFound as error:
        raise MissingError(f"the account has no workspace {told['workspace_id']}") from error
    status = found.workspace_status.value if found.workspace_status else "in no state"
    if status != "RUNNING":
        raise MissingError(f"the workspace {told['host']} is {status}: {found.workspace_status_message}")
    return str(told["host"])


def _catalog(place: Place, told: dict[str, Any]) -> str:
    try:
        return f"catalog {place.workspace.catalogs.get(told['catalog']).name}"
    except NotFound as error:
        raise MissingError(f"the workspace has no catalog {told['catalog']}") from error


def _mwaa(place: Place, told: dict[str, Any]) -> str:
    try:
        status = place.aws("mwaa").get_environment(Name=told["name"])["Environment"]["Status"]
    except place.aws("mwaa").exceptions.ResourceNotFoundException as error:
        raise MissingError(f"there is no MWAA environment {told['name']}") from error
    if status == "CREATING":
        raise MissingError(f"{told['name']} is being made, for half an hour", "make first-day ENV=" + place.environment)
    if status.endswith("FAILED") and status != "UPDATE_FAILED":
        raise MissingError(f"{told['name']} is {status}: its console says why")
    return f"{told['name']} is {status}"


STANDS: dict[str, Callable[[Place, dict[str, Any]], str]] = {
    "platform_development/databricks": _workspace,
    "innovation_development/catalog": _catalog,
    "platform_development/mwaa": _mwaa,
}
WHAT = {
    SECURITY: "roles of workflows, what guards them, a boundary a team, the platform's key",
    "platform_development/network": "VPC, subnets, gateways",
    "platform_development/lake": "buckets of bronze and documents",
    "innovation_development/lake": "buckets of silver and gold",
    "platform_development/databricks": "the workspace, running",
    "platform_development/monitoring": "topics and alarms",
    "innovation_development/compute": "the SQL warehouse, policies of clusters",
    "innovation_development/catalog": "the catalog, in the workspace",
    "innovation_development/consumption": "Athena's workgroup",
    "platform_development/mwaa": "Airflow, available",
    "platform_development/recorder": "images and services of who listens to streams",
}
