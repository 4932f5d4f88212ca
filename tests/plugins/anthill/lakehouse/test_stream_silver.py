"""Silver of streams: every message is a row, a duplicate or in quarantine; the last one received counts."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anthill.bronze.commits import Place
from anthill.recorder.sealed import Sealed
from anthill.recorder.spool import Head, Spool
from tests.plugins.anthill.lakehouse.lake import Lake

DAY = dt.date(2026, 6, 16)
NOON = dt.datetime(2026, 6, 16, 12, tzinfo=dt.UTC)
STAMP = int(NOON.timestamp()) * 1000
BAR = {"ev": "XA", "pair": "BTC-USD", "o": 10.0, "h": 12.0, "l": 9.0, "c": 11.0, "v": 2.5, "vw": 10.7, "s": STAMP}

pytestmark = pytest.mark.parametrize("lake", ["crypto"], indirect=True)


def record(
    lake: Lake,
    folder: Path,
    seconds: dict[int, list[bytes]],
    shard: str = "T120000Z-00000001",
    began: dt.datetime = NOON,
) -> None:
    """Commit a segment as a recorder does: frames by the second after it began that they were received in."""
    spool, day = Spool(folder / shard), began.date()
    place = Place("polygon_stream", lake.asset_class, "minute_stream", str(day), shard)
    segment = spool.begin(Head(place=place, connection="1", confirmed=("XA.*",), began=began))
    for second, frames in seconds.items():
        segment.write(frames, began + dt.timedelta(seconds=second))
    segment.end("rotation", began + dt.timedelta(minutes=5))
    ((head, path),) = spool.waiting()
    sealed = Sealed(head, path)
    facts = {"rows": sealed.rows, "pages": sealed.pages, "asof": str(sealed.asof)}
    lake._put("minute_stream", day, path.read_bytes(), "jsonl", shard, facts)
    spool.close()


def frame(*bars: dict[str, Any]) -> bytes:
    """Messages as one frame."""
    return json.dumps(bars).encode()


def bars(lake: Lake) -> list[dict[str, Any]]:
    """What silver holds."""
    return lake.table("silver.crypto_minute_stream").sort("ticker", "bar_start").to_dicts()


def test_the_last_one_received_counts(lake: Lake, tmp_path: Path) -> None:
    """Of one second the later line, of one bar the later second, whatever order the segments are read in."""
    second, third = ({**BAR, "c": price, "v": volume} for price, volume in ((11.5, 3), (9.5, 4)))
    other = {**BAR, "pair": "ETH-USD", "s": STAMP + 60_000}
    record(lake, tmp_path, {62: [frame(BAR, other)], 64: [frame(third), frame(second)]})
    loaded = lake.silver(DAY)["datasets"]
    assert list(loaded) == ["minute_stream"]
    counted = ("bronze_rows", "silver_rows", "duplicates", "quarantined")
    assert [loaded["minute_stream"][name] for name in counted] == [4, 2, 2, 0]
    btc, eth = bars(lake)
    assert (btc["ticker"], btc["close"], btc["volume"], btc["vwap"]) == ("X:BTCUSD", 11.5, 3.0, 10.7)
    assert btc["bar_start"].timestamp() * 1000 == STAMP
    assert btc["received_at"].timestamp() == (NOON + dt.timedelta(seconds=64)).timestamp()
    assert (btc["revisions"], btc["came"], btc["line"], btc["segment"]) == (3, "late", 3, "T120000Z-00000001")
    assert (eth["ticker"], eth["revisions"], eth["came"]) == ("X:ETHUSD", 1, "live")
    # A segment more, in which the bar comes again; the day's other rows are as before.
    record(lake, tmp_path, {301: [frame(third)]}, shard="T120500Z-00000001")
    lake.silver(DAY)
    btc, eth = bars(lake)
    assert (btc["close"], btc["revisions"], btc["segment"]) == (9.5, 4, "T120500Z-00000001")
    assert eth["ticker"] == "X:ETHUSD"
    assert lake.silver(DAY)["datasets"]["minute_stream"]["unchanged"] == 1
    assert lake.table("quality.changes").is_empty()


def test_what_the_api_has_stands_beside(lake: Lake, tmp_path: Path) -> None:
    """Its page says the ticker once; it counts where nothing came later."""
    record(lake, tmp_path, {62: [frame(BAR)]})
    rows = [{**{name: BAR[name] for name in "ohlc"}, "v": 7, "vw": 10.5, "n": 9, "t": STAMP + at} for at in (0, 60_000)]
    body = {"status": "OK", "ticker": "X:BTCUSD", "results": rows}
    asof = (NOON + dt.timedelta(minutes=9)).isoformat()
    lake.put_bodies("minute_stream", DAY, [body], 2, shard="rest-20260616T1159Z-20260616T1201Z", asof=asof)
    lake.silver(DAY)
    both = bars(lake)
    assert [(bar["came"], bar["revisions"], bar["volume"], bar["ticker"]) for bar in both] == [
        ("live", 2, 7.0, "X:BTCUSD"),  # heard, and asked for on the edge of a gap
        ("rest", 1, 7.0, "X:BTCUSD"),
    ]
    assert both[0]["received_at"].timestamp() == (NOON + dt.timedelta(minutes=9)).timestamp()


def test_odd_frames_lose_nothing(lake: Lake, tmp_path: Path) -> None:
    """Of half a frame what is whole; what is of another kind or cannot be read is set aside; all of it is counted."""
    half = frame(BAR, {**BAR, "s": STAMP + 60_000}, {**BAR, "s": STAMP + 120_000})[:-30]
    frames = [
        half,
        b"[]",
        b"no JSON",
        b'[{"ev":"status","status":"success","message":"subscribed to: XA.*"}]',
        frame({"ev": "UNKNOWN", "text": "x" * 20_000}),
        frame({**BAR, "o": "ten", "s": STAMP + 180_000}, {**BAR, "pair": "ETH-USD"}),
        b'[{"ev":"XA","pair":"SOL-USD","v":1e999}]',
    ]
    record(lake, tmp_path, {62: frames})
    loaded = lake.silver(DAY)["datasets"]["minute_stream"]
    assert [loaded[name] for name in ("bronze_rows", "silver_rows", "duplicates", "quarantined")] == [7, 3, 0, 4]
    assert [(bar["ticker"], bar["bar_start"].minute) for bar in bars(lake)] == [
        ("X:BTCUSD", 0),
        ("X:BTCUSD", 1),
        ("X:ETHUSD", 0),
    ]
    aside = lake.table("quality.quarantine").sort("reason").to_dicts()
    reasons = [row["reason"] for row in aside]
    assert reasons[0] == "a message of UNKNOWN, none of XA"
    assert "open: cannot read 'ten' as DOUBLE" in reasons
    assert any("SOL-USD" in row["row"] for row in aside)
    assert max(len(row["row"]) for row in aside) <= 10_000


def test_today_is_a_view_of_its_own_until_the_day_is_settled(lake: Lake, tmp_path: Path) -> None:
    """Marked as provisional, each bar with the verdict of its segment; what is settled is not there any more."""
    record(lake, tmp_path, {62: [frame(BAR, {**BAR, "pair": "ETH-USD", "o": "ten"})]})
    record(lake, tmp_path, {362: [frame({**BAR, "s": STAMP + 300_000})]}, shard="T120500Z-00000001")
    lake.silver(DAY)
    today = lake.table("silver.crypto_minutes_today").sort("bar_start").to_dicts()
    assert [(bar["ticker"], bar["provisional"], bar["came"], bar["verdict"]) for bar in today] == [
        ("X:BTCUSD", True, "live", "1 of its messages could not be read"),
        ("X:BTCUSD", True, "live", "whole"),
    ]
    rows = [{**{name: BAR[name] for name in "ohlc"}, "v": 2.5, "vw": 10.7, "n": 9, "t": STAMP}]
    lake.put("minute_bars", DAY, rows, ticker="X:BTCUSD")
    bars = [commit for (name, _, _), commit in lake.commits.items() if name == "minute_bars"]
    lake.silver(DAY, commits=bars)
    warned = lake.reconcile(DAY)["warnings"]
    assert len(warned) == 1
    assert "1 bars are in the stream only" in warned[0]
    assert lake.table("silver.crypto_minutes_today").is_empty()


def test_a_bar_that_two_days_asked_for_is_compared_once(lake: Lake, tmp_path: Path) -> None:
    """Both took the minutes around their midnight; of each bar the last taking counts, and none is in REST only."""
    after, midnight = DAY + dt.timedelta(days=1), STAMP + 12 * 3_600_000
    rows = [
        {**{name: BAR[name] for name in "ohlc"}, "v": 2.5, "vw": 10.7, "n": 9, "t": midnight + at * 60_000}
        for at in range(-2, 4)
    ]
    for at, (day, taken) in enumerate(((DAY, rows[:4]), (after, rows))):
        body = {"status": "OK", "ticker": "X:BTCUSD", "results": taken}
        asof = (NOON + dt.timedelta(days=2, seconds=at)).isoformat()
        lake.put_bodies("minute_stream", day, [body], len(taken), shard="rest-20260616T2358Z-20260617T0003Z", asof=asof)
    for day, theirs in ((DAY, rows[:2]), (after, rows[2:])):
        lake.put("minute_bars", day, theirs, ticker="X:BTCUSD")
    for name in ("minute_stream", "minute_bars"):
        lake.silver(DAY, after, commits=[commit for key, commit in lake.commits.items() if key[0] == name])
    lake.reconcile(after)
    found = lake.table("quality.results").filter(pl.col("market_date") == after)
    counted = dict(found.select("expectation", "observed").iter_rows())
    assert counted["stream_equal"] == counted["stream_by_rest"] == 4
    assert counted["rest_only"] == counted["stream_only"] == 0
