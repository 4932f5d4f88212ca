"""Silver and gold of 250 days of 11,000 tickers, then of one day more: the notebooks' code on Sail beside polars.

Both sides read the same bronze and write Delta tables on this disk, each in a process of its own; CPU seconds are that
process's, Sail's threads included. Their prices and returns are compared in the end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from isal import igzip

from anthill.calendars import market_days
from benchmarks.pages import ROWS, document

ROOT = Path(__file__).parent.parent
HOME = ROOT / "var" / "bench-lakehouse"
EMPTY = b'{"status":"OK","results":[],"request_id":"0"}'
STEPS = ("silver", "quality", "gold", "silver, one day more", "quality, one day more", "gold, one day more")
COMPARED = {
    "stocks_traded_prices": ["close", "volume", "relative_volume_20d"],
    "stocks_daily_returns": ["log_return", "volatility_20d", "zscore"],
}

Known = tuple[str, str, str, int]  # path, sha256, key, rows


def bronze(days: list[dt.date]) -> dict[str, dict[str, Known]]:
    """Write bars, and empty splits and dividends, of every day as landing writes them: dataset -> day -> object."""
    with ProcessPoolExecutor(2) as pool:
        bars = dict(zip(map(str, days), pool.map(_bars, days), strict=True))
    found = {"grouped_daily": bars}
    for dataset in ("splits", "dividends"):
        found[dataset] = {str(day): _write(dataset, day, EMPTY, 0) for day in days}
    return found


def _bars(day: dt.date) -> Known:
    return _write("grouped_daily", day, document(day), ROWS)


def _write(dataset: str, day: dt.date, content: bytes, rows: int) -> Known:
    key = f"polygon/stocks/{dataset}/date={day}/r000001.jsonl.gz"
    path = HOME / "bronze" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    body = bytes(igzip.compress(content, compresslevel=3))
    path.write_bytes(body)
    return str(path), hashlib.sha256(body).hexdigest(), key, rows


def ours(known: dict[str, dict[str, Known]], days: list[dt.date]) -> dict[str, list[float]]:
    """The product's silver, quality and gold."""
    from anthill.lakehouse import gold, quality, silver
    from local.databricks import engine

    spark = engine.alone("dev", {name: f"file://{HOME}/ours/{name}" for name in ("silver", "quality", "gold")})
    took = {}
    for extra, part in (("", days[:-1]), (", one day more", days[-1:])):
        manifest = HOME / f"manifest{len(part)}.json"
        manifest.write_text(
            json.dumps([_line(name, str(day), *known[name][str(day)]) for name in known for day in part])
        )
        asked = {"catalog": "dev", "asset_class": "stocks"}
        asked |= {"market_date_from": str(part[0]), "market_date_to": str(part[-1])}
        uri, names = f"file://{manifest}", ",".join(known)
        steps: dict[str, Callable[[], Any]] = {
            "silver": lambda asked=asked, uri=uri: silver.run(spark, manifest=uri, **asked),
            "quality": lambda asked=asked, names=names: quality.run(spark, datasets=names, **asked),
            "gold": lambda asked=asked: gold.run(spark, **asked),
        }
        took |= {f"{name}{extra}": _measured(step) for name, step in steps.items()}
    return took


def theirs(known: dict[str, dict[str, Known]], days: list[dt.date]) -> dict[str, list[float]]:
    """The same by hand, without quality checks, quarantine or records of what was loaded."""
    from benchmarks import polars_side

    objects = {day: (Path(known["grouped_daily"][str(day)][0]), known["grouped_daily"][str(day)][1]) for day in days}
    table, folder = HOME / "theirs" / "silver", HOME / "theirs" / "gold"
    folder.mkdir(parents=True)
    took = {}
    for extra, part in (("", days[:-1]), (", one day more", days[-1:])):
        some = {day: objects[day] for day in part}
        took[f"silver{extra}"] = _measured(lambda some=some: polars_side.silver(some, table))
        took[f"gold{extra}"] = _measured(lambda part=part: polars_side.gold(table, folder, days, part))
    return took


def _line(dataset: str, day: str, path: str, sha256: str, key: str, rows: int) -> dict[str, Any]:
    known = {"dataset": dataset, "market_date": day, "shard": "", "key": key, "uri": f"file://{path}", "rows": rows}
    return {**known, "pages": 1, "sha256": sha256, "revision": 1, "asof": "2026-01-02T03:04:05+00:00"}


def _measured(step: Callable[[], Any]) -> list[float]:
    """Wall and CPU seconds."""
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    step()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return [time.perf_counter() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime]


def compare(days: int) -> None:
    """Both sides' prices and returns are the same."""
    import polars as pl

    for table, columns in COMPARED.items():
        frames = [
            pl.read_delta(str(HOME / side / "gold" / table)).select("ticker", "market_date", *columns)
            for side in ("ours", "theirs")
        ]
        left, right = (frame.sort("market_date", "ticker") for frame in frames)
        if left.height != right.height or left.height != days * ROWS:
            raise SystemExit(f"{table}: {left.height:,} rows and {right.height:,}, expected {days * ROWS:,}")
        for name in columns:
            apart = (left[name] - right[name]).abs().max()
            if left[name].is_null().sum() != right[name].is_null().sum() or (apart or 0) > 1e-6:
                raise SystemExit(f"{table}.{name}: the two sides differ by {apart}")


def main() -> None:
    """Run both sides and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=250, help="market days before the one day more (250)")
    parser.add_argument("--side", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    days = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2025, 12, 31))[: options.days + 1]
    if options.side:
        known = json.loads((HOME / "bronze.json").read_text())
        print(json.dumps({"ours": ours, "theirs": theirs}[options.side](known, days)))
        return
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    (HOME / "bronze.json").write_text(json.dumps(bronze(days)))
    took = {side: _run(side, options.days) for side in ("ours", "theirs")}
    compare(options.days + 1)
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{options.days} days of {ROWS:,} tickers, then one day more; wall / CPU seconds; load average {load}\n")
    print(f"{'':24} {'Sail':>15} {'polars by hand':>15} {'CPU ratio':>10}")
    for step in STEPS:
        each = [took[side].get(step) for side in ("ours", "theirs")]
        cells = [f"{one[0]:7.1f} /{one[1]:6.1f}" if one else " " * 15 for one in each]
        ratio = f"{each[0][1] / each[1][1]:10.2f}" if each[0] and each[1] else ""
        print(f"{step:24} {cells[0]} {cells[1]} {ratio}")
    sums = [sum(took[side][step][1] for step in ("silver", "gold")) for side in ("ours", "theirs")]
    one_more = [sum(took["ours"][f"{step}, one day more"][at] for step in ("silver", "gold")) for at in (0, 1)]
    print(f"\nSilver and gold: {sums[0] / sums[1]:.2f} times the CPU of polars (goal 2.5)")
    print(f"One new day into silver and gold: {one_more[0]:.1f} s, {one_more[1]:.1f} s of CPU (goal 3 s)")
    print("The prices and returns of both sides are the same.")
    shutil.rmtree(HOME)


def _run(side: str, days: int) -> dict[str, list[float]]:
    command = [sys.executable, "-m", "benchmarks.lakehouse", "--side", side, "--days", str(days)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT, env=environment)
    took: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return took


if __name__ == "__main__":
    main()
