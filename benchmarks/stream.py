"""`make bench-stream`: messages a CPU second and memory of the recorder and of the vendor's client, and its lag."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from anthill.bronze.commits import Place
from anthill.recorder.connection import Connection, opened
from anthill.recorder.errors import LostError
from anthill.recorder.sealed import Sealed
from anthill.recorder.spool import Head, Spool
from benchmarks import reading
from benchmarks.reading import KEY
from local.polygon_stream.exchange import Exchange

BAR = {
    "ev": "AM",
    "sym": "AAPL",
    "v": 12345,
    "av": 9470157,
    "op": 180.4372,
    "vw": 180.4488,
    "o": 180.39,
    "c": 180.81,
    "h": 180.83,
    "l": 180.39,
    "a": 180.2731,
    "z": 229,
    "s": 1610144640000,
    "e": 1610144700000,
}
Side = Callable[[str, int], "tuple[int, dict[str, float]]"]


def serve(port: Any, messages: int, at_once: int) -> None:
    """Send a client so many messages, then close; its port is told first."""

    async def play() -> None:
        exchange = Exchange({KEY: {"AM"}})
        async with await exchange.serve() as server:
            port.send(server.sockets[0].getsockname()[1])
            frame = json.dumps([BAR] * at_once, separators=(",", ":"))
            while True:
                await exchange.subscribed()
                for _ in range(messages // at_once):
                    await exchange.raw(frame)
                await exchange.close(1000)

    asyncio.run(play())


def recorder(address: str, messages: int) -> tuple[int, dict[str, float]]:
    """Ours: frames to the disk each second, fsync and gzip included, then counted and hashed for the commit."""

    async def record(spool: Spool) -> int:
        began = dt.datetime.now(dt.UTC)
        place = Place("polygon_stream", "stocks", "minute_stream", str(began.date()), "bench")
        segment = spool.begin(Head(place=place, connection="bench", confirmed=("AM.*",), began=began))
        async with opened(f"ws://{address}/stocks", KEY, ("AM.*",)) as connection:
            await _keep(connection, segment.write)
        segment.end("over", dt.datetime.now(dt.UTC))
        received = resource.getrusage(resource.RUSAGE_SELF)
        cpu["receive and write"] = received.ru_utime + received.ru_stime - before
        sealed = Sealed(*spool.waiting()[0])
        sealed.close()
        return sealed.rows

    with tempfile.TemporaryDirectory() as folder:
        cpu: dict[str, float] = {}
        before = _cpu()
        return asyncio.run(record(Spool(Path(folder)))), cpu


async def _keep(connection: Connection, write: Callable[[list[bytes], dt.datetime], None]) -> None:
    with contextlib.suppress(LostError):  # its end is a close
        while True:
            await asyncio.to_thread(write, await connection.take(1), dt.datetime.now(dt.UTC))


def vendor(address: str, messages: int) -> tuple[int, dict[str, float]]:
    """The vendor's client with its objects, which a handler counts."""
    from massive import WebSocketClient
    from massive.websocket.models import Market

    seen = 0

    def handle(told: list[Any]) -> None:
        nonlocal seen
        seen += len(told)

    client = WebSocketClient(
        api_key=KEY, feed=address, market=Market.Stocks, subscriptions=["AM.*"], secure=False, max_reconnects=0
    )
    client.run(handle)
    return seen, {}


SIDES: dict[str, Side] = {"anthill record": recorder, "massive, its objects": vendor}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(name: str, address: str, messages: int, answer: Queue[dict[str, Any]]) -> None:
    """One side in a process of its own."""
    before, began = _cpu(), time.perf_counter()
    rows, parts = SIDES[name](address, messages)
    answer.put(
        {
            "rows": rows,
            "cpu": parts.get("receive and write", _cpu() - before),
            "whole": _cpu() - before,
            "seconds": time.perf_counter() - began,
            "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )


def main() -> None:
    """Print both sides, at fifty messages a frame and at one."""
    commands = argparse.ArgumentParser("python -m benchmarks.stream", description=__doc__)
    commands.add_argument("--messages", type=int, default=1_000_000, help="messages sent at fifty a frame")
    messages = commands.parse_args().messages
    spawn = multiprocessing.get_context("spawn")
    print(f"{'side':22} {'a frame':>7} {'messages':>9} {'CPU s':>7} {'a CPU s':>10} {'sealed':>10} {'MiB':>5}")
    for at_once, many in ((50, messages), (1, messages // 10)):
        for name in SIDES:
            ours, theirs = spawn.Pipe()
            server = spawn.Process(target=serve, args=(theirs, many, at_once), daemon=True)
            server.start()
            answer: Queue[dict[str, Any]] = spawn.Queue()
            side = spawn.Process(target=measure, args=(name, f"127.0.0.1:{ours.recv()}", many, answer))
            side.start()
            told = answer.get()
            side.join()
            server.kill()
            if told["rows"] != many:
                print(f"{name}: {told['rows']} of {many} messages")
            rates = f"{many / told['cpu']:10,.0f} {many / told['whole']:10,.0f}"
            print(f"{name:22} {at_once:7} {many:9,} {told['cpu']:7.2f} {rates} {told['mib']:5.0f}")
    reading.measure(BAR, recorder)


if __name__ == "__main__":
    main()
