"""What importing a DAG file costs beyond Airflow itself, and what `anthill --help` costs: `make bench-parse`."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 5
SCRIPT = """
import runpy, sys, time
sys.path.insert(0, "plugins")
start = time.process_time()
import airflow
from airflow.sdk import DAG
ready = time.process_time()
runpy.run_path(sys.argv[1])
print(ready - start, time.process_time() - ready)
"""


def measure(dag: Path) -> tuple[float, float]:
    """CPU seconds of Airflow's own import and of the DAG file after it, the median of some processes."""
    command = [sys.executable, "-c", SCRIPT, str(dag)]
    runs = [subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(RUNS)]
    both = [[float(word) for word in run.split()[-2:]] for run in runs]
    return statistics.median(run[0] for run in both), statistics.median(run[1] for run in both)


def help_seconds() -> float:
    """CPU seconds of the whole process `anthill --help`, the median of some."""
    command = [str(Path(sys.executable).with_name("anthill")), "--help"]
    spent = [_cpu()]
    for _ in range(RUNS):
        subprocess.run(command, capture_output=True, check=True)
        spent.append(_cpu())
    return statistics.median(after - before for before, after in pairwise(spent))


def _cpu() -> float:
    """CPU seconds of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """A line a DAG file, and one for the command line."""
    for dag in sorted((ROOT / "dags").glob("*.py")):
        airflow, beyond = measure(dag)
        print(f"{dag.relative_to(ROOT)}: {beyond:.2f} s beyond Airflow's own {airflow:.2f} s (CPU, median of {RUNS})")
    print(f"anthill --help: {help_seconds():.2f} s (CPU, median of {RUNS})")


if __name__ == "__main__":
    main()
