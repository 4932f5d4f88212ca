"""Run once before Airflow starts in containers: its tables, its pools and the buckets of the lake."""

from __future__ import annotations

import subprocess
import sys

import boto3

from local import lake
from local.stack import ROOT


def main() -> None:
    """Everything here may be done again."""
    lake.create_buckets(boto3.client("s3"))
    for command in (("db", "migrate"), ("pools", "import", str(ROOT / "include" / "pools.json"))):
        subprocess.run([sys.executable, "-m", "airflow", *command], check=True)


if __name__ == "__main__":
    main()
