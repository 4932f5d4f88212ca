"""What a pull request would change in dev, told on it: `make terraform-preview`, then `make terraform-preview-told`.

A preview is no review: it is kept nowhere, by a role that writes nothing, so there is nothing to apply. It is of the
stacks of AWS alone, for Databricks has no role that only reads an account.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from scripts import workflow
from scripts.github import GitHub, RefusedError, token
from scripts.review import House, Review, ReviewError
from terraform.root import TEAMS, environments

MARK = "<!-- what this pull request would change -->"  # by it the comment is found again
MOST = 65_536  # characters that GitHub takes


def of_aws(house: House) -> list[str]:
    """The team's stacks whose providers do without Databricks."""
    versions = {stack: (house.root(stack).folder / "versions.tf").read_text() for stack in house.stacks}
    return [stack for stack, text in versions.items() if '"databricks/databricks"' not in text]


def told(review: Review, left_out: list[str]) -> str:
    """The preview as Markdown."""
    lines = [f"### {review.environment}, {review.team}", "", review.listed()]
    if left_out:
        lines += ["", f"Not planned, for Databricks has no role that only reads: {', '.join(left_out)}."]
    return "\n".join(lines)


def comment(found: Path) -> str:
    """The teams' previews as one comment; without the resources where these are more than it takes."""
    files = {team: found / f"{team}.md" for team in TEAMS}
    parts = [
        file.read_text().strip() if file.exists() else f"### {team}\n\n**Could not be planned:** the job says why."
        for team, file in files.items()
    ]
    note = "A preview: it is kept nowhere and cannot be applied. What main's own plan says is approved and applied."
    text = "\n\n".join([MARK, *parts, note])
    return text if len(text) <= MOST else re.sub(r"<details>.*?</details>\n*", "", text, flags=re.DOTALL)


def tell(github: GitHub, pull_request: int, text: str) -> str:
    """Make the pull request's one comment say this; what was done."""
    path = f"issues/{pull_request}/comments"
    if own := [each["id"] for each in github.listed(path) if each["body"].startswith(MARK)]:
        github.write("PATCH", f"issues/comments/{own[0]}", {"body": text})
        return f"the comment of {pull_request} says what is so now"
    github.write("POST", path, {"body": text})
    return f"commented on {pull_request}"


def main(arguments: list[str] | None = None, house: House | None = None) -> int:
    """Exit code 0 when planned, or told; 1 where Terraform or GitHub refuses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environment", choices=environments(), required=True)
    asking = parser.add_mutually_exclusive_group(required=True)
    asking.add_argument("--team", choices=TEAMS, help="plan this team's stacks")
    asking.add_argument("--pull-request", type=int, metavar="N", help="tell pull request N what was planned")
    parser.add_argument("--found", type=Path, default=Path("var/previews"), help="folder of the teams' files")
    asked = parser.parse_args(arguments)
    found = asked.found / asked.environment
    try:
        if asked.pull_request:
            print(tell(GitHub(os.environ["GITHUB_REPOSITORY"], token()), asked.pull_request, comment(found)))
            return 0
        house = house or House(asked.environment, asked.team)
        planned = of_aws(house)
        text = told(house.plan(found / "plans" / asked.team, planned), [s for s in house.stacks if s not in planned])
    except (ReviewError, RefusedError) as error:
        return workflow.fail(str(error))
    (found / f"{asked.team}.md").write_text(text + "\n")
    workflow.summary(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
