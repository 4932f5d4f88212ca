"""What has not been through an environment does not go on, and there is a release to go back to or there is none."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import promotion


def test_a_commit_goes_on_when_all_have_passed(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Each workflow is asked for this commit's success; the one that lacks is named."""
    gh = command("gh")
    gh.answers(
        ("--workflow terraform-staging.yml --commit abc .*--status success", 0, '[{"databaseId": 1}]'), ("", 0, "[]")
    )
    assert promotion.main(["--commit", "abc", "--workflows", "terraform-staging.yml"]) == 0
    assert promotion.main(["--commit", "abc", "--workflows", "terraform-staging.yml", "security.yml"]) == 1
    assert "has not passed security.yml" in capsys.readouterr().err


def test_a_release_is_asked_for_by_its_tag(command: Any) -> None:
    """A tag is a branch to GitHub's list of runs."""
    gh = command("gh")
    gh.answers(("--workflow deliver.yml --branch v1.4.0 ", 0, '[{"databaseId": 1}]'))
    assert promotion.main(["--commit", "v1.4.0", "--workflows", "deliver.yml"]) == 0


def test_releases_go_by_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The newest two of this history, 1.10 after 1.9; with one alone there is nothing to go back to."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    subprocess.run([*git, "init", "--quiet"], check=True)
    for number, tag in enumerate(("v1.9.0", "v1.10.0", "v1.2.0")):
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", tag], check=True)
        subprocess.run([*git, "tag", tag], check=True)
        assert promotion.main(["--releases"]) == (0 if number else 1)
    assert "the tags are v1.9.0" in capsys.readouterr().err
    assert (tmp_path / "output").read_text().splitlines()[-2:] == ["newest=v1.10.0", "previous=v1.9.0"]
