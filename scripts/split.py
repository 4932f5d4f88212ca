"""Write a team's Terraform as a repository of its own, with its workflows: `make split TEAM=innovation_development`.

Written are the team's folder, the modules that it calls, its part of each environment, and what plans and applies.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts import workflow
from terraform.root import PROJECT, TEAMS, VALUES, environments

ROOT = Path(__file__).parents[1]
COPIED = (
    ".github/actions/cloud/action.yml",
    ".github/actions/setup/action.yml",
    ".github/zizmor.yml",
    "scripts/issue.py",
    "scripts/promotion.py",
    "scripts/review.py",
    "scripts/workflow.py",
    "terraform/lock.py",
    "terraform/providers.py",
    "terraform/root.py",
    "terraform/versions.tf",
)
# What a team's stacks read of the declarations: kept queries, which consumption saves for people; the kinds of sources,
# for each of which bronze has a folder.
READ = {"innovation_development": "sql/consumption/*/*.sql", "platform_development": "datasets/*.yaml"}
DELIVERY = ".github/workflows/deliver.yml"
PIPELINE = ".github/workflows/terraform-environment.yml"
PROJECTS = ".github/workflows/project.yml"
MAKEFILE = """SHELL := /bin/sh
.ONESHELL:

.PHONY: setup
setup: .venv/.ready

.venv/.ready: requirements.txt
\tpython3 -m venv .venv && .venv/bin/python -m pip install --quiet -r requirements.txt && touch $@

.PHONY: terraform-plan
terraform-plan: .venv/.ready
\t@.venv/bin/python -m scripts.review plan --environment "$$ENV" --team "$$TEAM"

.PHONY: terraform-apply
terraform-apply: .venv/.ready
\t@.venv/bin/python -m scripts.review apply --environment "$$ENV" --team "$$TEAM" \\
\t\t--review "$$REVIEW" --approvers "$$APPROVERS"

.PHONY: terraform-project-plan
terraform-project-plan: .venv/.ready
\t@.venv/bin/python -m scripts.review plan --environment "$$ENV" --team "$$TEAM" --project "$$PROJECT" \\
\t\t$(if $(filter destroy,$(DO)),--destroy)

.PHONY: terraform-project-apply
terraform-project-apply: .venv/.ready
\t@.venv/bin/python -m scripts.review apply --environment "$$ENV" --team "$$TEAM" --project "$$PROJECT" \\
\t\t--review "$$REVIEW" --approvers "$$APPROVERS"

.PHONY: promoted
promoted:
\t@python3 -m scripts.promotion --commit "$$COMMIT"

.PHONY: terraform-settled
terraform-settled: .venv/.ready
\t@.venv/bin/python -m scripts.review settled --environment "$$ENV" --team "$$TEAM"

.PHONY: terraform-lock
terraform-lock: .venv/.ready
\t@.venv/bin/python -m terraform.lock

.PHONY: terraform
terraform: .venv/.ready
\t@.venv/bin/python -m terraform.root --environment "$$ENV" --stack "$$STACK" $$DO
"""
README = """# Terraform of {team}

A stack is a folder of `terraform/{team}/`, an environment one of `terraform/environments/`.
A push to main plans and applies every environment but prod, in turn; a tag `v*` prod too. Approvers see the plan first.

    make terraform ENV=dev STACK={team}/<stack> DO=plan

Before the first run: `make terraform-lock`, and commit the lock files; `security` of platform_development must trust
this repository; and the GitHub environments `<environment>-{team}`, with approvers, and `<environment>-{team}-plan`
need the variables AWS_ROLE_ARN, AWS_REGION and TERRAFORM_CLIENT_ID, and APPROVERS where somebody approves.
"""
START = """name: Terraform

on:
  push:
    branches: [main]
    tags: ["v*"]
  workflow_dispatch:

permissions: {}

concurrency:
  group: ${{ github.workflow }}
  cancel-in-progress: false

jobs:
{promoted}
"""
DRIFT = """name: Drift

on:
  schedule:
    - cron: "41 3 * * 1-5" # before people come to work
  workflow_dispatch:

permissions: {}

concurrency:
  group: ${{ github.workflow }}
  cancel-in-progress: false

jobs:
"""
ENVIRONMENT = """  {environment}:{after}
    permissions:
      contents: read
      id-token: write
    uses: ./.github/workflows/terraform-environment.yml
    with:
      environment: {environment}
"""


def modules(folder: Path) -> set[str]:
    """The modules that the files of a folder call, and those that these call."""
    found: set[str] = set()
    waiting = [folder]
    while waiting:
        for file in waiting.pop().rglob("*.tf"):
            new = set(re.findall(r'source\s*= "(?:\.\./)+(?:modules/)?([a-z-]+)"', file.read_text())) - found
            found |= new
            waiting += [ROOT / "terraform/modules" / name for name in new]
    return found


def values(text: str, team: str) -> str:
    """An environment's variables without the stacks of other teams; `terraform fmt` gives the form relied on."""
    others = "|".join(other for other in TEAMS if other != team)
    return re.sub(rf"^  (?:{others}) = \{{\n(?:    .*\n|\n)*  \}}\n", "", text, flags=re.MULTILINE)


def jobs(text: str) -> dict[str, str]:
    """The jobs of a workflow by name, each as its lines."""
    _, _, body = text.partition("\njobs:\n")
    found = re.findall(r"^  ([a-z-]+):\n((?:    .*\n|\n)+)", body, flags=re.MULTILINE)
    return {name: f"  {name}:\n{lines.rstrip()}\n" for name, lines in found}


def pipeline(text: str, team: str) -> str:
    """The workflow that plans, applies and settles an environment, with the jobs of one team alone."""
    short = team.removesuffix("_development")
    head, parts = text.partition("\njobs:\n")[0], jobs(text)
    plan, apply, settled = (parts[f"{step}-{short}"] for step in ("plan", "apply", "settled"))
    plan = plan.replace("    needs: configuration\n", "")
    apply = re.sub(
        r"    needs: .*\n    if: .*\n",
        f"    needs: plan-{short}\n    if: needs.plan-{short}.outputs.changes == 'true'\n",
        apply,
    )
    settled = re.sub(r"    needs: .*\n", f"    needs: [plan-{short}, apply-{short}]\n", settled)
    return f"{head}\njobs:\n" + "\n".join((plan, apply, settled))


def start(promoted: str, names: list[str]) -> str:
    """The workflow that goes through the environments, with a commit that is on main."""
    order = sorted(names, key=lambda name: (name == "prod", name == "staging", name))
    after = ["\n    needs: promoted", *(f"\n    needs: {name}" for name in order)]
    # Prod is changed by a release alone.
    after = [
        a + ("\n    if: github.ref_type == 'tag'" if n == "prod" else "") for n, a in zip(order, after, strict=False)
    ]
    return START.replace("{promoted}", promoted) + "\n".join(
        ENVIRONMENT.format(environment=n, after=a) for n, a in zip(order, after, strict=False)
    )


def drift(text: str, names: list[str], team: str) -> str:
    """The workflow that looks at every environment each morning, and fails where one is not as declared."""
    settled = jobs(text)[f"settled-{team.removesuffix('_development')}"].replace(
        "inputs.environment", "matrix.environment"
    )
    matrix = f"    strategy:\n      fail-fast: false\n      matrix:\n        environment: [{', '.join(names)}]\n"
    settled = re.sub(r"    needs: .*\n    if: .*\n", matrix, settled)
    return DRIFT + re.sub(r"          ref: .*\n", "", settled)


def requirements() -> str:
    """What the scripts need beside the standard library, in the version that uv.lock has."""
    locked = re.search(r'name = "boto3"\nversion = "([^"]+)"', (ROOT / "uv.lock").read_text())
    return f"boto3=={locked[1] if locked else ''}\n"


def written(team: str) -> Iterator[tuple[str, str]]:
    """Each file that is not copied as it is: its path and text."""
    names, text = environments(), (ROOT / PIPELINE).read_text()
    for name in names:
        file = f"terraform/environments/{name}/{VALUES}"
        yield file, values((ROOT / file).read_text(), team)
    yield PIPELINE, pipeline(text, team)
    yield ".github/workflows/terraform.yml", start(jobs((ROOT / DELIVERY).read_text())["promoted"], names)
    yield ".github/workflows/drift.yml", drift(text, names, team)
    if PROJECT.startswith(team):
        # The tests that it waits for here stay here.
        yield PROJECTS, re.sub(r"          WORKFLOWS: .*\n", "", (ROOT / PROJECTS).read_text())
    yield "Makefile", MAKEFILE
    yield "requirements.txt", requirements()
    yield ".gitignore", ".terraform/\n.venv/\nvar/\n"
    yield "README.md", README.format(team=team)


def split(team: str, to: Path) -> None:
    """Write the repository; FileExistsError where there is something already."""
    to.mkdir(parents=True, exist_ok=False)
    ignored = shutil.ignore_patterns(".terraform", "__pycache__")
    first = ["terraform/bootstrap", "terraform/account"] if team == "platform_development" else []
    own = [*first, f"terraform/{team}"]
    called = {name for folder in own for name in modules(ROOT / folder)}
    folders = [*own, *(f"terraform/modules/{name}" for name in sorted(called))]
    for folder in (*folders, "terraform/environments"):
        shutil.copytree(ROOT / folder, to / folder, ignore=ignored)
    read = [str(file.relative_to(ROOT)) for file in sorted((ROOT / "include").glob(READ[team]))]
    for name in (*COPIED, *read):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, to / name)
    for name, text in written(team):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(text)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when written; nothing is written over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--team", choices=TEAMS, required=True)
    parser.add_argument("--to", type=Path, help="folder that does not exist yet; dist/<team> without it")
    asked = parser.parse_args(arguments)
    to = asked.to or ROOT / "dist" / asked.team
    try:
        split(asked.team, to)
    except FileExistsError:
        return workflow.fail(f"{to} exists: remove it, or name another folder by TO=")
    print(f"written: {to}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
