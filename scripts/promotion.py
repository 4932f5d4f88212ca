"""Whether a commit is on main and has passed workflows, the gate to an environment; and which releases there are."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from scripts import issue, workflow


def passed(file: str, commit: str) -> bool:
    """Whether the workflow of that file has succeeded for the commit or tag."""
    which = ("--branch", commit) if commit.startswith("v") else ("--commit", commit)
    options = ("--workflow", file, *which, "--status", "success", "--limit", "1", "--json", "databaseId")
    return bool(json.loads(issue.gh("run", "list", *options)))


def on_main(commit: str) -> bool:
    """Whether a commit or tag is part of main's history; a tag can be set on anything."""
    command = ["git", "merge-base", "--is-ancestor", f"{commit}^{{commit}}", "origin/main"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # neither yes nor no
        raise RuntimeError(f"{commit} cannot be compared with origin/main: {done.stderr.strip()}")
    return done.returncode == 0


def releases() -> list[str]:
    """The tags of this history, newest version first."""
    command = ["git", "tag", "--list", "v*", "--sort=-v:refname", "--merged", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 where the commit may go on, or where there is a release to go back to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commit", help="the commit, or the tag, that is to be promoted or gone back to")
    parser.add_argument("--workflows", nargs="*", default=[], help="files of workflows that must have passed for it")
    parser.add_argument("--releases", action="store_true", help="instead: the newest release and the one before it")
    asked = parser.parse_args(arguments)
    if asked.releases:
        tags = releases()
        if len(tags) < 2:
            return workflow.fail(f"there is no release to go back to: the tags are {', '.join(tags) or 'none'}.")
        workflow.output(newest=tags[0], previous=tags[1])
        return 0
    if not asked.commit:
        parser.error("give --commit")
    if not on_main(asked.commit):
        return workflow.fail(f"{asked.commit} is not on main: nothing that main has not taken goes to an environment.")
    if lacking := [file for file in asked.workflows if not passed(file, asked.commit)]:
        return workflow.fail(
            f"{asked.commit} has not passed {', '.join(lacking)}: what has not been there does not go on."
        )
    workflow.summary(f"`{asked.commit[:12]}` is on main{''.join(f', has passed {file}' for file in asked.workflows)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
