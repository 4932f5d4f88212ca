"""Drift of bundle and grants is found, what cannot be looked at is reported, and one issue an environment says so."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from anthill.governance import grants
from scripts import drift
from tests.local.databricks.workspace import ACCOUNT, Workspace
from tests.scripts.test_bundle import PLAN

GRANTS = {
    "securables": [
        {"type": "schema", "name": "{catalog}.gold", "grants": {"analysts": ["USE_SCHEMA", "SELECT"]}},
        {"type": "schema", "name": "{catalog}.silver", "grants": {"data_engineers": ["USE_SCHEMA"]}},
    ]
}
# The CLI's `api get`, as far as it is used: the workspace's own answer.
CLI = """#!/usr/bin/env python3
import sys, urllib.request
assert sys.argv[1:3] == ["api", "get"], sys.argv
request = urllib.request.Request("{url}" + sys.argv[3], headers={{"Authorization": "Bearer {token}"}})
print(urllib.request.urlopen(request).read().decode())
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace, the CLI that speaks to it, and grants declared for it."""
    started = Workspace(tmp_path).start()
    (tmp_path / "include/grants").mkdir(parents=True)
    (tmp_path / "include/grants/shared.yaml").write_text(yaml.safe_dump(GRANTS))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/databricks").write_text(CLI.format(url=started.url, token=ACCOUNT.role("drift").token))
    (tmp_path / "bin/databricks").chmod(0o755)
    monkeypatch.setattr(grants, "include_dir", lambda: tmp_path / "include")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    yield started
    started.stop()


def test_grants_are_compared_with_the_catalog(workspace: Workspace, tmp_path: Path) -> None:
    """Missing and surplus privileges are told apart; when they are as declared, nothing is said."""
    look = ["grants", "--environment", "dev", "--found", str(tmp_path / "found")]
    file = tmp_path / "found/dev/grants.md"
    for schema, principal, add in (
        ("gold", "analysts", ["USE_SCHEMA", "SELECT"]),
        ("silver", "data_engineers", ["USE_SCHEMA"]),
    ):
        change = {"principal": principal, "add": add}
        workspace.call("PATCH", f"2.1/unity-catalog/permissions/schema/dev.{schema}", changes=[change])
    assert drift.main(look) == 0
    assert file.read_text() == ""
    change = {"principal": "analysts", "add": ["MODIFY"], "remove": ["SELECT"]}
    workspace.call("PATCH", "2.1/unity-catalog/permissions/schema/dev.gold", changes=[change])
    assert drift.main(look) == 0
    assert file.read_text() == "- schema `dev.gold`, analysts: +SELECT -MODIFY"


def test_a_part_that_cannot_be_read_is_a_finding(command: Any, tmp_path: Path) -> None:
    """The report has the CLI's words; it is no green night."""
    command("databricks").answers(("", 1, "Error: default auth: cannot configure"))
    for part in ("grants", "bundle"):
        assert drift.main([part, "--environment", "dev", "--found", str(tmp_path)]) == 0
        assert "cannot configure" in (tmp_path / f"dev/{part}.md").read_text()


def test_projects_past_their_last_day_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, group and day; on its last day a project is not past it."""
    folder = tmp_path / "projects/dev"
    folder.mkdir(parents=True)
    for name, ends in (("old", "2026-11-27"), ("new", "2026-11-28")):
        (folder / f"{name}.tfvars").write_text(f'group = "data_scientists"\nends  = "{ends}"\n')
    found = {file.stem: file for file in sorted(folder.iterdir())}
    monkeypatch.setattr(drift, "projects", lambda environment: found if environment == "dev" else {})
    today = dt.date(2026, 11, 28)
    assert drift.of_projects("dev", today) == "- `old` of data_scientists ended on 2026-11-27."
    assert drift.of_projects("staging", today) == ""
    assert drift.main(["projects", "--environment", "dev", "--found", str(tmp_path / "found")]) == 0
    assert "`old`" in drift.report("dev", tmp_path / "found/dev")
    assert drift.ADVICE["projects"] in drift.report("dev", tmp_path / "found/dev")


def test_drift_is_never_repaired() -> None:
    """The client of the comparison cannot change anything."""
    with pytest.raises(ValueError, match="never repaired"):
        drift.Cli()._do_api_call(("PATCH", "2.1/unity-catalog/permissions/schema/dev.gold"), {})


def test_one_issue_says_what_differs(command: Any, tmp_path: Path) -> None:
    """Parts with findings, parts that were never looked at, and what to do; as declared it is closed."""
    gh = command("gh")
    gh.answers(("issue list", 0, "[]"), ("", 0, "https://github.com/a/b/issues/1"))
    command("databricks").answers(("bundle plan", 0, json.dumps(PLAN)))
    found = ["--environment", "staging", "--found", str(tmp_path)]
    assert drift.main(["bundle", *found]) == 0
    for part in drift.PARTS[:2]:
        (tmp_path / f"staging/{part}.md").write_text("")
    assert drift.main(["report", *found]) == 0
    ((arguments, body, _),) = gh.called("issue", "create")
    assert arguments[3] == "Drift in staging"
    assert "- `resources.jobs.silver`: update: max_concurrent_runs" in body
    assert "run the workflow" in body.lower()
    assert "## grants\n\n**Not looked at:**" in body
    assert "terraform" not in body
    gh.answers(("issue list", 0, json.dumps([{"number": 4, "title": "Drift in staging"}])), ("", 0, ""))
    for part in drift.PARTS:
        (tmp_path / f"staging/{part}.md").write_text("")
    assert drift.main(["report", *found]) == 0
    assert gh.called("issue", "close")[0][0][2] == "4"


def test_a_pages_token_is_a_value(command: Any) -> None:
    """Whatever is in it, it asks for nothing else."""
    cli = command("databricks")
    cli.answers(("", 0, "{}"))
    drift.Cli()._do_api_call(("GET", "2.1/x"), {"max_results": 0, "page_token": "a&b=c d"})
    assert cli.calls[0][0] == ["api", "get", "/api/2.1/x?max_results=0&page_token=a%26b%3Dc+d"]
