"""A team's part is a repository of its own: nothing is missing in it, and nothing of the other team is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from scripts import split
from scripts.configuration import values
from terraform.providers import NO_TERRAFORM, find
from terraform.root import PROJECT, TEAMS, VALUES, Root, environments, projects, stacks

BIN = Path(sys.prefix) / "bin"


@pytest.fixture(scope="module", params=TEAMS)
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes for a team; the folder is called after it."""
    to = tmp_path_factory.mktemp("split") / request.param
    assert split.main(["--team", request.param, "--to", str(to)]) == 0
    return to


def workflows(repository: Path) -> list[Path]:
    """The workflows, by name."""
    return sorted((repository / ".github/workflows").glob("*.yml"))


def test_it_has_the_team_and_not_the_other(repository: Path) -> None:
    """Its stacks as they are here, its values of every environment, the same states; no file of the other team."""
    team, tree = repository.name, repository / "terraform"
    assert stacks(tree) == [stack for stack in stacks() if stack[0] == team]
    assert environments(tree) == environments()
    for environment in environments():
        whole = values(split.ROOT / "terraform/environments" / environment / VALUES)
        own = values(tree / "environments" / environment / VALUES)
        assert own == {**whole, "stacks": {team: whole["stacks"][team]}}
    (other,) = (name for name in TEAMS if name != team)
    assert not [path for path in repository.rglob("*") if other in path.name]


def test_every_path_of_its_code_is_there(repository: Path) -> None:
    """Modules, mocks and the actions that workflows use are all in it, and no module that nothing calls."""
    for file in [*repository.rglob("*.tf"), *repository.rglob("*.tftest.hcl")]:
        root = file.parent.parent if file.parent.name == "tests" else file.parent
        for path in re.findall(r'"(\.{1,2}/[^"]*)"', file.read_text()):
            assert (root / path).exists(), f"{file}: {path}"
    for file in workflows(repository):
        for path in re.findall(r"uses: \./(.+)", file.read_text()):
            assert (repository / path).exists(), path
    roots = [path for path in (repository / "terraform").iterdir() if path.name not in ("modules", "environments")]
    called = {name for root in roots for name in split.modules(root)}
    assert {path.name for path in (repository / "terraform/modules").iterdir()} == called


def test_its_workflows_hold(repository: Path) -> None:
    """By GitHub's schema and zizmor; a job waits only for jobs that are there, a run is a target of make."""
    files = workflows(repository)
    tool = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *map(str, files)]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    zizmor = [str(BIN / "zizmor"), "--offline", "--no-progress", str(repository / ".github")]
    done = subprocess.run(zizmor, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    targets = set(re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(), re.MULTILINE))
    for file in files:
        read = msgspec.yaml.decode(file.read_text())
        jobs = read["jobs"]
        for job in jobs.values():
            needs = job.get("needs", [])
            assert set([needs] if isinstance(needs, str) else needs) <= jobs.keys()
            assert set(re.findall(r"needs\.([\w-]+)\.", str(job))) <= jobs.keys()
            runs = [step["run"].removeprefix("make ") for step in job.get("steps", []) if "run" in step]
            assert set(runs) <= targets
            clouds = [run for run in runs if run.startswith("terraform-")]
            assert {job["env"]["TEAM"]} == {repository.name} if clouds else "uses" in job or runs == ["promoted"]
        if "tags" in (read[True].get("push") or {}):
            assert jobs["promoted"]["steps"][0]["with"]["fetch-depth"] == 0
            assert all("needs" in job for name, job in jobs.items() if name != "promoted")


def test_nothing_is_applied_unseen_and_prod_comes_of_a_release(repository: Path) -> None:
    """As here: the apply is given the plan's name in an environment with approvers, and prod waits for a tag."""
    short = repository.name.removesuffix("_development")
    jobs = msgspec.yaml.decode((repository / split.PIPELINE).read_text())["jobs"]
    assert list(jobs) == [f"plan-{short}", f"apply-{short}", f"settled-{short}"]
    apply = jobs[f"apply-{short}"]
    assert apply["env"]["REVIEW"] == f"${{{{ needs.plan-{short}.outputs.review }}}}"
    assert apply["if"] == f"needs.plan-{short}.outputs.changes == 'true'"
    assert apply["environment"] == jobs[f"plan-{short}"]["environment"].removesuffix("-plan")
    start = msgspec.yaml.decode((repository / ".github/workflows/terraform.yml").read_text())["jobs"]
    assert list(start) == ["promoted", "dev", "staging", "prod"]
    assert start["dev"]["needs"] == "promoted"
    assert (start["staging"]["needs"], start["prod"]["needs"]) == ("dev", "staging")
    assert start["prod"]["if"] == "github.ref_type == 'tag'"


def test_projects_go_with_their_team(repository: Path) -> None:
    """The innovation team's repository makes and destroys its projects; the other has none."""
    file, own = repository / split.PROJECTS, PROJECT.startswith(repository.name)
    assert (file.exists(), bool(projects("dev", repository / "terraform"))) == (own, own)
    if own:
        jobs = msgspec.yaml.decode(file.read_text())["jobs"]
        assert list(jobs) == ["promoted", "plan", "apply"]
        assert "WORKFLOWS" not in file.read_text()


def test_its_scripts_run(repository: Path) -> None:
    """The commands start from what is there, know the team's stacks, and refuse what is none."""
    surroundings = {**os.environ, "PYTHONPATH": ""}
    for module in ("scripts.review", "terraform.root"):
        command = [sys.executable, "-m", module, "--help"]
        done = subprocess.run(command, cwd=repository, env=surroundings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert f"{repository.name}/lake" in done.stdout
    assert re.fullmatch(r"boto3==\d+\.\d+\.\d+\n", (repository / "requirements.txt").read_text())


def test_its_stacks_plan(repository: Path, tmp_path: Path) -> None:
    """Terraform plans a stack of it with dev's values, from nothing but what was written."""
    providers = find(tmp_path)
    if providers is None or "hashicorp/aws" in providers.missing:
        pytest.skip(NO_TERRAFORM if providers is None else "no provider of AWS on this machine")
    root = Root("dev", repository.name, "lake", repository / "terraform")
    command = providers.command("test", f"-var-file=../../environments/dev/{VALUES}")
    done = providers.run(root.folder, command, root.data)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed, 0 failed" in done.stdout


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that exists is left as it is."""
    assert split.main(["--team", TEAMS[0], "--to", str(tmp_path)]) == 1
    assert "exists: remove it" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
