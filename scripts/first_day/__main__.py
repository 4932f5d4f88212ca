"""What an environment has and what it lacks, from nothing to the first market day, each with the command that makes it.

It only looks. Exit code 0 where every step stands.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lark.exceptions import LarkError

from scripts import workflow
from scripts.configuration import ROOT
from scripts.first_day.place import ACCOUNTS, Place
from scripts.first_day.steps import NUMBERS, STEPS, Seen, look
from terraform.root import environments

WIDTH = max(len(step.name) for step in STEPS)


def line(seen: Seen) -> str:
    """One step: it stands, is missing (with its command, and where to read on), or waits for another."""
    mark = "✓" if seen.stands else "✗" if seen.command else "–"  # noqa: RUF001 - a dash
    told = f"{NUMBERS[seen.step.name]:2} {mark} {seen.step.name:{WIDTH}}  {seen.told}"
    return f"{told}\n     {seen.command}\n     {seen.step.link}" if seen.command else told


def main(arguments: list[str] | None = None, root: Path = ROOT, accounts: str = ACCOUNTS) -> int:
    """Exit code 0 where every step stands."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environment", choices=environments(root / "terraform"), required=True)
    environment = parser.parse_args(arguments).environment
    try:
        place = Place(environment, root, accounts)
    except (KeyError, LarkError) as error:
        return workflow.fail(f"terraform/environments/{environment} cannot be read: {str(error).splitlines()[0]}")
    print(f"{place.name} in account {place.account}, {place.region}")
    found = []
    for seen in look(place):
        found.append(seen)
        print(line(seen), flush=True)
    count = sum(seen.stands for seen in found)
    print(f"{count} of {len(found)} stand.")
    if missing := next((seen.command for seen in found if seen.command), ""):
        print(f"next: {missing}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
