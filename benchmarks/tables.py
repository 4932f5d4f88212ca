"""`make bench-sources`, its last part: a CSV that has landed to a Delta table, by the silver job and by pandas.

Both read the same packed bytes on this disk and write beside them, each in a process of its own; CPU seconds are that
process's, Sail's threads included.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.files import most_memory
from local.enem import rows
from local.enem.columns import FULL

_DAY = dt.date(2019, 12, 31)
_KEY = f"files/enem/candidates/date={_DAY}/r000001.csv.gz"


def landed(folder: Path, many: int) -> int:
    """Write the candidates as landing leaves them, and the list that the job reads; the bytes of the CSV."""
    file, size = folder / _KEY, 0
    file.parent.mkdir(parents=True)
    with gzip.open(file, "wb", compresslevel=3) as packed:
        for lines in rows.lines(FULL, _DAY.year, many):
            size += packed.write(lines)
    known = {
        "dataset": "candidates",
        "market_date": str(_DAY),
        "shard": "",
        "key": _KEY,
        "uri": f"file://{file}",
        "rows": many,
        "pages": 1,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "revision": 1,
        "asof": "2026-01-02T03:04:05+00:00",
        "columns": FULL,
    }
    (folder / "manifest.json").write_text(json.dumps([known]))
    return size


def ours(folder: Path) -> Callable[[], int]:
    """The silver job: digest and rows checked, 22 columns typed, duplicates and bad rows set aside, a Delta table."""
    from anthill.lakehouse import silver
    from local.databricks import engine

    spark = engine.alone("dev", {name: f"file://{folder}/ours/{name}" for name in ("silver", "quality", "gold")})
    about = {"catalog": "dev", "asset_class": "enem", "market_date_from": str(_DAY), "market_date_to": str(_DAY)}

    def load() -> int:
        done = silver.run(spark, manifest=f"file://{folder}/manifest.json", **about)
        return int(done["datasets"]["candidates"]["silver_rows"])

    return load


def pandas(folder: Path) -> Callable[[], int]:
    """The same columns as most scripts take them, 100,000 rows at a time; nothing is checked."""
    import pandas as pd
    from deltalake import write_deltalake

    from anthill import catalog

    fields = catalog.load("enem").datasets["candidates"].fields
    taken = [name for name in FULL if name in fields]

    def load() -> int:
        count = 0
        chunks = pd.read_csv(
            folder / _KEY, sep=";", encoding="iso-8859-1", usecols=taken, chunksize=100_000, compression="gzip"
        )
        for frame in chunks:
            write_deltalake(folder / "pandas", frame.rename(columns=fields).astype(str), mode="append")
            count += len(frame)
        return count

    return load


def _side(side: str, folder: Path) -> None:
    load = {"ours": ours, "pandas": pandas}[side](folder)
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    count = load()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "wall": time.perf_counter() - started, "rss": most_memory(), "rows": count}))


def took(side: str, folder: Path) -> dict[str, float]:
    """CPU seconds, seconds, the most memory and the rows of a side, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.tables", "--side", side, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def main(candidates: int) -> None:
    """Write a landed table, and print what each way took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = landed(folder, candidates) / 1e9
        told = {side: took(side, folder) for side in ("pandas", "ours")}
    if {each["rows"] for each in told.values()} != {candidates}:
        raise SystemExit(f"{candidates:,} candidates came as {told}")
    print(f"{candidates:,} candidates, {size:.2f} GB of CSV: landed → Delta")
    for side, each in told.items():
        per_gb = f"{each['cpu']:7.1f} CPU s {each['cpu'] / size:7.1f} s/GB"
        print(f"  {side:8} {per_gb} {each['rss']:6.0f} MB {each['wall']:7.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=2_000_000)
    parser.add_argument("--side")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    _side(given.side, given.folder) if given.side else main(given.candidates)
