"""Trusts, and policies of keys, buckets and topics, as they are rendered: who is let in, by what, on which condition.

What identities may is judged elsewhere; here it is what a resource answers to, by AWS's published names of actions and
conditions and by what such a policy has to say.
"""

import importlib
import importlib.util
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local.policy import statements
from scripts.configuration import values
from terraform.providers import TREE
from terraform.root import VALUES
from tests.terraform.conftest import PROVIDER
from tests.terraform.test_known_to_aws import actions, conditions
from tests.terraform.test_policies import ACCESS, ACCOUNT, MODULES
from tests.terraform.test_trail import VARIABLES as TRAIL

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("tfparse"), reason="tfparse renders each resource")
DEV = values(TREE / "environments/dev" / VALUES)
ISSUER = "token.actions.githubusercontent.com"  # whose token tells the keys of a trust
# Conditions that are never told: the statement's other actions need them, and the one does nothing.
NOT_TOLD = {("kms:DescribeKey", "kms:EncryptionContext:aws:logs:arn"): "as AWS's page of encrypted log groups has it"}
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
# Who may take a role that is no person: the services that the roles are made for.
SERVICES = {
    "airflow-env.amazonaws.com",
    "airflow.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
}
# What narrows a service to this account's own use of it; a service is anybody's otherwise.
NARROWING = {"aws:SourceAccount", "aws:SourceArn", "kms:EncryptionContext:", "kms:ViaService", "kms:CallerAccount"}
PREFIXES = {
    "aws_iam_role": {"sts"},
    "aws_kms_key": {"kms"},
    "aws_s3_bucket_policy": {"s3"},
    "aws_sns_topic_policy": {"sns"},
    "aws_sqs_queue_policy": {"sqs"},
}


class Rendered(NamedTuple):
    """One statement of a resource's policy."""

    kind: str
    place: str
    statement: dict[str, Any]

    @property
    def principals(self) -> list[tuple[str, str]]:
        """Who is named, as kind and name."""
        named = self.statement["Principal"]
        of = {"*": named} if isinstance(named, str) else named
        return [(kind, name) for kind, names in of.items() for name in ([names] if isinstance(names, str) else names)]

    @property
    def keys(self) -> set[str]:
        """The condition keys that it asks for."""
        return {key for keys in self.statement.get("Condition", {}).values() for key in keys}

    @property
    def patterns(self) -> list[str]:
        """The actions that it names."""
        named = self.statement["Action"]
        return [named] if isinstance(named, str) else named


@cache
def rendered() -> list[Rendered]:
    """Every statement of a resource's policy, in the modules that have some and in the roots with keys of their own."""
    found = []
    called = {**{module: variables for module, (_, variables) in MODULES.items()}, "access": ACCESS, "trail": TRAIL}
    folders = {f"modules/{name}": variables for name, variables in called.items()}
    folders |= {"platform_development/security": DEV, "bootstrap": DEV}
    for folder, variables in folders.items():
        for place, kind, text in documents(folder, variables):
            found += [Rendered(kind, f"{folder} {place}", dict(each)) for each in statements(text)]
    return found


def documents(folder: str, variables: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The policies of a folder's resources: place, kind of resource, JSON."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="anthill-policies-") as root:
        given = {"source": os.path.relpath(TREE / folder, root), **variables}
        lines = [f"  {name} = {json.dumps(value)}" for name, value in given.items()]
        Path(root, "main.tf").write_text("\n".join(['module "it" {', *lines, "}", PROVIDER]))
        loaded = importlib.import_module("tfparse").load_from_path(root)
    for kind in PREFIXES:
        for block in loaded.get(kind, []):
            text = block.get("assume_role_policy" if kind == "aws_iam_role" else "policy")
            if isinstance(text, str) and '"Statement"' in text:
                yield block["__tfmeta"]["path"], kind, text


def of(kind: str, effect: str = "Allow") -> list[Rendered]:
    """The statements of one kind of resource."""
    return [each for each in rendered() if each.kind == kind and each.statement["Effect"] == effect]


def test_each_kind_is_found() -> None:
    """Trusts of every role that Terraform makes for itself, and the policies of all keys, buckets and topics."""
    places = {kind: {each.place for each in rendered() if each.kind == kind} for kind in PREFIXES}
    assert len(places["aws_iam_role"]) >= 10
    assert {place.split()[0] for place in places["aws_kms_key"]} == {
        "bootstrap", "modules/data-lake", "modules/trail", "platform_development/security",
    }  # fmt: skip
    assert len(places["aws_s3_bucket_policy"]) >= 8
    assert places["aws_sns_topic_policy"]
    assert len(places["aws_sqs_queue_policy"]) == 2


def test_a_policy_names_actions_that_there_are() -> None:
    """Of its own service alone, each published by AWS, on a condition that AWS tells for it."""
    wrong = set()
    for each in rendered():
        for pattern in each.patterns:
            named = actions(pattern)
            if pattern.split(":")[0] not in PREFIXES[each.kind] or not named:
                wrong.add((each.place, pattern))
            for key, action in ((key, action) for key in each.keys for action in named):
                known = {"aws:", *conditions(action), *([ISSUER] if action == "sts:AssumeRoleWithWebIdentity" else [])}
                if not key.startswith(tuple(known)) and (action, key) not in NOT_TOLD:
                    wrong.add((each.place, f"{action} if {key}"))
    assert sorted(wrong) == []


def test_a_role_is_taken_by_a_service_or_by_one_job_of_github() -> None:
    """Nobody else is trusted but people who are named; a token has its audience and one subject, word for word."""
    for each in of("aws_iam_role"):
        for kind, name in each.principals:
            if kind == "Service":
                assert name in SERVICES, each.place
                assert each.patterns == ["sts:AssumeRole"], each.place
            elif name == ROOT:  # people, by a name of theirs: which roles of the account may take it
                assert re.fullmatch(r"modules/drop-zone .*aws_iam_role\.people\[.*\]", each.place)
                (asked,) = each.statement["Condition"]["ArnLike"].values()
                assert each.keys == {"aws:PrincipalArn"}, each.place
                assert all(re.fullmatch(rf"arn:aws:iam::{ACCOUNT}:role/.*[A-Za-z_]{{4}}.*", who) for who in asked)
            elif kind == "AWS":  # the role that erases, by Airflow's own role and nobody else
                assert re.fullmatch(r"modules/mwaa .*aws_iam_role\.erasure\[0\]", each.place)
                assert not set(name) & set("*:"), each.place  # a role that this plan makes: its ARN is not known yet
                assert each.patterns == ["sts:AssumeRole"], each.place
            else:
                assert kind == "Federated", each.place
                assert name.partition(":oidc-provider/")[2] == ISSUER
                assert each.patterns == ["sts:AssumeRoleWithWebIdentity"]
                (operator,) = each.statement["Condition"]
                asked = each.statement["Condition"][operator]
                assert operator == "StringEquals"
                assert asked[f"{ISSUER}:aud"] == "sts.amazonaws.com"
                assert not set(asked[f"{ISSUER}:sub"]) & set("*?")
                assert asked.keys() == {f"{ISSUER}:aud", f"{ISSUER}:sub"}


def test_a_key_can_be_managed_and_is_used_by_nobody_unbounded() -> None:
    """Each key's account manages it, or nobody could; a service uses it for this account's things alone."""
    places = {each.place for each in rendered() if each.kind == "aws_kms_key"}
    for place in places:
        own = [each for each in of("aws_kms_key") if each.place == place]
        administered = [each for each in own if each.principals == [("AWS", ROOT)]]
        assert any("kms:PutKeyPolicy" in {a for p in each.patterns for a in actions(p)} for each in administered), place
        for each in own:
            assert each.statement.get("Resource", "*") in ("*", ["*"]), place
            for kind, name in each.principals:
                if kind == "Service":
                    assert any(key.startswith(tuple(NARROWING)) for key in each.keys), f"{place}: {name}"
                else:
                    assert (kind, name) == ("AWS", ROOT) or each.keys, f"{place}: {name}"


def test_a_bucket_topic_or_queue_lets_in_nobody_unbounded() -> None:
    """What allows names a service for this account's own things; plain HTTP is denied to everybody everywhere."""
    for kind in ("aws_s3_bucket_policy", "aws_sns_topic_policy", "aws_sqs_queue_policy"):
        for each in of(kind):
            for who, name in each.principals:
                assert name != "*", each.place
                assert who == "Service", each.place
                assert any(key.startswith(tuple(NARROWING)) for key in each.keys), f"{each.place}: {name}"
        for place in {each.place for each in rendered() if each.kind == kind}:
            plain = [
                each
                for each in of(kind, "Deny")
                if each.place == place
                and each.statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport") == "false"
                and [name for _, name in each.principals] == ["*"]
            ]
            assert plain, place
