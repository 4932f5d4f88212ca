"""Kernels: each run gets a process of its own, forked from one that has pyspark loaded, with Sail inside it.

A kill ends everything that the run was doing, its queries too, and nothing else. The process of a statement that ended
by itself waits for another one: to make a process and its Sail takes longer than most statements do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

_LONGEST_EVENT = 256 * 1024 * 1024
_DIED = "The Python kernel is unresponsive: its process ended (killed, or out of memory)."
_ROOT = Path(__file__).resolve().parents[2]


class KernelDied(Exception):  # noqa: N818 - Databricks words it this way
    """The process ended before its run did."""


class Kernels:
    """At most `limit` runs at a time; the parent process is started again when it dies."""

    def __init__(self, limit: int, environment: dict[str, str]) -> None:
        self.free = asyncio.Semaphore(limit)
        self._environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "RUST_LOG": "error", **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._waiting: list[Kernel] = []

    def start(self) -> None:
        """Start the parent process unless it is alive."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self._control, theirs = socket.socketpair()
        command = [sys.executable, "-m", "local.databricks.zygote", str(theirs.fileno())]
        self._process = subprocess.Popen(command, cwd=_ROOT, env=self._environment, pass_fds=[theirs.fileno()])
        theirs.close()

    def stop(self) -> None:
        """End the parent process, and those that wait; runs end with their own connections."""
        while self._waiting:
            self._waiting.pop().end()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _fork(self) -> socket.socket:
        """A connection to a process of its own; a parent that died since it was looked at is started again."""
        ours, theirs = socket.socketpair()
        with theirs:
            for _ in range(2):
                self.start()
                assert self._control is not None  # noqa: S101 - start() made it
                try:
                    socket.send_fds(self._control, [b"x"], [theirs.fileno()])
                    return ours
                except BrokenPipeError:
                    self.stop()
        raise KernelDied("The parent of the kernels ends as soon as it is started: see the workspace's own log.")

    async def run(self, job: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The events of a job. Closing the iterator early (a cancel, a time-out) kills its process."""
        kernel = await self._begun(job)
        try:
            async for event in kernel.events():
                yield event
        finally:
            if kernel.is_free and "statement" in job:
                self._waiting.append(kernel)
            else:
                kernel.end()

    async def _begun(self, job: dict[str, Any]) -> Kernel:
        """A process that has taken the job; one that died while it waited gives way to the next."""
        while "statement" in job and self._waiting:
            if await (kernel := self._waiting.pop()).take(job):
                return kernel
        for _ in range(2):  # a parent that is killed may take one more request with it
            kernel = Kernel(*await asyncio.open_connection(sock=self._fork(), limit=_LONGEST_EVENT))
            if await kernel.take(job):
                return kernel
        raise KernelDied(_DIED)


class Kernel:
    """One process, over its connection; `is_free` once what it took is over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.is_free = False
        self._reader, self._writer = reader, writer
        self._pid: int | None = None

    async def take(self, job: dict[str, Any]) -> bool:
        """Give it a job; whether it was alive to take it."""
        self.is_free = False
        try:
            self._writer.write(json.dumps(job).encode() + b"\n")
            with contextlib.suppress(ConnectionError):
                if line := await self._reader.readline():
                    self._pid = json.loads(line)["pid"]
                    return True
        except BaseException:
            self.end()
            raise
        self.end()
        return False

    async def events(self) -> AsyncGenerator[dict[str, Any], None]:
        """What it tells of its job, until that is over."""
        while line := await self._reader.readline():
            event = json.loads(line)
            if event["event"] == "done":
                self.is_free = True
                return
            yield event
        self._pid = None
        raise KernelDied(_DIED)

    def end(self) -> None:
        """Kill what it is doing; one without a job ends by itself when its connection does."""
        if self._pid is not None and not self.is_free:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        self._writer.close()
