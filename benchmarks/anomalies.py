"""What gold's anomalies find of faults planted in a simulated panel: precision and recall by kind, alarms, and CPU.

Planting and rules have one author, and the panel is simulated: expect less on real faults.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anthill import catalog
from anthill.calendars import market_days, session_close, session_open
from anthill.lakehouse import statements, tables
from anthill.lakehouse.gold_table import GoldTable
from benchmarks.panel import KINDS, Fault, panel, planted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOME = Path(__file__).parent.parent / "var" / "bench-anomalies"
FINDS = {
    "bad_close": {"comes_back", "jump"},
    "bad_high_or_low": {"wick"},
    "split_missing": {"split_ratio", "jump"},
    "stale": {"same_bar"},
    "volume_unit": {"volume_unit"},
}
MARKET = 11_000  # tickers


class Tables:
    """What gold.stocks_anomalies reads, over the bars of a panel: no actions, no minutes, nothing restated."""

    def __init__(self, spark: SparkSession, days: Sequence[dt.date]) -> None:
        self.spark = spark
        self.days = days
        self.declared = catalog.load("stocks")
        for name in ("changes", "earlier_loads"):
            tables.make(spark, "dev", "quality", name)
        for name in ("grouped_daily", "minute_bars"):
            tables.make(spark, "dev", "silver", "stocks", name)
        for name in ("instruments", "adjustment_factors", "adjustment_reach", "traded_prices", "daily_prices"):
            self._gold(name).compute([], [], {})
        columns = "market_date DATE, session INT, opens_at TIMESTAMP, closes_at TIMESTAMP"
        of_day = [(day, at, session_open("XNYS", day), session_close("XNYS", day)) for at, day in enumerate(days)]
        spark.createDataFrame(of_day, columns).createOrReplaceTempView("market_days")
        spark.createDataFrame([(day,) for day in days], "market_date DATE").createOrReplaceTempView(
            "days_of_corporate_actions"
        )

    def _gold(self, name: str) -> GoldTable:
        return GoldTable(self.spark, "dev", self.declared, name, {}, {})

    def put(self, frames: Sequence[Path]) -> None:
        """Bars as silver and gold have them."""
        self.spark.read.parquet(*map(str, frames)).createOrReplaceTempView("bars")
        self._fill("gold", "stocks", "traded_prices")
        self._fill("silver", "stocks", "grouped_daily")

    def _fill(self, layer: str, *names: str) -> None:
        """Put the bars into a table, whose other columns are NULL, or say that they are from the first answer."""
        given = {name: name for name in ("ticker", "market_date", "open", "high", "low", "close", "volume")}
        given |= {"revision": "1", "asof": "TIMESTAMP'2026-01-01 00:00:00'"}
        given |= {"source_uri": "concat('s3://bronze/date=', market_date, '/r000001.jsonl.gz')"}
        columns = statements.columns(layer, *names)
        values = ", ".join(
            f"CAST({given.get(column.name, 'NULL')} AS {column.type}) AS {column.name}" for column in columns
        )
        table = f"dev.{statements.table(layer, *names)}"
        self.spark.sql(f"INSERT INTO {table} SELECT {values} FROM bars ORDER BY market_date, ticker")

    def anomalies(self, days: Sequence[dt.date], rows: int) -> float:
        """Compute gold.stocks_anomalies of these days; the CPU seconds of it."""
        before = _cpu()
        self._gold("anomalies").compute(days, [], dict.fromkeys(self.days, rows))
        return _cpu() - before

    def found(self) -> list[Any]:
        """All rows of it."""
        return self.spark.table("dev.gold.stocks_anomalies").collect()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measured(rows: Sequence[Any], faults: Sequence[Fault], days: Sequence[dt.date], tickers: int) -> list[str]:
    """Lines: precision by reason, recall by kind, and alarms a day per 11,000 tickers, an alarm a ticker and day."""
    place = {day: at for at, day in enumerate(days)}
    wrong = {(fault.ticker, at): fault for fault in faults for at in fault.sessions}
    hits: Counter[str] = Counter()
    said: Counter[str] = Counter()
    caught: set[Fault] = set()
    alarms: dict[tuple[str, int], bool] = {}
    for row in rows:
        key = row["ticker"], place[row["market_date"]]
        fault = wrong.get(key)
        right = fault is not None
        said[row["reason"]] += 1
        hits[row["reason"]] += right
        alarms[key] = alarms.get(key, False) or right
        if fault and row["reason"] in FINDS[fault.kind]:
            caught.add(fault)
    lines = [
        f"{reason:16}{said[reason]:7,} alarms, precision {hits[reason] / said[reason]:.2f}" for reason in sorted(said)
    ]
    for kind in KINDS:
        of_kind = [fault for fault in faults if fault.kind == kind]
        lines.append(
            f"{kind:16}{len(of_kind):7,} planted, recall {sum(fault in caught for fault in of_kind) / len(of_kind):.2f}"
        )
    precision = sum(alarms.values()) / max(len(alarms), 1)
    a_day = len(alarms) / len(days) / tickers * MARKET
    return [
        *lines,
        f"{'all':16}{len(alarms):7,} alarms, precision {precision:.2f}, {a_day:.0f} a day per {MARKET:,} tickers",
    ]


def run(tickers: int, sessions: int, each: int, seed: int, home: Path) -> list[str]:
    """Plant, compute and measure."""
    from local.databricks import engine

    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    days = market_days("XNYS", dt.date(2021, 1, 4), dt.date(2026, 6, 30))[:sessions]
    frames, faults, rows = [], [], 0
    for at, bars in enumerate(panel(tickers, days, seed)):
        if each:
            part = round(each * bars["ticker"].n_unique() / tickers)
            bars, some = planted(bars, part, seed + at)
            faults += some
        rows += len(bars)
        frames.append(home / f"{at}.parquet")
        bars.drop("session").write_parquet(frames[-1])
    spark = engine.alone("dev", {name: f"file://{home}/{name}" for name in ("silver", "quality", "gold")})
    lake = Tables(spark, days)
    lake.put(frames)
    began = time.perf_counter()
    whole = lake.anomalies(days, tickers)
    took = time.perf_counter() - began
    lines = [f"{rows:,} bars of {tickers:,} tickers: {whole:.1f} s of CPU, {took:.1f} s"]
    if each:
        lines += measured(lake.found(), faults, days, tickers)
    day = lake.anomalies(days[-2:], tickers)
    return [*lines, f"a day and the one before it: {day:.1f} s of CPU"]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickers", type=int, default=400)
    parser.add_argument("--days", type=int, default=199)
    parser.add_argument("--each", type=int, default=60, help="faults of each kind; 0 to measure CPU alone")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    for line in run(asked.tickers, asked.days, asked.each, asked.seed, HOME):
        print(line, flush=True)


if __name__ == "__main__":
    main()
