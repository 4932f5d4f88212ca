"""`make bench-export`: a large table to Parquet by `anthill export`, beside polars on the table's own files."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from tests.local.databricks.workspace import TOKEN, Workspace

_SLICE = 1_000_000  # rows that are made at a time
_POLARS = """
import sys, polars as pl
pl.scan_delta(sys.argv[1]).sink_parquet(sys.argv[2])
"""


def make(table: Path, rows: int) -> None:
    """A Delta table of daily prices."""
    import numpy as np
    import polars as pl

    random = np.random.default_rng(1)
    for start in range(0, rows, _SLICE):
        count = min(_SLICE, rows - start)
        at = np.arange(start, start + count)
        close = np.round(random.lognormal(4, 1, count), 2)
        frame = pl.DataFrame({"n": at, "open": np.round(close * random.normal(1, 0.01, count), 4), "close": close})
        frame = frame.with_columns(
            ticker=pl.format("T{}", pl.col("n") % 11_000),
            market_date=pl.date(2020, 1, 1) + pl.duration(days=pl.col("n") // 11_000),
            volume=pl.Series(random.integers(100, 10**7, count)).cast(pl.Float64),
            seen_at=pl.from_epoch("n", time_unit="s").dt.replace_time_zone("UTC"),
        ).drop("n")
        frame.write_delta(table, mode="append")


class Family:
    """CPU seconds of a process and all that it started, and the most memory that they held (RSS)."""

    def __init__(self, pid: int) -> None:
        self._root, self._seen, self.peak, self._over = psutil.Process(pid), {}, 0, threading.Event()  # type: ignore[var-annotated]
        self._look()
        self._before = self._total()
        threading.Thread(target=self._watch, daemon=True).start()

    def seconds(self) -> float:
        """CPU seconds since this began to look."""
        self._over.set()
        self._look()
        return self._total() - self._before

    def _total(self) -> float:
        return float(sum(self._seen.values()))

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            self._look()

    def _look(self) -> None:
        held = 0
        try:
            family = [self._root, *self._root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in family:
            try:
                times = process.cpu_times()
                self._seen[process.pid, process.create_time()] = times.user + times.system
                held += process.memory_info().rss
            except psutil.Error:
                continue
        self.peak = max(self.peak, held)


def run(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    """Run a command; its CPU and wall seconds, and its peak memory in MB."""
    began = time.monotonic()
    process = subprocess.Popen(command, env={**os.environ, **environment})
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    wall = time.monotonic() - began
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "mb": usage.ru_maxrss / 1024}


def main() -> None:
    """Make the table, export it both ways, compare what was written."""
    import polars as pl

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="anthill-export-") as name:
        folder = Path(name)
        table = folder / "lake" / "gold" / "bench_prices"
        make(table, rows)
        ours, theirs = folder / "ours.parquet", folder / "theirs.parquet"
        workspace = Workspace(folder).start()
        try:
            assert workspace.process is not None
            family = Family(workspace.process.pid)
            told = {"DATABRICKS_HOST": workspace.url, "DATABRICKS_TOKEN": TOKEN, "DATABRICKS_WAREHOUSE_ID": "local"}
            command = [sys.executable, "-m", "anthill.cli.main", "export", "gold.bench_prices", "--out", str(ours)]
            exported = run(command, {**told, "PYTHONPATH": "plugins"})
            engine = family.seconds()
        finally:
            workspace.stop()
        polars = run([sys.executable, "-c", _POLARS, str(table), str(theirs)], {})
        sums = (pl.len(), pl.col("close").sum(), pl.col("seen_at").max())
        total = [pl.scan_parquet(file).select(*sums) for file in (ours, theirs)]
        counts = [each.collect().row(0) for each in total]
        assert counts[0][0] == counts[1][0] == rows, counts
        assert abs(counts[0][1] / counts[1][1] - 1) < 1e-9, counts
        assert counts[0][2] == counts[1][2], counts
        sizes = [file.stat().st_size / 1e6 for file in (ours, theirs)]
    print(f"{rows:,} rows to Parquet\n| | CPU s | wall s | peak MB | file MB |\n| --- | --- | --- | --- | --- |")
    _line("`anthill export`", exported, sizes[0])
    print(f"| the stand-in's warehouse meanwhile | {engine:.1f} | | {family.peak / 1e6:,.0f} | |")
    _line("`polars.scan_delta(…).sink_parquet`", polars, sizes[1])


def _line(name: str, took: dict[str, float], size: float) -> None:
    print(f"| {name} | {took['cpu']:.1f} | {took['wall']:.1f} | {took['mb']:,.0f} | {size:,.0f} |")


if __name__ == "__main__":
    main()
