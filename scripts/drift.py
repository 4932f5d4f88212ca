"""What differs between an environment and this commit, in Terraform, bundle and grants, and the issue that says so.

Each part is looked at with a reading role and leaves a file; `report` makes one issue an environment of them. A part
that could not be looked at is reported too: silence would look like order.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from anthill.governance import grants as declared_grants
from anthill.governance import kinds
from anthill.governance.kinds.grants import Grants
from anthill.governance.plan import Plan
from scripts import bundle, issue, workflow
from scripts.configuration import values
from scripts.review import House
from terraform.root import TEAMS, environments, projects

PARTS = (*(f"terraform-{team}" for team in TEAMS), "bundle", "grants", "projects")
ADVICE = {
    "terraform": "Somebody changed it by hand, or a commit was not applied. Put the change into Terraform, or run the "
    "workflow *Terraform to staging* (or *prod*) to put back what is declared.",
    "bundle": "Jobs were changed in the workspace, or a commit was not deployed. Run the workflow *Deliver*.",
    "grants": "Grants were given or taken outside `include/grants/`. Declare them there, or run the DAG `governance`,"
    " which says who did it and undoes it.",
    "projects": "Run the workflow *Project* with `destroy` and remove the project's file, or have another end reviewed "
    "in it.",
}


class Cli:
    """The part of DatabricksHook that a reading kind needs, through the CLI, which signs in by OIDC in a workflow."""

    def _do_api_call(
        self, endpoint_info: tuple[str, str], json: dict[str, Any] | None = None, wrap_http_errors: bool = True
    ) -> Any:
        """Call an endpoint with GET."""
        method, path = endpoint_info
        if method != "GET":
            raise ValueError(f"{method} {path}: drift is looked for, never repaired")
        query = urlencode(json or {})
        return msgspec.json.decode(bundle.databricks("api", "get", f"/api/{path}?{query}"))


def terraform(environment: str, team: str, into: Path) -> str:
    """What Terraform would change in a team's stacks, as Markdown; empty where nothing."""
    review = House(environment, team).plan(into)
    return review.told() if review.changing else ""


def of_bundle(environment: str) -> str:
    """What a deployment of the bundle would change."""
    return "\n".join(f"- `{resource}`: {what}" for resource, what in bundle.changes(environment).items())


def of_grants(environment: str) -> str:
    """Where Unity Catalog's grants differ from the declared ones; a + is missing there, a - is too much."""
    declared = declared_grants.load(declared_grants.areas(), environment)
    plan = kinds.made([Grants(Cli(), declared, beside=False)], environment)
    signs: dict[tuple[str, str], list[str]] = {}
    for sign, items in (("+", plan.added), ("-", plan.removed)):
        for item in items:
            signs.setdefault((item.on, item.who), []).append(f"{sign}{item.what}")
    lines = [f"- {on.replace(' ', ' `', 1)}`, {who}: {' '.join(each)}" for (on, who), each in sorted(signs.items())]
    return "\n".join([*lines, *(f"- {on.replace(' ', ' `', 1)}` does not exist" for on in _absent(plan))])


def _absent(plan: Plan) -> list[str]:
    return sorted({item.on for item in plan.absent})


def of_projects(environment: str, today: dt.date) -> str:
    """The innovation team's projects that are past their last day."""
    given = {name: values(file) for name, file in projects(environment).items()}
    past = {name: each for name, each in given.items() if each["ends"] < today.isoformat()}
    return "\n".join(f"- `{name}` of {each['group']} ended on {each['ends']}." for name, each in past.items())


def look(part: str, environment: str, into: Path) -> str:
    """One part's drift as Markdown; what went wrong, where it could not be looked at."""
    try:
        if part.startswith("terraform-"):
            return terraform(environment, part.removeprefix("terraform-"), into / "plans")
        if part == "projects":
            return of_projects(environment, dt.datetime.now(dt.UTC).date())
        return of_bundle(environment) if part == "bundle" else of_grants(environment)
    except Exception as error:  # a part that cannot be read is a finding, and the others are still looked at
        return f"**Could not be looked at.**\n\n```\n{error}\n```"


def report(environment: str, found: Path) -> str:
    """The issue's text from the parts' files; a part without a file was never looked at."""
    lines = []
    for part in PARTS:
        file = found / f"{part}.md"
        text = file.read_text().strip() if file.exists() else "**Not looked at:** its job did not get so far."
        if text:
            lines += [f"## {part.replace('-', ': ')}", "", text, "", ADVICE[part.partition("-")[0]], ""]
    if not lines:
        return ""
    return "\n".join([f"**{environment}** is not what the main branch declares.", "", *lines])


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 whatever is found: finding it is the job done. `report` alone fails where GitHub refuses it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=[*PARTS, "report"])
    parser.add_argument("--environment", choices=environments(), required=True)
    parser.add_argument("--found", type=Path, default=Path("var/drift"), help="folder of the parts' files")
    asked = parser.parse_args(arguments)
    found = asked.found / asked.environment
    if asked.do == "report":
        body = report(asked.environment, found)
        workflow.summary(body or f"{asked.environment} is as declared.")
        print(issue.keep(f"Drift in {asked.environment}", "drift", body))
        return 0
    found.mkdir(parents=True, exist_ok=True)
    text = look(asked.do, asked.environment, found)
    (found / f"{asked.do}.md").write_text(text)
    workflow.summary(f"### {asked.environment}, {asked.do}\n\n{text or 'As declared.'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
