"""A failed run opens an issue and posts a message; the next good one closes it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from scripts import notification

JOBS = [
    {"name": "plan", "conclusion": "success", "steps": []},
    {
        "name": "staging / apply",
        "conclusion": "failure",
        "steps": [{"name": "Run make terraform-apply", "conclusion": "failure"}],
    },
]


def run(workflow: str, conclusion: str, jobs: list[dict[str, Any]] = JOBS) -> str:
    """A run as `gh run view --json` tells it."""
    place = {"headBranch": "main", "headSha": "0123456789abcdef", "url": "https://github.com/a/b/actions/runs/1"}
    return json.dumps({"workflowName": workflow, "conclusion": conclusion, "jobs": jobs, **place})


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the chat was sent."""
    sent: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(notification.WEBHOOK, f"http://127.0.0.1:{server.server_port}")
    yield sent
    server.shutdown()


@pytest.mark.parametrize(
    ("workflow", "label", "kind"),
    [("Terraform to staging", "pipeline", "The pipeline failed"), ("Security", "policy", "A rule is broken")],
)
def test_a_failure_is_told(command: Any, chat: list[Any], workflow: str, label: str, kind: str) -> None:
    """In an issue with the job and step that broke, and in the chat; a broken rule has a label of its own."""
    gh = command("gh")
    gh.answers(("run view 1 ", 0, run(workflow, "failure")), ("issue list", 0, "[]"), ("", 0, ""))
    assert notification.main(["--run", "1"]) == 0
    ((arguments, body, _),) = gh.called("issue", "create")
    assert arguments[3] == f"{workflow} fails on main"
    assert arguments[5] == label
    assert kind in body
    assert "- staging / apply: Run make terraform-apply" in body
    (message,) = chat
    assert message["text"].startswith(f"{workflow} fails on main: staging / apply")


def test_a_good_run_closes_it(command: Any, chat: list[Any]) -> None:
    """Success closes the workflow's issue; a cancelled run says nothing."""
    gh = command("gh")
    listed = json.dumps([{"number": 3, "title": "Deliver fails on main"}])
    gh.answers(("run view 1 ", 0, run("Deliver", "success", [])), ("issue list", 0, listed), ("", 0, ""))
    assert notification.main(["--run", "1"]) == 0
    assert gh.called("issue", "close")[0][0][2] == "3"
    gh.answers(("run view 1 ", 0, run("Deliver", "cancelled", [])))
    assert notification.main(["--run", "1"]) == 0
    assert len(gh.calls) == 1
    assert chat == []


def test_a_webhook_is_https() -> None:
    """A message leaves this machine encrypted or not at all."""
    with pytest.raises(ValueError, match="https"):
        notification.post("http://example.com/hook", "x")
