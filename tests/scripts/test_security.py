"""Each scan finds what it is for, and one that cannot be made is named; complete, that is a failure."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts import security

BAD_WORKFLOW = """
on: pull_request_target
jobs:
  j:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: echo ${{ github.event.pull_request.title }}
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one's own, with the committed baseline."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    shutil.copy(security.ROOT / ".secrets.baseline", tmp_path)
    monkeypatch.setattr(security, "ROOT", tmp_path)
    return tmp_path


def test_a_secret_is_found(tree: Path) -> None:
    """A key in a file that git knows; without it nothing."""
    (tree / "a.py").write_text("x = 1\n")
    subprocess.run(["git", "-C", str(tree), "add", "."], check=True)
    assert list(security.secrets()) == []
    (tree / "a.py").write_text(f"key = 'AKIA{'Q3EGX7PLMKNB5RTD'}'\n")
    (finding,) = security.secrets()
    assert "a.py" in finding


def test_a_weak_workflow_is_found(tree: Path) -> None:
    """An injection, a trigger that hands out rights, an action that may move."""
    (tree / ".github/workflows").mkdir(parents=True)
    (tree / ".github/workflows/bad.yml").write_text(BAD_WORKFLOW)
    (finding,) = security.workflows()
    for audit in ("template-injection", "dangerous-triggers", "unpinned-uses"):
        assert audit in finding


def audited(*dependencies: dict[str, Any]) -> tuple[tuple[str, int, str], ...]:
    """What uv answers: the lock as a list, and pip-audit's report."""
    return ("^export", 0, "a==1\nb==2\n"), ("pip-audit", 0, json.dumps({"dependencies": dependencies}))


def test_a_known_vulnerability_is_found(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By package, version, number and the version that mends it."""
    uv = command("uv")
    monkeypatch.setattr(security, "UV", "uv")
    known = {"id": "PYSEC-2018-28", "fix_versions": ["2.20.0"]}
    uv.answers(*audited({"name": "a", "version": "1", "vulns": [known]}, {"name": "b", "version": "2", "vulns": []}))
    assert list(security.dependencies()) == ["a 1: PYSEC-2018-28, fixed in 2.20.0"]


def test_what_cannot_be_asked_is_no_pass(
    command: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service that does not know the packages, or does not answer, is named, and fails where all is asked for."""
    uv = command("uv")
    monkeypatch.setattr(security, "UV", "uv")
    uv.answers(*audited({"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "2", "vulns": []}))
    assert security.main(["dependencies"]) == 0
    assert "not checked here: pip-audit: the vulnerability service does not know 1 of 2" in capsys.readouterr().out
    assert security.main(["dependencies", "--complete"]) == 1
    uv.answers(("^export", 0, "a==1\n"), ("pip-audit", 1, "ConnectionError: no route"))
    assert security.main(["dependencies", "--complete"]) == 1
    assert "no route" in capsys.readouterr().err
