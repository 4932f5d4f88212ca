"""A pull request is told what it would change, and there is nothing that could be applied."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from scripts import preview, review
from scripts.review import House, Planned, Review
from terraform.lock import FILE
from terraform.providers import TREE
from terraform.root import TEAMS
from tests.scripts.scripted_github import NAME, OWNER, TOKEN, Repository, serving
from tests.scripts.test_review import STATES, committed, git

TEAM = "platform_development"


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """A repository with pull request 5, which people have commented on."""
    held = Repository(comments={n: f"remark {n}" for n in range(40)})
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_REPOSITORY", f"{OWNER}/{NAME}")
    with serving(held) as address:
        monkeypatch.setenv("GITHUB_API_URL", address)
        yield held


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A stack of AWS and one of Databricks, under git, and a scripted Terraform."""
    (tmp_path / "bin").mkdir()
    shutil.copy(Path(__file__).parent / "scripted_terraform.py", tmp_path / "bin/terraform")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    tree = tmp_path / "terraform"
    shutil.copytree(TREE / "environments", tree / "environments")
    for stack in ("security", "databricks"):
        shutil.copytree(TREE / TEAM / stack, tree / TEAM / stack, ignore=shutil.ignore_patterns("tests"))
    (tree / TEAM / "security" / FILE).write_text("# the scripted Terraform has no providers\n")
    git(tree, "init", "--quiet")
    committed(tree, "as it is")
    return House("dev", TEAM, tree)


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The bucket of the states, empty."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=STATES)
        yield client


@pytest.mark.parametrize("team", TEAMS)
def test_the_stacks_of_aws_are_planned(team: str) -> None:
    """Those that configure no provider of Databricks, in the order of all."""
    house = House("dev", team)
    code = {s: "".join(f.read_text() for f in house.root(s).folder.glob("*.tf")) for s in house.stacks}
    wanted = [stack for stack, text in code.items() if not re.search(r'^provider "databricks"', text, re.MULTILINE)]
    assert preview.of_aws(house) == wanted
    assert 0 < len(wanted) < len(house.stacks)


def test_a_preview_is_no_review(house: House, states: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told on the run's page and in a file, without a name to approve; nothing is kept, and an apply finds nothing."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    found = tmp_path / "found"
    assert preview.main(["--environment", "dev", "--team", TEAM, "--found", str(found)], house) == 0
    text = (found / "dev" / f"{TEAM}.md").read_text()
    assert text.strip() == (tmp_path / "summary.md").read_text().strip()
    assert "| security | 1 | 0 | 0 | 0 |" in text
    assert "no role that only reads: databricks." in text
    made = Review.read((found / "dev/plans" / TEAM / "review.json").read_text())
    assert [planned.stack for planned in made.plans] == ["security"]
    assert made.digest not in text
    assert not (tmp_path / "output").exists()
    assert "Contents" not in states.list_objects_v2(Bucket=STATES)
    applying = ["apply", "--environment", "dev", "--team", TEAM, "--into", str(tmp_path / "applied")]
    with pytest.raises(ClientError, match=r"404.*Not Found"):
        review.main([*applying, "--review", made.digest], house.tree)


def test_a_preview_that_fails_is_red(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What Terraform or the lock file says is the job's error, and there is no file that would say otherwise."""
    (house.root("security").folder / FILE).unlink()
    asked = ["--environment", "dev", "--team", TEAM, "--found", str(tmp_path / "found")]
    assert preview.main(asked, house) == 1
    assert "run `make terraform-lock`" in capsys.readouterr().err
    assert not list((tmp_path / "found").rglob("*.md"))


def test_one_comment_says_what_is_so_now(github: Repository, tmp_path: Path) -> None:
    """The first is written, later ones change it, whatever people wrote in between; a team without a file is named."""
    (tmp_path / "dev").mkdir()
    file = tmp_path / "dev" / f"{TEAM}.md"
    asked = ["--environment", "dev", "--pull-request", "5", "--found", str(tmp_path)]
    for text in ("one resource", "two resources"):
        file.write_text(text)
        assert preview.main(asked) == 0
        github.comments[max(github.comments) + 1] = "a remark in between"
    own = [text for text in github.comments.values() if text.startswith(preview.MARK)]
    assert len(own) == 1
    assert "two resources" in own[0]
    assert "one resource" not in own[0]
    assert "### innovation_development\n\n**Could not be planned:**" in own[0]
    assert [method for method, _ in github.written] == ["POST", "PATCH"]


def test_what_is_too_long_for_a_comment_loses_its_lists(github: Repository, tmp_path: Path) -> None:
    """GitHub takes 65,536 characters: the counts stay, the resources are on the run's page."""
    (tmp_path / "dev").mkdir()
    changes = {f"module.lake.aws_s3_bucket.of_a_long_name[{n}]": "create" for n in range(2_000)}
    made = Review("dev", TEAM, "0" * 40, [Planned("lake", "1" * 64, changes)])
    (tmp_path / "dev" / f"{TEAM}.md").write_text(preview.told(made, ["databricks"]))
    assert preview.main(["--environment", "dev", "--pull-request", "5", "--found", str(tmp_path)]) == 0
    text = github.comments[max(github.comments)]
    assert "| lake | 2000 | 0 | 0 | 0 |" in text
    assert "of_a_long_name" not in text
    assert "no role that only reads: databricks." in text


def test_a_pull_request_that_is_not_there_is_told(
    github: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GitHub's refusal is the job's error."""
    assert preview.main(["--environment", "dev", "--pull-request", "6", "--found", str(tmp_path)]) == 1
    assert "404 Not Found" in capsys.readouterr().err
