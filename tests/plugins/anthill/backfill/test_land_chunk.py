"""A chunk is landed as far as the source gives it; what it refuses is told, and costs few calls."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from anthill.backfill.land_chunk import Chunk, _refusals, land_chunk
from anthill.bronze.commits import Place
from anthill.bronze.storage import Patience as S3Patience
from anthill.calendars import market_days
from anthill.dataset import Dataset
from anthill.intervals import market_day, of_days
from anthill.landing.commit import Committer
from anthill.ledger.results import Landed, Refused
from anthill.sources.errors import NotEntitledError, OutsideHistoryError, ServerFailedError, UnknownKeyError
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from tests.scripted_server import Asked, Reply, ScriptedServer, error, http, page

from .lacking import lacking

DAYS = market_days("XNYS", dt.date(2014, 1, 2), dt.date(2014, 6, 30))
BARS = PolygonDataset(
    "bars", ("T",), {"T": "t"}, path="/v2/{market_date}", asset_class="stocks", source="polygon", name="bars"
)
NEWS = PolygonDataset(
    "news", ("T",), {"T": "t"}, path="/news/{market_date}", asset_class="stocks", source="polygon", name="news"
)


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
    asked = [(dataset, of_days("XNYS", days)) for dataset, days in datasets]
    return land_chunk(PolygonSource(client), committer, asked, lambda *_: None)


def test_what_the_plan_does_not_reach_costs_few_calls(s3: Any, bucket: str, committer: Committer) -> None:
    """The edge of its history is searched by halves; every day after it is landed, every one before it is told."""
    edge = DAYS[70]
    with ScriptedServer(older_than(edge)) as server:
        chunk = land(server, committer, (BARS, DAYS))
    assert lacking(s3, bucket, BARS, DAYS) == DAYS[:70]
    assert (chunk.days, chunk.landed) == (len(DAYS), len(DAYS) - 70)
    (refusal,) = chunk.refused
    assert (refusal.market_date_from, refusal.market_date_to, refusal.days) == (DAYS[0], DAYS[69], 70)
    assert refusal.plan
    assert "timeframe" in refusal.reason
    assert len(server.asked) <= chunk.landed + 10


def test_a_dataset_that_the_plan_lacks_is_asked_for_twice(s3: Any, bucket: str, committer: Committer) -> None:
    """Its first and its last day; the other dataset of the chunk is landed whole."""

    def answer(asked: Asked) -> Reply:
        if asked.path.startswith("/news"):
            return error(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})
        return bar(asked)

    with ScriptedServer(answer) as server:
        chunk = land(server, committer, (NEWS, DAYS[:30]), (BARS, DAYS[:30]))
    asked = [call.path for call in server.asked if call.path.startswith("/news")]
    assert asked == [f"/news/{DAYS[0]}", f"/news/{DAYS[29]}"]
    assert [(r.dataset, r.days, r.plan) for r in chunk.refused] == [("news", 30, True)]
    assert lacking(s3, bucket, BARS, DAYS[:30]) == []


def test_a_day_that_fails_is_told_and_the_rest_goes_on(s3: Any, bucket: str, committer: Committer) -> None:
    """Its reason is not the plan's; the next run asks for this day only."""

    def answer(asked: Asked) -> Reply:
        return error(500) if asked.path.endswith(str(DAYS[5])) else bar(asked)

    with ScriptedServer(answer) as server:
        chunk = land(server, committer, (BARS, DAYS[:10]))
    (refusal,) = chunk.refused
    assert (refusal.market_date_from, refusal.days, refusal.plan) == (DAYS[5], 1, False)
    assert str(DAYS[5]) in refusal.reason
    assert lacking(s3, bucket, BARS, DAYS[:10]) == [DAYS[5]]
    with ScriptedServer(bar) as server:
        again = land(server, committer, (BARS, lacking(s3, bucket, BARS, DAYS[:10])))
    assert (again.landed, len(server.asked)) == (1, 1)


def test_a_bad_object_keeps_no_other_day_and_no_other_dataset_out(s3: Any, bucket: str, committer: Committer) -> None:
    """Somebody's objects in the places of days, the first of all among them: each is told with its key."""
    bad = [Place("polygon", "stocks", "bars", str(day)).key(1) for day in (DAYS[0], DAYS[4], DAYS[5], DAYS[6])]
    for key in bad:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    with ScriptedServer(bar) as server:
        chunk = land(server, committer, (BARS, DAYS[:10]), (NEWS, DAYS[:10]))
    assert (chunk.days, chunk.landed) == (20, 16)
    assert [(each.dataset, each.plan, each.days) for each in chunk.refused] == [("bars", False, 1)] * 4
    assert all(key in refusal.reason for key, refusal in zip(bad, chunk.refused, strict=True))


def test_a_wrong_key_ends_it(committer: Committer) -> None:
    """No day can be had with it, of no dataset: one call tells it, and the index is told of all days that it leaves."""
    told: list[tuple[str, dt.date, str]] = []
    at: list[int] = []  # how many days the chunk had each time
    asked = of_days("XNYS", DAYS[:3])
    replies = iter([bar, *[lambda _: error(401, {"status": "ERROR", "error": "Unknown API Key"})] * 9])
    with ScriptedServer(lambda call: next(replies)(call)) as server:
        source = PolygonSource(Client(Transport(server.url, "KEY"), Gate(0), Patience(0.2, 0.01, 0.02, 0.02)))
        with pytest.raises(UnknownKeyError):
            land_chunk(
                source,
                committer,
                [(BARS, asked[:1]), (NEWS, asked[:2]), (BARS, asked[1:3])],
                lambda chunk, dataset, result: (
                    at.append(chunk.days),
                    told.append(
                        (dataset.name, result.interval.day, result.cause if isinstance(result, Refused) else "landed")
                    ),
                ),
            )
        assert len(server.asked) == 2
    assert at == [1, 1, 1, 1, 1]
    left = [("news", day, "key") for day in DAYS[:2]] + [("bars", day, "key") for day in DAYS[1:3]]
    assert told == [("bars", DAYS[0], "landed"), *left]


def test_a_day_with_a_shard_missing_is_missing(s3: Any, bucket: str) -> None:
    """Half of a day is not the day."""
    sharded = PolygonDataset(
        "lists",
        ("T",),
        {"T": "t"},
        path="/v3/{market_date}",
        shards={"active": {}, "delisted": {}},
        asset_class="stocks",
        source="polygon",
        name="lists",
    )
    s3.put_object(Bucket=bucket, Key=f"polygon/stocks/lists/date={DAYS[0]}/active/r000001.jsonl.gz")
    assert lacking(s3, bucket, sharded, DAYS[:1]) == DAYS[:1]
    s3.put_object(Bucket=bucket, Key=f"polygon/stocks/lists/date={DAYS[0]}/delisted/r000001.jsonl.gz")
    assert lacking(s3, bucket, sharded, DAYS[:1]) == []


OUTSIDE = error(403, {"status": "NOT_AUTHORIZED", "message": "Your plan doesn't include this data timeframe."})
UNENTITLED = error(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})


def by_day(answers: dict[dt.date, Reply]) -> Callable[[Asked], Reply]:
    """A source that gives some days another answer."""
    return lambda asked: answers.get(dt.date.fromisoformat(asked.path.rpartition("/")[2])) or bar(asked)


def told(chunk: Chunk) -> list[tuple[dt.date, dt.date, int, bool]]:
    """The refusals' days, how many they are, and whether they are the plan's."""
    return [(each.market_date_from, each.market_date_to, each.days, each.plan) for each in chunk.refused]


@pytest.mark.parametrize(
    "other", [error(500), error(404, {"status": "NOT_FOUND"}), page({"status": "OK", "results": []}), UNENTITLED]
)
@pytest.mark.parametrize("at", [1, 4, 5, 6, 8])
def test_only_the_plans_history_makes_earlier_days_unattainable(committer: Committer, other: Reply, at: int) -> None:
    """A day in the search for the edge that fails otherwise hides no day before it: each of them is asked for."""
    days = DAYS[:9]
    refuses = msgspec.structs.replace(BARS, empty="refused")
    edge = 1 + at // 2
    answers = dict.fromkeys(days[:edge], OUTSIDE) | {days[at]: other}
    with ScriptedServer(by_day(answers)) as server:
        chunk = land(server, committer, (refuses, days))
        asked = {call.path.rpartition("/")[2] for call in server.asked}
    assert {str(day) for day in days[edge:]} <= asked
    assert (chunk.days, chunk.landed) == (9, 9 - edge - 1)
    assert told(chunk)[0] == (days[0], days[edge - 1], edge, True)
    assert told(chunk)[1:] == [(days[at], days[at], 1, other is UNENTITLED)]


@pytest.mark.parametrize("refusal", [UNENTITLED, OUTSIDE], ids=["the dataset", "the day"])
@pytest.mark.parametrize("number", [1, 2, 3, 8])
def test_one_refusal_speaks_for_its_own_day(committer: Committer, refusal: Reply, number: int) -> None:
    """The others are asked for, each once, and are landed."""
    with ScriptedServer(by_day({DAYS[0]: refusal})) as server:
        chunk = land(server, committer, (BARS, DAYS[:number]))
    assert (chunk.days, chunk.landed, len(server.asked)) == (number, number - 1, number)
    assert told(chunk) == [(DAYS[0], DAYS[0], 1, True)]


@pytest.mark.parametrize("last", [OUTSIDE, error(500), page({"status": "OK", "results": []})])
def test_a_last_day_that_is_refused_otherwise_does_not_agree(committer: Committer, last: Reply) -> None:
    """Those between the two are asked for."""
    refuses = msgspec.structs.replace(BARS, empty="refused")
    with ScriptedServer(by_day({DAYS[0]: UNENTITLED, DAYS[5]: last})) as server:
        chunk = land(server, committer, (refuses, DAYS[:6]))
    assert (chunk.days, chunk.landed) == (6, 4)
    assert told(chunk) == [(DAYS[0], DAYS[0], 1, True), (DAYS[5], DAYS[5], 1, last is OUTSIDE)]


CDN = http(b"<HTML><H1>403 ERROR</H1>Request blocked.</HTML>", 403, {"Content-Type": "text/html"})


@pytest.mark.parametrize("between", [CDN, error(403, {"message": "Forbidden"}), error(404), http(b"", 403)])
def test_what_stands_before_the_api_says_nothing_of_the_plan(committer: Committer, between: Reply) -> None:
    """Its day is tried again, and told as a fault of that day; the others are landed."""
    with ScriptedServer(by_day({DAYS[0]: between})) as server:
        chunk = land(server, committer, (BARS, DAYS[:4]))
        asked = [call.path for call in server.asked]
    assert (chunk.landed, told(chunk)) == (3, [(DAYS[0], DAYS[0], 1, False)])
    assert asked.count(f"/v2/{DAYS[0]}") > 1
    assert "plan" not in chunk.refused[0].reason


def test_days_that_are_no_neighbours_are_told_apart(committer: Committer) -> None:
    """Between them lies one that was landed."""
    with ScriptedServer(by_day({DAYS[1]: UNENTITLED, DAYS[3]: UNENTITLED, DAYS[4]: UNENTITLED})) as server:
        chunk = land(server, committer, (BARS, DAYS[:6]))
    assert told(chunk) == [(DAYS[1], DAYS[1], 1, True), (DAYS[3], DAYS[4], 2, True)]


def test_a_first_day_that_fails_otherwise_says_nothing_of_the_rest(committer: Committer) -> None:
    """Every day is asked for."""
    with ScriptedServer(by_day({DAYS[0]: error(500)})) as server:
        chunk = land(server, committer, (BARS, DAYS[:5]))
    assert (chunk.landed, told(chunk)) == (4, [(DAYS[0], DAYS[0], 1, False)])


@pytest.mark.parametrize("edge", range(1, 8))
def test_wherever_the_history_begins_each_day_is_told_once(committer: Committer, edge: int) -> None:
    """Landed or refused, and given to the step after each, with what came of the chunk so far."""
    steps: list[tuple[int, int, dt.date]] = []

    def step(chunk: Chunk, dataset: Dataset, result: Landed | Refused) -> None:
        assert dataset is BARS
        steps.append((chunk.days, chunk.landed, result.interval.day))

    with ScriptedServer(older_than(DAYS[edge])) as server:
        client = Client(Transport(server.url, "KEY"), Gate(0), Patience(0.2, 0.01, 0.02, 0.02))
        chunk = land_chunk(PolygonSource(client), committer, [(BARS, of_days("XNYS", DAYS[:7]))], step)
        asked = [call.path for call in server.asked]
    assert [days for days, _, _ in steps] == list(range(1, 8))
    assert sorted(day for _, _, day in steps) == DAYS[:7]
    assert (chunk.landed, chunk.rows, chunk.there) == (7 - edge, 7 - edge, 0)
    assert told(chunk) == [(DAYS[0], DAYS[edge - 1], edge, True)]
    assert len(asked) <= 7 - edge + 4  # the first day, and three halvings of six
    assert len([path for path in asked if path >= f"/v2/{DAYS[edge]}"]) == 7 - edge  # a landed day once


def test_nothing_to_do_is_nothing_asked(committer: Committer) -> None:
    """One day that the plan leaves out is one call."""
    with ScriptedServer(lambda _: OUTSIDE) as server:
        assert land(server, committer, (BARS, [])) == Chunk()
        assert server.asked == []
        chunk = land(server, committer, (BARS, DAYS[:1]))
        assert (told(chunk), len(server.asked)) == ([(DAYS[0], DAYS[0], 1, True)], 1)


def test_refusals_with_different_reasons_stay_apart() -> None:
    """In the order of days, whatever the order they came in; only what the plan leaves out for one reason is joined."""
    outside, unentitled = OutsideHistoryError("too old", "http://a"), NotEntitledError("not yours", "http://b")
    broken = ServerFailedError("the API answered 500", "http://c")
    reasons = [outside, OutsideHistoryError("too old", "http://z"), unentitled, outside, broken, broken, outside]
    refused = [Refused(market_day("XNYS", day), reason) for day, reason in zip(DAYS, reasons, strict=False)]
    lines = _refusals(BARS, of_days("XNYS", DAYS), refused[::-1])
    assert [(line.market_date_from, line.market_date_to, line.days, line.plan, line.reason) for line in lines] == [
        (DAYS[0], DAYS[1], 2, True, "too old"),
        (DAYS[2], DAYS[2], 1, True, "not yours"),
        (DAYS[3], DAYS[3], 1, True, "too old"),
        (DAYS[4], DAYS[4], 1, False, str(broken)),
        (DAYS[5], DAYS[5], 1, False, str(broken)),
        (DAYS[6], DAYS[6], 1, True, "too old"),
    ]
    assert {line.dataset for line in lines} == {"bars"}
    same = [
        Refused(market_day("XNYS", DAYS[0]), ServerFailedError("x")),
        Refused(market_day("XNYS", DAYS[1]), NotEntitledError(str(ServerFailedError("x")))),
    ]
    assert [line.plan for line in _refusals(BARS, of_days("XNYS", DAYS), same)] == [False, True]


def test_what_was_landed_is_counted_over_all_datasets(committer: Committer) -> None:
    """Days, rows and bytes; the refusals of each are its own."""
    body = json.dumps({"status": "OK", "results": [{"T": 1}, {"T": 2}]}).encode()
    answers = {"news": OUTSIDE, "v2": http(body)}
    with ScriptedServer(lambda asked: answers[asked.path.split("/")[1]]) as server:
        chunk = land(server, committer, (BARS, DAYS[:2]), (NEWS, DAYS[:2]), (BARS, DAYS[2:3]))
    assert (chunk.days, chunk.landed, chunk.rows, chunk.raw_bytes) == (5, 3, 6, 3 * len(body))
    assert [(each.dataset, each.days) for each in chunk.refused] == [("news", 2)]
