"""Plan a team's stacks for review, and apply exactly the plans that were reviewed: `make terraform-plan`, `-apply`.

A review is the plans of a team's stacks at one commit, listed in `review.json`, whose sha256 is the review's name. It
is kept in the bucket of the states, since a plan holds values that no build artefact should. Whoever approves, approves
that name: another commit, an altered plan or a state that moved on since is refused.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from scripts import workflow
from terraform.lock import refusals
from terraform.providers import TREE
from terraform.root import PROJECT, STATE, TEAMS, Root, environments, projects, stacks

SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-", "forget": "-"}


class ReviewError(RuntimeError):
    """A plan cannot be made, or must not be applied; the message says what to do."""


@dataclass
class Planned:
    """The plan of one stack: its file's sha256, and what it does to which resource."""

    stack: str
    sha256: str
    changes: dict[str, str] = field(default_factory=dict)  # address -> create, update, replace, delete or forget

    @property
    def file(self) -> str:
        """The plan's name among the review's files."""
        return f"{self.stack.replace('/', '.')}.tfplan"


@dataclass
class Review:
    """The plans of a team's stacks in an environment, at one commit."""

    environment: str
    team: str
    commit: str
    plans: list[Planned]

    @property
    def text(self) -> str:
        """What is hashed and kept."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @property
    def digest(self) -> str:
        """The review's name."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def changing(self) -> list[Planned]:
        """The plans that change something."""
        return [planned for planned in self.plans if planned.changes]

    @property
    def destroying(self) -> list[str]:
        """What goes away: the addresses of resources."""
        gone = {"replace", "delete"}
        return [address for planned in self.plans for address, done in planned.changes.items() if done in gone]

    @classmethod
    def read(cls, text: str) -> Review:
        """A review as it was kept."""
        document = json.loads(text)
        return cls(**{**document, "plans": [Planned(**planned) for planned in document["plans"]]})

    def told(self) -> str:
        """The review as Markdown, with the name by which it is approved."""
        name = f"Commit `{self.commit[:12]}`, review `{self.digest}`"
        return "\n".join([f"### {self.environment}, {self.team}", "", name, "", self.listed()])

    def listed(self) -> str:
        """What would change: a line a stack, then every resource."""
        if not self.changing:
            return f"Nothing to change in {len(self.plans)} stacks."
        lines = ["| stack | create | update | replace | delete |", "| --- | ---: | ---: | ---: | ---: |"]
        for planned in self.plans:
            counts = Counter(planned.changes.values())
            gone = counts["delete"] + counts["forget"]
            lines.append(
                f"| {planned.stack} | {counts['create']} | {counts['update']} | {counts['replace']} | {gone} |"
            )
        if self.destroying:
            lines += ["", "> **Resources are destroyed.** Read each line that begins with ± or -."]
        for planned in self.changing:
            lines += ["", f"<details><summary>{planned.stack}</summary>", "", "```diff"]
            lines += [f"{SIGNS[change]} {address}" for address, change in sorted(planned.changes.items())]
            lines += ["```", "", "</details>"]
        return "\n".join(lines)


@dataclass(frozen=True)
class House:
    """One team's stacks in one environment, or one of its projects alone, in a tree of Terraform files."""

    environment: str
    team: str
    tree: Path = TREE
    project: str = ""

    @cached_property
    def stacks(self) -> list[str]:
        """The team's stacks, each after those that it reads; a project is one of its own."""
        if self.project:
            return [f"project/{self.project}"]
        named = {f"{team}/{stack}": _reads(self.tree / team / stack / "main.tf") for team, stack in stacks(self.tree)}
        own = [name for name in TopologicalSorter(named).static_order() if name in named and name.startswith(self.team)]
        return [name.split("/")[1] for name in own]

    @property
    def prefix(self) -> str:
        """Where the team's reviews lie in the bucket of the states."""
        return f"{self.team}/{self.environment}/plans"

    def root(self, stack: str) -> Root:
        """A stack in this environment."""
        return Root(self.environment, self.team, stack, self.tree)

    def backend(self) -> dict[str, str]:
        """The bucket of the states, its region and key."""
        text = (self.tree / "environments" / self.environment / STATE).read_text()
        return dict(re.findall(r'^(\w+)\s*=\s*"(.+)"', text, re.MULTILINE))

    def plan(self, into: Path, stacks: list[str] | None = None, *options: str) -> Review:
        """Plan every stack, or these; the plans and their review are files. ReviewError where a root is not locked."""
        asked = self.stacks if stacks is None else stacks
        if unlocked := refusals([self.root(stack).folder for stack in asked]):
            raise ReviewError("\n".join(unlocked))
        into.mkdir(parents=True, exist_ok=True)
        review = Review(
            self.environment, self.team, commit(self.tree), [self._planned(s, into, *options) for s in asked]
        )
        (into / "review.json").write_text(review.text)
        return review

    def apply(self, review: Review, plans: Path, approvers: str) -> None:
        """Apply the reviewed plans that change something, in the order of the stacks; ReviewError before the first."""
        if review.destroying and not approvers:
            raise ReviewError(
                f"{', '.join(review.destroying)} would be destroyed, and nobody is asked before a change of"
                f" {self.environment}: turn approval on (.github/repository.yaml, `make github ENV={self.environment}"
                " APPLY=1`), or apply these stacks by hand (`make terraform`)."
            )
        if (here := commit(self.tree)) != review.commit:
            raise ReviewError(f"the review is of commit {review.commit}, and this is {here}: plan again, review again.")
        if (review.environment, review.team) != (self.environment, self.team):
            raise ReviewError(
                f"the review is of {review.environment}, {review.team}, not of {self.environment}, {self.team}."
            )
        if strange := sorted({planned.stack for planned in review.plans} - {*self.stacks}):
            raise ReviewError(
                f"the review is of {', '.join(strange)}, and what is applied here is {', '.join(self.stacks)}."
            )
        for planned in review.plans:
            if _sha256(plans / planned.file) != planned.sha256:
                raise ReviewError(
                    f"the plan of {planned.stack} is not the one that was reviewed: plan again, review again."
                )
        for planned in review.changing:
            self._init(planned.stack)
            kept = plans / planned.file
            self._terraform(planned.stack, "apply", "-lock-timeout=5m", plan=kept)
            print(f"{planned.stack}: applied, {len(planned.changes)} resources", flush=True)

    def _planned(self, stack: str, into: Path, *options: str) -> Planned:
        file = (into / Planned(stack, "").file).resolve()
        self._init(stack)
        # A plan is made by a role that may not write, a lock included; what changes meanwhile is refused at the apply.
        self._terraform(stack, "plan", "-lock=false", "-detailed-exitcode", f"-out={file}", *options, allowed=(0, 2))
        shown = json.loads(self._terraform(stack, "show", "-json", plan=file))
        print(f"{stack}: planned", flush=True)
        return Planned(stack, _sha256(file), changes(shown))

    def _init(self, stack: str) -> None:
        self._terraform(stack, "init", "-lockfile=readonly")

    def _terraform(
        self, stack: str, verb: str, *options: str, plan: Path | None = None, allowed: tuple[int, ...] = (0,)
    ) -> str:
        asked, root = () if verb == "show" else ("-input=false",), self.root(stack)
        command = root.command(verb, *asked, "-no-color", *options, plan=plan)
        environment = {**root.surroundings, "TF_IN_AUTOMATION": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode not in allowed:
            hint = " Plan again, and have that reviewed." if "Saved plan is stale" in done.stderr else ""
            raise ReviewError(
                f"terraform {verb} of {self.environment}/{self.team}/{stack}:{hint}\n{done.stderr or done.stdout}"
            )
        return done.stdout


def changes(shown: dict[str, Any]) -> dict[str, str]:
    """What a plan, as `terraform show -json` tells it, does to which address; reading is not doing."""
    found = {}
    for resource in shown.get("resource_changes", []):
        actions = set(resource["change"]["actions"]) - {"no-op", "read"}
        if actions:
            found[resource["address"]] = "replace" if len(actions) == 2 else actions.pop()
    found |= {f"output.{n}": "update" for n, c in shown.get("output_changes", {}).items() if c["actions"] != ["no-op"]}
    return found


def commit(folder: Path) -> str:
    """The commit that is checked out."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def keep(house: House, review: Review, plans: Path) -> None:
    """Put a review and its plans beside the states."""
    bucket, backend = _bucket(house)
    options = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": backend["kms_key_id"]}
    for file in [plans / "review.json", *(plans / planned.file for planned in review.plans)]:
        key = f"{house.prefix}/{review.digest}/{file.name}"
        bucket.upload_file(str(file), key, ExtraArgs=options)


def fetch(house: House, digest: str, into: Path) -> Review:
    """Get the review of that name and its plans; ReviewError where it is not what its name says."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ReviewError(f"{digest!r} is no review: its name is the sha256 that the plan's summary shows.")
    into.mkdir(parents=True, exist_ok=True)
    bucket, _ = _bucket(house)
    bucket.download_file(f"{house.prefix}/{digest}/review.json", str(into / "review.json"))
    if _sha256(into / "review.json") != digest:
        raise ReviewError(f"the review {digest} has been altered since it was made: plan again, review again.")
    review = Review.read((into / "review.json").read_text())
    for planned in review.plans:
        bucket.download_file(f"{house.prefix}/{digest}/{planned.file}", str(into / planned.file))
    return review


def _bucket(house: House) -> tuple[Any, dict[str, str]]:
    import boto3

    backend = house.backend()
    return boto3.resource("s3", region_name=backend["region"]).Bucket(backend["bucket"]), backend


def _reads(main: Path) -> set[str]:
    """The stacks whose parameters a root reads."""
    return set(re.findall(r'name = "\$\{local\.parameters\}/(\w+/\w+)"', main.read_text()))


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main(arguments: list[str] | None = None, tree: Path = TREE) -> int:
    """Exit code 0 when planned, or applied as reviewed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", choices=["plan", "apply", "settled"], help="settled: a plan that must change nothing")
    parser.add_argument("--environment", choices=environments(), required=True)
    parser.add_argument("--team", choices=TEAMS, required=True)
    parser.add_argument("--project", help="one of the team's projects, and none of its stacks")
    parser.add_argument("--destroy", action="store_true", help="plan: that the project goes")
    parser.add_argument("--review", default="", help="apply: the sha256 that was approved")
    parser.add_argument("--approvers", default="", help="apply: the team that was asked; else nothing is destroyed")
    parser.add_argument("--into", type=Path, default=Path("var/plans"), help="folder of the plans on this machine")
    asked = parser.parse_args(arguments)
    if asked.destroy and asked.project is None:
        parser.error("only a project is destroyed here")
    known = projects(asked.environment, tree) if PROJECT.startswith(asked.team) else {}
    if asked.project is not None and asked.project not in known:
        there = ", ".join(known) or "none"
        return workflow.fail(
            f"{asked.environment} has no project {asked.project!r} of {asked.team}; there are: {there}"
        )
    house = House(asked.environment, asked.team, tree, asked.project or "")
    into = asked.into / asked.environment / asked.team / house.project
    try:
        if asked.do == "apply":
            house.apply(fetch(house, asked.review, into), into, asked.approvers)
            return 0
        review = house.plan(into, None, *(["-destroy"] if asked.destroy else []))
        workflow.summary(review.told())
        if asked.do == "settled":
            left = ", ".join(planned.stack for planned in review.changing)
            return workflow.fail(f"{asked.environment}, {asked.team} is not as declared: {left}") if left else 0
        keep(house, review, into)
        workflow.output(review=review.digest, changes=bool(review.changing))
    except ReviewError as error:
        return workflow.fail(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
