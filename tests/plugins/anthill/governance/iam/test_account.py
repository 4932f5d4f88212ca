"""An account's policies as AWS's API tells them: moto over HTTP, and botocore's own model where moto tells less."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from anthill.governance.iam import account, reach
from anthill.governance.refusals import RefusedError

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def policy(bucket: str, keys: str = "*") -> str:
    """A document that lets its holder read."""
    place = f"arn:aws:s3:::{bucket}/{keys}"
    said = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": place}
    return json.dumps({"Version": "2012-10-17", "Statement": said})


@pytest.fixture
def iam(s3_url: str) -> Any:
    """IAM, by any key."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return boto3.client("iam", endpoint_url=s3_url, **keys)


def test_every_way_to_hold_a_policy_is_read(iam: Any, s3: Any, bucket: str) -> None:
    """Inline, attached (its default version), by role, user and group, within a boundary; and the bucket's own."""
    tag = uuid.uuid4().hex[:8]
    arns = {}
    for name in ("attached", "boundary"):
        arns[name] = iam.create_policy(PolicyName=f"{tag}-{name}", PolicyDocument=policy(bucket, "old/*"))["Policy"][
            "Arn"
        ]
        iam.create_policy_version(PolicyArn=arns[name], PolicyDocument=policy(bucket, f"{name}/*"), SetAsDefault=True)
    for name in ("inline", "attached", "bounded"):
        bounds = {"PermissionsBoundary": arns["boundary"]} if name == "bounded" else {}
        iam.create_role(Path="/team/", RoleName=f"{tag}-{name}", AssumeRolePolicyDocument=TRUST, **bounds)
    for name, keys in (("inline", "inline/*"), ("bounded", "*")):
        iam.put_role_policy(RoleName=f"{tag}-{name}", PolicyName="read", PolicyDocument=policy(bucket, keys))
    iam.attach_role_policy(RoleName=f"{tag}-attached", PolicyArn=arns["attached"])
    iam.create_user(UserName=f"{tag}-anna")
    iam.put_user_policy(UserName=f"{tag}-anna", PolicyName="own", PolicyDocument=policy(bucket, "anna/*"))
    iam.create_group(GroupName=f"{tag}-people")
    iam.add_user_to_group(GroupName=f"{tag}-people", UserName=f"{tag}-anna")
    iam.put_group_policy(GroupName=f"{tag}-people", PolicyName="all", PolicyDocument=policy(bucket, "people/*"))
    said = json.loads(policy(bucket, "guest/*"))
    said["Statement"]["Principal"] = {"AWS": "arn:aws:iam::222222222222:role/guest"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(said))

    found = {(each.who, each.keys, each.policy) for each in reach.of(account.read(iam, s3, [bucket]))}
    assert found == {
        (f"role/team/{tag}-inline", "inline/*", f"the inline policy read of the role {tag}-inline"),
        (
            f"role/team/{tag}-attached",
            "attached/*",
            f"the policy {arns['attached']} attached to the role {tag}-attached",
        ),
        (f"role/team/{tag}-bounded", "boundary/*", f"the inline policy read of the role {tag}-bounded"),
        (f"user/{tag}-anna", "anna/*", f"the inline policy own of the user {tag}-anna"),
        (f"user/{tag}-anna", "people/*", f"the inline policy all of the group {tag}-people"),
        ("arn:aws:iam::222222222222:role/guest", "guest/*", f"the policy of the bucket {bucket}"),
    }


def test_every_page_is_read(iam: Any, s3: Any, bucket: str) -> None:
    """Users of a first page, whose group and policy the last one has."""
    attached = {"PolicyName": "p", "PolicyArn": "arn:aws:iam::1:policy/p"}
    user = {"UserName": "anna", "Arn": "arn:aws:iam::111111111111:user/anna", "GroupList": ["people"]}
    group = {"GroupName": "people", "AttachedManagedPolicies": [attached]}
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": policy(bucket)}
    pages: list[dict[str, Any]] = [
        {"UserDetailList": [user], "IsTruncated": True, "Marker": "2"},
        {"GroupDetailList": [group], "IsTruncated": True, "Marker": "3"},
        {"Policies": [{"Arn": attached["PolicyArn"], "PolicyVersionList": [version]}], "IsTruncated": False},
    ]
    with Stubber(iam) as stub:
        for page, marker in zip(pages, ({}, {"Marker": "2"}, {"Marker": "3"}), strict=True):
            stub.add_response("get_account_authorization_details", page, marker)
        (found,) = reach.of(account.read(iam, s3, [bucket]))
    assert (found.who, found.keys) == ("user/anna", "*")


def test_what_is_not_told_is_refused_with_the_next_step(iam: Any, s3: Any, bucket: str) -> None:
    """A denial names the right that is missing, an unknown bucket the place where it is named, a policy its holder."""
    with Stubber(iam) as stub:
        stub.add_client_error("get_account_authorization_details", "AccessDenied")
        with pytest.raises(RefusedError, match="set reads_iam"):
            account.read(iam, s3, [bucket])
    with pytest.raises(RefusedError, match=r"include/buckets\.yaml"):
        account.read(iam, s3, [f"{bucket}-none"])
    attached = {"PolicyName": "p", "PolicyArn": "arn:aws:iam::aws:policy/p"}
    role = {"RoleName": "r", "Arn": "arn:aws:iam::111111111111:role/r", "AttachedManagedPolicies": [attached]}
    with Stubber(iam) as stub:
        stub.add_response("get_account_authorization_details", {"RoleDetailList": [role], "IsTruncated": False})
        with pytest.raises(RefusedError, match="policy/p of the role r: AWS does not tell"):
            account.read(iam, s3, [bucket])
