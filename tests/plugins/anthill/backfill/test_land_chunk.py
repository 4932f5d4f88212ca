"""A chunk is landed as far as the source gives it; what it refuses is told, and costs few calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from anthill.backfill.land_chunk import Chunk, land_chunk, missing_days
from anthill.calendars import market_days
from anthill.dataset import Dataset
from anthill.landing.commit import Committer
from anthill.landing.source import Source
from anthill.landing.storage import Patience as S3Patience
from anthill.polygon.client import Client, Patience
from anthill.polygon.errors import UnknownKeyError
from anthill.polygon.rate_limit import Gate
from anthill.polygon.transport import Transport
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

DAYS = market_days("XNYS", dt.date(2014, 1, 2), dt.date(2014, 6, 30))
BARS = Dataset("bars", "/v2/{market_date}", ("T",), {"T": "t"}, asset_class="stocks", name="bars")
NEWS = Dataset("news", "/news/{market_date}", ("T",), {"T": "t"}, asset_class="stocks", name="news")


def bar(asked: Asked) -> Reply:
    """One row a day."""
    return page({"status": "OK", "resultsCount": 1, "results": [{"T": asked.path}]})


def older_than(edge: dt.date) -> Callable[[Asked], Reply]:
    """A plan whose history begins on a day."""

    def answer(asked: Asked) -> Reply:
        day = dt.date.fromisoformat(asked.path.rpartition("/")[2])
        if day < edge:
            return error(403, {"status": "NOT_AUTHORIZED", "message": "Your plan doesn't include this data timeframe."})
        return bar(asked)

    return answer


@pytest.fixture
def committer(s3: Any, bucket: str) -> Committer:
    """A committer into the test's bucket."""
    return Committer(s3, bucket, "run", S3Patience(tries=3, first=0.01))


def land(server: ScriptedServer, committer: Committer, *datasets: tuple[Dataset, list[dt.date]]) -> Chunk:
    """Land with little patience."""
    client = Client(Transport(server.url, "KEY"), Gate(0), Patience(0.2, 0.01, 0.02, 0.02))
    return land_chunk(Source(client), committer, datasets, lambda *_: None)


def test_what_the_plan_does_not_reach_costs_few_calls(s3: Any, bucket: str, committer: Committer) -> None:
    """The edge of its history is searched by halves; every day after it is landed, every one before it is told."""
    edge = DAYS[70]
    with ScriptedServer(older_than(edge)) as server:
        chunk = land(server, committer, (BARS, DAYS))
    assert missing_days(s3, bucket, BARS, DAYS) == DAYS[:70]
    assert (chunk.days, chunk.landed) == (len(DAYS), len(DAYS) - 70)
    (refusal,) = chunk.refused
    assert (refusal.market_date_from, refusal.market_date_to, refusal.days) == (DAYS[0], DAYS[69], 70)
    assert refusal.plan
    assert "timeframe" in refusal.reason
    assert len(server.asked) <= chunk.landed + 10


def test_a_dataset_that_the_plan_lacks_is_asked_for_once(s3: Any, bucket: str, committer: Committer) -> None:
    """The other dataset of the chunk is landed whole."""

    def answer(asked: Asked) -> Reply:
        if asked.path.startswith("/news"):
            return error(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})
        return bar(asked)

    with ScriptedServer(answer) as server:
        chunk = land(server, committer, (NEWS, DAYS[:30]), (BARS, DAYS[:30]))
    assert [call.path for call in server.asked if call.path.startswith("/news")] == [f"/news/{DAYS[0]}"]
    assert [(r.dataset, r.days, r.plan) for r in chunk.refused] == [("news", 30, True)]
    assert missing_days(s3, bucket, BARS, DAYS[:30]) == []


def test_a_day_that_fails_is_told_and_the_rest_goes_on(s3: Any, bucket: str, committer: Committer) -> None:
    """Its reason is not the plan's; the next run asks for this day only."""

    def answer(asked: Asked) -> Reply:
        return error(500) if asked.path.endswith(str(DAYS[5])) else bar(asked)

    with ScriptedServer(answer) as server:
        chunk = land(server, committer, (BARS, DAYS[:10]))
    (refusal,) = chunk.refused
    assert (refusal.market_date_from, refusal.days, refusal.plan) == (DAYS[5], 1, False)
    assert str(DAYS[5]) in refusal.reason
    assert missing_days(s3, bucket, BARS, DAYS[:10]) == [DAYS[5]]
    with ScriptedServer(bar) as server:
        again = land(server, committer, (BARS, missing_days(s3, bucket, BARS, DAYS[:10])))
    assert (again.landed, len(server.asked)) == (1, 1)


def test_a_wrong_key_ends_it(committer: Committer) -> None:
    """No day can be had with it."""
    with (
        ScriptedServer(lambda _: error(401, {"status": "ERROR", "error": "Unknown API Key"})) as server,
        pytest.raises(UnknownKeyError),
    ):
        land(server, committer, (BARS, DAYS))
    assert len(server.asked) == 1


def test_a_day_with_a_shard_missing_is_missing(s3: Any, bucket: str) -> None:
    """Half of a day is not the day."""
    sharded = Dataset(
        "lists",
        "/v3/{market_date}",
        ("T",),
        {"T": "t"},
        shards={"active": {}, "delisted": {}},
        asset_class="stocks",
        name="lists",
    )
    s3.put_object(Bucket=bucket, Key=f"polygon/stocks/lists/date={DAYS[0]}/active/r000001.jsonl.gz")
    assert missing_days(s3, bucket, sharded, DAYS[:1]) == DAYS[:1]
    s3.put_object(Bucket=bucket, Key=f"polygon/stocks/lists/date={DAYS[0]}/delisted/r000001.jsonl.gz")
    assert missing_days(s3, bucket, sharded, DAYS[:1]) == []
