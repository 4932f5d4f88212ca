"""A market day of a stream of many tickers: into silver, seen in the provisional view, and settled against REST."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from isal import igzip

from tests.plugins.anthill.lakehouse.lake import Lake, sail

DAY = dt.date(2026, 6, 16)
OPENS = dt.datetime(2026, 6, 16, 13, 30, tzinfo=dt.UTC)
MINUTES, A_SEGMENT, A_FRAME = 390, 5, 50
_ROOT = Path(__file__).parent.parent


def main() -> None:
    """Print wall and CPU seconds of each step."""
    commands = argparse.ArgumentParser("python -m benchmarks.settling", description=__doc__)
    commands.add_argument("--tickers", type=int, default=11_000, help="that trade in each minute of the session")
    tickers = commands.parse_args().tickers
    (_ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_ROOT / "var") as folder, sail() as remote:
        lake = Lake(remote, Path(folder), asset_class="stocks")
        lake.parts["stocks"] = frozenset(), frozenset({"minute_bars", "minute_stream"})
        for began, data, rows in _segments(tickers):
            facts = {"rows": rows, "pages": -(-rows // A_FRAME), "asof": str(began + dt.timedelta(minutes=A_SEGMENT))}
            lake._put("minute_stream", DAY, data, "jsonl", f"T{began:%H%M%S}Z-00000001", facts)
        print(f"{tickers:,} tickers, {tickers * MINUTES:,} bars of {DAY}")
        _measured("all segments to silver", lambda: lake.silver(DAY))
        _measured("the provisional view read", lambda: _count(lake, "silver.stocks_minutes_today"))
        facts = {"rows": tickers * MINUTES, "pages": tickers, "asof": "2026-06-17T03:00:00+00:00"}
        bars = lake._put("minute_bars", DAY, b"".join(_rest(tickers)), "jsonl", "", facts)
        _measured("REST's day to silver", lambda: lake.silver(DAY, commits=[bars]))
        told = _measured("the day settled", lambda: lake.reconcile(DAY))
        print(f"settled: {told['settled']}; peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:,} MiB")
        lake.close()


def _bar(ticker: int, minute: int) -> dict[str, Any]:
    price = 10 + ticker % 500 + minute / 100
    bar = {"o": price, "h": price + 0.2, "l": price - 0.1, "c": price + 0.1, "v": 100 + ticker + minute}
    return {**bar, "vw": price + 0.05}


def _segments(tickers: int) -> Iterator[tuple[dt.datetime, bytes, int]]:
    """What a recorder commits: a member a minute, the bars of one at fifty a frame."""
    for first in range(0, MINUTES, A_SEGMENT):
        members = []
        for minute in range(first, first + A_SEGMENT):
            at = int(OPENS.timestamp()) + minute * 60
            times = {"s": at * 1000, "e": (at + 60) * 1000}
            events = [{"ev": "AM", "sym": f"T{each:05d}", **_bar(each, minute), **times} for each in range(tickers)]
            frames = [events[start : start + A_FRAME] for start in range(0, tickers, A_FRAME)]
            lines = b"".join(json.dumps(frame, separators=(",", ":")).encode() + b"\n" for frame in frames)
            members.append(igzip.compress(lines, 1, mtime=at + 62))
        yield OPENS + dt.timedelta(minutes=first), b"".join(members), tickers * A_SEGMENT


def _rest(tickers: int) -> Iterator[bytes]:
    """What the API answers: a page a ticker."""
    start = int(OPENS.timestamp()) * 1000
    for each in range(tickers):
        bars = [{"t": start + minute * 60_000, "n": 7, **_bar(each, minute)} for minute in range(MINUTES)]
        page = {"status": "OK", "ticker": f"T{each:05d}", "results": bars}
        yield igzip.compress(json.dumps(page, separators=(",", ":")).encode() + b"\n", 1, mtime=0)


def _count(lake: Lake, table: str) -> int:
    return int(lake.spark.sql(f"SELECT count(*) AS bars, max(received_at) FROM dev.{table}").collect()[0]["bars"])


def _measured(name: str, step: Callable[[], Any]) -> Any:
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    done = step()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:28} {time.perf_counter() - began:7.1f} s {cpu:7.1f} CPU s", flush=True)
    return done


if __name__ == "__main__":
    main()
