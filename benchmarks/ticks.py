"""`make bench-ticks`: trades of a market's file to minutes in bounded memory, each step a process, beside polars."""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import polars as pl
from isal import igzip

from local.polygon.answers.codes import CONDITIONS
from local.polygon.ticks.written import TRADE_COLUMNS
from tests.plugins.anthill.lakehouse.lake import Lake, sail
from tests.plugins.anthill.lakehouse.ticking import turned_on

DAY = dt.date(2026, 6, 30)
OPEN = int(dt.datetime(2026, 6, 30, 13, 30, tzinfo=dt.UTC).timestamp()) * 10**9
SESSION = 390 * 60 * 10**9
LISTED = [f"T{at:03}" for at in range(100)]
_RULES = {
    row["id"]: row.get("update_rules")
    for row in CONDITIONS
    if row["asset_class"] == "stocks" and "trade" in row["data_types"]
}
_CHOICES = ["", "14,41", "37", "22", "12,37", "2"]
_OFTEN = [0.4, 0.2, 0.2, 0.1, 0.05, 0.05]
_MB = 1 << 10  # of ru_maxrss, which is in KiB


def write_market(path: Path, trades: int) -> None:
    """A market's file: so many trades of what is listed, and half as many of others, by ticker."""
    each = trades // len(LISTED)
    with igzip.open(path, "wb", compresslevel=1) as out:
        out.write(f"{TRADE_COLUMNS}\n".encode())
        for at, ticker in enumerate(LISTED):
            for name, count in ((ticker, each), (f"{ticker}X", each // 2)):
                out.write(_csv(name, count, np.random.default_rng(at)))


def _csv(ticker: str, count: int, chance: np.random.Generator) -> bytes:
    sip = OPEN + np.sort(chance.integers(0, SESSION, count))
    frame = pl.DataFrame({
        "ticker": pl.repeat(ticker, count, eager=True),
        "conditions": pl.Series(_CHOICES).gather(chance.choice(len(_CHOICES), count, p=_OFTEN)),
        "correction": np.where(chance.random(count) < 0.001, 8, 0),
        "exchange": chance.choice([4, 10, 11, 12], count),
        "id": np.arange(count) + 52_983_525_000_000,
        "participant_timestamp": sip - 30_000,
        "price": np.round(100 + np.cumsum(chance.normal(0, 0.002, count)), 2),
        "sequence_number": np.arange(count) * 3 + 1000,
        "sip_timestamp": sip,
        "size": chance.integers(1, 400, count),
        "tape": np.full(count, 3),
        "trf_id": np.zeros(count, dtype=np.int64),
        "trf_timestamp": np.zeros(count, dtype=np.int64),
    })  # fmt: skip
    return frame.write_csv(include_header=False, null_value="").replace('""', "").encode()


def land(folder: Path) -> dict[str, float]:
    """The file to an object a ticker, as landing reads it."""
    from anthill.landing.content import Content
    from anthill.sources.polygon.flat_files import FlatFiles, Version
    from anthill.sources.polygon.market_files import MarketFiles

    file = folder / "market.csv.gz"

    class Bucket:
        def get_object(self, **_: Any) -> dict[str, Any]:
            return {"Body": file.open("rb")}

    files = MarketFiles(FlatFiles(Bucket()))
    version = Version("tag", file.stat().st_size, dt.datetime(2026, 7, 1, 15, tzinfo=dt.UTC))
    rows = 0
    (folder / "bronze").mkdir()
    for ticker in LISTED:
        page = files.page("market", version, TRADE_COLUMNS, LISTED, ticker, threading.Event())
        with Content.of([page]) as content:
            content.file.seek(0)
            (folder / "bronze" / ticker).write_bytes(content.file.read())
        rows += len(page.rows)
    return {"rows": rows}


def by_polars(folder: Path) -> dict[str, float]:
    """The same file to minutes by polars, which holds what it reads; its minutes are what ours are compared with."""
    still = {
        name: [number for number, rules in _RULES.items() if rules and not rules["consolidated"][name]]
        for name in ("updates_high_low", "updates_open_close", "updates_volume")
    }
    moves = {
        name: pl.col("numbers").list.set_intersection(pl.lit(numbers, dtype=pl.List(pl.Int64))).list.len() == 0
        for name, numbers in still.items()
    }
    trades = (
        pl.read_csv(folder / "market.csv.gz", schema_overrides={"conditions": pl.String, "id": pl.String})
        .lazy()
        .filter(pl.col("ticker").is_in(LISTED), pl.col("correction").is_in([0, 12]))
        .with_columns(
            minute=pl.col("sip_timestamp") // (60 * 10**9),
            numbers=pl.col("conditions")
            .fill_null("")
            .str.split(",")
            .list.eval(pl.element().cast(pl.Int64, strict=False)),
        )
        .with_columns(
            high_low=moves["updates_high_low"].fill_null(value=True),
            open_close=moves["updates_open_close"].fill_null(value=True),
            volume=moves["updates_volume"].fill_null(value=True),
        )
        .sort("ticker", "sip_timestamp", "sequence_number")
    )
    size = pl.col("size").filter(pl.col("volume"))
    minutes = (
        trades.group_by("ticker", "minute")
        .agg(
            o=pl.col("price").filter(pl.col("open_close")).first(),
            h=pl.col("price").filter(pl.col("high_low")).max(),
            l=pl.col("price").filter(pl.col("high_low")).min(),
            c=pl.col("price").filter(pl.col("open_close")).last(),
            v=size.sum(),
            vw=(pl.col("price") * pl.col("size")).filter(pl.col("volume")).sum() / size.sum(),
            n=size.len(),
        )
        .drop_nulls("o")
        .collect()
    )
    minutes.write_parquet(folder / "minutes.parquet")
    return {"rows": len(minutes)}


def by_anthill(folder: Path) -> dict[str, float]:
    """Bronze to silver, and minutes rebuilt from it, on Sail; how many of them are polars'."""
    from anthill import catalog

    declared = turned_on(folder, *LISTED)
    minutes = pl.read_parquet(folder / "minutes.parquet")
    with sail() as remote, patch.object(catalog, "load", lambda name: declared):
        lake = Lake(remote, folder / "lake")
        lake.only(datasets=("trades", "minute_bars", "conditions"))
        for ticker in LISTED:
            data = (folder / "bronze" / ticker).read_bytes()
            count = igzip.decompress(data).count(b"\n") - 1
            facts = {"rows": count, "pages": 1, "asof": "2026-07-01T15:00:00+00:00"}
            lake._put("trades", DAY, data, "csv", ticker, facts)
        bodies = [
            {
                "status": "OK",
                "ticker": ticker,
                "results": bars.with_columns(t=pl.col("minute") * 60_000).drop("ticker", "minute").to_dicts(),
            }
            for (ticker,), bars in minutes.group_by("ticker")
        ]
        lake.put_bodies("minute_bars", DAY, bodies, len(minutes))
        lake.put("conditions", DAY, [row for row in CONDITIONS if row["asset_class"] == "stocks"])
        started = _cpu()
        loaded = lake.silver(DAY)["datasets"]["trades"]
        silver = _cpu() - started
        lake.reconcile(DAY)
        told = lake.table("quality.results").filter(pl.col("compared_with") == "trades")
        equal = told.filter(pl.col("expectation") == "minutes_equal")["observed"][0]
        lake.close()
    assert equal == len(minutes), f"{equal} of {len(minutes)} minutes are polars': {told['message'].to_list()}"
    return {"rows": loaded["silver_rows"], "silver": silver, "equal": equal}


def _cpu() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def _measured(step: Callable[[Path], dict[str, float]], folder: Path, told: Queue[dict[str, float]]) -> None:
    before, started = _cpu(), time.monotonic()
    found = step(folder)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MB
    told.put({"cpu": _cpu() - before, "wall": time.monotonic() - started, "most": most, **found})


def run(step: Callable[[Path], dict[str, float]], folder: Path) -> dict[str, float]:
    """A step in a process of its own, with its CPU seconds and the most memory it had, in MiB."""
    context = multiprocessing.get_context("spawn")
    told: Queue[dict[str, float]] = context.Queue()
    process = context.Process(target=_measured, args=(step, folder, told))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{step.__name__} ended with {process.exitcode}")
    return told.get()


def main() -> None:
    """Write the file, take every step, and tell what each took."""
    commands = argparse.ArgumentParser("make bench-ticks")
    commands.add_argument("--trades", type=int, default=10_000_000)
    asked = commands.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_market(folder / "market.csv.gz", asked.trades)
        size = (folder / "market.csv.gz").stat().st_size
        whole = f"a file of {asked.trades * 3 // 2:,}, {size / 1e6:,.0f} MB"
        print(f"{asked.trades:,} trades of {len(LISTED)} tickers in {whole}", flush=True)
        for step in (land, by_polars, by_anthill):
            found = run(step, folder)
            more = f", {found['silver']:.1f} of them for silver" if "silver" in found else ""
            print(
                f"{step.__name__:10} {found['cpu']:7.1f} CPU s{more}, {found['wall']:.0f} s, {found['most']:,.0f} MiB; "
                f"{found['rows']:,.0f} rows",
                flush=True,
            )


if __name__ == "__main__":
    main()
