"""No role of either team gives itself data: whatever it may write into a policy, a trust or a key, it stays outside."""

from typing import Any

import pytest

from local.policy import Decision, decide, statements
from tests.terraform.conftest import Render
from tests.terraform.test_policies import ACCOUNT, FAVOUR, IAM, REGION, rendered

TEAMS = ["platform_development", "innovation_development"]
# Buckets whose policy a team may write, and what they hold that is no data of the lake.
WITHOUT_DATA = {
    "artifacts": "what the bundle is built of",
    "access-logs": "who asked for what, never an answer",
    "innovation-logs": "who asked for what, never an answer",
    "mwaa": "DAGs, plugins and deliveries",
    "databricks-audit": "who did what in the workspace",
}
WITH_DATA = ["bronze", "personal", "documents", "silver", "gold", "athena", "drop", "workspace"]
# A bucket a project: data that no workflow reads or writes, and that goes with the project.
PROJECTS = "project-*"
WORKFLOWS = [f"anthill-dev-{kind}-{team}" for kind in ("deploy", "plan") for team in TEAMS]
CHANGES = [("Create", ""), ("Put", "Policy"), ("Put", "PermissionsBoundary"), ("UpdateAssume", "Policy")]
# What somebody who writes policies would write for himself.
EVERYTHING: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture(scope="module")
def roles(render: Render) -> dict[str, list[Any]]:
    """The statements of the roles of workflows, those that guard them included."""
    found = rendered(render, "cicd")
    kinds = {"deploy": found["policies"], "plan": found["plan_policies"]}
    return {
        f"anthill-dev-{kind}-{team}": statements(
            found["guard_json"], *(text for key, text in texts.items() if key.startswith(team))
        )
        for kind, texts in kinds.items()
        for team in TEAMS
    }


@pytest.fixture(scope="module")
def boundaries(render: Render) -> dict[str, list[Any]]:
    """The statements of each team's boundary."""
    return {team: statements(text) for team, text in rendered(render, "cicd")["boundaries"].items()}


def lent(own: list[Any], action: str, resource: str, context: dict[str, str] | None = None) -> Decision:
    """What a role may where a policy on the other side allows it everything."""
    return decide([*own, EVERYTHING], action, resource, context)


def named(team: str, role: str) -> str:
    """The ARN of a role in a team's path."""
    return f"{IAM}:role/{team}/{role}"


@pytest.mark.parametrize("role", WORKFLOWS)
def test_a_bucket_policy_of_ones_own_opens_no_data(roles: dict[str, list[Any]], role: str) -> None:
    """Every bucket whose policy a role may write is without data, or refuses the role whatever the policy says."""
    own = roles[role]
    for bucket in [*WITH_DATA, *WITHOUT_DATA]:
        arn = f"arn:aws:s3:::anthill-dev-{bucket}"
        for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObjectVersion"):
            decided = lent(own, action, f"{arn}/x/y.parquet")
            assert (decided == "deny") == (bucket in WITH_DATA), f"{action} on {bucket}"


def test_every_bucket_that_a_team_manages_is_with_data_or_without(roles: dict[str, list[Any]]) -> None:
    """A bucket that is new is either guarded or said to hold no data."""
    for own in roles.values():
        writing = [s for s in own if s["Effect"] == "Allow" and "s3:PutBucketPolicy" in s["Action"]]
        buckets = {r.removeprefix("arn:aws:s3:::anthill-dev-") for s in writing for r in s["Resource"]}
        assert buckets <= {*WITH_DATA, *WITHOUT_DATA, PROJECTS}


@pytest.mark.parametrize("role", WORKFLOWS)
def test_a_project_is_emptied_unread(roles: dict[str, list[Any]], role: str) -> None:
    """No workflow reads or writes what lies in a project's bucket, whoever allows it; the team's deletes it."""
    place = "arn:aws:s3:::anthill-dev-project-momentum/tables/x.parquet"
    for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl"):
        assert lent(roles[role], action, place) == "deny"
    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion"):
        allowed = "allow" if role == "anthill-dev-deploy-innovation_development" else "none"
        assert decide(roles[role], action, place) == allowed
        for other in ("bronze", "silver", "gold", "innovation-logs", "projects"):
            assert decide(roles[role], action, place.replace("project-momentum", other)) != "allow"


@pytest.mark.parametrize("role", WORKFLOWS)
@pytest.mark.parametrize("bucket", [*WITH_DATA, "project-momentum"])
def test_a_key_policy_of_ones_own_opens_no_data(roles: dict[str, list[Any]], role: str, bucket: str) -> None:
    """Of an object of the lake, or of a bucket with a key of its own, a role decrypts nothing and encrypts nothing."""
    for told in (f"arn:aws:s3:::anthill-dev-{bucket}", f"arn:aws:s3:::anthill-dev-{bucket}/x/y.parquet"):
        context = FAVOUR | {"kms:EncryptionContext:aws:s3:arn": told}
        for action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"):
            assert lent(roles[role], action, f"arn:aws:kms:{REGION}:{ACCOUNT}:key/x", context) == "deny"


@pytest.mark.parametrize("role", WORKFLOWS)
def test_a_trust_of_ones_own_is_taken_by_nobody(roles: dict[str, list[Any]], role: str) -> None:
    """A role that reads data can be made to trust a workflow's role, which takes no role all the same."""
    for other in ("platform_development/anthill-dev-mwaa", "innovation_development/anthill-dev-unity-tables"):
        assert lent(roles[role], "sts:AssumeRole", f"{IAM}:role/{other}") == "deny"


@pytest.mark.parametrize("team", TEAMS)
def test_a_role_that_a_team_made_is_nothing_to_who_signs_in_from_outside(
    boundaries: dict[str, list[Any]], team: str
) -> None:
    """GitHub's token in a trust opens such a role, and the boundary shuts it: for data, and for the next role."""
    outside = {"aws:FederatedProvider": f"{IAM}:oidc-provider/token.actions.githubusercontent.com"}
    for action, resource in (
        ("s3:GetObject", "arn:aws:s3:::anthill-dev-bronze/polygon/x"),
        ("s3:GetObject", "arn:aws:s3:::anthill-dev-gold/gold/x"),
        ("sts:AssumeRole", named(team, "anthill-dev-x")),
        ("athena:StartQueryExecution", "*"),
    ):
        assert lent(boundaries[team], action, resource, outside) == "deny"
    # The services that such roles are made for are not shut out.
    assert decide(boundaries[team], "s3:GetObject", "arn:aws:s3:::anthill-dev-bronze/polygon/x") == "allow"


def test_a_machine_of_the_platform_team_is_nothing_to_data(
    boundaries: dict[str, list[Any]], roles: dict[str, list[Any]]
) -> None:
    """Whatever role it is started with, and whatever that may: it reads no object, secret or key, and takes no role."""
    own = boundaries["platform_development"]
    machine = {"ec2:SourceInstanceARN": f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0"}
    for action, resource in (
        ("s3:GetObject", "arn:aws:s3:::anthill-dev-bronze/polygon/x"),
        ("secretsmanager:GetSecretValue", "*"),
        ("kms:Decrypt", "*"),
        ("sts:AssumeRole", named("platform_development", "anthill-dev-mwaa")),
        ("airflow:CreateWebLoginToken", "*"),
        ("iam:PutRolePolicy", named("platform_development", "anthill-dev-x")),
    ):
        assert lent(own, action, resource, machine) == "deny"
    assert decide(own, "ssmmessages:OpenDataChannel", "*", machine) == "allow"
    # And it is started with the host's role alone.
    passed, deploy = {"iam:PassedToService": "ec2.amazonaws.com"}, roles["anthill-dev-deploy-platform_development"]
    assert decide(deploy, "iam:PassRole", named("platform_development", "anthill-dev-access"), passed) == "allow"
    assert decide(deploy, "iam:PassRole", named("platform_development", "anthill-dev-mwaa"), passed) == "none"


@pytest.mark.parametrize("team", TEAMS)
def test_a_role_is_made_and_changed_within_the_teams_boundary_alone(roles: dict[str, list[Any]], team: str) -> None:
    """Without it, or with another, no role is made nor given a policy; none loses it."""
    own, role = roles[f"anthill-dev-deploy-{team}"], named(team, "anthill-dev-x")
    boundary = f"{IAM}:policy/platform_development/anthill-dev-{team.split('_')[0]}-boundary"
    for action in [f"iam:{call}Role{what}" for call, what in CHANGES]:
        assert decide(own, action, role) == "none"
        assert decide(own, action, role, {"iam:PermissionsBoundary": boundary + "-x"}) == "none"
        assert decide(own, action, role, {"iam:PermissionsBoundary": boundary}) == "allow"
    assert decide(own, "iam:AttachRolePolicy", role, {"iam:PermissionsBoundary": boundary}) == "none"
    assert lent(own, "iam:DeleteRolePermissionsBoundary", role) == "deny"


@pytest.mark.parametrize("role", WORKFLOWS)
@pytest.mark.parametrize("target", WORKFLOWS)
def test_no_workflow_changes_the_role_of_a_workflow(roles: dict[str, list[Any]], role: str, target: str) -> None:
    """Its own or another's: not its policies, its trust, its boundary; nor may it be deleted and made again."""
    arn = named("platform_development", target)
    changes = ["AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "UpdateAssumeRolePolicy"]
    for action in [*changes, "DeleteRole", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"]:
        assert lent(roles[role], f"iam:{action}", arn) == "deny", action


@pytest.mark.parametrize("role", WORKFLOWS)
def test_what_guards_a_role_is_out_of_its_reach(roles: dict[str, list[Any]], role: str) -> None:
    """The guard, the boundaries and the roles' own policies get no new version and are not deleted."""
    for policy in ("guard", "platform-boundary", "innovation-boundary", "deploy-platform_development-lake"):
        arn = f"{IAM}:policy/platform_development/anthill-dev-{policy}"
        for action in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"):
            assert lent(roles[role], f"iam:{action}", arn) == "deny"
