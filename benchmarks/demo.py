"""`make bench-demo`: CPU of the main job by part, in a fresh clone and again, for this commit and another."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import processes

ROOT = Path(__file__).parents[1]
BASE = "e62ade0"  # before three days were the default


def main() -> None:
    """Run every side and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default=BASE, help=f"the commit to compare with ({BASE}; none: only this one)")
    parser.add_argument("--days", default="3", help="market days (3)")
    parser.add_argument("--keep", type=Path, help="keep clones and logs in this folder")
    given = parser.parse_args()
    work = given.keep or Path(tempfile.mkdtemp(prefix="anthill-bench-demo-"))
    work.mkdir(parents=True, exist_ok=True)
    columns: dict[str, tuple[Counter[str], Counter[str], float]] = {}
    try:
        for commit in [name for name in (given.base, "HEAD") if name != "none"]:
            for again in ("cold", "warm"):
                title = f"{commit} {again}"
                print(f"{title}: make demo DAYS={given.days}", flush=True)
                columns[title] = measure(commit, work, title.replace(" ", "-"), given.days)
                print(f"{title}: {columns[title][0].total():.0f} s of CPU, {columns[title][2]:.0f} s", flush=True)
    finally:
        if given.keep is None:
            shutil.rmtree(work, ignore_errors=True)
    show(columns)


def measure(commit: str, work: Path, title: str, days: str) -> tuple[Counter[str], Counter[str], float]:
    """CPU seconds and processes by part, and wall seconds, of the main job in a clone of the commit."""
    clone = work / commit
    if not clone.exists():
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        full = subprocess.run(
            ["git", "rev-parse", commit], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout.strip()
        subprocess.run(["git", "checkout", "--quiet", full], cwd=clone, check=True)
    dropped = ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    watch, seconds = processes.run(["make", "demo", f"DAYS={days}"], clone, environment, work / f"{title}.log")
    return watch.seconds(), watch.processes(), seconds


def show(columns: dict[str, tuple[Counter[str], Counter[str], float]]) -> None:
    """CPU seconds (and processes) of each part, a column a run."""
    table = Table("part", *columns, title="CPU seconds (processes)")
    every = Counter[str]()
    for seconds, _, _ in columns.values():
        every += seconds
    for part, _ in every.most_common():
        table.add_row(part, *(f"{seconds[part]:.1f} ({count[part]})" for seconds, count, _ in columns.values()))
    table.add_section()
    table.add_row("all", *(f"{seconds.total():.0f} ({count.total()})" for seconds, count, _ in columns.values()))
    table.add_row("wall seconds", *(f"{wall:.0f}" for _, _, wall in columns.values()))
    Console(width=40 + 24 * len(columns)).print(table)


if __name__ == "__main__":
    main()
