"""The check itself: it covers every root, it can fail, and it says what a machine has no means for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from terraform import check
from terraform.check import Check, copied, roots, run, terraform_checks
from terraform.providers import TREE, Providers, required
from terraform.root import PROJECT, VALUES, environments, projects, stacks

AWS = "hashicorp/aws"
MWAA = "platform_development/mwaa"


def test_every_root_and_module_is_planned_or_validated() -> None:
    """A folder with Terraform in it is a root of a check, or a module that such roots call."""
    checks, lacking = terraform_checks(Providers(""))
    assert not lacking
    assert {check.folder for check in checks} == {*roots(), *check.tested()}
    holding = {path.parent.relative_to(TREE) for path in TREE.rglob("main.tf") if ".terraform" not in path.parts}
    assert {str(folder) for folder in holding} == {check.folder for check in checks}
    tests = {(c.folder, c.environment) for c in checks if c.environment}
    made = {(PROJECT, f"{e}/{name}") for e in environments() for name in projects(e)}
    assert tests == {(f"{team}/{stack}", e) for team, stack in stacks() for e in environments()} | made
    assert made


def test_folders_are_named_whose_providers_are_missing() -> None:
    """With AWS's provider alone, what needs Databricks' is left out by name, and nothing else is."""
    alone = Providers("", missing=required(TREE) - {"hashicorp/aws"})
    checks, lacking = terraform_checks(alone)
    assert {check.folder for check in checks} == {f for f in {*roots(), *check.tested()} if required(TREE / f) <= {AWS}}
    assert MWAA in {check.folder for check in checks}
    assert "modules/unity-catalog" in lacking


@pytest.mark.parametrize(
    ("file", "line", "said"),
    [
        ("main.tf", 'resource "aws_sns_topic" "x" {\n  nmae = "x"\n}', "Unsupported argument"),
        ("main.tf", 'resource "aws_sns_topik" "x" {}', "Invalid resource type"),
        ("outputs.tf", 'output "x" {\n  value = module.mwaa.nothing\n}', "Unsupported attribute"),
    ],
)
def test_the_test_of_a_root_validates_it(tmp_path: Path, providers: Providers, file: str, line: str, said: str) -> None:
    """What `terraform validate` would refuse, the root's test refuses: validate is not run on it a second time."""
    tree = copied(tmp_path)
    place = tree / MWAA / file
    place.write_text(f"{place.read_text()}\n{line}\n")
    command = providers.command("test", f"-var-file=../../environments/prod/{VALUES}")
    assert said in run(Check("test", MWAA, command, 1, "prod"), tree, providers)


def test_environments_are_checked_in_folders_of_their_own() -> None:
    """One stack's environments run side by side: what Terraform keeps of one is not found by another."""
    told = {
        run(Check("test", MWAA, ("sh", "-c", "echo $TF_DATA_DIR; exit 1"), 1, environment), TREE, Providers(""))
        for environment in environments()
    }
    assert len({said.splitlines()[1] for said in told}) == len(environments())
    assert all(MWAA in said.splitlines()[1] for said in told)


def checked(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The check as on a machine without Terraform, checkov and uv."""
    bare = {**os.environ, "PATH": "/nowhere", "UV": "/nowhere/uv", "CHECKOV": "/nowhere/checkov"}
    command = [sys.executable, "-m", "terraform.check", *arguments]
    return subprocess.run(command, env=bare, cwd=TREE.parent, capture_output=True, text=True, check=False)


def test_a_machine_without_terraform_is_told_what_was_not_checked() -> None:
    """Nothing fails for want of a tool, and nothing passes in silence; --complete asks for everything."""
    done = checked()
    assert done.returncode == 0, done.stderr
    assert "not checked here: terraform: format, validate and tests: terraform is not installed" in done.stdout
    assert "not checked here: checkov" in done.stdout
    assert "all passed but what is named above" in done.stdout
    assert checked("--complete").returncode == 1
