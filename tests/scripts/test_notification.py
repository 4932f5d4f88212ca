"""A failed run opens an issue and posts a message; the next good one closes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
import requests

from scripts import notification
from tests.moto_server import moto_server

REGION = "us-east-1"
JOBS = [
    {"name": "plan", "conclusion": "success", "steps": []},
    {
        "name": "staging / apply",
        "conclusion": "failure",
        "steps": [{"name": "Run make terraform-apply", "conclusion": "failure"}],
    },
]


@dataclass(frozen=True)
class Topic:
    """A topic's ARN, and what a result's subscriber has got."""

    arn: str
    received: Callable[[str], list[Any]]


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


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Iterator[Topic]:
    """A topic in an emulator, and a queue for each result that takes no other."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with moto_server() as url:
        requests.post(f"{url}/moto-api/reset")
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        sns, sqs = boto3.client("sns", region_name=REGION), boto3.client("sqs", region_name=REGION)
        arn, queues = sns.create_topic(Name="anthill-dev-workflows")["TopicArn"], {}
        for result in ("failure", "success"):
            queues[result] = sqs.create_queue(QueueName=result)["QueueUrl"]
            of_queue = sqs.get_queue_attributes(QueueUrl=queues[result], AttributeNames=["QueueArn"])["Attributes"]
            only = {"FilterPolicy": json.dumps({"result": [result]})}
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=of_queue["QueueArn"], Attributes=only)

        def received(result: str) -> list[Any]:
            messages = sqs.receive_message(QueueUrl=queues[result], MaxNumberOfMessages=10).get("Messages", [])
            return [json.loads(message["Body"]) for message in messages]

        yield Topic(arn, received)


@pytest.mark.parametrize(
    ("conclusion", "result"), [("failure", "failure"), ("timed_out", "failure"), ("success", "success")]
)
def test_who_filters_for_a_result_gets_that_alone(
    command: Any, chat: list[Any], topic: Topic, conclusion: str, result: str
) -> None:
    """Subject, text and attributes by SNS; the other result's subscriber hears nothing, and neither issue nor chat."""
    gh = command("gh")
    gh.answers(("run view 1 ", 0, run("Deliver", conclusion, JOBS if result == "failure" else [])))
    assert notification.main(["--run", "1", "--topic", topic.arn, "--environment", "dev"]) == 0
    (message,) = topic.received(result)
    assert message["Subject"] == ("Deliver fails on main" if result == "failure" else "Deliver passed on main")
    assert "https://github.com/a/b/actions/runs/1" in message["Message"]
    assert ("- staging / apply: Run make terraform-apply" in message["Message"]) == (result == "failure")
    attributes = {name: each["Value"] for name, each in message["MessageAttributes"].items()}
    assert attributes == {"result": result, "workflow": "Deliver", "environment": "dev"}
    assert topic.received("success" if result == "failure" else "failure") == []
    assert len(gh.calls) == 1
    assert chat == []


@pytest.mark.parametrize(
    ("branch", "conclusion", "counted"), [("main", "success", 1), ("main", "failure", 0), ("v1.2.0", "success", 0)]
)
def test_what_passes_on_main_is_counted(command: Any, topic: Topic, branch: str, conclusion: str, counted: int) -> None:
    """In the metric that the alarm nothing-green asks for; what fails there or passes elsewhere is not in it."""
    told = json.loads(run("Unit tests", conclusion, []))
    command("gh").answers(("run view 1 ", 0, json.dumps({**told, "headBranch": branch})))
    assert notification.main(["--run", "1", "--topic", topic.arn, "--environment", "dev"]) == 0
    found = boto3.client("cloudwatch", region_name=REGION).list_metrics(Namespace="anthill-dev/workflows")["Metrics"]
    assert [(m["MetricName"], m["Dimensions"]) for m in found] == [
        ("Passed", [{"Name": "Workflow", "Value": "Unit tests"}])
    ] * counted


def test_what_tells_nothing_is_not_published(command: Any, topic: Topic) -> None:
    """A cancelled run is no result."""
    command("gh").answers(("run view 1 ", 0, run("Deliver", "cancelled", [])))
    assert notification.main(["--run", "1", "--topic", topic.arn, "--environment", "dev"]) == 0
    assert topic.received("failure") == topic.received("success") == []


def test_a_subject_is_what_sns_takes(command: Any, topic: Topic) -> None:
    """A hundred characters of ASCII, whatever the branch is called."""
    told = json.loads(run("Deliver", "failure"))
    command("gh").answers(("run view 1 ", 0, json.dumps({**told, "headBranch": "ü" * 200})))
    assert notification.main(["--run", "1", "--topic", topic.arn, "--environment", "dev"]) == 0
    (message,) = topic.received("failure")
    assert message["Subject"] == "Deliver fails on ".ljust(100, "?")
    assert "ü" * 200 in message["Message"]
