"""A stream that is recorded over a faulty way, its clock moved by hand, and its days loaded, settled and compared."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import polars as pl
import urllib3
from botocore.exceptions import ClientError, EndpointConnectionError

from anthill.bronze import manifest
from anthill.bronze.storage import Patience
from anthill.catalog import AssetClass
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.recorder.lease import Held, Lease
from anthill.recorder.recorder import Recorder, Store, Timing
from anthill.recorder.spool import Spool
from anthill.recorder.stream import Stream
from anthill.sources import kinds
from anthill.sources.polygon_stream.spelling import spelled
from anthill.streams import segments
from anthill.streams.operators import FillGaps
from local.polygon_stream.__main__ import parser, simulated
from local.polygon_stream.exchange import Exchange
from local.polygon_stream.minute_bars import CLUSTERS
from tests.plugins.anthill.lakehouse.lake import Lake

KEY = "not-a-real-key-of-a-stream"  # pragma: allowlist secret
ROOT = Path(__file__).parents[4]
FAST = Timing(write=0.01, silence=5, lease=0.05, first=0.02, longest=0.05, quiet=60, handshake=60)
SIZES = ("--crypto", "12", "--stocks", "60", "--forex", "3", "--indices", "3")
_MINUTE = dt.timedelta(minutes=1)


class Server:
    """REST on the day after, as a process (this one has threads of an engine), and a way to ask it."""

    def __init__(self, base: str, http: urllib3.PoolManager) -> None:
        self.base, self._http = base, http

    def rows(self, path: str) -> list[dict[str, Any]]:
        """The rows of one page, which has all."""
        answer = self._http.request("GET", self.base + path, headers={"Authorization": f"Bearer {KEY}"}).json()
        assert "next_url" not in answer
        found: list[dict[str, Any]] = answer.get("results", [])
        return found


@contextlib.contextmanager
def serving(folder: Path, today: dt.date) -> Iterator[Server]:
    """A REST side whose present day is `today`."""
    file = folder / "port"
    command = [sys.executable, "-m", "local.polygon", "--port-file", str(file), *SIZES, "--otc", "0", "--no-limits"]
    command += ["--underlyings", "2", "--keys", KEY, "--today", str(today)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}"}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process, urllib3.PoolManager() as http:
        while not file.exists():
            assert process.poll() is None
            time.sleep(0.05)
        yield Server(f"http://127.0.0.1:{file.read_text()}", http)
        process.kill()


class Unsteady:
    """S3 that is down when it is told to be, and whose clock is the market's."""

    def __init__(self, s3: Any, market: Market) -> None:
        self._s3, self._market = s3, market
        self.down = False

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._s3, name)
        return self._through(call) if name in ("get_object", "put_object", "head_object") else call

    def _through(self, call: Any) -> Any:
        def called(**given: Any) -> Any:
            if self.down:
                raise EndpointConnectionError(endpoint_url="https://s3.local.test")
            try:
                return self._dated(call(**given))
            except ClientError as error:
                self._dated(error.response)
                raise

        return called

    def _dated(self, answer: Any) -> Any:
        answer["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(self._market.now, usegmt=True)
        return answer


class Market:
    """An exchange over some market days and recorders of it; the clock is moved by hand, a machine's own is off."""

    def __init__(self, s3: Any, bucket: str, folder: Path, declared: AssetClass, first: dt.datetime) -> None:
        self.s3, self._bucket, self._folder, self.declared = Unsteady(s3, self), bucket, folder, declared
        self.cluster = CLUSTERS[declared.asset_class]
        self.sent = {spelled(ticker): ticker for ticker in declared.streams["minute_stream"].listed}
        self.exchange = Exchange({KEY: {self.cluster.channel}})
        self.now = first
        self.minutes: dict[int, list[dict[str, Any]]] = {}
        self.wrong: set[tuple[str, int]] = set()
        self.url = ""
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.recorders: dict[str, Recorder] = {}
        self.spools: dict[str, Spool] = {}

    def trade(self, *days: dt.date) -> None:
        """Have days to play."""
        for day in days:
            played = simulated(
                parser().parse_args([self.declared.asset_class, "--day", str(day), *SIZES, "--tickers", "12"])
            )
            for minute, events in played.minutes():
                self.minutes.setdefault(minute, []).extend(events)
            self.wrong |= {(self.sent[name], start) for name, start in played.wrong if name in self.sent}

    def machine(self, ahead: dt.timedelta) -> Any:
        """The `datetime` of a machine whose clock is off by so much."""
        market = self
        msgspec.json.decode(b'{"holder":"","until":"2026-06-16T12:00:00Z"}', type=Held)  # its types are found by now

        class Machine(dt.datetime):
            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
                return market.now + ahead

        return SimpleNamespace(datetime=Machine, UTC=dt.UTC, timedelta=dt.timedelta)

    def recorder(self, name: str = "one", key: str = KEY, lacking: str = "") -> Recorder:
        """One over the spool of its name, whose clock is S3's; without a channel where its list is an older one."""
        channels = tuple(f"{self.cluster.channel}.{each}" for each in sorted(self.sent) if each != lacking)
        stream = Stream(self.declared.asset_class, "minute_stream", self.declared.calendar, channels)
        patience = Patience(tries=2, first=0.01)
        self.spools[name] = Spool(self._folder / name)
        lease = Lease(self.s3, self._bucket, self.declared.asset_class, name, patience)
        store = Store(self.s3, self._bucket, "recorder", patience)
        self.recorders[name] = Recorder(stream, self.url, key, self.spools[name], lease, store, FAST)
        return self.recorders[name]

    async def record(self, name: str = "one", lacking: str = "") -> Recorder:
        """Start one, and wait until it has what it asks for and its segment has begun."""
        recorder = self.recorder(name, lacking=lacking)
        self.tasks[name] = asyncio.create_task(recorder.run())
        while recorder.health.state != "recording":
            await asyncio.sleep(0.005)
        return recorder

    async def play(self, many: int, *, heard: bool = True) -> None:
        """Go on by some minutes: each is sent behind its end, and received."""
        for _ in range(many):
            self.now += _MINUTE
            events = self.events(self.now - _MINUTE)
            before = self._frames()
            await self.exchange.send(events)
            while heard and self._wanted(events) and self._frames() == before:
                await asyncio.sleep(0.005)

    def events(self, minute: dt.datetime) -> list[dict[str, Any]]:
        """What is sent behind a minute."""
        return self.minutes.get(int(minute.timestamp()) * 1000, [])

    def _wanted(self, events: list[dict[str, Any]]) -> bool:
        return any(event[self.cluster.key] in self.sent for event in events)

    def _frames(self) -> int:
        return sum(recorder.health.counts["frames"] for recorder in self.recorders.values())

    async def heard(self, before: int, many: int = 1) -> None:
        """Wait until so many frames more are there than before."""
        while self._frames() < before + many:
            await asyncio.sleep(0.005)

    async def frame(self, text: str) -> None:
        """Send a frame as it is, and wait until it is received."""
        before = self._frames()
        await self.exchange.raw(text)
        await self.heard(before)

    async def again(self, connections: int) -> None:
        """Wait for a connection more than these."""
        while self.exchange.connections <= connections:
            await asyncio.sleep(0.005)
        await self.exchange.subscribed()

    async def kill(self, name: str = "one") -> None:
        """As kill -9: the segment that is open has no end."""
        task = self.tasks.pop(name)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await self._left(name)

    async def stop(self, name: str = "one") -> None:
        """As SIGTERM."""
        self.recorders[name].stop()
        await self.tasks.pop(name)
        await self._left(name)

    async def _left(self, name: str) -> None:
        """Its folder is free, and the exchange knows that its client is gone."""
        self.spools[name].close()
        while self.exchange.clients:
            await asyncio.sleep(0.005)


def listing(whole: AssetClass, tickers: tuple[str, ...]) -> AssetClass:
    """An asset class whose minutes are asked for and heard of a few."""
    bars = msgspec.structs.replace(whole.datasets["minute_bars"], listed=tickers)
    stream = msgspec.structs.replace(whole.streams["minute_stream"], listed=tickers, account=bars)
    return msgspec.structs.replace(
        whole, datasets={**whole.datasets, "minute_bars": bars}, streams={"minute_stream": stream}
    )


def gaps(declared: AssetClass, day: dt.date) -> dict[str, Any]:
    """The task that lists and fills a day's gaps; what it returns of the day."""
    name = declared.asset_class
    context: Any = {
        "ti": SimpleNamespace(dag_id=f"{name}_stream", run_id="r", task_id="gaps", id="1", map_index=-1),
        "dag_run": SimpleNamespace(dag_id=f"{name}_stream", run_id="r"),
        "params": {"market_date": str(day)},
    }
    told = FillGaps(task_id="gaps", asset_class=name, stream="minute_stream").execute(context)
    return dict(told[str(day)])


class Settled:
    """A day that was loaded from both accounts and settled."""

    def __init__(self, lake: Lake, s3: Any, bucket: str, declared: AssetClass, day: dt.date) -> None:
        self._lake, self._s3, self._bucket, self._declared, self._day = lake, s3, bucket, declared, day
        bars = declared.datasets["minute_bars"]
        stream = declared.streams["minute_stream"]
        source = kinds.connect("polygon", [bars], 4)
        land(source, Committer(s3, bucket, "run"), bars, market_day(declared.calendar, day))
        lake.parts[declared.asset_class] = frozenset(), frozenset({"minute_bars", "minute_stream"})
        assert self._load(manifest.newest(s3, bucket, [bars], [day]))["minute_bars"]["quarantined"] == 0
        self.loaded = self._load(segments.loadable(s3, bucket, stream, [day]))["minute_stream"]
        self.result = lake.reconcile(day)
        found = lake.table("quality.results").filter(
            (pl.col("compared_with") == "minute_stream") & (pl.col("market_date") == day)
        )
        self.results = {row["expectation"]: row for row in found.to_dicts()}
        self.counted = {name: int(row["observed"]) for name, row in self.results.items()}

    def _load(self, found: list[manifest.Found]) -> dict[str, Any]:
        """Load bronze's commits, brought to where this lake reads."""
        given = []
        for name, day, commit in found:
            file = self._lake.root / "bronze" / commit.key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self._s3.get_object(Bucket=self._bucket, Key=commit.key)["Body"].read())
            given.append({**manifest._line(name, day, commit, ()), "uri": f"file://{file}"})
        datasets: dict[str, Any] = self._lake.silver(self._day, commits=given)["datasets"]
        return datasets

    def compared(self, rest: Server, minutes: Mapping[str, str]) -> pl.DataFrame:
        """Bars of the day as REST, asked here, and the stream have them; silver's final ones are REST's in every field.

        `minutes` has the names of the API's fields, and those of silver.
        """
        first = int(dt.datetime.combine(self._day, dt.time(), dt.UTC).timestamp()) * 1000
        path = f"/range/1/minute/{first}/{first + 86_399_999}?adjusted=false&limit=50000"
        theirs = pl.concat(
            pl.DataFrame(rest.rows(f"/v2/aggs/ticker/{ticker}{path}"), infer_schema_length=None)
            .select(pl.col("t").cast(pl.Int64).alias("minute"), *self._fields(minutes))
            .with_columns(ticker=pl.lit(ticker))
            for ticker in self._declared.streams["minute_stream"].listed
        )
        keys, fields = ["ticker", "minute"], list(minutes.values())
        final = self._bars("minute_bars").select(*keys, *fields)
        assert final.sort(keys).equals(theirs.select(*keys, *fields).sort(keys))
        ours = self._bars("minute_stream")
        assert ours.select("market_date", *keys).is_unique().all()
        # A gap at midnight is asked for with a minute of the other day: of each bar the last one received counts.
        ours = ours.sort("received_at", "line").unique(keys, keep="last")
        return ours.join(theirs, on=keys, how="full", suffix="_rest", coalesce=True)

    def _fields(self, minutes: Mapping[str, str]) -> list[pl.Expr]:
        return [pl.col(key).cast(pl.Float64).alias(column) for key, column in minutes.items()]

    def _bars(self, name: str) -> pl.DataFrame:
        """Silver's bars of the day's minutes: a gap is asked for with one more on either side."""
        found = self._lake.table(f"silver.{self._declared.asset_class}_{name}")
        found = found.filter(pl.col("bar_start").dt.date() == self._day)
        return found.with_columns(minute=pl.col("bar_start").dt.epoch("ms"))
