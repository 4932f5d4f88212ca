"""`anthill record` as a process that is killed at any moment, over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from local.polygon_stream.exchange import Exchange
from tests.moto_server import moto_server
from tests.plugins.anthill.landing.s3 import s3_at

ROOT = Path(__file__).parents[4]
KEY = "not-a-real-key"  # pragma: allowlist secret
KILLS = 4


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """The address of a moto server."""
    with moto_server() as url:
        yield url


class Recorder:
    """A recorder's process, started again after each end."""

    def __init__(self, home: Path, s3_url: str, stream: str, bucket: str) -> None:
        self.log, self.spool = home / "log", home / "spool"
        self._command = [
            *(sys.executable, "-m", "anthill.cli.main", "record", "crypto", "--channel", "XA.*", "--holder", "one"),
            *("--bronze", bucket, "--documents", bucket, "--url", stream, "--spool", str(self.spool)),
            *("--port", "0", "--endpoint", s3_url, "--emf"),
        ]
        self._environment = os.environ | {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",  # pragma: allowlist secret
            "AWS_DEFAULT_REGION": "us-east-1",
            "POLYGON_API_KEY": KEY,
            "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}",
        }

    async def start(self) -> Process:
        """A process, whose words go to the log."""
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *self._command, env=self._environment, stdout=log, stderr=log, cwd=ROOT
            )

    def has_written(self) -> bool:
        """Whether anything of the open segment is on the disk."""
        return any(path.stat().st_size for path in self.spool.rglob("*.open"))

    def health(self) -> dict[str, Any]:
        """What the last process tells of itself."""
        address = self.log.read_text().rsplit("How it is: ", 1)[1].split()[0]
        told: dict[str, Any] = requests.get(address, timeout=60).json()
        return told


def recorded(s3: Any, bucket: str) -> list[tuple[dict[str, str], list[int]]]:
    """The segments in bronze in the order of their beginning: metadata, and the numbers of their bars."""
    found = []
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix="polygon_stream/crypto/minute_stream/")["Contents"]:
        answer = s3.get_object(Bucket=bucket, Key=entry["Key"])
        lines = gzip.decompress(answer["Body"].read()).splitlines()
        events = [event for line in lines for event in json.loads(line) if event["ev"] == "XA"]
        found.append((answer["Metadata"], [event["s"] for event in events]))
    return sorted(found, key=lambda each: each[0]["began"])


def test_a_refused_recorder_ends_and_its_last_numbers_say_so(tmp_path: Path, s3_url: str) -> None:
    """A wrong key: exit code 1, what to do, and the number that the alarm looks at."""
    s3 = s3_at(s3_url)
    s3.create_bucket(Bucket="refused")

    async def play() -> None:
        async with await Exchange({"another": {"XA"}}).serve() as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            recorder = Recorder(tmp_path, s3_url, url, "refused")
            assert await (await recorder.start()).wait() == 1
            log = recorder.log.read_text()
            assert KEY not in log
            *_, last = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
            assert last["StreamRefused"] == 1

    asyncio.run(play())


def test_a_killed_recorder_loses_what_it_says_it_lost(tmp_path: Path, s3_url: str) -> None:
    """Nothing twice, nothing that was on the disk missing, each kill named by its segment, and no key in the log."""
    s3 = s3_at(s3_url)
    s3.create_bucket(Bucket="killed")
    sent = 0
    last: list[int] = []  # the last number before each kill

    async def play() -> None:
        nonlocal sent
        exchange = Exchange({KEY: {"XA"}})
        async with await exchange.serve() as server:
            recorder = Recorder(tmp_path, s3_url, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", "killed")
            for turn in range(KILLS + 1):
                process = await recorder.start()
                await exchange.subscribed()
                began = time.monotonic()
                while time.monotonic() - began < 2 or not recorder.has_written():
                    await exchange.send([{"ev": "XA", "pair": "BTC-USD", "s": sent}])
                    sent += 1
                    await asyncio.sleep(0.02)
                if turn < KILLS:
                    process.kill()
                    last.append(sent - 1)
                    await process.wait()
                else:
                    told = await asyncio.to_thread(recorder.health)
                    assert told["state"] == "recording"
                    process.send_signal(signal.SIGTERM)
                    assert await process.wait() == 0
        log = recorder.log.read_text()
        assert KEY not in log
        assert log.count('"_aws"') >= KILLS + 1  # of each process its first line

    asyncio.run(play())
    segments = recorded(s3, "killed")
    kept = [number for _, numbers in segments for number in numbers]
    assert kept == sorted(set(kept))
    assert [told["ended"] for told, _ in segments] == ["killed"] * KILLS + ["stopped"]
    for number in set(range(sent)) - set(kept):  # only what came right before a kill
        end = min(end for end in last if end >= number)
        assert not set(range(number, end + 1)) & set(kept)
    assert all(numbers for _, numbers in segments)
