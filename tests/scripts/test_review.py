"""A review is what was planned, and only that is applied: a scripted Terraform, and the real one on request."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
import requests

from scripts import review
from scripts.review import House, Planned, Review, ReviewError
from terraform.lock import FILE
from terraform.providers import TREE
from terraform.rehearsal.stacks import rehearsal
from terraform.rehearsal.workspace import missing
from terraform.root import PROJECT, TEAMS, VALUES, environments, projects
from tests.moto_server import moto_server

TEAM, REGION = "platform_development", "us-east-1"
STATES = "anthill-dev-terraform-state"


def test_stacks_come_after_what_they_read() -> None:
    """In each environment a team's stacks are all there, each behind those of the team whose parameter it reads."""
    for environment in environments():
        for team in TEAMS:
            house = House(environment, team)
            roots = {path.parent.name for path in house.tree.glob(f"{team}/*/main.tf")}
            assert set(house.stacks) == roots - {PROJECT.split("/")[1]}
            for place, stack in enumerate(house.stacks):
                code = (house.root(stack).folder / "main.tf").read_text()
                later = house.stacks[place:]
                assert not [
                    other for other in later if f"${{local.parameters}}/{team}/{other}" in code and other != stack
                ]


def test_changes_are_told_by_what_they_destroy() -> None:
    """No-ops and reads are nothing; a delete and create is a replacement, and the summary warns of it."""
    actions = {
        "a": ["no-op"],
        "b": ["read"],
        "c": ["create"],
        "d": ["delete", "create"],
        "e": ["update"],
        "f": ["delete"],
    }
    shown = {"resource_changes": [{"address": name, "change": {"actions": done}} for name, done in actions.items()]}
    shown["output_changes"] = {"x": {"actions": ["no-op"]}, "y": {"actions": ["create"]}}
    found = review.changes(shown)
    assert found == {"c": "create", "d": "replace", "e": "update", "f": "delete", "output.y": "update"}
    told = Review("dev", TEAM, "0" * 40, [Planned("network", "1" * 64, found), Planned("lake", "2" * 64)]).told()
    assert "| network | 1 | 2 | 1 | 1 |" in told
    assert "Resources are destroyed" in told
    assert "± d" in told
    assert "Nothing to change" in Review("dev", TEAM, "0" * 40, [Planned("lake", "2" * 64)]).told()


@pytest.fixture(params=["scripted", "real"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The stack `security` of dev, the only one of this tree, under git, with a bucket for its state in an emulator."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with scripted(tmp_path, monkeypatch) if request.param == "scripted" else real(monkeypatch) as folder:
        boto3.client("s3", region_name=REGION).create_bucket(Bucket=STATES)
        key = boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["KeyId"]
        boto3.client("kms", region_name=REGION).create_alias(AliasName=f"alias/{STATES}", TargetKeyId=key)
        git(folder, "init", "--quiet")
        committed(folder, "as it is")
        yield House("dev", TEAM, folder)


@contextmanager
def scripted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Terraform that knows one resource, and moto for its bucket."""
    (folder / "bin").mkdir()
    shutil.copy(Path(__file__).parent / "scripted_terraform.py", folder / "bin/terraform")
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
    tree = folder / "terraform"
    shutil.copytree(TREE / "environments", tree / "environments")
    shutil.copytree(TREE / TEAM / "security", tree / TEAM / "security", ignore=shutil.ignore_patterns("tests"))
    (tree / TEAM / "security" / FILE).write_text("# the scripted Terraform has no providers\n")
    with moto_server() as url:
        requests.post(f"{url}/moto-api/reset")
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        yield tree


@contextmanager
def real(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Terraform with AWS's provider, and the emulator of the rehearsal."""
    if "ANTHILL_TERRAFORM_APPLY" not in os.environ:
        pytest.skip("two minutes: make terraform-apply-local")
    if reason := missing():
        pytest.skip(reason)
    with rehearsal("dev") as rehearsed:
        work = rehearsed.workspace
        for other in work.folder.glob(f"{TEAM}/*"):
            if other.name != "security":
                shutil.rmtree(other)
        boto3.client("s3", endpoint_url=work.endpoint, region_name=REGION).create_bucket(Bucket=STATES)
        work.init(work.root("dev", f"{TEAM}/security"))  # and so locks what this machine has
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("TF_CLI_ARGS_init", f"-plugin-dir={work.plugins}")
        monkeypatch.setenv("AWS_ENDPOINT_URL", work.endpoint)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield work.folder


def git(folder: Path, *command: str) -> None:
    """Run git as nobody in particular."""
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *command], cwd=folder, check=True)


def committed(folder: Path, message: str) -> None:
    """Commit the stack's files."""
    git(folder, "add", f"environments/dev/{VALUES}")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)


def run(house: House, do: str, into: Path, *options: str) -> int:
    """The command as the workflow gives it, on this tree."""
    given = [do, "--environment", "dev", "--team", TEAM, "--into", str(into), *options]
    return review.main(given, house.tree)


def told(file: Path) -> dict[str, str]:
    """The outputs that a step wrote."""
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_only_what_was_reviewed_is_applied(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Planned in one job, applied in another by name; altered, of another commit, stale or unknown it is refused."""
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert run(house, "plan", tmp_path / "one") == 0
    name = told(tmp_path / "output")["review"]
    assert told(tmp_path / "output")["changes"] == "true"
    summary = (tmp_path / "summary.md").read_text()
    assert name in summary
    assert '+ module.cicd.aws_iam_role.deploy["innovation_development"]' in summary

    s3 = boto3.client("s3", region_name=REGION)
    bucket, prefix = STATES, f"{TEAM}/dev/plans/{name}"
    kept = {o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]}
    assert kept == {f"{prefix}/review.json", f"{prefix}/security.tfplan"}

    plan = s3.get_object(Bucket=bucket, Key=f"{prefix}/security.tfplan")["Body"].read()
    s3.put_object(Bucket=bucket, Key=f"{prefix}/security.tfplan", Body=plan + b"x")
    assert run(house, "apply", tmp_path / "two", "--review", name) == 1
    assert "is not the one that was reviewed" in capsys.readouterr().err
    s3.put_object(Bucket=bucket, Key=f"{prefix}/security.tfplan", Body=plan)

    listed = s3.get_object(Bucket=bucket, Key=f"{prefix}/review.json")["Body"].read()
    s3.put_object(Bucket=bucket, Key=f"{prefix}/review.json", Body=listed + b" ")
    assert run(house, "apply", tmp_path / "two", "--review", name) == 1
    assert "has been altered" in capsys.readouterr().err
    s3.put_object(Bucket=bucket, Key=f"{prefix}/review.json", Body=listed)

    committed(house.tree, "meanwhile")
    assert run(house, "apply", tmp_path / "two", "--review", name) == 1
    assert "plan again, review again" in capsys.readouterr().err
    git(house.tree, "checkout", "--quiet", "HEAD~1")
    assert run(house, "apply", tmp_path / "two", "--review", "latest") == 1
    assert "is no review" in capsys.readouterr().err

    assert run(house, "apply", tmp_path / "two", "--review", name) == 0
    state = house.root("security").data / "scripted.tfstate"
    if not state.exists():
        roles = boto3.client("iam", region_name=REGION).list_roles(PathPrefix=f"/{TEAM}/")["Roles"]
        made = {f"anthill-dev-{kind}-{team}" for kind in ("deploy", "plan") for team in TEAMS}
        assert {role["RoleName"] for role in roles} == made | {
            "anthill-dev-plan-pull-request",
            "anthill-dev-notification",
        }
    assert run(house, "apply", tmp_path / "three", "--review", name) == 1
    assert "Plan again, and have that reviewed" in capsys.readouterr().err

    assert run(house, "settled", tmp_path / "four") == 0
    if state.exists():
        state.write_text(state.read_text().replace('"drifted": false', '"drifted": true'))
    else:
        role = "anthill-dev-deploy-innovation_development"
        boto3.client("iam", region_name=REGION).update_role(RoleName=role, MaxSessionDuration=7200)
    assert run(house, "settled", tmp_path / "five") == 1
    assert "is not as declared: security" in capsys.readouterr().err


def test_a_broken_plan_says_where(house: House, tmp_path: Path) -> None:
    """What Terraform says is handed on with the stack's name."""
    tfvars = house.root("security").values
    before = tfvars.read_text()
    tfvars.write_text(before.replace('"anthill/anthill"', '"*"'))
    try:
        with pytest.raises(
            ReviewError, match=r"terraform plan of dev/platform_development/security:\n(?s:.)*owner/name"
        ):
            house.plan(tmp_path)
    finally:
        tfvars.write_text(before)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """The command as the workflow *Project* gives it, in a tree with two projects of dev."""
    with scripted(tmp_path, monkeypatch) as tree:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        shutil.copytree(TREE / PROJECT, tree / PROJECT, ignore=shutil.ignore_patterns("tests", ".terraform*"))
        (tree / PROJECT / FILE).write_text("# the scripted Terraform has no providers\n")
        shutil.copy(projects("dev", tree)["momentum"], tree / PROJECT / "projects/dev/carry.tfvars")
        boto3.client("s3", region_name=REGION).create_bucket(Bucket=STATES)
        git(tree, "init", "--quiet")
        committed(tree, "as it is")

        def run(do: str, *options: str) -> int:
            team = PROJECT.split("/")[0]
            given = [do, "--environment", "dev", "--team", team, "--into", str(tmp_path / "plans"), *options]
            return review.main(given, tree)

        yield run


def test_a_project_is_made_and_destroyed_as_reviewed_and_nothing_else_is(
    project: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its own plan is kept and applied; another's review, or a name that is none's, is refused, and destroys ask."""
    output = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    momentum = ("--project", "momentum")
    assert project("plan", *momentum) == 0
    name = told(output)["review"]
    kept = boto3.client("s3", region_name=REGION).list_objects_v2(Bucket=STATES)["Contents"]
    prefix = f"innovation_development/dev/plans/{name}"
    assert {each["Key"] for each in kept} == {f"{prefix}/review.json", f"{prefix}/project.momentum.tfplan"}
    assert project("apply", "--project", "carry", "--review", name) == 1
    assert "the review is of project/momentum, and what is applied here is project/carry" in capsys.readouterr().err
    assert project("apply", "--review", name) == 1
    assert "the review is of project/momentum" in capsys.readouterr().err
    assert project("apply", *momentum, "--review", name) == 0
    assert project("settled", *momentum) == 0

    assert project("plan", *momentum, "--destroy") == 0
    name = told(output)["review"]
    assert project("apply", *momentum, "--review", name) == 1
    assert "would be destroyed, and nobody is asked" in capsys.readouterr().err
    assert project("apply", *momentum, "--review", name, "--approvers", "innovation-development") == 0
    assert project("settled", *momentum) == 1  # it could be made again

    assert [project("plan", "--project", other) for other in ("", "nobody", "../momentum")] == [1, 1, 1]
    assert "there are: carry, momentum" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        project("plan", "--destroy")


@pytest.mark.parametrize("done", ["delete", "replace"])
def test_nothing_is_destroyed_unasked(done: str, tmp_path: Path) -> None:
    """Where nobody approves, a plan that destroys is refused before anything else, by the address of what would go."""
    house = House("dev", TEAM)
    destroying = Review("dev", TEAM, "0" * 40, [Planned("lake", "2" * 64, {"aws_kms_key.this": done, "b": "create"})])
    with pytest.raises(ReviewError, match=r"^aws_kms_key\.this would be destroyed, and nobody is asked"):
        house.apply(destroying, tmp_path, "")
    with pytest.raises(ReviewError, match="the review is of commit 0000"):
        house.apply(destroying, tmp_path, "platform-development")
    harmless = Review("dev", TEAM, "0" * 40, [Planned("lake", "2" * 64, {"a": "create", "b": "update"})])
    with pytest.raises(ReviewError, match="the review is of commit 0000"):
        house.apply(harmless, tmp_path, "")


def test_a_root_without_its_lock_file_is_not_planned(house: House, tmp_path: Path) -> None:
    """Refused before Terraform starts, with what to do; a file that lacks a build is Terraform's to refuse."""
    (house.root("security").folder / FILE).unlink()
    with pytest.raises(ReviewError, match=r"security/\.terraform\.lock\.hcl is not there: run `make terraform-lock`"):
        house.plan(tmp_path)


def test_a_review_is_its_text() -> None:
    """Read again it has the same name; another change is another name."""
    first = Review("dev", TEAM, "0" * 40, [Planned("lake", "2" * 64, {"a": "create"})])
    assert Review.read(first.text).digest == first.digest
    other = json.loads(first.text)
    other["plans"][0]["changes"]["a"] = "delete"
    assert Review.read(json.dumps(other)).digest != first.digest
