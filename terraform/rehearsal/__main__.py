"""`python -m terraform.rehearsal`: apply dev's AWS half, plan it again, destroy it, with the seconds of each step."""

import argparse
import sys
import time

from terraform.rehearsal.stacks import rehearsal
from terraform.rehearsal.workspace import missing


def told(line: str) -> None:
    """Print at once, for a step takes minutes."""
    print(line, flush=True)


def main() -> int:
    """Exit code 0 if everything was applied, planned empty and destroyed, or if nothing of it can be done here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--impossible", action="store_true", help="only say why not here; exit code 1 if nothing is in the way"
    )
    only_ask = parser.parse_args().impossible
    if reason := missing():
        told(f"not checked here: terraform: no real apply: {reason}")
        return 0
    if only_ask:
        return 1
    start = time.monotonic()
    with rehearsal("dev", told) as house:
        told(f"environment dev, aws provider from {house.workspace.plugins}")
        house.apply_all()
        changing = house.plan_all()
        for stack, plan in changing.items():
            told(f"--- {stack}\n{plan}")
        house.destroy_all()
    told(f"{time.monotonic() - start:7.1f} s  in all; second plans not empty: {sorted(changing) or 'none'}")
    return 1 if changing else 0


if __name__ == "__main__":
    sys.exit(main())
