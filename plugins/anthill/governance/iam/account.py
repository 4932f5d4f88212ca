"""The account's principals and buckets with all their policies, as AWS tells them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from anthill.governance.iam import statement
from anthill.governance.iam.statement import Statement
from anthill.governance.refusals import RefusedError

_NEXT = {
    "AccessDenied": "set reads_iam of the environment's stack mwaa, which gives its role the rights to read policies",
    "NoSuchBucket": "correct the buckets in include/buckets.yaml, or anthill.iam_names, with which their names begin",
}


class Principal(msgspec.Struct, frozen=True):
    """A role or a user; `boundary` is what its permissions boundary says, None where it has none."""

    arn: str
    statements: Sequence[Statement]
    boundary: Sequence[Statement] | None = None

    @property
    def name(self) -> str:
        """As role/team/name."""
        return self.arn.split(":", 5)[5]


class Account(msgspec.Struct, frozen=True):
    """Who is there, and what the policy of each bucket says."""

    principals: Sequence[Principal]
    buckets: Mapping[str, Sequence[Statement]]


def read(iam: Any, s3: Any, buckets: Iterable[str]) -> Account:
    """All of it; RefusedError where AWS tells nothing of it."""
    try:
        pages = list(iam.get_paginator("get_account_authorization_details").paginate())
        policies = {bucket: list(_of_bucket(s3, bucket)) for bucket in buckets}
    except ClientError as error:
        if advice := _NEXT.get(error.response["Error"]["Code"]):
            raise RefusedError("Who may read the buckets by IAM cannot be read", f"{error}: {advice}") from error
        raise
    found: dict[str, list[Any]] = {}
    for page in pages:
        for kind in ("RoleDetailList", "UserDetailList", "GroupDetailList", "Policies"):
            found.setdefault(kind, []).extend(page.get(kind, []))
    return Account(list(_principals(found)), policies)


def _of_bucket(s3: Any, bucket: str) -> Iterator[Statement]:
    try:
        document = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return
        raise
    yield from statement.of(f"the policy of the bucket {bucket}", document)


def _principals(found: Mapping[str, Sequence[Any]]) -> Iterator[Principal]:
    managed = {each["Arn"]: _default(each) for each in found["Policies"]}
    groups = {each["GroupName"]: each for each in found["GroupDetailList"]}
    for role in found["RoleDetailList"]:
        own = list(_held(role, f"role {role['RoleName']}", "RolePolicyList", managed))
        yield Principal(role["Arn"], own, _boundary(role, managed))
    for user in found["UserDetailList"]:
        own = list(_held(user, f"user {user['UserName']}", "UserPolicyList", managed))
        for name in user.get("GroupList", []):
            own += _held(groups[name], f"group {name}", "GroupPolicyList", managed)
        yield Principal(user["Arn"], own, _boundary(user, managed))


def _held(holder: Any, of: str, inline: str, managed: Mapping[str, Any]) -> Iterator[Statement]:
    for each in holder.get(inline, []):
        yield from statement.of(f"the inline policy {each['PolicyName']} of the {of}", each["PolicyDocument"])
    for each in holder.get("AttachedManagedPolicies", []):
        arn = each["PolicyArn"]
        if arn not in managed:
            raise RefusedError(f"the policy {arn} of the {of}", "AWS does not tell what it says: run the task again")
        yield from statement.of(f"the policy {arn} attached to the {of}", managed[arn])


def _boundary(holder: Any, managed: Mapping[str, Any]) -> list[Statement] | None:
    """What is not told bounds nothing."""
    arn = holder.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return list(statement.of(f"the boundary {arn}", managed[arn])) if arn in managed else None


def _default(policy: Any) -> Any:
    return next(each["Document"] for each in policy["PolicyVersionList"] if each["IsDefaultVersion"])
