"""The landing benchmark, on a few days."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
ROOT = Path(__file__).parent.parent.parent


def test_it_checks_and_prints_the_sides() -> None:
    """Every side writes what was served, and even on few days this project needs a small part of the CPU."""
    command = [sys.executable, "-m", "benchmarks.landing", "--days", "6", "--pages", "12", "--without-dlt"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "6 grouped days of 11,000 rows, 7 MB" in done.stdout
    assert "12 pages of 5,000 minute bars" in done.stdout
    assert "What every side wrote is what was served." in done.stdout
    cheaper = re.search(r"1/(\d+\.\d) of the official client's objects", done.stdout)
    assert cheaper is not None
    assert float(cheaper[1]) > 3
    assert re.search(r"With every check \d+\.\d CPU s/GB .*the same bytes unchecked \d+\.\d", done.stdout)
    for step in ("inflate", "take apart, count, check", "digest of the rows", "sha256 of the bytes", "PUT"):
        assert re.search(rf"{step} \d+\.\d\d", done.stdout), step
