"""`python -m terraform.rehearsal [--environment dev]`: apply, empty plan, destroy, with the seconds of each step."""

import argparse
import sys
import time

from terraform.rehearsal.stacks import LEVELS, STACKS, Rehearsal, rehearsal, side_by_side
from terraform.rehearsal.workspace import missing, plugin_folder


def run(house: Rehearsal) -> list[str]:
    """Every step in order, each printed as it ends; the names of stacks whose second plan was not empty."""
    changing: list[str] = []

    def told(step: str) -> None:
        print(f"{house.seconds[step]:7.1f} s  {step}", flush=True)

    def apply(stack: str) -> None:
        house.apply(stack)
        told(f"apply {stack}")

    def plan(stack: str) -> None:
        if changes := house.plan(stack):
            changing.append(stack)
            print(changes)
        told(f"plan {stack}")

    def destroy(stack: str) -> None:
        house.destroy(stack)
        told(f"destroy {stack}")

    house.bootstrap()
    told("bootstrap")
    for level in LEVELS:
        side_by_side(apply, level)
    side_by_side(plan, STACKS)
    for level in reversed(LEVELS):
        side_by_side(destroy, level)
    return changing


def main() -> int:
    """Exit code 0 only if everything was applied, the second plans were empty, and all was destroyed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", default="dev", choices=["dev"])
    args = parser.parse_args()
    if reason := missing():
        print(f"skipped: {reason}")
        return 0
    print(f"aws provider from {plugin_folder() or 'the registry'}, environment {args.environment}", flush=True)
    start = time.monotonic()
    with rehearsal(args.environment) as house:
        changing = run(house)
        print(f"{time.monotonic() - start:7.1f} s  in all; second plans not empty: {changing or 'none'}")
    return 1 if changing else 0


if __name__ == "__main__":
    sys.exit(main())
