"""A recorder before an exchange that breaks off, falls silent, refuses, evicts: nothing is lost but what it names."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gzip
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from anthill.bronze.storage import Patience
from anthill.recorder.errors import RefusedError
from anthill.recorder.lease import Lease
from anthill.recorder.recorder import Recorder, Store, Timing
from anthill.recorder.spool import Spool
from anthill.recorder.stream import Stream
from local.polygon_stream.exchange import Event, Exchange

KEY = "not-a-real-key"  # pragma: allowlist secret
OPEN = dt.datetime(2026, 11, 27, 15, 0, tzinfo=dt.UTC)  # 10 in New York on a market day
STREAM = Stream("stocks", "minute_stream", "XNYS", ("AM.*", "T.A"))
FAST = Timing(write=0.02, silence=60, lease=0.05, first=0.02, longest=0.1, quiet=60, handshake=60)

IMPATIENT = Timing(write=0.02, silence=0.05, lease=0.05, first=0.02, longest=0.1)


def bar(number: int, **more: Any) -> Event:
    """A minute bar that can be told from others."""
    return {"ev": "AM", "sym": "A", "s": number, **more}


class World:
    """An exchange, an S3 and recorders of it."""

    def __init__(self, s3: Any, bucket: str, exchange: Exchange, url: str) -> None:
        self.s3, self.bucket, self.exchange, self.url = s3, bucket, exchange, url
        self.now = OPEN

    def recorder(self, spool: Spool, *, name: str = "one", key: str = KEY, timing: Timing = FAST) -> Recorder:
        """One under a name."""
        patience = Patience(tries=1)
        lease = Lease(self.s3, self.bucket, "stocks", name, patience)
        store = Store(self.s3, self.bucket, "recorder", patience)
        return Recorder(STREAM, self.url, key, spool, lease, store, timing, lambda: self.now)

    def segments(self) -> list[tuple[str, list[str], dict[str, str]]]:
        """The objects of bronze in the order of their beginning: key, lines, metadata."""
        found = []
        for entry in self.s3.list_objects_v2(Bucket=self.bucket, Prefix="polygon_stream/").get("Contents", []):
            if "/date=" in entry["Key"]:
                answer = self.s3.get_object(Bucket=self.bucket, Key=entry["Key"])
                lines = gzip.decompress(answer["Body"].read()).decode().splitlines()
                found.append((entry["Key"], lines, answer["Metadata"]))
        return sorted(found, key=lambda each: (each[2]["began"], each[2]["over"]))

    def bars(self) -> list[int]:
        """The numbers of all bars in bronze, by segments in their order."""
        events = [event for _, lines, _ in self.segments() for line in lines for event in json.loads(line)]
        return [event["s"] for event in events if event["ev"] == "AM"]

    def ends(self) -> list[str]:
        """Why each segment ended."""
        return [metadata["ended"] for _, _, metadata in self.segments()]


def run(s3: Any, bucket: str, story: Callable[[World], Any]) -> World:
    """Play a story over an exchange on a free port."""

    async def play() -> World:
        exchange = Exchange({KEY: {"AM", "T"}})
        async with await exchange.serve() as server:
            world = World(s3, bucket, exchange, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/stocks")
            await asyncio.wait_for(story(world), 1200)
            return world

    return asyncio.run(play())


@contextlib.asynccontextmanager
async def recording(world: World, recorder: Recorder, many: int = 1) -> AsyncIterator[Recorder]:
    """A recorder at work, stopped at the end."""
    task = asyncio.create_task(recorder.run())
    await world.exchange.subscribed(many)
    yield recorder
    recorder.stop()
    await task


async def until(look: Callable[[], Any]) -> None:
    """Wait until something is so."""
    while not look():
        await asyncio.sleep(0.01)


async def counted(recorder: Recorder, what: str, many: int) -> None:
    """Wait until a recorder has so many of something."""
    await until(lambda: recorder.health.counts[what] >= many)


def test_a_stop_commits_what_was_received(s3: Any, bucket: str, spool: Spool) -> None:
    """As it was received, with what is known of it; the next one may have the lease at once."""

    async def story(world: World) -> None:
        async with recording(world, world.recorder(spool)):
            await world.exchange.send([bar(1), bar(2), {"ev": "T", "sym": "A", "i": "7"}, {"ev": "T", "sym": "B"}])
        async with recording(world, world.recorder(spool, name="two")):
            pass

    world = run(s3, bucket, story)
    ((key, lines, told), *_) = [each for each in world.segments() if each[1]]
    assert key.startswith("polygon_stream/stocks/minute_stream/date=2026-11-27/T150000Z-")  # pragma: allowlist secret
    assert [json.loads(line) for line in lines] == [[bar(1), bar(2), {"ev": "T", "sym": "A", "i": "7"}]]
    assert (told["channels"], told["rows"], told["pages"], told["ended"]) == ("AM=2 T=1", "3", "1", "stopped")
    listed = s3.get_object(Bucket=bucket, Key=f"polygon_stream/stocks/_subscriptions/{told['subscribed']}.json")
    assert json.loads(listed["Body"].read()) == ["AM.*", "T.A"]


def test_a_segment_ends_with_its_five_minutes(s3: Any, bucket: str, spool: Spool) -> None:
    """The connection stays, and no message is in two of them or in none."""

    async def story(world: World) -> None:
        async with recording(world, world.recorder(spool)) as recorder:
            for number in range(3):
                await world.exchange.send([bar(number)])
                await counted(recorder, "frames", number + 1)
                world.now += dt.timedelta(minutes=5)
                await counted(recorder, "segments", number + 1)

    world = run(s3, bucket, story)
    assert world.bars() == [0, 1, 2]
    assert world.ends() == ["rotation", "rotation", "rotation", "stopped"]
    assert world.exchange.connections == 1
    assert len({key.rpartition("-")[2] for key, _, _ in world.segments()}) == 1


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [(1000, "", "closed with 1000"), (1006, "", "closed with 1006"), (1008, "slow_consumer", "slow_consumer")],
)
def test_a_connection_that_ends_is_made_again(
    s3: Any, bucket: str, spool: Spool, code: int, status: str, said: str
) -> None:
    """Also after a close that the source calls normal; the cause stands in the segment, so that the gap has one."""

    async def story(world: World) -> None:
        async with recording(world, world.recorder(spool)) as recorder:
            await world.exchange.send([bar(1)])
            await until(lambda: recorder.health.counts["frames"] == 1)
            world.now += dt.timedelta(seconds=1)
            await world.exchange.close(code, status=status)
            await world.exchange.subscribed()
            await world.exchange.send([bar(2)])

    world = run(s3, bucket, story)
    assert world.bars() == [1, 2]
    first, last = world.ends()
    assert said in first
    assert last == "stopped"


def test_an_eviction_is_not_fought(s3: Any, bucket: str, spool: Spool) -> None:
    """Whoever has the key keeps the place for the longest wait: two would close each other for ever."""

    async def story(world: World) -> None:
        timing = Timing(write=0.02, lease=0.05, first=0.001, longest=30)
        task = asyncio.create_task((recorder := world.recorder(spool, timing=timing)).run())
        await world.exchange.subscribed()
        await world.exchange.close(1008, "max_connections", "max_connections")
        await until(lambda: recorder.health.counts["faults"])
        await asyncio.sleep(0.3)
        assert world.exchange.connections == 1
        assert not recorder.health.is_well
        recorder.stop()
        await task

    assert "another connection with this key" in run(s3, bucket, story).ends()[0]


def test_silence_in_a_session_is_a_fault(s3: Any, bucket: str, spool: Spool) -> None:
    """The socket is alive, and nothing comes: a new one is made, and the segment says so."""

    async def story(world: World) -> None:
        async with recording(world, world.recorder(spool, timing=IMPATIENT)):
            await until(lambda: world.exchange.connections >= 2)

    assert "no frame for 0 s while the market is open" in run(s3, bucket, story).ends()


def test_silence_after_the_close_is_none(s3: Any, bucket: str, spool: Spool) -> None:
    """The same connection is there when something comes again."""

    async def story(world: World) -> None:
        world.now = OPEN + dt.timedelta(hours=6)
        async with recording(world, world.recorder(spool, timing=IMPATIENT)) as recorder:
            for number in range(2):
                await world.exchange.send([bar(number)])
                await counted(recorder, "frames", number + 1)
                await asyncio.sleep(1)
            assert world.exchange.connections == 1

    assert run(s3, bucket, story).bars() == [0, 1]


@pytest.mark.parametrize("wrong", ["key", "error", "no answer"])
def test_what_will_never_work_ends_it(s3: Any, bucket: str, spool: Spool, wrong: str) -> None:
    """A wrong key and a channel that the plan lacks: one try, an error that says what to do, no key in it."""

    async def story(world: World) -> None:
        world.exchange.refused |= {"T.A"} if wrong == "error" else set()
        world.exchange.unanswered |= {"T.A"} if wrong == "no answer" else set()
        timing = Timing(write=0.02, lease=0.05, first=0.02, longest=0.1, handshake=2)
        recorder = world.recorder(spool, key="another-key" if wrong == "key" else KEY, timing=timing)
        with pytest.raises(RefusedError, match="valid one into its secret" if wrong == "key" else r"T\.A"):
            await recorder.run()
        assert recorder.health.state == "stopped"

    assert run(s3, bucket, story).segments() == []


def test_frames_between_two_confirmations_are_kept(s3: Any, bucket: str, spool: Spool) -> None:
    """The first channel's bars come while the second one is not confirmed yet."""

    async def story(world: World) -> None:
        world.exchange.unanswered = {"T.A"}
        task = asyncio.create_task((recorder := world.recorder(spool)).run())
        await world.exchange.subscribed()
        await world.exchange.send([bar(1)])
        await world.exchange.raw('[{"ev":"status","status":"success","message":"subscribed to: T.A"}]')
        await until(lambda: recorder.health.counts["frames"] >= 1)
        recorder.stop()
        await task

    assert run(s3, bucket, story).bars() == [1]


def test_frames_that_nobody_can_read_are_kept(s3: Any, bucket: str, spool: Spool) -> None:
    """Half of one, an empty one, an event that nobody knows, one of 20 MB: the recorder does not judge."""
    frames = ['[{"ev":"AM","sym":"A"', "[]", '[{"ev":"NEW","x":1}]', json.dumps([bar(1, pad="x" * 20_000_000)])]

    async def story(world: World) -> None:
        async with recording(world, world.recorder(spool)) as recorder:
            for frame in frames:
                await world.exchange.raw(frame)
            await until(lambda: recorder.health.counts["frames"] == len(frames))

    ((_, lines, told),) = run(s3, bucket, story).segments()
    assert lines == frames
    assert told["channels"] == "AM=2 NEW=1"


def test_two_recorders_take_turns(s3: Any, bucket: str, spool: Spool, tmp_path: Any) -> None:
    """The second one waits, and is well while it does; it takes over what the first lets go."""

    async def story(world: World) -> None:
        other = world.recorder(Spool(tmp_path / "other"), name="two")
        async with recording(world, world.recorder(spool)):
            waiting = asyncio.create_task(other.run())
            await until(lambda: other.health.state == "waiting")
            await asyncio.sleep(0.2)
            assert other.health.is_well
            assert world.exchange.connections == 1
        await world.exchange.subscribed()
        other.stop()
        await waiting

    assert run(s3, bucket, story).exchange.connections == 2


def test_an_s3_that_is_down_costs_nothing(s3: Any, bucket: str, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was received waits on the disk, told by the health page; it is committed once S3 is back."""
    put, down = s3.put_object, [False]

    def sometimes(**given: Any) -> Any:
        if down[0]:
            raise EndpointConnectionError(endpoint_url="https://s3.local.test")
        return put(**given)

    monkeypatch.setattr(s3, "put_object", sometimes)

    async def story(world: World) -> None:
        async with recording(world, world.recorder(spool)) as recorder:
            down[0] = True
            for number in range(2):
                await world.exchange.send([bar(number)])
                await counted(recorder, "frames", number + 1)
                world.now += dt.timedelta(minutes=5)
            await until(lambda: recorder.health.counts["faults"])
            assert world.segments() == []
            assert recorder.health.spooled > 0
            down[0] = False
            await until(lambda: recorder.health.counts["segments"] >= 2)

    assert run(s3, bucket, story).bars() == [0, 1]


def test_no_log_has_the_key(s3: Any, bucket: str, spool: Spool, caplog: pytest.LogCaptureFixture) -> None:
    """Not at the lowest level of any library either."""
    caplog.set_level(logging.DEBUG)

    async def story(world: World) -> None:
        async with recording(world, world.recorder(spool)):
            pass

    run(s3, bucket, story)
    assert KEY not in caplog.text
