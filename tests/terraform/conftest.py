"""Policies as Terraform renders them, without a cloud; and Terraform itself, where the machine has it."""

import importlib
import importlib.util
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terraform.providers import NO_TERRAFORM, TREE, Providers, find

KEY = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
Render = Callable[..., dict[str, Any]]
# Enough for a plan by the real provider, which asks nobody where nothing is read.
PROVIDER = """
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


@pytest.fixture(scope="session")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Providers:
    """Terraform with AWS's provider, or its schema, as this machine has it."""
    found = find(tmp_path_factory.mktemp("providers"))
    if found is None:
        pytest.skip(NO_TERRAFORM)
    if "hashicorp/aws" in found.missing:
        pytest.skip(f"hashicorp/aws comes from {found.told}")
    return found


@pytest.fixture(scope="session")
def root_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A function (module, wanted outputs, its variables) → a root that calls the module."""

    def made(module: str, wanted: list[str], **variables: Any) -> Path:
        root = tmp_path_factory.mktemp(module)
        source = {"source": os.path.relpath(TREE / "modules" / module, root), **variables}
        lines = [f"  {name} = {json.dumps(value)}" for name, value in source.items()]
        outputs = [f'output "{name}" {{\n  value = module.it.{name}\n}}' for name in wanted]
        root.joinpath("main.tf").write_text("\n".join(['module "it" {', *lines, "}", *outputs, PROVIDER]))
        return root

    return made


def parsed(root: Path) -> dict[str, Any]:
    """A root's outputs as tfparse evaluates them: without Terraform, and within a second."""
    found = importlib.import_module("tfparse").load_from_path(str(root))["output"]
    return {o["__tfmeta"]["label"]: o["value"] for o in found if o["__tfmeta"]["path"].startswith("output.")}


def planned(root: Path, providers: Providers) -> dict[str, Any]:
    """A root's outputs as Terraform plans them."""
    for command in (["get"], ["plan", "-out=plan", "-input=false"], ["show", "-json", "plan"]):
        done = providers.terraform(root, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    outputs = json.loads(done.stdout)["planned_values"]["outputs"]
    return {name: output["value"] for name, output in outputs.items()}


@pytest.fixture(scope="session")
def render(root_of: Callable[..., Path], request: pytest.FixtureRequest) -> Render:
    """A function (module, wanted outputs, its variables) → those outputs, known without a cloud."""
    if importlib.util.find_spec("tfparse"):
        return lambda *asked, **variables: parsed(root_of(*asked, **variables))
    providers: Providers = request.getfixturevalue("providers")
    return lambda *asked, **variables: planned(root_of(*asked, **variables), providers)
