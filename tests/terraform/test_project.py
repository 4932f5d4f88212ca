"""A project of the innovation team: what its stack makes, the team's role may make and destroy; beside it, nothing."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from local.policy import decide, statements
from terraform.check import copied, given
from terraform.providers import TREE, Providers
from terraform.root import PROJECT
from tests.terraform import test_known_to_aws
from tests.terraform.conftest import Render
from tests.terraform.test_policies import FAVOUR, IAM, rendered

ROLE = f"{IAM}:role/innovation_development/anthill-dev-project-momentum"
BUCKET = "arn:aws:s3:::anthill-dev-project-momentum"
BOUNDARY = {"iam:PermissionsBoundary": f"{IAM}:policy/platform_development/anthill-dev-innovation-boundary"}
# What AWS is asked for to make, read and destroy each kind of resource, and of what.
ASKED: dict[str, tuple[str, list[str]]] = {
    "aws_s3_bucket": (
        BUCKET,
        ["CreateBucket", "DeleteBucket", "ListBucket", "ListBucketVersions", "PutBucketTagging", "GetBucketTagging"],
    ),
    "aws_s3_bucket_policy": (BUCKET, ["PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy"]),
    "aws_s3_bucket_public_access_block": (BUCKET, ["PutBucketPublicAccessBlock", "GetBucketPublicAccessBlock"]),
    "aws_s3_bucket_ownership_controls": (BUCKET, ["PutBucketOwnershipControls", "GetBucketOwnershipControls"]),
    "aws_s3_bucket_versioning": (BUCKET, ["PutBucketVersioning", "GetBucketVersioning"]),
    "aws_s3_bucket_server_side_encryption_configuration": (
        BUCKET,
        ["PutEncryptionConfiguration", "GetEncryptionConfiguration"],
    ),
    "aws_s3_bucket_lifecycle_configuration": (BUCKET, ["PutLifecycleConfiguration", "GetLifecycleConfiguration"]),
    "aws_s3_bucket_logging": (BUCKET, ["PutBucketLogging", "GetBucketLogging"]),
    "aws_iam_role": (ROLE, ["CreateRole", "GetRole", "DeleteRole", "TagRole", "ListInstanceProfilesForRole"]),
    "aws_iam_role_policy": (ROLE, ["PutRolePolicy", "GetRolePolicy", "DeleteRolePolicy"]),
}
# What lies in the bucket goes with it.
EMPTIED = [(f"s3:{call}", f"{BUCKET}/tables/x.parquet") for call in ("DeleteObject", "DeleteObjectVersion")]
CALLS = [(f"{kind.split('_')[1]}:{call}", of) for kind, (of, calls) in ASKED.items() for call in calls] + EMPTIED
NEIGHBOURS = ("anthill-dev-bronze", "anthill-dev-mwaa", "anthill-dev-projects", "anthill-prod-project-momentum")


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory, providers: Providers) -> list[dict[str, Any]]:
    """The resources of dev's example as Terraform plans them."""
    if lacking := providers.lacking(TREE / PROJECT):
        pytest.skip(f"{', '.join(sorted(lacking))} cannot be had")
    tree = copied(tmp_path_factory.mktemp("project"))
    ((_, options),) = [each for each in given(PROJECT) if each[0] == "dev/momentum"]
    done = providers.run(tree / PROJECT, providers.command("test", "-json", "-verbose", *options))
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    plans = [line["test_plan"] for line in said if line.get("type") == "test_plan"]
    assert done.returncode == 0, done.stdout
    found: list[dict[str, Any]] = plans[0]["resource_changes"]
    return found


@pytest.fixture(scope="module")
def role(render: Render) -> list[Any]:
    """The statements of the team's deployment role, its guard included."""
    found = rendered(render, "cicd")
    own = [text for key, text in found["policies"].items() if key.startswith("innovation_development")]
    return statements(found["guard_json"], *own)


@pytest.mark.long
def test_everything_that_it_makes_is_called_after_it(resources: list[dict[str, Any]]) -> None:
    """Of AWS a bucket and a role; of Databricks nothing that another project or a stack is called."""
    of_aws = {each["type"] for each in resources if each["type"].startswith("aws_") and each["mode"] == "managed"}
    assert of_aws == ASKED.keys()
    values = {each["address"]: each["change"]["after"] for each in resources if each["mode"] == "managed"}
    names = {v.get(key) for v in values.values() for key in ("name", "bucket", "display_name", "cluster_name")} - {None}
    assert names - {"files", "project"} == {
        "anthill-dev-project-momentum",
        "project_momentum",
        *(f"anthill-dev project momentum {percent} %" for percent in (80, 100)),
    }


@pytest.mark.parametrize(("action", "resource"), CALLS)
def test_the_teams_role_makes_and_destroys_it(role: list[Any], action: str, resource: str) -> None:
    """Each call is allowed on what is the project's, and on nobody else's."""
    assert decide(role, action, resource, FAVOUR | BOUNDARY) == "allow"
    for other in NEIGHBOURS:
        foreign = resource.replace(
            "innovation_development/anthill-dev-project-momentum", f"platform_development/{other}"
        )
        foreign = foreign.replace("anthill-dev-project-momentum", other)
        assert decide(role, action, foreign, FAVOUR | BOUNDARY) != "allow", foreign


def test_its_role_reaches_its_bucket_alone(resources: list[dict[str, Any]], render: Render) -> None:
    """Within the boundary of the team: its own objects, by the lake's key; not the lake's, nor another project's."""
    (policy,) = [each["change"]["after"]["policy"] for each in resources if each["type"] == "aws_iam_role_policy"]
    own = statements(policy)
    boundary = statements(rendered(render, "cicd")["boundaries"]["innovation_development"])
    key = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000001"
    for bucket, decision in ((BUCKET, "allow"), (BUCKET + "2", "none"), ("arn:aws:s3:::anthill-dev-silver", "none")):
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            assert decide(own, action, f"{bucket}/tables/x") == decision
        through = FAVOUR | {"kms:EncryptionContext:aws:s3:arn": bucket}
        for action in ("kms:Decrypt", "kms:GenerateDataKey"):
            assert decide(own, action, key, through) == decision
            assert decide(boundary, action, key, through) == "allow"
    for action, resource in (
        ("s3:PutObject", f"{BUCKET}/tables/x"),
        ("s3:ListBucket", BUCKET),
        ("sts:AssumeRole", ROLE),
    ):
        assert decide(own, action, resource) == decide(boundary, action, resource) == "allow"
    assert decide(own, "s3:PutBucketPolicy", BUCKET) == "none"
    test_known_to_aws.test_every_action_exists({"project": own})
    test_known_to_aws.test_every_action_is_allowed_on_what_it_takes({"project": own})
    test_known_to_aws.test_every_condition_is_told_of_its_action({"project": own})


def test_what_lies_in_it_ends_with_it(resources: list[dict[str, Any]]) -> None:
    """The day after its last one, whatever was put there; a test's project ends today, at midnight in UTC."""
    (rules,) = [
        each["change"]["after"]["rule"] for each in resources if each["type"] == "aws_s3_bucket_lifecycle_configuration"
    ]
    (expiration,) = rules[0]["expiration"]
    day = dt.datetime.fromisoformat(expiration["date"])
    assert dt.timedelta(0) < day - dt.datetime.now(dt.UTC) <= dt.timedelta(days=1)
    (bucket,) = [each["change"]["after"] for each in resources if each["type"] == "aws_s3_bucket"]
    assert bucket["force_destroy"]


def test_its_budget_counts_what_carries_its_tag(resources: list[dict[str, Any]]) -> None:
    """Of its workspace, by the tag that bucket, role and cluster have."""
    budgets = [each["change"]["after"] for each in resources if each["type"] == "databricks_budget"]
    assert len(budgets) == 2
    for budget in budgets:
        ((tag,),) = [each["tags"] for each in budget["filter"]]
        assert (tag["key"], tag["value"][0]["values"]) == ("budget", ["project-momentum"])
    (cluster,) = [each["change"]["after"] for each in resources if each["type"] == "databricks_cluster"]
    assert cluster["custom_tags"]["budget"] == "project-momentum"


@pytest.mark.parametrize("file", sorted((TREE / PROJECT).glob("projects/*/*.tfvars")), ids=lambda file: file.stem)
def test_a_project_is_in_an_environment_that_there_is(file: Path) -> None:
    """Its folder is called after the environment."""
    assert (TREE / "environments" / file.parent.name).is_dir()
