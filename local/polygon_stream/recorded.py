"""The demo's stream: twenty minutes of a simulated day at sixty times the speed, cut once, killed once, and settled."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anthill import catalog
from anthill.bronze.commits import newest_revisions
from anthill.sources.polygon_stream.span import FILLED
from local import airflow, connections, demo, lake, service, whole_file
from local.service import Service
from local.stack import ROOT

if TYPE_CHECKING:
    from local.airflow_api import AirflowApi
    from local.demo import Progress
    from local.stack import Stack

NAME, STREAM = "crypto", "minute_stream"
SPEED, MINUTES = 60, 20
_BEGINS = "10:00"  # in New York
_CUT, _KILL = 8, 13  # minutes after the beginning
_COUNTS = (
    "SELECT expectation, CAST(observed AS BIGINT) AS bars FROM quality.results"
    " WHERE asset_class = '{name}' AND compared_with = '{stream}' AND market_date = DATE'{day}'"
)


def take(stack: Stack, api: AirflowApi, progress: Progress, day: dt.date) -> dict[str, Any]:
    """Record a part of a market day that is settled already, and take it through its DAG; what it came to."""
    demo.end_earlier_runs(api, [f"{NAME}_stream"], progress)
    known = newest_revisions(stack.s3(), lake.BRONZE, catalog.load(NAME).streams[STREAM], str(day))
    if any(not shard.startswith(FILLED) for shard in known):
        progress.line(f"{NAME} of {day} was recorded by an earlier run: twice, each of its bars would seem to be late")
    else:
        progress.line(f"Recording {MINUTES} minutes of {NAME} at {SPEED} times the speed, with a cut and a kill -9")
        record(stack, day)
    progress.line(f"Loading and settling the stream of {NAME}")
    airflow.turn_on(api, [f"{NAME}_stream"])
    job = demo.trigger(api, f"{NAME}_stream", {"market_date": str(day)}, f"{NAME} stream")
    demo.watch(stack, api, [job], progress)
    rows = stack.warehouse().records(_COUNTS.format(name=NAME, stream=STREAM, day=day))
    bars = {row["expectation"]: row["bars"] for row in rows}
    gaps = (api.xcoms(job.dag, job.run, "gaps") or {}).get(str(day), {}).get("gaps", [])
    missing = [f"stream: {name} is not counted" for name in ("stream_live", "rest_only") if name not in bars]
    missing += [f"stream: {bars[name]} bars, {name}" for name in ("stream_only", "rest_only") if bars.get(name)]
    missing += [] if bars.get("stream_live") else ["stream: no bar came live"]
    missing += [f"stream: no gap says {cause}" for cause in ("1006", "killed") if not any(cause in gap for gap in gaps)]
    return {"day": str(day), "bars": bars, "gaps": gaps, "missing": missing}


def record(stack: Stack, day: dt.date) -> None:
    """Start the exchange and the recorder, kill that one and start it again, and stop both."""
    folder, port = stack.home / "stream", service.free_port()
    folder.mkdir(parents=True, exist_ok=True)
    exchange = Service("stream", _exchange(folder, port, day), service.clean_environment(), stack.run, ROOT)
    exchange.health = f"http://127.0.0.1:{port}/healthz"
    recorder = Service("recorder", _recorder(stack, folder, port), _environment(stack), stack.run, ROOT)
    try:
        exchange.start()
        exchange.wait()
        began = time.monotonic()
        for until, ends in ((_KILL, service.kill), (MINUTES, service.stop)):
            recorder.start()
            running = [process for name, process in stack.running().items() if name == recorder.name]
            while time.monotonic() - began < until * 60 / SPEED or not _has_written(folder):
                recorder.check()
                time.sleep(0.1)
            ends(running)
    finally:
        service.stop([process for name, process in stack.running().items() if name in (exchange.name, recorder.name)])


def lines(numbers: Mapping[str, Any]) -> list[str]:
    """Its numbers as sentences."""
    bars = numbers["bars"]
    total = sum(bars.get(f"stream_{name}", 0) for name in ("live", "late", "by_rest"))
    return [
        f"{total:,} bars of {numbers['day']}: {bars.get('stream_live', 0):,} came live, {bars.get('stream_late', 0):,} "
        f"late, {bars.get('stream_by_rest', 0):,} by REST",
        f"settled: {bars.get('stream_corrected', 0):,} corrected by REST; "
        + ("nothing differs from REST" if not numbers["missing"] else "; ".join(numbers["missing"])),
        *(f"gap {line}" for line in numbers["gaps"]),
    ]


def _exchange(folder: Path, port: int, day: dt.date) -> list[str]:
    """The other end, which cuts its connections once."""
    faults = folder / "faults.yaml"
    whole_file.write(faults, f'- at: "10:{_CUT:02d}:00"\n  close: 1006\n')
    command = [sys.executable, "-m", "local.polygon_stream", NAME, "--port", str(port), "--day", str(day)]
    command += ["--from", _BEGINS, "--speed", str(SPEED), "--keys", connections.POLYGON_KEY]
    return [*command, "--tickers", str(len(catalog.load(NAME).lists["pair"])), "--faults", str(faults)]


def _recorder(stack: Stack, folder: Path, port: int) -> list[str]:
    """`anthill record`, by the exchange's clock."""
    command = [sys.executable, "-m", "anthill.cli.main", "record", NAME, "--holder", "demo", "--port", "0"]
    command += ["--bronze", lake.BRONZE, "--documents", lake.DOCUMENTS, "--endpoint", stack.addresses.s3]
    command += ["--url", f"ws://127.0.0.1:{port}", "--clock", f"http://127.0.0.1:{port}/_clock"]
    return [*command, "--spool", str(folder / "spool")]


def _environment(stack: Stack) -> dict[str, str]:
    key = {"AWS_ACCESS_KEY_ID": lake.RECORDER_KEY, "AWS_SECRET_ACCESS_KEY": lake.RECORDER_KEY}
    own = {"POLYGON_API_KEY": connections.POLYGON_KEY, "PYTHONPATH": f"{ROOT / 'plugins'}"}
    return {**stack.environment(), **key, **own}


def _has_written(folder: Path) -> bool:
    """Whether anything of the open segment is on the disk."""
    return any(path.stat().st_size for path in (folder / "spool").rglob("*.open"))
