"""The stream of a simulated day as a process of its own, and clients of it."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[3]
KEY = "test-key"  # pragma: allowlist secret
DAY = "2026-06-16"


@dataclass
class Process:
    """A running stream and its address."""

    running: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"ws://127.0.0.1:{self.port}/crypto"

    def kill(self) -> None:
        """As kill -9 does."""
        self.running.kill()
        self.running.wait()


def started(folder: Path, *options: str) -> Process:
    """The stream of six pairs of coins, once it takes clients."""
    file = folder / "port"
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "local.polygon_stream", "crypto", "--day", DAY, "--crypto", "6", "--keys", KEY]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}"}
    running = subprocess.Popen([*command, "--port-file", str(file), *options], cwd=ROOT, env=environment)
    while not file.exists():
        assert running.poll() is None
        time.sleep(0.05)
    return Process(running, int(file.read_text()))


async def asked(socket: ClientConnection, channels: str, key: str = KEY) -> list[dict[str, Any]]:
    """What a client that gives its key and asks for channels is told."""
    await socket.send(json.dumps({"action": "auth", "params": key}))
    await socket.send(json.dumps({"action": "subscribe", "params": channels}))
    told: list[dict[str, Any]] = []
    while len(told) < 2 + len(channels.split(",")) and told[-1:] != [{"status": "auth_failed"}]:
        told += [each for each in json.loads(await socket.recv()) if each["ev"] == "status"]
    return told


@contextlib.asynccontextmanager
async def listening(url: str, channels: str = "XA.*") -> AsyncIterator[ClientConnection]:
    """A client that has what it asked for."""
    async with connect(url, max_size=1 << 26, ping_interval=None) as socket:
        await asked(socket, channels)
        yield socket


async def heard(socket: ClientConnection, many: int) -> list[dict[str, Any]]:
    """The next so many messages, whole frames of them."""
    found: list[dict[str, Any]] = []
    while len(found) < many:
        found += json.loads(await asyncio.wait_for(socket.recv(), 600))
    return found
