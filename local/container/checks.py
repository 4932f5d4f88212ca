"""The demo's checks from inside the containers: market days through the running Airflow, counted in every layer."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin

from anthill import catalog
from anthill.cli.terminal import shown
from local import demo, main_job, summary
from local.__main__ import LAST_DAY
from local.airflow_api import AirflowApi
from local.connections import Addresses
from local.stack import Options, Stack


def main() -> int:
    """Exit code 0 only where nothing is missing."""
    parser = argparse.ArgumentParser(prog="python -m local.container.checks", description=__doc__)
    parser.add_argument("--days", type=int, default=2)
    parser.add_argument("--asset-classes", default="stocks", help="parted by commas")
    asked = parser.parse_args()
    classes = asked.asset_classes.split(",")
    if unknown := set(classes) - set(catalog.with_past()):
        parser.error(f"{', '.join(sorted(unknown))} is none of {', '.join(catalog.with_past())}")
    with tempfile.TemporaryDirectory() as home:
        stack = Stack(Options(Path(home))).at(running())
        days = {name: demo.days_asked(name, None, LAST_DAY, asked.days) for name in classes}
        api = AirflowApi(stack.addresses.airflow)
        before = {name: summary.bronze_objects(stack, name) for name in classes}
        jobs = main_job.run_all(stack, api, days, demo.Progress(print))
        numbers = summary.collect(stack, api, days, jobs, before, {})
    for name, found in numbers["asset_classes"].items():
        rows = {layer: sum(part["rows"] for part in found[layer].values()) for layer in ("bronze", "silver", "gold")}
        print(f"{name}: rows {rows}, quality {found['quality']}, grants {found['grants']}")
    for line in numbers["missing"]:
        print(shown(f"missing: {line}"), file=sys.stderr)
    return 1 if numbers["missing"] else 0


def running() -> Addresses:
    """Where the containers answer; what is not asked here comes from the connections in the environment."""
    airflow = urljoin(os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"], "/").rstrip("/")
    return Addresses(airflow=airflow, s3=os.environ["AWS_ENDPOINT_URL"], polygon="", databricks="", database="")


if __name__ == "__main__":
    sys.exit(main())
