"""The stream as a process: what clients hear, its clock, its faults, and that it is killed and goes on."""

import asyncio
import datetime as dt
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from massive import WebSocketClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from local.polygon_stream.faults import read
from tests.local.polygon_stream.streaming import KEY, Process, asked, heard, listening, started

FAULTS = """
- {at: "10:20:00", close: 1006}
- {at: "10:02:00", frame: '[{"ev":"XA","pair":'}
- {at: "10:04:00", mib: 20}
- {at: "10:06:00", silent: PT4M}
- {at: "10:12:00", close: 1008, status: slow_consumer, reason: you read too slowly}
- {at: "10:16:00", close: 1000}
"""


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Coins from ten o'clock on, a minute a second."""
    running = started(tmp_path_factory.mktemp("stream"), "--from", "10:00", "--speed", "60")
    yield running
    running.kill()


def clock(running: Process) -> dict[str, Any]:
    """What time it is there."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/_clock") as answer:
        told: dict[str, Any] = json.load(answer)
    return told


def test_the_vendors_client_reads_it(stream: Process) -> None:
    """Its objects have names, prices and times; nothing that came is left out."""
    client = WebSocketClient(
        KEY, feed=f"127.0.0.1:{stream.port}", market="crypto", subscriptions=["XA.*"], secure=False, max_reconnects=0
    )
    found: list[Any] = []

    async def take(messages: list[Any]) -> None:
        found.extend(messages)
        if len(found) >= 12:
            await client.close()

    asyncio.run(asyncio.wait_for(client.connect(take), 600))
    assert {type(bar).__name__ for bar in found} == {"CurrencyAgg"}
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in found)
    assert {bar.end_timestamp - bar.start_timestamp for bar in found} == {60_000}
    assert "BTC-USD" in {bar.pair for bar in found}


def test_its_clock_is_the_markets(stream: Process) -> None:
    """A minute is sent behind its end, and the clock goes as fast as it says."""

    async def story() -> None:
        async with listening(stream.url) as socket:
            bars = await heard(socket, 1)
            assert clock(stream)["now"] >= time.strftime("%Y-%m-%dT%H:%M", time.gmtime(bars[0]["e"] / 1000))

    asyncio.run(story())
    before, began = clock(stream), time.time()
    time.sleep(0.5)
    after, ended = clock(stream), time.time()
    assert before["speed"] == 60
    gone = (_seconds(after["now"]) - _seconds(before["now"])) / 60
    assert 0.5 <= gone <= ended - began + 1


def _seconds(moment: str) -> float:
    return dt.datetime.fromisoformat(moment).timestamp()


def test_other_paths_are_no_stream(stream: Process) -> None:
    """Health and clock answer; another cluster is 404, and says which there is."""
    with urllib.request.urlopen(f"http://127.0.0.1:{stream.port}/healthz") as answer:
        assert answer.read() == b"ok"
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"http://127.0.0.1:{stream.port}/stocks")
    assert error.value.code == 404
    assert "/crypto" in error.value.read().decode()


def test_a_key_has_its_channels(tmp_path: Path) -> None:
    """What its plan lacks is refused by name, and a key that nobody has is told so and closed."""
    running = started(tmp_path, "--keys", f"{KEY}:XA,other:XT")

    async def story() -> None:
        async with connect(running.url) as socket:
            told = await asked(socket, "XA.*,XT.*")
            assert [each["status"] for each in told] == ["connected", "auth_success", "success", "error"]
            assert told[-1]["message"] == "not authorized to subscribe to XT.*"
        async with connect(running.url) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await asked(socket, "XA.*", key="nobodys")
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1008

    try:
        asyncio.run(story())
    finally:
        running.kill()


def test_killed_it_goes_on_where_the_market_is(tmp_path: Path) -> None:
    """Started again with the moment it began at: what was meanwhile is not sent, and no minute comes twice."""
    first = started(tmp_path, "--from", "10:00", "--speed", "60")
    began = clock(first)["began"]

    async def minutes(running: Process, many: int) -> list[int]:
        async with listening(running.url, "XA.BTC-USD") as socket:
            bars = await heard(socket, many)
        return [bar["s"] for bar in bars]

    before = asyncio.run(minutes(first, 3))
    first.kill()
    time.sleep(2)
    second = started(tmp_path, "--from", "10:00", "--speed", "60", "--began", str(began))
    try:
        after = asyncio.run(minutes(second, 3))
    finally:
        second.kill()
    assert min(after) >= max(before) + 60_000


def test_a_script_is_played(tmp_path: Path) -> None:
    """Half a frame, a large one, silence, and closes by code and status, in the order of their times."""
    script = tmp_path / "faults.yaml"
    script.write_text(FAULTS)
    running = started(tmp_path, "--from", "10:00", "--speed", "60", "--wait", "--faults", str(script))
    found: list[str] = []

    async def until_closed() -> tuple[int, list[str]]:
        frames: list[str] = []
        async with listening(running.url, "XA.*") as socket:
            try:
                while True:
                    frames.append(str(await asyncio.wait_for(socket.recv(), 600)))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006, frames

    async def story() -> list[int]:
        codes = []
        for _ in range(3):
            code, frames = await until_closed()
            codes.append(code)
            found.extend(frames)
        return codes

    try:
        assert asyncio.run(story()) == [1008, 1000, 1006]
    finally:
        running.kill()
    assert '[{"ev":"XA","pair":' in found
    large = [at for at, frame in enumerate(found) if len(frame) > 20 << 20]
    assert len(large) == 1
    assert '"slow_consumer"' in "".join(frame for at, frame in enumerate(found) if at not in large)
    bars = [bar for frame in found if frame.endswith("}]") and len(frame) < 1 << 20 for bar in json.loads(frame)]
    ends = sorted({bar["e"] for bar in bars if bar["ev"] == "XA" and bar["pair"] == "BTC-USD"})
    assert max(after - before for before, after in pairwise(ends)) >= 4 * 60_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {at: '10:00:00'}", "one of close, frame, mib and silent"),
        ("- {at: '10:00:00', close: 1000, mib: 1}", "one of close, frame, mib and silent"),
        ("- {at: noon, close: 1000}", r"at `\$\[0\]\.at`"),
        ("- {at: '10:00:00', shut: 1}", "shut"),
    ],
)
def test_a_script_that_cannot_be_is_told(tmp_path: Path, text: str, said: str) -> None:
    """With its file, before anybody is let in."""
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=said) as error:
        read(file)
    assert str(file) in str(error.value)
