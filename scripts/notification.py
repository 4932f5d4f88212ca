"""Tell people how a workflow ended: an issue that stays open until it passes again, and a message to a chat.

With `--topic` a message to SNS, failure and success apart by an attribute: subscribers take what they filter for. What
passed on main is counted in CloudWatch, where an alarm finds that nothing did for long.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.request
from dataclasses import dataclass

from scripts import issue, workflow

FAILED = {"failure", "timed_out", "startup_failure"}
# Workflows whose failure means that a rule was broken, and not that something does not work.
POLICY = {"Security", "Lint", "Configuration"}
MAIN = "main"
SUBJECT = 100  # characters that SNS takes of one, of ASCII alone
WEBHOOK = "NOTIFICATION_WEBHOOK"  # an address that takes {"text": …}: Slack, Teams, Mattermost


@dataclass(frozen=True)
class Run:
    """A finished run of a workflow."""

    workflow: str
    branch: str
    commit: str
    conclusion: str
    url: str
    broken: tuple[str, ...]  # job: step

    @classmethod
    def of(cls, number: str) -> Run:
        """A run as GitHub tells it."""
        fields = "workflowName,headBranch,headSha,conclusion,url,jobs"
        told = json.loads(issue.gh("run", "view", number, "--json", fields))
        broken = []
        for job in told["jobs"]:
            if job["conclusion"] in FAILED:
                steps = [step["name"] for step in job.get("steps", []) if step["conclusion"] in FAILED]
                broken.append(f"{job['name']}: {', '.join(steps) or job['conclusion']}")
        return cls(
            told["workflowName"], told["headBranch"], told["headSha"], told["conclusion"], told["url"], tuple(broken)
        )

    @property
    def title(self) -> str:
        """The issue's title: one a workflow and branch."""
        return f"{self.workflow} fails on {self.branch}"

    @property
    def label(self) -> str:
        """What kind of failure it is."""
        return "policy" if self.workflow in POLICY else "pipeline"

    @property
    def failed(self) -> bool:
        """Whether it did not do its work."""
        return self.conclusion in FAILED

    @property
    def tells(self) -> bool:
        """Whether something is known by it: a cancelled or skipped one says nothing about what was so before."""
        return self.failed or self.conclusion == "success"

    def told(self) -> str:
        """The issue's text."""
        kind = "A rule is broken" if self.label == "policy" else "The pipeline failed"
        lines = [
            f"{kind}: [{self.workflow}]({self.url}) on `{self.branch}` at `{self.commit[:12]}` ({self.conclusion}).",
            "",
        ]
        lines += [f"- {each}" for each in self.broken] or ["- no job failed: the workflow itself could not start"]
        return "\n".join(
            [*lines, "", "What each workflow does and how to recover: `docs/cicd.md`. This closes when it passes."]
        )


def post(address: str, text: str) -> None:
    """Send a message to the chat."""
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError(f"{WEBHOOK} must be an https address")
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - checked above
        answer.read()


def publish(topic: str, environment: str, run: Run) -> None:
    """Send how a run ended to SNS."""
    import boto3

    subject = run.title if run.failed else f"{run.workflow} passed on {run.branch}"
    text = run.told() if run.failed else f"{subject} at {run.commit[:12]}: {run.url}"
    attributes = {
        "result": "failure" if run.failed else "success",
        "workflow": run.workflow,
        "environment": environment,
    }
    boto3.client("sns", region_name=topic.split(":")[3]).publish(
        TopicArn=topic,
        Subject=subject.encode("ascii", "replace").decode()[:SUBJECT],
        Message=text,
        MessageAttributes={name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    )


def count(topic: str, run: Run) -> None:
    """Count in CloudWatch that a workflow passed, in the namespace of the topic's environment."""
    import boto3

    *_, region, _account, name = topic.split(":")
    passed = {"MetricName": "Passed", "Value": 1, "Dimensions": [{"Name": "Workflow", "Value": run.workflow}]}
    namespace = f"{name.removesuffix('-workflows')}/workflows"
    boto3.client("cloudwatch", region_name=region).put_metric_data(Namespace=namespace, MetricData=[passed])


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when people know, or when there is nothing to know."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True, help="number of the finished run")
    parser.add_argument("--topic", help="ARN of the SNS topic that is told, and nothing else")
    parser.add_argument("--environment", help="whose topic it is")
    asked = parser.parse_args(arguments)
    run = Run.of(asked.run)
    if not run.tells:
        workflow.summary(f"{run.workflow} was {run.conclusion}.")
        return 0
    if asked.topic:
        publish(asked.topic, asked.environment, run)
        if run.branch == MAIN and not run.failed:
            count(asked.topic, run)
        workflow.summary(f"Published: {run.workflow} was {run.conclusion}.")
        return 0
    done = issue.keep(run.title, run.label, run.told() if run.failed else "")
    workflow.summary(done)
    if run.failed and (address := os.environ.get(WEBHOOK)):
        post(address, f"{run.title}: {'; '.join(run.broken) or run.conclusion} {run.url}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
