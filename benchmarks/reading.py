"""How far behind a reader of a stream is: frames at a fixed pace, on a core that it shares with somebody busy."""

from __future__ import annotations

import asyncio
import functools
import json
import multiprocessing
import os
import resource
import statistics
import time
from typing import Any, ClassVar
from unittest.mock import patch

from websockets.asyncio.client import ClientConnection, connect

from local.polygon_stream.exchange import Exchange

KEY = "benchmark-key"
A_FRAME = 50
_STAMP = b'[{"ev":"AM","sent":'


def pace(port: Any, bar: dict[str, Any], a_second: int, seconds: int) -> None:
    """Send a client so many messages a second, each frame with the moment that it was sent at, then close."""

    async def play() -> None:
        exchange = Exchange({KEY: {"AM"}})
        async with await exchange.serve() as server:
            port.send(server.sockets[0].getsockname()[1])
            rest = "}," + json.dumps([bar] * (A_FRAME - 1), separators=(",", ":"))[1:]
            await exchange.subscribed()
            began, each = time.monotonic(), A_FRAME / a_second
            for number in range(a_second * seconds // A_FRAME):
                await asyncio.sleep(max(0, began + number * each - time.monotonic()))
                await exchange.raw(f"{_STAMP.decode()}{time.monotonic_ns()}{rest}")
            await exchange.close(1000)

    asyncio.run(play())


class Timed(ClientConnection):
    """A connection that notes of each frame how long it was under way."""

    lags: ClassVar[list[float]] = []

    async def recv(self, decode: bool | None = None) -> Any:
        """The next frame."""
        frame = await super().recv(decode)
        if isinstance(frame, bytes) and frame.startswith(_STAMP):
            stamp, _, _ = frame[len(_STAMP) : len(_STAMP) + 24].partition(b"}")
            self.lags.append((time.monotonic_ns() - int(stamp)) / 1e6)
        return frame


def read(address: str, record: Any, answer: Any) -> None:
    """Record with half of a core, and tell the lags (ms), CPU and memory."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    busy = multiprocessing.get_context("fork").Process(target=_spin, daemon=True)
    busy.start()
    began = time.monotonic()
    with patch("anthill.recorder.connection.connect", functools.partial(connect, create_connection=Timed)):
        rows, _ = record(address, 0)
    seconds = time.monotonic() - began
    busy.kill()
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer.put((rows, Timed.lags, (used.ru_utime + used.ru_stime) / seconds, used.ru_maxrss / 1024))


def _spin() -> None:
    while True:
        pass


def measure(bar: dict[str, Any], record: Any, a_second: int = 20_000, seconds: int = 20) -> None:
    """Print how far behind the reader was."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=pace, args=(theirs, bar, a_second, seconds), daemon=True)
    server.start()
    answer: Any = spawn.Queue()
    reader = spawn.Process(target=read, args=(f"127.0.0.1:{ours.recv()}", record, answer))
    reader.start()
    rows, lags, share, mib = answer.get()
    reader.join()
    server.kill()
    cuts = statistics.quantiles(lags, n=100)
    print(
        f"reader's lag at {a_second:,} a second beside a busy process: median {cuts[49]:.1f} ms, 99 of 100 "
        f"{cuts[98]:.1f} ms, longest {max(lags):.1f} ms; {rows:,} messages, {share:.2f} of a core, {mib:.0f} MiB"
    )
