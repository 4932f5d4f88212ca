"""Tell people that a workflow failed: an issue that stays open until it passes again, and a message to a chat."""

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


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when people know, or when there is nothing to know."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", required=True, help="number of the finished run")
    run = Run.of(parser.parse_args(arguments).run)
    failed = run.conclusion in FAILED
    if not failed and run.conclusion != "success":  # cancelled, skipped: says nothing about what was so before
        workflow.summary(f"{run.workflow} was {run.conclusion}.")
        return 0
    done = issue.keep(run.title, run.label, run.told() if failed else "")
    workflow.summary(done)
    if failed and (address := os.environ.get(WEBHOOK)):
        post(address, f"{run.title}: {'; '.join(run.broken) or run.conclusion} {run.url}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
