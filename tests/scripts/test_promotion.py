"""What has not been through an environment does not go on, and there is a release to go back to or there is none."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import promotion

GIT = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A checkout whose main has a commit, given back, with the tag v1.4.0; v1.5.0 is set on one that main has not."""
    monkeypatch.chdir(tmp_path)

    def git(*words: str) -> str:
        return subprocess.run([*GIT, *words], check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet", "--initial-branch", "main")
    git("commit", "--quiet", "--allow-empty", "-m", "on main")
    git("tag", "v1.4.0")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    git("checkout", "--quiet", "-b", "aside")
    git("commit", "--quiet", "--allow-empty", "-m", "not reviewed")
    git("tag", "-a", "v1.5.0", "-m", "not of main")
    return git("rev-parse", "main")


def test_a_commit_goes_on_when_all_have_passed(command: Any, history: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each workflow is asked for this commit's success; the one that lacks is named."""
    gh = command("gh")
    gh.answers(
        (f"--workflow terraform-staging.yml --commit {history} .*--status success", 0, '[{"databaseId": 1}]'),
        ("", 0, "[]"),
    )
    assert promotion.main(["--commit", history, "--workflows", "terraform-staging.yml"]) == 0
    assert promotion.main(["--commit", history, "--workflows", "terraform-staging.yml", "security.yml"]) == 1
    assert "has not passed security.yml" in capsys.readouterr().err


def test_a_release_is_asked_for_by_its_tag(command: Any, history: str) -> None:
    """A tag is a branch to GitHub's list of runs."""
    gh = command("gh")
    gh.answers(("--workflow deliver.yml --branch v1.4.0 ", 0, '[{"databaseId": 1}]'))
    assert promotion.main(["--commit", "v1.4.0", "--workflows", "deliver.yml"]) == 0


def test_a_tag_on_another_branch_goes_nowhere(command: Any, history: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A tag can be set on anything: what main has not taken is refused, whatever it has passed, and the unknown."""
    command("gh").answers(("", 0, '[{"databaseId": 1}]'))
    assert promotion.main(["--commit", "v1.4.0"]) == 0
    assert promotion.main(["--commit", "v1.5.0", "--workflows", "unit-tests.yml"]) == 1
    assert "v1.5.0 is not on main" in capsys.readouterr().err
    with pytest.raises(RuntimeError, match="cannot be compared with origin/main"):
        promotion.main(["--commit", "v9.9.9"])


def test_releases_go_by_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The newest two of this history, 1.10 after 1.9; with one alone there is nothing to go back to."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    subprocess.run([*GIT, "init", "--quiet"], check=True)
    for number, tag in enumerate(("v1.9.0", "v1.10.0", "v1.2.0")):
        subprocess.run([*GIT, "commit", "--quiet", "--allow-empty", "-m", tag], check=True)
        subprocess.run([*GIT, "tag", tag], check=True)
        assert promotion.main(["--releases"]) == (0 if number else 1)
    assert "the tags are v1.9.0" in capsys.readouterr().err
    assert (tmp_path / "output").read_text().splitlines()[-2:] == ["newest=v1.10.0", "previous=v1.9.0"]
