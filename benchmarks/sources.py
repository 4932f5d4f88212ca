"""`make bench-sources`: a large table from PostgreSQL to gzip, as a landing reads it and by pandas."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2

from anthill.bronze.commits import Place
from anthill.landing.content import Content
from anthill.sources.postgres.declaration import PostgresDataset
from anthill.sources.postgres.source import PostgresSource
from anthill.sources.source import Around
from local.totesys.business import Business
from local.totesys.server import Server

_SALES = """
    INSERT INTO sales_order (design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
                             agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id, last_updated)
    SELECT 1 + n % 3, 1 + n % 3, 1 + n % 3, 1000 + n::bigint * 7919 % 99001, 2 + (n % 200) / 100.0, 1 + n % 3,
           date '2026-06-01' + (n % 20)::int, date '2026-06-01' + (n % 17)::int, 1 + n % 3,
           timestamp '2026-06-01' + n * interval '1 second'
    FROM generate_series(1, {rows}) n
"""
_TYPES = {"sales_order_id": "integer"}


def ours(dsn: str) -> int:
    """The table as a landing reads it; its bytes of text."""
    table = PostgresDataset(
        "sales", ("sales_order_id",), types=_TYPES, source="postgres", asset_class="totesys", name="sales_order"
    )
    source = PostgresSource(lambda: psycopg2.connect(dsn), [table], "totesys_default", "postgres://totesys")
    with ThreadPoolExecutor(1) as pool:
        pages = source.pages(table, Place.of(table, "20260601T000000Z"), "", Around(pool, threading.Event()))
        with Content.of(pages, in_memory=source.in_memory) as content:
            source.close()
            return content.raw


def pandas(dsn: str) -> int:
    """The table as most people read it, 100,000 rows at a time."""
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder, psycopg2.connect(dsn) as connection:
        for number, frame in enumerate(pd.read_sql("SELECT * FROM sales_order", connection, chunksize=100_000)):
            frame.to_csv(Path(folder) / f"{number}.csv.gz", index=False)
    return 0


def took(side: str, dsn: str) -> dict[str, float]:
    """CPU seconds, seconds, and the most memory that a side of it took, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.sources", "--side", side, "--dsn", dsn],
                          check=True, capture_output=True, text=True)  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _side(side: str, dsn: str) -> None:
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    size = {"ours": ours, "pandas": pandas}[side](dsn)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "wall": time.perf_counter() - started, "rss": after.ru_maxrss / 1024, "size": size}))


def main(rows: int) -> None:
    """Fill a table, and print what each way took."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        try:
            Business(server.connect).open(designs=3, counterparties=3, staff=3)
            server.alter(_SALES.format(rows=rows))
            told: dict[str, Any] = {side: took(side, server.uri()) for side in ("ours", "pandas")}
        finally:
            server.stop()
    size = told["ours"]["size"] / 1e9
    print(f"{rows:,} rows, {size:.2f} GB as text: PostgreSQL → gzip")
    for side, each in told.items():
        per_gb = f"{each['cpu']:7.1f} CPU s {each['cpu'] / size:7.1f} s/GB"
        print(f"  {side:8} {per_gb} {each['rss']:6.0f} MB {each['wall']:7.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--side")
    parser.add_argument("--dsn")
    given = parser.parse_args()
    _side(given.side, given.dsn) if given.side else main(given.rows)
