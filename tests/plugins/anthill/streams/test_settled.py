"""What may happen to a stream and its recorders: after settlement silver is REST's, and every gap has its cause."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anthill import catalog
from anthill.catalog import AssetClass
from anthill.ledger.documents import Documents
from anthill.recorder.errors import RefusedError
from anthill.streams import listed
from anthill.streams.gaps import NOBODY, UNKNOWN_END
from anthill.streams.listed import Listed
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.lakehouse.conftest import lake, sail
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url
from tests.plugins.anthill.streams.settling import FAST, KEY, Market, Server, Settled, gaps, listing, serving

__all__ = ["bucket", "lake", "s3", "s3_url", "sail"]

DAY, NEXT = dt.date(2026, 6, 16), dt.date(2026, 6, 17)
PAIRS = ("X:BTCUSD", "X:LTCUSD", "X:SOLUSD")
INDICES = ("I:SPX", "I:NDX", "I:DJI")
SUMMER, THANKSGIVING = dt.date(2026, 3, 9), dt.date(2026, 11, 27)
PRICES = {"o": "open", "h": "high", "l": "low", "c": "close"}
FIVE = dt.timedelta(minutes=5)
Story = Callable[[Market], Awaitable[None]]


class World:
    """An environment with bronze, a REST side on a later day, and a lake."""

    def __init__(self, s3: Any, bucket: str, lake: Lake, rest: Server, declared: AssetClass, home: Path) -> None:
        self.s3, self.bucket, self.lake, self.rest, self.declared = s3, bucket, lake, rest, declared
        self._home = home

    def play(self, story: Story, first: dt.datetime, *days: dt.date, patch: pytest.MonkeyPatch) -> Market:
        """Play a story from a moment of the market on; the machine's own clock is five minutes ahead."""
        market = Market(self.s3, self.bucket, self._home, self.declared, first)
        market.trade(*days)
        patch.setattr("anthill.recorder.lease.dt", market.machine(FIVE))

        async def played() -> None:
            async with await market.exchange.serve() as server:
                port = server.sockets[0].getsockname()[1]
                market.url = f"ws://127.0.0.1:{port}/{self.declared.asset_class}"
                await story(market)

        asyncio.run(asyncio.wait_for(played(), 600))
        return market

    def settles(self, market: Market, day: dt.date, fields: dict[str, str]) -> tuple[list[str], dict[str, int]]:
        """A day's gaps and how its bars came; none is lost or doubled, and only those that REST corrected differ."""
        found = gaps(self.declared, day)["gaps"]
        settled = Settled(self.lake, self.s3, self.bucket, self.declared, day)
        both = settled.compared(self.rest, fields)
        columns = list(fields.values())
        lacking = both.filter(pl.col(columns[0]).is_null() | pl.col(f"{columns[0]}_rest").is_null())
        assert lacking.is_empty(), lacking.to_dicts()
        differ = both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_rest")) for name in columns))
        late = {
            (market.sent[event[market.cluster.key]], event["s"])
            for sent, events in market.minutes.items()
            for event in events
            if sent > event["s"] and event[market.cluster.key] in market.sent
        }
        corrected = {(row["ticker"], row["minute"]) for row in differ.iter_rows(named=True)}
        assert corrected <= market.wrong | late
        assert settled.counted["stream_corrected"] == len(corrected)
        assert settled.counted["stream_equal"] == both.height - len(corrected)
        assert settled.counted["stream_only"] == 0
        assert settled.counted["rest_only"] == 0
        assert all(row["passed"] for row in settled.results.values())
        assert settled.result["settled"] == {"minute_stream": [str(day)]}
        came = {name: settled.counted[f"stream_{name}"] for name in ("live", "late", "by_rest")}
        assert sum(came.values()) == both.height
        counted = {"quarantined": settled.loaded["quarantined"], "corrected": len(corrected)}
        return found, {**came, **counted}


@pytest.fixture
def world(
    request: pytest.FixtureRequest,
    lake: Lake,
    s3: Any,
    s3_url: str,
    bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[World]:
    """One whose list is short; the key is in no log of it."""
    for name in ("anthill", "websockets", "airflow"):
        caplog.set_level(logging.DEBUG, name)
    tickers, today = request.param
    declared = listing(catalog.load(lake.asset_class), tickers)
    monkeypatch.setattr(catalog, "load", lambda name: declared)
    with serving(tmp_path, today) as rest:
        api = {"conn_type": "polygon", "host": rest.base, "password": KEY, "extra": {"plan": "advanced"}}
        monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps(api))
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
        monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
        monkeypatch.setenv("AIRFLOW__ANTHILL__DOCUMENTS_BUCKET", bucket)
        yield World(s3, bucket, lake, rest, declared, tmp_path)
    assert KEY not in caplog.text


async def a_disturbed_hour(market: Market) -> None:
    """A cut, odd frames, a kill, silence, and somebody else with the same key."""
    first = market.now
    await market.record()
    await market.play(8)
    half = [event for event in market.events(first) if event["pair"] in market.sent]  # once more, without its end
    for odd in ("[]", '[{"ev":"UNKNOWN"}]', json.dumps(half)[:-40]):
        await market.frame(odd)
    await market.play(2)
    await lost(market, 3, 1006)
    await market.play(7)
    await market.kill()
    await market.play(2, heard=False)
    await market.record()
    await market.play(6)
    await silent(market, 3)
    await market.play(12)
    await lost(market, 2, 1008, "max_connections")
    await market.play(5)
    await market.stop()


async def lost(market: Market, minutes: int, code: int, status: str = "") -> None:
    """A connection is closed, and made again some minutes later at the latest."""
    connections = market.exchange.connections
    await market.exchange.close(code, "policy", status)
    await market.play(minutes, heard=False)
    await market.again(connections)


async def silent(market: Market, minutes: int, *, deaf: bool = False) -> None:
    """An exchange sends nothing for some minutes, until it is asked again."""
    connections = market.exchange.connections
    market.exchange.hush(deaf=deaf)
    await market.play(minutes, heard=False)
    while market.exchange.connections == connections:
        await asyncio.sleep(0.005)
    market.exchange.speak()
    await market.exchange.subscribed()


@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
@pytest.mark.parametrize("world", [(PAIRS, dt.date(2026, 6, 20))], indirect=True)
def test_a_disturbed_hour_settles_exactly(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every gap is listed with its cause and filled, and only bars that REST corrected later differ from it."""
    market = world.play(a_disturbed_hour, dt.datetime(2026, 6, 16, 12, tzinfo=dt.UTC), DAY, patch=monkeypatch)
    found, came = world.settles(market, DAY, {**PRICES, "v": "volume", "vw": "vwap"})
    causes = [line.split("UTC: ")[1] for line in found]
    assert causes[0] == NOBODY
    assert causes[1].startswith("closed with 1006")
    assert causes[2] == "killed"
    assert causes[3].startswith("no frame for")
    assert causes[4].startswith("another connection with this key")
    assert causes[5:] == ["stopped"]
    kept, _ = Documents(world.s3, world.bucket).read(listed.key(world.declared.streams["minute_stream"], DAY), Listed)
    assert [gap.cause for gap in kept.gaps] == causes
    assert came["quarantined"] == 2  # the event that nobody knows, and the end of half a frame
    assert min(came.values()) > 0
    assert gaps(world.declared, DAY)["asked"] == []  # nothing is left to ask for


async def refused(market: Market, **how: str) -> None:
    """A recorder that the source does not let in ends."""
    with pytest.raises(RefusedError):
        await market.recorder(**how).run()
    market.spools["one"].close()


async def a_bad_afternoon(market: Market) -> None:
    """An hour of a day with what the vendor, S3 and people do."""
    await refused(market, key="another-key")
    market.exchange.refused = {"XA.SOL-USD"}  # one of three
    await refused(market)
    market.exchange.refused = set()
    await market.play(2, heard=False)
    one = await market.record()
    await market.play(3)
    # A minute's bars in a frame of 20 MB.
    market.now += dt.timedelta(minutes=1)
    bars = [event for event in market.events(market.now - dt.timedelta(minutes=1)) if event["pair"] in market.sent]
    await market.frame(json.dumps([{**event, "pad": "x" * (20_000_000 // len(bars))} for event in bars]))
    await market.play(1)
    # S3 is down for ten minutes: nothing is lost meanwhile, and all is committed afterwards.
    market.s3.down = True
    await market.play(10)
    while not one.health.counts["faults"]:
        await asyncio.sleep(0.005)
    market.s3.down = False
    for code, status in ((1000, ""), (1008, "slow_consumer")):
        await lost(market, 1, code, status)
        await market.play(3)
    await silent(market, 2, deaf=True)
    committed = one.health.counts["segments"]
    await market.play(6)
    while one.health.counts["segments"] == committed:  # the first part of the connection
        await asyncio.sleep(0.005)
    # Another one waits; it takes over where the first is killed together with its disk.
    other = market.recorder("two")
    market.tasks["two"] = asyncio.create_task(other.run())
    while other.health.state != "waiting":
        await asyncio.sleep(0.005)
    await market.kill()
    await market.play(3, heard=False)
    await market.exchange.subscribed()
    await market.play(3)
    # The list is another one from one start to the next.
    await market.stop("two")
    await market.record("two", lacking="SOL-USD")
    await market.play(4)
    await market.stop("two")
    await market.record("two")
    await market.play(3)
    await market.stop("two")


async def a_midnight(market: Market) -> None:
    """A recorder that is killed before midnight and started after it."""
    await market.record()
    await market.play(6)
    await market.kill()
    await market.play(6, heard=False)
    await market.record()
    await market.play(6)
    await market.stop()


@pytest.mark.long
@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
@pytest.mark.parametrize("world", [(PAIRS, dt.date(2026, 6, 20))], indirect=True)
def test_a_bad_afternoon(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong keys, large frames, S3 down, closes, silence, two recorders and another list."""
    fields = {**PRICES, "v": "volume", "vw": "vwap"}
    afternoon = world.play(a_bad_afternoon, dt.datetime(2026, 6, 16, 12, tzinfo=dt.UTC), DAY, patch=monkeypatch)
    found, came = world.settles(afternoon, DAY, fields)
    causes = [line.split("UTC: ")[1] for line in found]
    assert causes[0] == NOBODY
    assert causes[1].startswith("closed with 1000")
    assert "slow_consumer" in causes[2]
    assert causes[3].startswith("no frame for")
    assert causes[4] == UNKNOWN_END  # a killed machine's disk
    assert causes[5:] == ["XA.SOL-USD not subscribed to", "stopped"]
    assert found[0].startswith("00:00:00 to 12:02:00")  # by the market's clock, and not by the machine's
    assert min(came["live"], came["late"], came["by_rest"]) > 0
    assert came["quarantined"] == 0


@pytest.mark.long
@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
@pytest.mark.parametrize("world", [(PAIRS, dt.date(2026, 6, 20))], indirect=True)
def test_a_restart_over_midnight(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each day has its part of the gap, with a cause of its own."""
    fields = {**PRICES, "v": "volume", "vw": "vwap"}
    first = dt.datetime(2026, 6, 17, 23, 52, tzinfo=dt.UTC)
    night = world.play(a_midnight, first, NEXT, dt.date(2026, 6, 18), patch=monkeypatch)
    before, came = world.settles(night, NEXT, fields)
    assert [line.split("UTC: ")[1] for line in before] == [NOBODY, "killed"]
    assert before[0].startswith("00:00:00 to 23:52:00")
    assert before[1].endswith("to 00:00:00 UTC: killed")
    assert came["live"] > 0
    after, came = world.settles(night, dt.date(2026, 6, 18), fields)
    assert [line.split("UTC: ")[1] for line in after] == [NOBODY, "stopped"]
    assert after[0].startswith("00:00:00 to 00:04:00")
    assert came["live"] > 0


async def around_a_close(market: Market) -> None:
    """A cut before the close of a session, and quiet after it that is no fault."""
    await market.record()
    await market.play(5)
    await lost(market, 2, 1006)
    await market.play(6)
    connections = market.exchange.connections
    await market.play(8, heard=False)
    await asyncio.sleep(FAST.silence + 1)
    assert market.exchange.connections == connections
    await market.stop()


async def around_an_opening(market: Market) -> None:
    """From before the opening on."""
    await market.record()
    await market.play(20)
    await market.stop()


@pytest.mark.parametrize("lake", ["indices"], indirect=True)
@pytest.mark.parametrize("world", [(INDICES, dt.date(2026, 11, 28))], indirect=True)
def test_an_early_close_and_the_first_day_of_summer_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gaps lie within the session that there was: none after 13:00 in New York, and none before 9:30."""
    early = world.play(
        around_a_close, dt.datetime(2026, 11, 27, 17, 48, tzinfo=dt.UTC), THANKSGIVING, patch=monkeypatch
    )
    found, came = world.settles(early, THANKSGIVING, PRICES)
    assert [line.split("UTC: ")[1].partition(":")[0] for line in found] == [NOBODY, "closed with 1006"]
    assert found[0].startswith("14:30:00 to 17:48:00")
    assert came["live"] > 0
    (world._home / "one").rename(world._home / "one-before")
    opening = world.play(around_an_opening, dt.datetime(2026, 3, 9, 13, 20, tzinfo=dt.UTC), SUMMER, patch=monkeypatch)
    found, came = world.settles(opening, SUMMER, PRICES)
    assert found == ["13:40:00 to 20:00:00 UTC: stopped"]
    assert came["live"] > 0
