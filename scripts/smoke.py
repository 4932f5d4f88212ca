"""Run the smoke job through a deployed environment's Airflow: by its right to start it, with this commit's wheel."""

from __future__ import annotations

import argparse
import sys

from anthill import fingerprint
from scripts import workflow
from scripts.market_day import Airflow, DayError, follow
from terraform.root import environments


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when Airflow could start the job, and what it ran is what this commit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--environment", choices=environments(), required=True)
    parser.add_argument("--poll", type=float, default=15, help="seconds between two looks")
    parser.add_argument("--patience", type=float, default=1800, help="seconds until it must be over")
    asked = parser.parse_args(arguments)
    airflow, digest = Airflow(asked.environment), fingerprint.digest()
    try:
        follow(airflow, "smoke", {"digest": digest}, "the smoke job", asked.poll, asked.patience)
    except DayError as error:
        return workflow.fail(str(error))
    workflow.summary(f"**{airflow.name}** started the smoke job, and the wheel with the digest `{digest[:12]}` ran.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
