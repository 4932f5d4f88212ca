"""A stack in an environment: what Terraform is given for it. `make terraform ENV=dev STACK=<team>/<stack> DO=plan`."""
# ruff: noqa: S606, S607 - becomes terraform, with arguments of its own

import argparse
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from terraform.providers import TREE

TEAMS = ("platform_development", "innovation_development")
# The one stack that an environment has many of, or none: each is a file, with a state of its own.
PROJECT = "innovation_development/project"
VALUES, STATE = "environment.tfvars", "state.tfbackend"
# What reads variables; `apply` of a plan that was kept has them in the plan.
_ASKING = ("plan", "apply", "destroy", "refresh", "import", "console", "test")


def environments(tree: Path = TREE) -> list[str]:
    """The environments: the folders under environments/ and nothing else."""
    return sorted(file.parent.name for file in tree.glob(f"environments/*/{VALUES}"))


def folders(tree: Path = TREE) -> list[Path]:
    """The folders of the teams in which Terraform is started."""
    return sorted(file.parent for team in TEAMS for file in tree.glob(f"{team}/*/main.tf"))


def stacks(tree: Path = TREE) -> list[tuple[str, str]]:
    """Every stack that each environment has once, as its team and name."""
    return [(folder.parts[-2], folder.name) for folder in folders(tree) if folder != tree / PROJECT]


def projects(environment: str, tree: Path = TREE) -> dict[str, Path]:
    """The projects of an environment by name, each the file of its values."""
    return {file.stem: file for file in sorted((tree / PROJECT / "projects" / environment).glob("*.tfvars"))}


def reads(stack: str, tree: Path = TREE) -> set[str]:
    """The stacks whose parameters a stack reads, as its code says."""
    code = (tree / stack / "main.tf").read_text()
    return set(re.findall(r'name = "\$\{local\.parameters\}/(\w+/\w+)"', code))


@dataclass(frozen=True)
class Root:
    """One stack in one environment: one folder of code for all of them, and a state for each.

    A project is the stack `project/<name>`.
    """

    environment: str
    team: str
    stack: str
    tree: Path = TREE

    @property
    def folder(self) -> Path:
        """The stack's code."""
        return self.tree / self.team / self.stack.split("/")[0]

    @property
    def project(self) -> str:
        """The project's name; empty for what is none."""
        return self.stack.partition("/")[2]

    @property
    def values(self) -> Path:
        """The environment's variables."""
        return self.tree / "environments" / self.environment / VALUES

    @property
    def key(self) -> str:
        """Where the state lies in the bucket of the states."""
        return f"{self.team}/{self.environment}/{self.stack}.tfstate"

    @property
    def data(self) -> Path:
        """Terraform's own folder (TF_DATA_DIR): in it lies which state was initialised, so no two roots share one."""
        return self.tree.resolve().parent / "var/terraform" / self.environment / self.team / self.stack

    @property
    def surroundings(self) -> dict[str, str]:
        """The variables of the process that runs Terraform."""
        return {**os.environ, "TF_DATA_DIR": str(self.data), "CHECKPOINT_DISABLE": "1"}

    def command(self, verb: str, *options: str, plan: Path | None = None) -> list[str]:
        """Terraform's command line; `plan` is one that was kept."""
        given = []
        if verb == "init":
            state = self.values.with_name(STATE).resolve()
            given = [f"-backend-config={state}", f"-backend-config=key={self.key}"]
        elif verb in _ASKING and plan is None:
            given = [f"-var-file={self.values.resolve()}"]
            if self.project:
                own = projects(self.environment, self.tree)[self.project]
                given += [f"-var-file={own.resolve()}", f"-var=project={self.project}"]
        return ["terraform", f"-chdir={self.folder}", verb, *given, *options, *([str(plan.resolve())] if plan else [])]


def main() -> None:
    """Become Terraform in the stack's folder; ends by its exit code, 2 for what there is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = [f"{team}/{stack}" for team, stack in stacks()]
    parser.add_argument("--environment", choices=environments(), required=True)
    told = ", ".join((*known, f"{PROJECT}/<name>"))
    parser.add_argument("--stack", required=True, metavar="TEAM/STACK", help=told)
    parser.add_argument("verb", help="init, plan, apply, destroy, output, …")
    asked, options = parser.parse_known_args()
    known += [f"{PROJECT}/{name}" for name in projects(asked.environment)]
    if asked.stack not in known:
        parser.error(f"there is no stack {asked.stack} in {asked.environment}; there are {', '.join(known)}")
    root = Root(asked.environment, *asked.stack.split("/", 1))
    os.execvpe("terraform", root.command(asked.verb, *options), root.surroundings)


if __name__ == "__main__":
    sys.exit(main())
