"""A stream that is cut, silenced, killed and stopped: once it is settled, it is what REST has, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import urllib3

from anthill import catalog
from anthill.bronze import manifest
from anthill.bronze.storage import Patience
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.ledger.documents import Documents
from anthill.recorder.lease import Lease
from anthill.recorder.recorder import Recorder, Store, Timing
from anthill.recorder.spool import Spool
from anthill.recorder.stream import Stream
from anthill.sources import kinds
from anthill.streams import listed, segments
from anthill.streams.gaps import NOBODY
from anthill.streams.operators import FillGaps
from local.polygon_stream.__main__ import parser, simulated
from local.polygon_stream.exchange import Exchange
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.lakehouse.conftest import lake, sail
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

__all__ = ["bucket", "lake", "s3", "s3_url", "sail"]

KEY = "not-a-real-key-of-a-stream"  # pragma: allowlist secret
DAY = dt.date(2026, 6, 16)
ROOT = Path(__file__).parents[4]
FIRST = dt.datetime(2026, 6, 16, 12, tzinfo=dt.UTC)
FAST = Timing(write=0.01, silence=0.5, lease=0.05, first=0.02, longest=0.05, quiet=60, handshake=60)
CRYPTO = ("--crypto", "12", "--stocks", "60", "--forex", "3", "--indices", "3")
SENT = {"BTC-USD", "LTC-USD", "SOL-USD"}


class Server:
    """REST, and a way to ask it."""

    def __init__(self, base: str, http: urllib3.PoolManager, key: str) -> None:
        self.base, self._http, self._headers = base, http, {"Authorization": f"Bearer {key}"}

    def rows(self, path: str) -> list[dict[str, Any]]:
        """The rows of one page, which has all."""
        answer = self._http.request("GET", self.base + path, headers=self._headers).json()
        assert "next_url" not in answer
        found: list[dict[str, Any]] = answer["results"]
        return found


class Hour:
    """An hour of an exchange and its recorder, whose clock is moved by hand."""

    def __init__(self, s3: Any, bucket: str, folder: Path) -> None:
        self._s3, self._bucket, self._folder = s3, bucket, folder
        self.exchange = Exchange({KEY: {"XA"}})
        self.now = FIRST
        day = simulated(parser().parse_args(["crypto", "--day", str(DAY), *CRYPTO, "--tickers", "12"]))
        self.minutes = dict(day.minutes())
        self.wrong = {(name, start) for name, start in day.wrong if name in SENT}

    async def record(self, url: str) -> None:
        """Start a recorder over the one spool."""
        declared = catalog.load("crypto")
        stream = Stream("crypto", "minute_stream", declared.calendar, tuple(f"XA.{name}" for name in sorted(SENT)))
        patience = Patience(tries=2, first=0.01)
        self.spool = Spool(self._folder)
        lease = Lease(self._s3, self._bucket, "crypto", "one", patience)
        store = Store(self._s3, self._bucket, "recorder", patience)
        self.recorder = Recorder(stream, url, KEY, self.spool, lease, store, FAST, lambda: self.now)
        self.task = asyncio.create_task(self.recorder.run())
        await self.exchange.subscribed()

    async def play(self, many: int, *, heard: bool = True) -> None:
        """Go on by some minutes: each is sent behind its end, and received."""
        for _ in range(many):
            self.now += dt.timedelta(minutes=1)
            stamp = int((self.now - dt.timedelta(minutes=1)).timestamp()) * 1000
            before = self.recorder.health.counts["frames"]
            events = self.minutes.get(stamp, [])
            await self.exchange.send(events)
            wanted = [event for event in events if event["pair"] in SENT]
            while heard and wanted and self.recorder.health.counts["frames"] == before:
                await asyncio.sleep(0.005)

    async def kill(self) -> None:
        """As kill -9: the segment that is open has no end."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task
        self.spool.close()
        await self.left()

    async def stop(self) -> None:
        """As SIGTERM."""
        self.recorder.stop()
        await self.task
        self.spool.close()
        await self.left()

    async def left(self) -> None:
        """Wait until the exchange knows that its client is gone."""
        while self.exchange.clients:
            await asyncio.sleep(0.005)


async def story(hour: Hour) -> None:
    """Fifty-four minutes with a fault of each kind."""
    async with await hour.exchange.serve() as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/crypto"
        await hour.record(url)
        await hour.play(8)
        half = [event for event in hour.minutes[1781611200000] if event["pair"] in SENT]  # of 12:00, once more
        for odd in ("[]", '[{"ev":"UNKNOWN"}]', json.dumps(half)[:-40]):
            await hour.exchange.raw(odd)
        await hour.play(2)
        await hour.exchange.close(1006)
        await hour.play(3, heard=False)
        await hour.exchange.subscribed()
        await hour.play(7)
        await hour.kill()
        await hour.play(2, heard=False)
        await hour.record(url)
        await hour.play(6)
        connections = hour.exchange.connections
        hour.exchange.hush()
        await hour.play(3, heard=False)
        while hour.exchange.connections == connections:
            await asyncio.sleep(0.01)
        hour.exchange.speak()
        await hour.exchange.subscribed()
        await hour.play(12)
        await hour.exchange.close(1008, "policy", "max_connections")
        await hour.play(2, heard=False)
        await hour.exchange.subscribed()
        await hour.play(5)
        await hour.stop()


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """REST the morning after, as a process: this one has threads of an engine."""
    file = tmp_path_factory.mktemp("rest") / "port"
    command = [sys.executable, "-m", "local.polygon", "--port-file", str(file), *CRYPTO, "--otc", "0", "--no-limits"]
    command += ["--underlyings", "2", "--keys", KEY, "--today", str(DAY + dt.timedelta(days=1))]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}"}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process, urllib3.PoolManager() as http:
        while not file.exists():
            assert process.poll() is None
            time.sleep(0.05)
        yield Server(f"http://127.0.0.1:{file.read_text()}", http, KEY)
        process.kill()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> catalog.AssetClass:
    """Crypto with a list of three pairs."""
    import msgspec

    whole = catalog.load("crypto")
    pairs = tuple(f"X:{name.replace('-', '')}" for name in sorted(SENT))
    bars = msgspec.structs.replace(whole.datasets["minute_bars"], listed=pairs)
    stream = msgspec.structs.replace(whole.streams["minute_stream"], listed=pairs, account=bars)
    declared = msgspec.structs.replace(
        whole, datasets={**whole.datasets, "minute_bars": bars}, streams={"minute_stream": stream}
    )
    monkeypatch.setattr(catalog, "load", lambda name: declared)
    return declared


def load(lake: Lake, s3: Any, bucket: str, found: list[manifest.Found]) -> dict[str, Any]:
    """Load bronze's commits of the day, brought to where this lake reads."""
    given = []
    for name, day, commit in found:
        file = lake.root / "bronze" / commit.key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(s3.get_object(Bucket=bucket, Key=commit.key)["Body"].read())
        given.append({**manifest._line(name, day, commit, ()), "uri": f"file://{file}"})
    return lake.silver(DAY, commits=given)["datasets"]


@pytest.mark.parametrize("lake", ["crypto"], indirect=True)
def test_a_disturbed_hour_settles_exactly(
    lake: Lake,
    s3: Any,
    s3_url: str,
    bucket: str,
    rest: Server,
    few: catalog.AssetClass,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Every gap is listed with its cause, filled, and only bars that REST corrected later differ from it."""
    for name in ("anthill", "websockets", "airflow"):
        caplog.set_level(logging.DEBUG, name)
    hour = Hour(s3, bucket, tmp_path / "spool")
    asyncio.run(asyncio.wait_for(story(hour), 120))
    api = {"conn_type": "polygon", "host": rest.base, "password": KEY, "extra": {"plan": "advanced"}}
    monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps(api))
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    context: Any = {
        "ti": SimpleNamespace(dag_id="crypto_stream", run_id="r", task_id="gaps", id="1", map_index=-1),
        "params": {"market_date": str(DAY)},
    }
    task = FillGaps(task_id="gaps", asset_class="crypto", stream="minute_stream")
    told = task.execute(context)[str(DAY)]

    causes = [line.split("UTC: ")[1] for line in told["gaps"]]
    assert causes[0] == NOBODY
    assert causes[1].startswith("closed with 1006")
    assert causes[2] == "killed"
    assert causes[3].startswith("no frame for")
    assert causes[4].startswith("another connection with this key")
    assert causes[5:] == ["stopped"]
    stream = few.streams["minute_stream"]
    kept, _ = Documents(s3, bucket).read(listed.key(stream, DAY), listed.Listed)
    assert [gap.cause for gap in kept.gaps] == causes
    assert told["rows"] > 3000
    assert task.execute(context)[str(DAY)]["asked"] == []  # nothing is left to ask for

    bars = few.datasets["minute_bars"]
    source = kinds.connect("polygon", [bars], 4)
    land(source, Committer(s3, bucket, "run"), bars, market_day("24/7", DAY))
    lake.parts["crypto"] = frozenset(), frozenset({"minute_bars", "minute_stream"})
    assert load(lake, s3, bucket, manifest.newest(s3, bucket, [bars], [DAY]))["minute_bars"]["quarantined"] == 0
    loaded = load(lake, s3, bucket, segments.loadable(s3, bucket, stream, [DAY]))["minute_stream"]
    assert loaded["quarantined"] == 2  # the event that nobody knows, and the end of half a frame
    results = {row["expectation"]: row for row in lake_results(lake)}
    counted = {name: int(row["observed"]) for name, row in results.items()}

    # What REST says, asked of it and counted here.
    columns = {"t": "minute", "o": "open", "h": "high", "l": "low", "c": "close", "v": "volume", "vw": "vwap"}
    whole = "/range/1/minute/1781568000000/1781654399999?adjusted=false&limit=50000"
    theirs = pl.concat(
        pl.DataFrame(rest.rows(f"/v2/aggs/ticker/X:{name.replace('-', '')}{whole}"), infer_schema_length=None)
        .select(
            pl.col(key).cast(pl.Int64 if key == "t" else pl.Float64).alias(column) for key, column in columns.items()
        )
        .with_columns(ticker=pl.lit(f"X:{name.replace('-', '')}"))
        for name in SENT
    )
    ours = lake.table("silver.crypto_minute_stream").with_columns(minute=pl.col("bar_start").dt.epoch("ms"))
    # A gap is asked for with a minute on either side, which may be another day's.
    ours = ours.filter(pl.col("bar_start").dt.date() == DAY)
    final = lake.table("silver.crypto_minute_bars").with_columns(minute=pl.col("bar_start").dt.epoch("ms"))
    keys, fields = ["ticker", "minute"], [name for name in columns.values() if name != "minute"]
    assert final.select(*keys, *fields).sort(keys).equals(theirs.select(*keys, *fields).sort(keys))
    assert ours.select(keys).is_unique().all()
    both = ours.join(theirs, on=keys, how="full", suffix="_rest", coalesce=True)
    assert both.height == theirs.height == ours.height
    differ = both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_rest")) for name in fields))
    late = {(f"X:{name.replace('-', '')}", start) for name, start in hour.wrong}
    again = {  # sent again while nobody listened, or after it was over
        (f"X:{event['pair'].replace('-', '')}", event["s"])
        for sent, events in hour.minutes.items()
        for event in events
        if sent > event["s"] and event["pair"] in SENT
    }
    corrected = {(row["ticker"], row["minute"]) for row in differ.iter_rows(named=True)}
    assert corrected <= late | again
    assert corrected & late
    assert counted["stream_corrected"] == len(corrected)
    assert counted["stream_equal"] == theirs.height - len(corrected)
    assert (counted["stream_only"], counted["rest_only"]) == (0, 0)
    came = dict(ours.group_by("came").len().iter_rows())
    assert came == {"live": counted["stream_live"], "late": counted["stream_late"], "rest": counted["stream_by_rest"]}
    assert min(came.values()) > 0
    assert all(row["passed"] for row in results.values())
    assert KEY not in caplog.text


def lake_results(lake: Lake) -> list[dict[str, Any]]:
    """What the settlement of the day counted."""
    assert lake.reconcile(DAY)["settled"] == {"minute_stream": [str(DAY)]}
    found = lake.table("quality.results").filter(pl.col("compared_with") == "minute_stream")
    assert set(found["dataset"]) == {"minute_bars"}
    return found.to_dicts()
