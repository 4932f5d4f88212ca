"""Many market days at one go: what keeps one out, and what ends them all."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from typing import Any
from urllib.parse import unquote

import pytest

from anthill.bronze.commits import Commit, Place
from anthill.bronze.storage import NoRoomError, StorageError, StorageFatalError
from anthill.bronze.storage import Patience as S3Patience
from anthill.intervals import of_days
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content
from anthill.landing.land import land_all
from anthill.ledger.results import Landed, Outcome, Refused
from anthill.sources import errors
from anthill.sources.polygon.client import Client
from anthill.sources.polygon.declaration import PolygonDataset, Value
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Limits, Transport
from tests.plugins.anthill.coverage.entries import commit as commit_of
from tests.scripted_server import Asked, Reply, ScriptedServer, error, http, page

from .api import AT, DAY, GROUPED, KEY, bars, by_day, client, everything
from .s3 import s3_at
from .s3_faults import Fault, S3Proxy


def test_many_days_at_once(s3: Any, bucket: str, committer: Committer) -> None:
    """Every day is landed or refused with its reason; a refused day does not hold the others up."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(30)]
    answers = {day.isoformat(): bars(offset + 1) for offset, day in enumerate(days)}
    answers["2014-06-09"] = error(
        403, {"status": "NOT_AUTHORIZED", "message": "Your plan doesn't include this timeframe"}
    )
    answers["2014-06-10"] = page({"status": "OK", "resultsCount": 0})
    with ScriptedServer(by_day(answers)) as server:
        results = list(land_all(client(server), committer, GROUPED, of_days("XNYS", days)))
    assert sorted(result.interval.day for result in results) == days
    refused = {result.interval.day.day: type(result.reason) for result in results if isinstance(result, Refused)}
    assert refused == {9: errors.OutsideHistoryError, 10: errors.NotReadyError}
    landed = {result.interval.day: result.rows for result in results if isinstance(result, Landed)}
    assert landed == {day: offset + 1 for offset, day in enumerate(days) if offset not in {3, 4}}
    assert sum(map(len, everything(s3, bucket).values())) == sum(landed.values())


def test_many_days_go_out_together(committer: Committer) -> None:
    """Sixteen calls are on the wire at once, and the pool's size is the bound."""
    together = threading.Barrier(16)

    def script(asked: Asked) -> Reply:
        together.wait(10)
        return bars(1)

    days = [DAY + dt.timedelta(days=offset) for offset in range(32)]
    with ScriptedServer(script) as server:
        api = PolygonSource(Client(Transport(server.url, KEY, Limits()), Gate(0)))
        assert all(isinstance(result, Landed) for result in land_all(api, committer, GROUPED, of_days("XNYS", days)))


def test_no_days() -> None:
    """Nothing to do is nothing done."""
    assert list(land_all(None, None, GROUPED, [])) == []


def test_what_ends_a_bulk_landing(s3_url: str, s3: Any, committer: Committer) -> None:
    """A wrong key and a missing bucket are not tried for every day."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(300)]
    wrong = error(401, {"status": "ERROR", "error": "Unknown API Key"})
    with ScriptedServer(lambda _: wrong) as server:
        with pytest.raises(errors.UnknownKeyError):
            list(land_all(client(server), committer, GROUPED, of_days("XNYS", days)))
        assert len(server.asked) < 100
    with ScriptedServer(lambda _: bars(1)) as server:
        with pytest.raises(StorageFatalError, match=r"stocks\.bars on .*NoSuchBucket"):
            list(land_all(client(server), Committer(s3, "no-such-bucket", "run"), GROUPED, of_days("XNYS", days)))
        assert len(server.asked) < 100


def test_one_bad_day_keeps_only_itself_out(s3_url: str, s3: Any, bucket: str) -> None:
    """Someone's object in its place, a key that S3 refuses, an answer that nobody can read: each is told with why."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(40)]
    refused = Place("polygon", "stocks", "bars", str(days[7])).key(1)
    s3.put_object(Bucket=bucket, Key=Place("polygon", "stocks", "bars", str(days[3])).key(1), Body=b"x")
    answers = {str(day): bars(1) for day in days} | {str(days[11]): http(b"<html>")}
    with ScriptedServer(by_day(answers)) as server, S3Proxy(s3_url) as proxy:
        proxy.choose = lambda method, path, _: Fault(403, "AccessDenied") if refused in unquote(path) else None
        patient = Committer(s3_at(proxy.url), bucket, "run", S3Patience(tries=2, first=0.01))
        results = list(land_all(client(server), patient, GROUPED, of_days("XNYS", days)))
    told = {result.interval.day: str(result.reason) for result in results if isinstance(result, Refused)}
    assert sorted(told) == [days[3], days[7], days[11]]
    assert all(f"stocks.bars on {day}: " in why for day, why in told.items())
    for day, said in zip(sorted(told), ("is no commit", "AccessDenied", "<html>"), strict=True):
        assert said in told[day]
    assert {result.interval.day for result in results if isinstance(result, Landed)} == set(days) - told.keys()


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown"])
def test_s3_that_fails_day_after_day_ends_it(s3_url: str, bucket: str, code: str) -> None:
    """Two in a row are two bad keys, with good ones between; the third without any is S3."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(30)]
    bad = {
        Place("polygon", "stocks", "bars", str(day)).key(1)
        for at, day in enumerate(days)
        if (at % 3 and at < 15) or at > 20
    }
    results: list[Landed | Refused] = []
    with ScriptedServer(lambda _: bars(1)) as server, S3Proxy(s3_url) as proxy:
        fault = Fault(403 if code == "AccessDenied" else 503, code)
        proxy.choose = lambda method, path, _: fault if any(key in unquote(path) for key in bad) else None
        patient = Committer(s3_at(proxy.url), bucket, "run", S3Patience(tries=2, first=0.001))
        with pytest.raises(StorageError, match=rf"stocks\.bars on {days[23]}: .*{code}"):
            results.extend(land_all(client(server), patient, GROUPED, of_days("XNYS", days), threads=1))
    assert [result.interval.day for result in results if isinstance(result, Refused)] == [
        day for at, day in enumerate(days[:23]) if (at % 3 and at < 15) or at > 20
    ]


def test_chains_that_are_too_large_are_days_of_their_own(
    s3: Any, bucket: str, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many in a row; a disk without room is everybody's."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(8)]
    monkeypatch.setattr("anthill.landing.content._MOST", 200)
    large = http(json.dumps({"status": "OK", "results": [{"T": f"{n * n:x}"} for n in range(200)]}).encode())
    answers = {str(day): large for day in days[:6]} | {str(day): bars(1) for day in days[6:]}
    with ScriptedServer(by_day(answers)) as server:
        results = list(land_all(client(server), committer, GROUPED, of_days("XNYS", days)))
        assert {result.interval.day for result in results if isinstance(result, Landed)} == set(days[6:])

        def full(*_: Any) -> None:
            raise NoRoomError("no room")

        monkeypatch.setattr(Content, "add", full)
        with pytest.raises(NoRoomError, match=r"stocks\.bars on .*no room"):
            list(land_all(client(server), committer, GROUPED, of_days("XNYS", days)))


@pytest.mark.parametrize(
    ("outcomes", "called"),
    [
        (("unchanged", "landed"), "landed"),
        (("landed", "restated"), "restated"),
        (("unchanged", "superseded"), "superseded"),
        (("superseded", "landed"), "landed"),
        (("unchanged", "unchanged"), "unchanged"),
        (("superseded", "restated"), "restated"),
    ],
)
def test_a_day_is_called_by_its_greatest_news(outcomes: tuple[Outcome, Outcome], called: Outcome) -> None:
    """Silver reads a day again if any shard of it is new."""

    class Decided:
        """A committer to which the shards' outcomes are given."""

        rows = None

        def commit(self, place: Place, content: Content, newest: Commit | None) -> Committed:
            return Committed(outcomes[int(place.shard)], commit_of(DAY, shard=place.shard))

    shards: dict[str, dict[str, Value]] = {"0": {}, "1": {}}
    dataset = PolygonDataset(
        "t", ("x",), {"x": "x"}, path="/v3/t", shards=shards, asset_class="stocks", source="polygon", name="lists"
    )
    undecided: Any = Decided()
    with ScriptedServer(lambda _: bars(1)) as server:
        (told,) = land_all(client(server), undecided, dataset, [AT])
    assert isinstance(told, Landed)
    assert told.outcome == called


def test_a_day_of_two_shards_that_fail_is_one_refusal(committer: Committer) -> None:
    """The days around it are landed, both shards of each."""
    shards = {"a": {"x": "a"}, "b": {"x": "b"}}
    dataset = PolygonDataset(
        "t",
        ("x",),
        {"x": "x"},
        path="/v3/{market_date}",
        shards=shards,
        asset_class="stocks",
        source="polygon",
        name="lists",
    )
    days = [DAY + dt.timedelta(days=number) for number in range(3)]

    def script(asked: Asked) -> Reply:
        return error(404, {"status": "NOT_FOUND"}) if asked.path.endswith(str(days[1])) else bars(1)

    with ScriptedServer(script) as server:
        results = list(land_all(client(server), committer, dataset, of_days("XNYS", days)))
    assert sorted((result.interval.day, type(result)) for result in results) == [
        (days[0], Landed),
        (days[1], Refused),
        (days[2], Landed),
    ]
    assert [len(result.commits) for result in results if isinstance(result, Landed)] == [2, 2]


@pytest.mark.parametrize(("rate", "threads"), [(0, 16), (5, 1), (599, 1), (600, 16), (6000, 16)])
def test_where_calls_wait_for_their_turn_one_goes_out_at_a_time(rate: int, threads: int) -> None:
    """From ten calls a second on they are made ahead."""
    assert PolygonSource(Client(Transport("http://127.0.0.1:1", KEY), Gate(rate))).threads == threads


def test_no_more_threads_than_asked_for(committer: Committer) -> None:
    """A bulk landing may have a part of them only."""
    under_way, most, lock = 0, 0, threading.Lock()

    def script(asked: Asked) -> Reply:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with lock:
            under_way -= 1
        return bars(1)

    days = [DAY + dt.timedelta(days=number) for number in range(12)]
    with ScriptedServer(script) as server:
        assert len(list(land_all(client(server), committer, GROUPED, of_days("XNYS", days), threads=2))) == 12
    assert most <= 2
