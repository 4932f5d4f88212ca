"""`make terraform`: Terraform for one stack of one environment, with what it needs and nothing of another's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from terraform.providers import TREE
from terraform.root import Root, environments, stacks

TERRAFORM = """#!/bin/sh
echo "$TF_DATA_DIR"
for word in "$@"; do echo "$word"; done
exit 7
"""


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """A PATH whose Terraform says what it was given."""
    (tmp_path / "terraform").write_text(TERRAFORM)
    (tmp_path / "terraform").chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}


def run(surroundings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as the Makefile gives it."""
    command = [sys.executable, "-m", "terraform.root", *arguments]
    return subprocess.run(command, cwd=TREE.parent, env=surroundings, capture_output=True, text=True, check=False)


def test_terraform_is_given_the_stack_the_values_and_the_options(surroundings: dict[str, str]) -> None:
    """Its own exit code is the command's."""
    stack = ("--environment", "staging", "--stack", "platform_development/lake")
    done = run(surroundings, *stack, "apply", "-target=module.lake")
    assert done.returncode == 7
    assert done.stdout.splitlines() == [
        str(TREE.parent / "var/terraform/staging/platform_development/lake"),
        f"-chdir={TREE}/platform_development/lake",
        "apply",
        f"-var-file={TREE}/environments/staging/environment.tfvars",
        "-target=module.lake",
    ]
    assert run(surroundings, *stack, "state", "rm", "x").stdout.splitlines()[2:] == ["state", "rm", "x"]


@pytest.mark.parametrize(
    ("environment", "stack", "said"),
    [
        ("production", "platform_development/lake", "'dev'"),
        ("dev", "lake", "platform_development/lake"),
        ("dev", "innovation_development/project", "innovation_development/project/momentum"),
        ("staging", "innovation_development/project/momentum", "in staging"),
    ],
)
def test_what_there_is_not_is_refused(surroundings: dict[str, str], environment: str, stack: str, said: str) -> None:
    """Before Terraform starts, by a message that names what there is."""
    done = run(surroundings, "--environment", environment, "--stack", stack, "plan")
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_environments_and_stacks_are_folders(tmp_path: Path) -> None:
    """What has no values is no environment, what has no code no stack, and what is no team's is neither."""
    for name in ("environments/a/environment.tfvars", "platform_development/x/main.tf", "modules/y/main.tf"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    (tmp_path / "environments/b").mkdir()
    (tmp_path / "platform_development/z").mkdir()
    assert environments(tmp_path) == ["a"]
    assert stacks(tmp_path) == [("platform_development", "x")]
    assert Root("a", "platform_development", "x", tmp_path).key == "platform_development/a/x.tfstate"
