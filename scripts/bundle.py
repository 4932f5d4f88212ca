"""The Databricks bundle of an environment: deploy it, run its smoke job, or ask what a deployment would change."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from anthill import fingerprint
from scripts import workflow
from terraform.root import environments

FOLDER = Path(__file__).parents[1] / "databricks"


class BundleError(RuntimeError):
    """The Databricks CLI refused; the message is its own."""


def databricks(*command: str) -> str:
    """Run the Databricks CLI in the bundle's folder; what it prints."""
    if unset := [name for name, value in os.environ.items() if name.startswith("BUNDLE_VAR_") and not value]:
        raise BundleError(f"{', '.join(sorted(unset))} empty: set the GitHub environment's variables, see docs/cicd.md")
    # The engine that can tell its plan as JSON; the same for every command, since the state differs by engine.
    environment = {**os.environ, "DATABRICKS_BUNDLE_ENGINE": "direct"}
    try:
        done = subprocess.run(
            ["databricks", *command], cwd=FOLDER, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BundleError("the Databricks CLI is not installed: https://docs.databricks.com/dev-tools/cli") from None
    if done.returncode:
        raise BundleError(f"databricks {' '.join(command)}: exit {done.returncode}\n{done.stderr or done.stdout}")
    return done.stdout


def deploy(environment: str) -> str:
    """Validate and deploy; what would delete a job is refused, for nobody is there to be asked."""
    databricks("bundle", "validate", "--strict", "--target", environment)
    databricks("bundle", "deploy", "--target", environment)
    _hand_over(environment)
    summary = databricks("bundle", "summary", "--target", environment)
    return f"The bundle is deployed to **{environment}**.\n\n```\n{summary}```"


def _hand_over(environment: str) -> None:
    """Make who runs the jobs owner of the registered models: an owner alone adds versions and moves aliases."""
    target = ("--output", "json", "--target", environment)
    told = json.loads(databricks("bundle", "summary", *target))
    (owner,) = told["run_as"].values()
    for model in told["resources"]["registered_models"].values():
        if json.loads(databricks("registered-models", "get", model["id"], *target))["owner"] != owner:
            databricks("registered-models", "update", model["id"], "--owner", owner, *target)


def smoke(environment: str) -> str:
    """Run the smoke job to its end, as who deploys; it fails where another wheel than this commit's runs."""
    expected = f"digest={fingerprint.digest()}"
    told = databricks("bundle", "run", "smoke", "--params", expected, "--target", environment)
    return f"The smoke job passed in **{environment}**.\n\n```\n{told}```"


def changes(environment: str) -> dict[str, str]:
    """What a deployment would do to which resource, with the fields; empty where all is as declared."""
    plan = json.loads(databricks("bundle", "plan", "--output", "json", "--target", environment))["plan"]
    found = {}
    for resource, entry in sorted(plan.items()):
        if entry["action"] == "skip":
            continue
        fields = [field for field, change in entry.get("changes", {}).items() if change["action"] != "skip"]
        if resource.endswith(".permissions") and "remote_state" in entry and not (fields := _rights(resource, entry)):
            continue
        found[resource] = entry["action"] + (f": {', '.join(sorted(fields))}" if fields else "")
    return found


def _rights(resource: str, entry: dict[str, Any]) -> list[str]:
    """Who has another right than the declared one.

    The CLI plans a job for whoever asks as its owner: where that is the principal that looks for drift, the two that
    it takes for others are put back to what a deployment gives them.
    """
    looks, deploys = (os.environ.get(f"BUNDLE_VAR_{name}", "") for name in ("drift", "deployer"))
    wanted, found = _levels(entry["new_state"]["value"]), _levels(entry["remote_state"])
    if looks and os.environ.get("DATABRICKS_CLIENT_ID") == looks and resource.startswith("resources.jobs."):
        wanted = {pair for pair in wanted if pair[0] not in (looks, deploys)}
        wanted |= {(looks, "CAN_VIEW"), (deploys, "IS_OWNER")}
    return sorted({principal for principal, _ in wanted ^ found})


def _levels(state: dict[str, Any]) -> set[tuple[str, str]]:
    """Each principal of a plan's permissions with its level."""
    names = ("user_name", "group_name", "service_principal_name")
    return {(next(each[name] for name in names if each.get(name)), each["level"]) for each in state["__embed__"]}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when deployed, or when the smoke job passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("do", choices=["deploy", "smoke"])
    parser.add_argument("--environment", choices=environments(), required=True)
    asked = parser.parse_args(arguments)
    try:
        workflow.summary({"deploy": deploy, "smoke": smoke}[asked.do](asked.environment))
    except BundleError as error:
        return workflow.fail(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
