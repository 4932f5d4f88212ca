"""One issue a thing: opened, kept up to date, closed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scripts import issue

OPEN = json.dumps([{"number": 7, "title": "Drift in dev"}, {"number": 9, "title": "Drift in prod"}])


@pytest.mark.parametrize(
    ("title", "body", "done"),
    [
        ("Drift in dev", "new", ["issue", "edit", "7", "--body-file", "-"]),
        ("Drift in dev", "", ["issue", "close", "7", "--comment", "Over: the latest run found nothing."]),
        (
            "Drift in staging",
            "new",
            ["issue", "create", "--title", "Drift in staging", "--label", "drift", "--body-file", "-"],
        ),
        ("Drift in staging", "", None),
    ],
)
def test_an_issue_follows_what_it_is_about(command: Any, title: str, body: str, done: list[str] | None) -> None:
    """Another environment's issue is never touched, and none is opened twice."""
    gh = command("gh")
    gh.answers(("issue list", 0, OPEN), ("issue create", 0, "https://github.com/a/b/issues/10\n"), ("", 0, ""))
    told = issue.keep(title, "drift", body)
    changing = [call for call in gh.calls if call[0][:2] not in (["issue", "list"], ["label", "create"])]
    assert [call[0] for call in changing] == ([done] if done else [])
    if done and body:
        assert changing[0][1] == body
    assert title in told


def test_what_github_refuses_is_an_error(command: Any) -> None:
    """No report is lost in silence."""
    command("gh").answers(("", 1, "HTTP 403"))
    with pytest.raises(RuntimeError, match="HTTP 403"):
        issue.keep("Drift in dev", "drift", "new")
