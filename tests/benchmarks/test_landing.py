"""The landing benchmark, on a few days."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_it_checks_and_prints_both_sides() -> None:
    """Both sides land what was served, and even on few days this project's needs a small part of the CPU."""
    command = [sys.executable, "-m", "benchmarks.landing", "--days", "6"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert "6 grouped days, 66,000 rows" in done.stdout
    assert "What both sides landed is what was served." in done.stdout
    cheaper = re.search(r"1/(\d+\.\d) of the CPU", done.stdout)
    assert cheaper is not None
    assert float(cheaper[1]) > 3
