"""The list of environments is their folders: what it decides is written by a command, and that is all."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from scripts import configuration, environments
from scripts.review import House
from terraform import check
from terraform.providers import TREE, Providers, find
from terraform.root import STATE, VALUES, Root, stacks

ROOT = Path(__file__).parents[2]
CHANGED = {
    '"dev"': '"qa"',
    "111111111111": "444444444444",
    "anthill-dev-": "anthill-qa-",
    '"10.20.': '"10.50.',
    "is particular to dev": "is particular to qa",
}
STACK = {
    "main.tf": """locals {
  team = "platform_development"
}

resource "aws_sns_topic" "queue" {
  name              = "${local.name}-queue"
  kms_master_key_id = "alias/${local.name}-platform"
}
""",
    "tests/root.tftest.hcl": """mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = aws_sns_topic.queue.name == "${var.name_prefix}-${var.environment}-queue"
    error_message = "the topic has another name"
  }
}
""",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what knows environments."""
    ignored = shutil.ignore_patterns(".terraform*", "__pycache__")
    for folder in ("terraform", "databricks", ".github", "include", "plugins/anthill"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Providers:
    """Terraform with AWS's provider or its schema."""
    found = find(tmp_path_factory.mktemp("providers"))
    if found is None or "hashicorp/aws" in found.missing:
        pytest.skip("no Terraform with AWS's provider on this machine")
    return found


def planned(root: Root, providers: Providers) -> None:
    """The stack's own test passes with the environment's values."""
    command = providers.command("test", f"-var-file=../../environments/{root.environment}/{VALUES}")
    done = providers.run(root.folder, command, root.data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 0 failed" in done.stdout


def test_the_committed_files_are_of_the_environments_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """The bundle's targets, the choices and the matrices are what the command would write."""
    assert environments.main(["--check"]) == 0, capsys.readouterr().err


def added(root: Path) -> None:
    """Another environment: two files."""
    home = root / "terraform/environments/qa"
    home.mkdir()
    for name in (VALUES, STATE):
        text = (root / "terraform/environments/dev" / name).read_text()
        for before, after in CHANGED.items():
            text = text.replace(before, after)
        (home / name).write_text(text)


def test_a_new_environment_is_two_files_and_a_command(
    root: Path, providers: Providers, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its states, bundle, choices, matrices and configuration are there, and a stack plans with its values."""
    added(root)
    assert environments.main(["--check"], root) == 1
    assert "make environments" in capsys.readouterr().err
    assert environments.main([], root) == 0
    assert environments.main(["--check"], root) == 0
    targets = msgspec.yaml.decode((root / environments.BUNDLE).read_text())["targets"]
    assert list(targets) == ["personal", "dev", "prod", "qa", "staging"]
    assert {name: target["permissions"][-1] for name, target in targets.items() if name != "personal"} == {
        name: {"group_name": "${var.engineers}", "level": "CAN_RUN" if name == "prod" else "CAN_MANAGE"}
        for name in ("dev", "prod", "qa", "staging")
    }
    drift = msgspec.yaml.decode((root / ".github/workflows/drift.yml").read_text())["jobs"]
    names = ["dev", "prod", "qa", "staging"]
    assert [job["strategy"]["matrix"]["environment"] for job in drift.values()] == [names] * 3
    told = msgspec.yaml.decode((root / ".github/workflows/notification.yml").read_text())["jobs"]["publish"]
    assert told["strategy"]["matrix"]["environment"] == names
    recovery = msgspec.yaml.decode((root / ".github/workflows/recovery.yml").read_text())
    asked = recovery[True]["workflow_dispatch"]["inputs"]  # YAML 1.1 takes `on` for true
    assert asked["environment"]["options"] == names
    assert asked["part"]["options"] == ["airflow", "bundle", "recorder", "terraform", "everything"]
    project = msgspec.yaml.decode((root / ".github/workflows/project.yml").read_text())[True]["workflow_dispatch"][
        "inputs"
    ]
    assert (project["environment"]["options"], project["do"]["options"]) == (names, ["make", "destroy"])
    for environment in names:
        assert list(configuration.problems(environment, root)) == []
    house = House("qa", "platform_development", root / "terraform")
    assert house.stacks == House("dev", "platform_development").stacks
    assert house.backend()["bucket"] == "anthill-qa-terraform-state"
    planned(house.root("lake"), providers)


def test_an_environment_that_is_gone_is_nowhere(root: Path) -> None:
    """The folder removed and the command run, nothing names it."""
    shutil.rmtree(root / "terraform/environments/staging")
    assert environments.main([], root) == 0
    assert "staging" not in msgspec.yaml.decode((root / environments.BUNDLE).read_text())["targets"]
    assert "[dev, prod]" in (root / ".github/workflows/recovery.yml").read_text()


@pytest.mark.parametrize("name", [*environments.LISTS, environments.BUNDLE])
def test_a_file_without_a_place_for_the_list_is_named(root: Path, name: str) -> None:
    """A workflow or bundle that was rewritten by hand is not passed over."""
    (root / name).write_text("on: push\n")
    with pytest.raises(RuntimeError, match=name):
        environments.written(root)


def test_a_new_stack_is_one_folder(root: Path, providers: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put there, it is planned, checked and kept under its key in every environment; no other file changes."""
    tree = root / "terraform"
    folder = tree / "platform_development/queue"
    (folder / "tests").mkdir(parents=True)
    for name, text in STACK.items():
        (folder / name).write_text(text)
    for name in ("environment.tf", "versions.tf"):
        shutil.copy(tree / "platform_development/lake" / name, folder)
    assert ("platform_development", "queue") in stacks(tree)
    house = House("staging", "platform_development", tree)
    assert "queue" in house.stacks
    assert "-backend-config=key=platform_development/staging/queue.tfstate" in house.root("queue").command("init")
    monkeypatch.setattr(check, "TREE", tree)
    checks, _ = check.terraform_checks(Providers(""))
    found = {each.environment for each in checks if each.folder == "platform_development/queue"}
    assert found == {"dev", "prod", "staging"}
    planned(house.root("queue"), providers)
    assert tree != TREE
