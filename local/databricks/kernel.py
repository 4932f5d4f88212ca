"""Kernels: each run gets a process of its own, forked from one that has pyspark loaded, with Sail inside it.

A kill ends everything that the run was doing, its queries too, and nothing else.
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
        """End the parent process; runs end with their own connections."""
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
        reader, writer = await asyncio.open_connection(sock=self._fork(), limit=_LONGEST_EVENT)
        pid = None
        try:
            writer.write(json.dumps(job).encode() + b"\n")
            while line := await reader.readline():
                event = json.loads(line)
                if event["event"] == "done":
                    pid = None
                    return
                if event["event"] == "started":
                    pid = event["pid"]
                else:
                    yield event
            pid = None
            raise KernelDied("The Python kernel is unresponsive: its process ended (killed, or out of memory).")
        finally:
            if pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            writer.close()
