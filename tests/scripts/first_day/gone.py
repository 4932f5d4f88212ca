"""One thing after the other that can be gone from a green house, with what is said then."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from moto.backends import get_backend

from tests.delivery import aws
from tests.scripts.first_day.house import PENDING, House
from tests.scripts.first_day.page import COMMANDS, EDIT, FOUND

STATES = "anthill-dev-terraform-state"
Change = Callable[[House, pytest.MonkeyPatch], None]
GONE: dict[str, tuple[str, str, str, Change]] = {  # promise → step, words of its sentence, command, what happens
    "a placeholder is back": (
        "names",
        "data-platform@example.com is a placeholder",
        EDIT,
        lambda house, _: house.edit(("corp.test", "example.com")),
    ),
    "the bucket keeps no versions": (
        "states",
        "keeps no versions",
        COMMANDS["states"],
        lambda house, patch: patch.setattr(
            _moto("s3").buckets["anthill-dev-terraform-state"], "versioning_status", None
        ),
    ),
    "security is told another key": (
        "states",
        'write "arn:aws:kms:',
        EDIT,
        lambda house, _: house.edit((r"(:key/)[\w-]+", r"\g<1>5a1e0c7e-1111-4222-8333-977777777777")),
    ),
    "nobody records": (
        "trail",
        "no trail records",
        COMMANDS["trail"],
        lambda house, patch: patch.setattr(_moto("cloudtrail").trails["anthill-dev"].status, "is_logging", False),
    ),
    "databricks is told another issuer": (
        "tokens",
        'databricks is told token_issuer = "https://5a1e0c7e',
        EDIT,
        lambda house, patch: patch.setattr(house.account, "issuer", "https://another.example.test"),
    ),
    "a group has another id": (
        "groups",
        "user_group_ids.analysts is 1002: write 7",
        EDIT,
        lambda house, patch: patch.setattr(
            house.databricks,
            "groups",
            {7: "analysts", **{n: g for n, g in house.databricks.groups.items() if n != 1002}},
        ),
    ),
    "the admins are no group": (
        "groups",
        "admin_group_id 1001 is no group",
        EDIT,
        lambda house, patch: patch.delitem(house.databricks.groups, 1001),
    ),
    "the metastore is another": (
        "metastore",
        "write 5a1e0c7e-1111-4222-8333-955555555555",
        EDIT,
        lambda house, _: house.edit(("(metastore_id += ).*", r'\1"another"')),
    ),
    "the region has no metastore": (
        "metastore",
        "no metastore in us-east-1",
        COMMANDS["metastore"],
        lambda house, patch: patch.setattr(house.databricks, "metastores", house.databricks.metastores[:1]),
    ),
    "a plan's principal is gone": (
        "principals",
        "Terraform of dev-innovation_development-plan",
        COMMANDS["principals"],
        lambda house, patch: patch.delitem(
            house.databricks.principals, "anthill-terraform-dev-innovation_development-plan"
        ),
    ),
    "a role trusts another branch": (
        "trust",
        "anthill-dev-deploy-platform_development trusts repo:anthill/anthill:ref:refs/heads/x",
        COMMANDS["trust"],
        lambda house, patch: _trust(patch, "anthill-dev-deploy-platform_development", "ref:refs/heads/x"),
    ),
    "GitHub's tokens are not known": (
        "trust",
        "the account does not know GitHub's tokens",
        COMMANDS["trust"],
        lambda house, patch: patch.setattr(_moto("iam"), "open_id_providers", {}),
    ),
    "a role is gone": (
        "trust",
        "there is no role anthill-dev-notification",
        COMMANDS["trust"],
        lambda house, patch: patch.setattr(_role("anthill-dev-notification"), "name", "another"),
    ),
    "nobody can open Airflow": (
        "people",
        "no permission set carries a policy anthill-dev-airflow-*",
        COMMANDS["people"],
        lambda house, patch: patch.setattr(_role("AWSReservedSSO_operators_0123456789abcdef"), "managed_policies", {}),
    ),
    "an approver was taken away": (
        "github",
        "1 settings of anthill/anthill differ, the first: dev-platform_development",
        COMMANDS["github"],
        lambda house, patch: patch.setitem(house.github.environments["dev-platform_development"], "reviewers", []),
    ),
    "Terraform signs in as another": (
        "github",
        "1 settings of anthill/anthill differ, the first: dev-platform_development, TERRAFORM_CLIENT_ID",
        COMMANDS["github"],
        lambda house, patch: patch.setitem(
            house.github.environments["dev-platform_development"]["variables"], "TERRAFORM_CLIENT_ID", "another"
        ),
    ),
    "the plan lacks approvals": (
        "github",
        "where anthill's plan 'team' has no approval",
        COMMANDS["github"],
        lambda house, patch: (
            patch.setattr(house.github, "visibility", "private"),
            patch.setattr(house.github, "plan", "team"),
        )[0],
    ),
    "the workspace is not made": (
        "platform_development/databricks",
        "is PROVISIONING",
        COMMANDS["platform_development/databricks"],
        lambda house, patch: patch.setitem(house.databricks.workspaces, 7, "PROVISIONING"),
    ),
    "the workspace is gone": (
        "platform_development/databricks",
        "no workspace 7",
        COMMANDS["platform_development/databricks"],
        lambda house, patch: patch.delitem(house.databricks.workspaces, 7),
    ),
    "the catalog is gone": (
        "innovation_development/catalog",
        "the workspace has no catalog of_old",
        COMMANDS["innovation_development/catalog"],
        lambda house, patch: patch.setattr(
            _moto("ssm")._parameters["/anthill/dev/innovation_development/catalog"][-1],
            "value",
            '{"catalog": "of_old"}',
        ),
    ),
    "Airflow is being made": (
        "platform_development/mwaa",
        "is being made",
        "make first-day ENV=dev",
        lambda house, patch: patch.setattr(
            house.cloud.service, "_get", lambda name, body: {"Environment": {"Status": "CREATING"}}
        ),
    ),
    "Airflow could not be made": (
        "platform_development/mwaa",
        "is CREATE_FAILED",
        COMMANDS["platform_development/mwaa"],
        lambda house, patch: patch.setattr(
            house.cloud.service, "_get", lambda name, body: {"Environment": {"Status": "CREATE_FAILED"}}
        ),
    ),
    "a declared connection has no value": (
        "secrets",
        "anthill/dev/connections/polygon_flat_files without a value",
        "aws secretsmanager put-secret-value --secret-id anthill/dev/connections/polygon_flat_files"
        " --secret-string '<JSON>'",
        lambda house, _: house.edit(
            (" mwaa = {", ' mwaa = {\n connections = ["polygon_default", "polygon_flat_files"]')
        ),
    ),
    "a value is not declared": (
        "names",
        "environment.tfvars does not say 'cidr'",
        EDIT,
        lambda house, _: house.edit((" network = {", " network_of_old = {")),
    ),
    "a part of Airflow is ill": (
        "delivery",
        "Airflow is not well: scheduler is unhealthy",
        COMMANDS["delivery"],
        lambda house, patch: patch.setitem(house.airflow.ill, "scheduler", "unhealthy"),
    ),
    "the smoke job failed": (
        "smoke",
        "never ran",
        COMMANDS["smoke"],
        lambda house, patch: patch.setitem(house.airflow.runs, "smoke", ["failed"]),
    ),
    "a mailbox has not confirmed": (
        "subscriptions",
        "data-platform@corp.test has not confirmed",
        FOUND["subscriptions"](COMMANDS["subscriptions"]),
        lambda house, patch: patch.setattr(house.subscriptions()[0], "arn", PENDING),
    ),
    "the bill lost a tag": (
        "cost-tags",
        "the tags team:",
        COMMANDS["cost-tags"],
        lambda house, patch: patch.setattr(house.account, "tags", {"environment", "cost-centre"}),
    ),
    "every DAG is paused": (
        "turned-on",
        "are paused",
        COMMANDS["turned-on"],
        lambda house, patch: patch.setattr(house.airflow, "paused", {"forex", "stocks"}),
    ),
    "no day has succeeded": (
        "market-day",
        "no market day of forex, stocks",
        "make market-day ENV=dev ASSET=forex",
        lambda house, patch: (
            patch.setattr(house.airflow, "paused", set()),
            patch.setitem(house.airflow.runs, "forex", ["failed"]),
        )[0],
    ),
}


def _moto(service: str) -> Any:
    backends = get_backend(service)[aws.ACCOUNT]
    return backends["aws" if service in ("s3", "iam") else aws.REGION]


def _role(name: str) -> Any:
    return next(role for role in _moto("iam").roles.values() if role.name == name)


def _trust(patch: pytest.MonkeyPatch, name: str, subject: str) -> None:
    role = _role(name)
    text = re.sub("environment:[\\w-]+", subject, role.assume_role_policy_document)
    patch.setattr(role, "assume_role_policy_document", text)
