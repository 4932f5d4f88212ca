"""The account of the local workspace is the one that Terraform makes, and its tokens are no secrets."""

from __future__ import annotations

import re
import uuid

import hcl2
import pytest
import yaml

from local.databricks.account import FILE, Account
from tests.local.databricks.workspace import ROOT

ACCOUNT = Account()
ROLES = list(yaml.safe_load(FILE.read_text())["principals"])


def parsed(file: str) -> dict:
    """A Terraform file as Python has it."""
    with (ROOT / "terraform" / file).open() as text:
        return hcl2.load(text)


def test_service_principals_are_terraforms() -> None:
    """Those of the stack `compute`, and the one that applies it."""
    text = (ROOT / "terraform/innovation_development/compute/main.tf").read_text()
    block = text.partition("service_principals = {")[2].partition("\n  }\n")[0]
    declared = set(re.findall(r"^    (\w+) = {$", block, re.MULTILINE))
    assert declared == {"pipeline", "bundle", "drift"}
    assert {role for role in ROLES if ACCOUNT.role(role).is_service} == {*declared, "terraform"}
    for role in ("terraform", *declared):
        assert str(uuid.UUID(ACCOUNT.role(role).name)) == ACCOUNT.role(role).name


def test_groups_are_terraforms() -> None:
    """Those that the environment's workspace is told of, and each has somebody in it."""
    environment = parsed("environments/dev/environment.tfvars")
    groups = {name.strip('"') for name in environment["stacks"]["platform_development"]["databricks"]["user_group_ids"]}
    assert groups == {"analysts", "data_engineers", "data_scientists"}
    assert {group for role in ROLES for group in ACCOUNT.role(role).groups} == {*groups, "admins"}


@pytest.mark.parametrize("role", ROLES)
def test_a_token_is_its_principals_alone_and_no_secret(role: str) -> None:
    """It says what it is."""
    principal = ACCOUNT.role(role)
    assert principal.token == f"local-{role.replace('_', '-')}-token"
    assert ACCOUNT.signed_in(principal.token) == principal
    assert ACCOUNT.signed_in(principal.token.upper()) is None
