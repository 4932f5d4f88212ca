"""Market days from the API into bronze, through every fault of the API."""

from __future__ import annotations

import datetime as dt
import email.utils
import gzip
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout
from airflow.sdk.execution_time.timeout import timeout

from anthill.dataset import Dataset, Value
from anthill.landing.bronze import Commit, Place, TamperedError, newest_revisions
from anthill.landing.commit import Committed, Committer, Outcome
from anthill.landing.content import Content, NoRoomError
from anthill.landing.land import Landed, Refused, land, land_days
from anthill.landing.source import Source
from anthill.landing.storage import Patience as S3Patience
from anthill.landing.storage import StorageError, StorageFatalError
from anthill.polygon import errors
from anthill.polygon.client import Client, Patience
from anthill.polygon.rate_limit import Gate
from anthill.polygon.transport import Limits, Transport
from tests.plugins.anthill.coverage.entries import commit as commit_of
from tests.scripted_server import RESET, Asked, Chain, Reply, ScriptedServer, chunked, error, http, page

from .s3 import s3_at
from .s3_faults import Fault, S3Proxy

DAY = dt.date(2014, 6, 6)
KEY = "KEY-marked-55"
PAGES = [[{"id": 50 * number + row} for row in range(50)] for number in range(6)]
ROWS = Dataset(
    "rows", "/v3/rows", ("id",), {"id": "id"}, params={"day": "{market_date}"}, asset_class="stocks", name="rows"
)
GROUPED = Dataset("bars", "/v2/{market_date}", ("T",), {"T": "t"}, empty="refused", asset_class="stocks", name="bars")
LIMITS = Limits(received=1 << 20, inflated=4 << 20)


def client(server: ScriptedServer, limits: Limits = LIMITS, patience: float = 0.3) -> Source:
    """The API with little patience."""
    return Source(Client(Transport(server.url, KEY, limits), Gate(0), Patience(patience, 0.05, 0.1, 0.05)))


@pytest.fixture
def committer(s3: Any, bucket: str) -> Committer:
    """A committer into the test's bucket."""
    return Committer(s3, bucket, "run", S3Patience(tries=3, first=0.01))


def everything(s3: Any, bucket: str) -> dict[str, list[Any]]:
    """The rows of each object."""
    objects = {}
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        lines = gzip.decompress(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()).splitlines()
        objects[entry["Key"]] = [row for line in lines for row in json.loads(line)["results"]]
    return objects


def by_day(answers: Mapping[str, Reply]) -> Callable[[Asked], Reply]:
    """A script that answers by the day in the path."""
    return lambda asked: answers[asked.path.rpartition("/")[2]]


def bars(number: int) -> Reply:
    """A day of so many bars."""
    return page({"status": "OK", "resultsCount": number, "results": [{"T": f"T{row}"} for row in range(number)]})


LIMITED = {"status": "ERROR", "error": "You've exceeded the maximum requests per minute"}
GZIP = {"Content-Encoding": "gzip"}
WHOLE = page({"status": "OK", "count": 50, "results": PAGES[3]})
FAULTS = {
    "500": error(500),
    "502": error(502),
    "503": error(503),
    "429 without a time": error(429, LIMITED),
    "429 in seconds": error(429, LIMITED, **{"Retry-After": "0"}),
    "429 with a date": error(429, LIMITED, **{"Retry-After": "Fri, 06 Jun 2014 20:00:00 GMT"}),
    "reset before the body": RESET,
    "reset in the body": Reply(WHOLE.data[:-60], "reset"),
    "short body": http(b"x", length=9),
    "cut chunk": chunked([b"abc", b"def" * 50], whole=False),
    "hang": Reply(WHOLE.data[:-60], hang=600),
    "truncated JSON": http(gzip.compress(b'{"status":"OK","results":[{"id":1},{"i'), headers=GZIP),
    "cut gzip": http(gzip.compress(b'{"status":"OK","results":[]}')[:-4], headers=GZIP),
    "html": http(b"<html>"),
    "error at 200": page({"status": "ERROR"}),
    "no results": page({"status": "OK", "count": 50}),
    "fewer rows": page({"status": "OK", "count": 50, "results": PAGES[3][:43]}),
    "beyond the bound": http(b"x" * (2 << 20)),
    "gzip bomb": http(gzip.compress(b"[" + b" " * (8 << 20) + b"]"), headers=GZIP),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_on_page_four(s3: Any, bucket: str, committer: Committer, fault: Reply) -> None:
    """One that passes costs nothing; one that stays commits nothing and names dataset, day and URL."""
    key = Place("stocks", "rows", DAY).key(1)
    limits = msgspec.structs.replace(LIMITS, read=1) if fault.hang else LIMITS
    with ScriptedServer(script := Chain(PAGES, always={3: fault})) as server:
        script.base = lambda: server.url
        with pytest.raises(
            errors.PassingError, match=rf"stocks\.rows on 2014-06-06: .*after \d+ tries \[GET {server.url}"
        ):
            land(client(server, limits), committer, ROWS, DAY)
        assert everything(s3, bucket) == {}
        script.always, script.faults = {}, {3: [fault, fault]}
        landed = land(client(server, limits, patience=600), committer, ROWS, DAY)
    assert (landed.outcome, landed.rows, landed.pages) == ("landed", 300, 6)
    assert everything(s3, bucket) == {key: script.rows}


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ({"status": "OK", "results": [1], "next_url": "{base}/v3/rows?cursor=3"}, errors.BrokenChainError),
        ({"status": "OK", "results": PAGES[0]}, errors.BrokenChainError),
        ({"status": "OK", "results": [1], "next_url": "http://127.0.0.1:9/v3/rows"}, errors.ForeignOriginError),
    ],
    ids=["loop", "repeated page", "another host"],
)
def test_a_chain_that_does_not_hold(
    s3: Any, bucket: str, committer: Committer, last: Any, kind: type[Exception]
) -> None:
    """Nothing of it is committed."""
    with ScriptedServer(script := Chain(PAGES)) as server:
        script.base = lambda: server.url
        script.always = {5: page(json.loads(json.dumps(last).replace("{base}", server.url)))}
        with pytest.raises(kind, match=r"stocks\.rows on 2014-06-06"):
            land(client(server), committer, ROWS, DAY)
    assert everything(s3, bucket) == {}


def test_a_key_that_expires_half_way(s3: Any, bucket: str, committer: Committer) -> None:
    """The chain fails for good and commits nothing."""
    expired = error(401, {"status": "ERROR", "error": "Unknown API Key"})
    with ScriptedServer(script := Chain(PAGES, always={4: expired})) as server:
        script.base = lambda: server.url
        with pytest.raises(errors.UnknownKeyError):
            land(client(server), committer, ROWS, DAY)
    assert everything(s3, bucket) == {}


def test_a_clock_three_days_off(s3: Any, bucket: str, committer: Committer) -> None:
    """When an answer was given is the API's word: one that this machine would call older follows all the same."""
    answered = time.time() - 3 * 86_400
    with ScriptedServer(first := Chain(PAGES, date=answered)) as server:
        first.base = lambda: server.url
        landed = land(client(server), committer, ROWS, DAY)
    with ScriptedServer(second := Chain(PAGES[:2], date=answered + 60)) as server:
        second.base = lambda: server.url
        restated = land(client(server), committer, ROWS, DAY)
    with ScriptedServer(stale := Chain(PAGES[:3], date=answered + 30)) as server:
        stale.base = lambda: server.url
        superseded = land(client(server), committer, ROWS, DAY)
    assert [each.outcome for each in (landed, restated, superseded)] == ["landed", "restated", "superseded"]
    assert landed.commits[0].asof == dt.datetime.fromtimestamp(int(answered), dt.UTC)
    assert list(everything(s3, bucket).values()) == [first.rows, second.rows]


MINUTE, DAYS = 60, 86_400


def dated(ahead: float) -> Reply:
    """A page whose Date is so many seconds ahead."""
    return page({"status": "OK", "count": 1, "results": [{"id": 1}]}, date=time.time() + ahead)


def s3_ahead(s3: Any, seconds: float) -> None:
    """Let S3's clock be ahead."""

    def later(parsed: dict[str, Any], **_: Any) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = email.utils.formatdate(time.time() + seconds, usegmt=True)

    s3.meta.events.register("after-call.s3", later)


@pytest.mark.parametrize("ahead", [65 * MINUTE, 400 * DAYS, 7_000 * 365 * DAYS])
def test_a_date_in_the_future_is_asked_again(s3: Any, bucket: str, committer: Committer, ahead: float) -> None:
    """It would freeze its day until the clocks catch up: tried again, named where it stays, and never committed."""
    replies = [dated(ahead), dated(ahead)]
    with ScriptedServer(lambda _: replies.pop() if replies else dated(0)) as server:
        landed = land(client(server, patience=600), committer, ROWS, DAY)
        assert len(server.asked) == 3
    assert landed.commits[0].asof <= dt.datetime.now(dt.UTC)
    with ScriptedServer(lambda _: dated(ahead)) as server:
        said = r"stocks\.rows on 2014-06-06: the answer's Date is .*, over an hour ahead of this machine's .* S3's"
        with pytest.raises(errors.BadAnswerError, match=said):
            land(client(server), committer, ROWS, DAY)
    assert len(everything(s3, bucket)) == 1


@pytest.mark.parametrize(
    ("ahead", "of_s3"), [(55 * MINUTE, 0), (3 * DAYS, 3 * DAYS), (3 * DAYS, 3 * DAYS - 55 * MINUTE)]
)
def test_a_date_that_one_clock_bears_out_is_believed(s3: Any, committer: Committer, ahead: float, of_s3: float) -> None:
    """This machine's clock may be days behind: then S3's is beside the API's."""
    s3_ahead(s3, of_s3)
    with ScriptedServer(lambda _: dated(ahead)) as server:
        assert land(client(server), committer, ROWS, DAY).outcome == "landed"
        assert len(server.asked) == 1


def test_s3s_clock_alone_convicts_nobody(s3: Any, committer: Committer) -> None:
    """A Date that this machine's clock bears out is believed, whatever S3 says; S3 is asked in doubt only."""
    s3_ahead(s3, -3 * DAYS)
    with ScriptedServer(lambda _: dated(0)) as server:
        assert land(client(server), committer, ROWS, DAY).outcome == "landed"
    with (
        ScriptedServer(lambda _: dated(3 * DAYS)) as server,
        pytest.raises(errors.BadAnswerError, match="over an hour"),
    ):
        land(client(server), committer, ROWS, DAY)


def test_bytes_are_landed_unchanged(s3: Any, bucket: str, committer: Committer) -> None:
    """Each gzip member of the object is a body of the API, new fields, odd numbers and broken rows included."""
    body = b'{"results":[{"id":1.10,"new":[7.5e+07]},null,"odd \xc3\xbc",{"id":1.10}],"status":"OK","count":4}'
    reply = http(gzip.compress(body, 4, mtime=5), headers={"Content-Encoding": "gzip"})
    with ScriptedServer(lambda _: reply) as server:
        landed = land(client(server), committer, ROWS, DAY)
    assert s3.get_object(Bucket=bucket, Key=landed.commits[0].key)["Body"].read() == gzip.compress(body, 4, mtime=5)
    assert landed.rows == 4


def test_an_empty_day(s3: Any, bucket: str, committer: Committer) -> None:
    """Where it may be empty it is a commit of no rows; where it may not, nothing is committed."""
    with ScriptedServer(lambda _: page({"status": "OK", "resultsCount": 0})) as server:
        assert land(client(server), committer, ROWS, DAY).commits[0].rows == 0
        with pytest.raises(errors.NotReadyError, match=r"stocks\.bars on 2014-06-06: the API has no rows"):
            land(client(server), committer, GROUPED, DAY)
    assert list(newest_revisions(s3, bucket, "stocks", "rows", DAY)) == [""]
    assert newest_revisions(s3, bucket, "stocks", "bars", DAY) == {}


def test_each_shard_is_a_commit(s3: Any, bucket: str, committer: Committer) -> None:
    """A day of several chains: every one lands, and what is landed stays if another fails."""
    shards = {"active": {"active": True}, "delisted": {"active": False}}
    dataset = Dataset("t", "/v3/t", ("x",), {"x": "x"}, shards=shards, asset_class="stocks", name="tickers")
    active = [{"x": 1}, {"x": 2}]
    delisted = [error(404, {"status": "NOT_FOUND"}), page({"status": "OK", "results": [{"x": 9}]})]

    def script(asked: Asked) -> Reply:
        if asked.params["active"] == "true":
            return page({"status": "OK", "results": active})
        return delisted[0]

    with ScriptedServer(script) as server:
        with pytest.raises(errors.NotFoundError, match=r"stocks\.tickers \(delisted\) on 2014-06-06"):
            land(client(server), committer, dataset, DAY)
        delisted.pop(0)
        landed = land(client(server), committer, dataset, DAY)
        active[0] = {"x": 5}
        restated = land(client(server), committer, dataset, DAY)
        again = land(client(server), committer, dataset, DAY)
    assert (landed.outcome, restated.outcome, again.outcome) == ("landed", "restated", "unchanged")
    assert [commit.revision for commit in again.commits] == [2, 1]
    assert [(commit.shard, commit.rows) for commit in landed.commits] == [("active", 2), ("delisted", 1)]
    assert len(everything(s3, bucket)) == 3


def test_many_days_at_once(s3: Any, bucket: str, committer: Committer) -> None:
    """Every day is landed or refused with its reason; a refused day does not hold the others up."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(30)]
    answers = {day.isoformat(): bars(offset + 1) for offset, day in enumerate(days)}
    answers["2014-06-09"] = error(
        403, {"status": "NOT_AUTHORIZED", "message": "Your plan doesn't include this timeframe"}
    )
    answers["2014-06-10"] = page({"status": "OK", "resultsCount": 0})
    with ScriptedServer(by_day(answers)) as server:
        results = list(land_days(client(server), committer, GROUPED, days))
    assert sorted(result.market_date for result in results) == days
    refused = {result.market_date.day: type(result.reason) for result in results if isinstance(result, Refused)}
    assert refused == {9: errors.OutsideHistoryError, 10: errors.NotReadyError}
    landed = {result.market_date: result.rows for result in results if isinstance(result, Landed)}
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
        api = Source(Client(Transport(server.url, KEY, Limits()), Gate(0)))
        assert all(isinstance(result, Landed) for result in land_days(api, committer, GROUPED, days))


def test_no_days() -> None:
    """Nothing to do is nothing done."""
    assert list(land_days(None, None, GROUPED, [])) == []


def test_what_ends_a_bulk_landing(s3_url: str, s3: Any, committer: Committer) -> None:
    """A wrong key and a missing bucket are not tried for every day."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(300)]
    wrong = error(401, {"status": "ERROR", "error": "Unknown API Key"})
    with ScriptedServer(lambda _: wrong) as server:
        with pytest.raises(errors.UnknownKeyError):
            list(land_days(client(server), committer, GROUPED, days))
        assert len(server.asked) < 100
    with ScriptedServer(lambda _: bars(1)) as server:
        with pytest.raises(StorageFatalError, match=r"stocks\.bars on .*NoSuchBucket"):
            list(land_days(client(server), Committer(s3, "no-such-bucket", "run"), GROUPED, days))
        assert len(server.asked) < 100


def test_one_bad_day_keeps_only_itself_out(s3_url: str, s3: Any, bucket: str) -> None:
    """Someone's object in its place, a key that S3 refuses, an answer that nobody can read: each is told with why."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(40)]
    refused = Place("stocks", "bars", days[7]).key(1)
    s3.put_object(Bucket=bucket, Key=Place("stocks", "bars", days[3]).key(1), Body=b"x")
    answers = {str(day): bars(1) for day in days} | {str(days[11]): http(b"<html>")}
    with ScriptedServer(by_day(answers)) as server, S3Proxy(s3_url) as proxy:
        proxy.choose = lambda method, path, _: Fault(403, "AccessDenied") if refused in unquote(path) else None
        patient = Committer(s3_at(proxy.url), bucket, "run", S3Patience(tries=2, first=0.01))
        results = list(land_days(client(server), patient, GROUPED, days))
    told = {result.market_date: str(result.reason) for result in results if isinstance(result, Refused)}
    assert sorted(told) == [days[3], days[7], days[11]]
    assert all(f"stocks.bars on {day}: " in why for day, why in told.items())
    for day, said in zip(sorted(told), ("is no commit", "AccessDenied", "<html>"), strict=True):
        assert said in told[day]
    assert {result.market_date for result in results if isinstance(result, Landed)} == set(days) - told.keys()


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown"])
def test_s3_that_fails_day_after_day_ends_it(s3_url: str, bucket: str, code: str) -> None:
    """Two in a row are two bad keys, with good ones between; the third without any is S3."""
    days = [DAY + dt.timedelta(days=offset) for offset in range(30)]
    bad = {Place("stocks", "bars", day).key(1) for at, day in enumerate(days) if (at % 3 and at < 15) or at > 20}
    results: list[Landed | Refused] = []
    with ScriptedServer(lambda _: bars(1)) as server, S3Proxy(s3_url) as proxy:
        fault = Fault(403 if code == "AccessDenied" else 503, code)
        proxy.choose = lambda method, path, _: fault if any(key in unquote(path) for key in bad) else None
        patient = Committer(s3_at(proxy.url), bucket, "run", S3Patience(tries=2, first=0.001))
        with pytest.raises(StorageError, match=rf"stocks\.bars on {days[23]}: .*{code}"):
            results.extend(land_days(client(server), patient, GROUPED, days, threads=1))
    assert [result.market_date for result in results if isinstance(result, Refused)] == [
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
        results = list(land_days(client(server), committer, GROUPED, days))
        assert {result.market_date for result in results if isinstance(result, Landed)} == set(days[6:])

        def full(*_: Any) -> None:
            raise NoRoomError("no room")

        monkeypatch.setattr(Content, "add", full)
        with pytest.raises(NoRoomError, match=r"stocks\.bars on .*no room"):
            list(land_days(client(server), committer, GROUPED, days))


def test_a_tampered_object_stops_its_day(s3: Any, bucket: str, committer: Committer) -> None:
    """What somebody else put in the day's place is named, not built upon."""
    s3.put_object(Bucket=bucket, Key=Place("stocks", "bars", DAY).key(1), Body=b"x")
    named = pytest.raises(TamperedError, match=r"stocks\.bars on 2014-06-06: s3://.*r000001")
    with ScriptedServer(lambda _: bars(1)) as server, named:
        land(client(server), committer, GROUPED, DAY)


def test_the_key_is_nowhere(s3: Any, bucket: str, committer: Committer, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in logs of every level nor in the object, its key and its metadata."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(script := Chain(PAGES, faults={2: [error(500, {"error": KEY})]})) as server:
        script.base = lambda: server.url
        landed = land(client(server), committer, ROWS, DAY)
    stored = s3.get_object(Bucket=bucket, Key=landed.commits[0].key)
    body = gzip.decompress(stored["Body"].read()).decode()
    assert "stocks.rows: 6 pages, 300 rows" in caplog.text
    assert KEY not in f"{caplog.text} {landed} {body} {stored}"


CHAINS = Dataset(
    "bars",
    "/v2/ticker/{ticker}/{market_date}",
    ("ticker",),
    {"c": "close"},
    page_fields={"ticker": "ticker"},
    each="ticker",
    asset_class="stocks",
    name="minutes",
)


ENDLESS = (ROWS, msgspec.structs.replace(CHAINS, listed=("A", "B")))


@pytest.mark.parametrize("dataset", ENDLESS, ids=["a chain", "many chains"])
def test_a_task_that_is_ended_leaves_no_chain_behind(
    committer: Committer, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At Airflow's execution time-out the pages that are under way are waited for, not all that may follow them."""
    monkeypatch.setattr("anthill.polygon.paging._MOST_PAGES", 20_000)

    def endless(asked: Asked) -> Reply:
        number = int(asked.params.get("cursor", 0)) + 1
        return page({"status": "OK", "results": [{"id": number}], "next_url": f"{server.url}/v3?cursor={number}"})

    with ScriptedServer(endless) as server:
        with pytest.raises(AirflowTaskTimeout), timeout(0.5):
            next(land_days(client(server), committer, dataset, [DAY]))
        assert len(server.asked) < 20_000


def test_many_chains_are_one_object_in_their_order(s3: Any, bucket: str, committer: Committer) -> None:
    """A list of tickers is one commit, whoever answers first; one without rows is a page all the same."""
    tickers = tuple(f"T{number:02d}" for number in range(40))

    def slow_first(asked: Asked) -> Reply:
        ticker = asked.path.split("/")[3]
        time.sleep(0.05 if ticker == "T00" else 0)
        rows = [] if ticker == "T07" else [{"c": number} for number in range(3)]
        return page({"status": "OK", "ticker": ticker, "resultsCount": len(rows), "results": rows})

    with ScriptedServer(slow_first) as server:
        landed = land(client(server), committer, msgspec.structs.replace(CHAINS, listed=tickers), DAY)
    assert (landed.rows, landed.pages, len(landed.commits)) == (39 * 3, 40, 1)
    body = s3.get_object(Bucket=bucket, Key=landed.commits[0].key)["Body"].read()
    assert [json.loads(line)["ticker"] for line in gzip.decompress(body).splitlines()] == list(tickers)


def test_one_chain_that_fails_leaves_nothing(s3: Any, bucket: str, committer: Committer) -> None:
    """A day of many chains is whole or not there at all."""

    def one_is_refused(asked: Asked) -> Reply:
        return error(403, {"status": "NOT_AUTHORIZED"}) if "/B/" in asked.path else bars(1)

    dataset = msgspec.structs.replace(CHAINS, listed=("A", "B", "C"))
    with ScriptedServer(one_is_refused) as server, pytest.raises(errors.NotEntitledError, match=r"stocks\.minutes on"):
        land(client(server), committer, dataset, DAY)
    assert everything(s3, bucket) == {}


def test_a_dataset_is_asked_for_each_row_of_another(s3: Any, bucket: str, committer: Committer) -> None:
    """Each contract that the day's list names, over all its pages and underlyings, gets a chain of its own."""
    contracts = Dataset(
        "contracts",
        "/v3/contracts",
        ("ticker",),
        {"ticker": "ticker"},
        params={"underlying": "{underlying}"},
        each="underlying",
        listed=("X", "GONE", "Y"),
        asset_class="options",
        name="contracts",
    )
    dataset = msgspec.structs.replace(CHAINS, each="contracts.ticker", listed_by=contracts)

    def answer(asked: Asked) -> Reply:
        if asked.path == "/v3/contracts":
            name = asked.params["underlying"]
            if name == "GONE":
                return error(404, {"status": "NOT_FOUND"})
            return page({"status": "OK", "results": [{"ticker": f"O:{name}{number}"} for number in range(2)]})
        return page({"status": "OK", "ticker": asked.path.split("/")[3], "resultsCount": 1, "results": [{"c": 1}]})

    with ScriptedServer(answer) as server:
        landed = land(client(server), committer, dataset, DAY)
    body = s3.get_object(Bucket=bucket, Key=landed.commits[0].key)["Body"].read()
    found = [json.loads(line)["ticker"] for line in gzip.decompress(body).splitlines()]
    assert found == ["O:X0", "O:X1", "O:Y0", "O:Y1"]


def test_a_wrong_key_does_not_wait_for_a_slow_plan(committer: Committer) -> None:
    """Of many chains at 5 calls a minute only the first is asked for: nobody waits for a turn that is of no use."""
    dataset = msgspec.structs.replace(CHAINS, listed=tuple(f"T{number}" for number in range(40)))
    with ScriptedServer(lambda _: error(401, {"status": "ERROR", "error": "Unknown API Key"})) as server:
        api = Source(Client(Transport(server.url, KEY, LIMITS), Gate(5), Patience(0.3, 0.01, 0.05, 0.05)))
        with pytest.raises(errors.UnknownKeyError):
            land(api, committer, dataset, DAY)
    assert len(server.asked) == 1


def test_a_taking_is_a_shard_of_its_own(s3: Any, bucket: str, committer: Committer) -> None:
    """Named by its moment; the day's other takings stay."""
    with ScriptedServer(lambda _: bars(2)) as server:
        first, second = (land(client(server), committer, ROWS, DAY, taking) for taking in ("1330", "1345"))
    assert [commit.shard for commit in (*first.commits, *second.commits)] == ["1330", "1345"]
    assert list(newest_revisions(s3, bucket, "stocks", "rows", DAY)) == ["1330", "1345"]


def test_what_came_of_a_day_is_told_whole(committer: Committer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its place, rows and pages of all shards as they lie, bytes as fetched this time, fields in order, seconds."""
    moments = iter([1000.0, 1003.12345])
    monkeypatch.setattr("anthill.landing.land.time", SimpleNamespace(monotonic=lambda: next(moments)))
    shards = {"b": {"x": "b"}, "a": {"x": "a"}}
    dataset = Dataset("t", "/v3/t", ("x",), {"x": "x"}, shards=shards, asset_class="stocks", name="lists")
    size = {}

    def script(asked: Asked) -> Reply:
        rows = [{"z": 1}, {"y": 2}] if asked.params["x"] == "a" else [{"x": 3}]
        body = json.dumps({"status": "OK", "results": rows}).encode()
        size[asked.params["x"]] = len(body)
        return http(body)

    with ScriptedServer(script) as server:
        landed = land(client(server), committer, dataset, DAY)
    assert (landed.asset_class, landed.dataset, landed.market_date) == ("stocks", "lists", DAY)
    assert (landed.rows, landed.pages, landed.raw_bytes) == (3, 2, sum(size.values()))
    assert landed.fields == ("x", "y", "z")
    assert [commit.shard for commit in landed.commits] == ["a", "b"]
    assert landed.seconds == 3.123


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

        def commit(self, place: Place, content: Content, newest: Commit | None) -> Committed:
            return Committed(outcomes[int(place.shard)], commit_of(DAY, shard=place.shard))

    shards: dict[str, dict[str, Value]] = {"0": {}, "1": {}}
    dataset = Dataset("t", "/v3/t", ("x",), {"x": "x"}, shards=shards, asset_class="stocks", name="lists")
    undecided: Any = Decided()
    with ScriptedServer(lambda _: bars(1)) as server:
        (told,) = land_days(client(server), undecided, dataset, [DAY])
    assert isinstance(told, Landed)
    assert told.outcome == called


def test_a_day_of_two_shards_that_fail_is_one_refusal(committer: Committer) -> None:
    """The days around it are landed, both shards of each."""
    shards = {"a": {"x": "a"}, "b": {"x": "b"}}
    dataset = Dataset("t", "/v3/{market_date}", ("x",), {"x": "x"}, shards=shards, asset_class="stocks", name="lists")
    days = [DAY + dt.timedelta(days=number) for number in range(3)]

    def script(asked: Asked) -> Reply:
        return error(404, {"status": "NOT_FOUND"}) if asked.path.endswith(str(days[1])) else bars(1)

    with ScriptedServer(script) as server:
        results = list(land_days(client(server), committer, dataset, days))
    assert sorted((result.market_date, type(result)) for result in results) == [
        (days[0], Landed),
        (days[1], Refused),
        (days[2], Landed),
    ]
    assert [len(result.commits) for result in results if isinstance(result, Landed)] == [2, 2]


@pytest.mark.parametrize(("rate", "threads"), [(0, 16), (5, 1), (599, 1), (600, 16), (6000, 16)])
def test_where_calls_wait_for_their_turn_one_goes_out_at_a_time(rate: int, threads: int) -> None:
    """From ten calls a second on they are made ahead."""
    assert Source(Client(Transport("http://127.0.0.1:1", KEY), Gate(rate))).threads == threads


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
        assert len(list(land_days(client(server), committer, GROUPED, days, threads=2))) == 12
    assert most <= 2


def test_a_row_without_the_field_that_is_asked_for_each_is_told(s3: Any, bucket: str, committer: Committer) -> None:
    """With the row and the page it stands on; shards of the list are each asked for."""
    lists = Dataset(
        "contracts",
        "/v3/contracts",
        ("ticker",),
        {"ticker": "ticker"},
        shards={"calls": {"type": "call"}, "puts": {"type": "put"}},
        asset_class="options",
        name="contracts",
    )
    dataset = msgspec.structs.replace(CHAINS, each="contracts.ticker", listed_by=lists)

    def answer(asked: Asked) -> Reply:
        if asked.path == "/v3/contracts":
            return page({"status": "OK", "results": [{"ticker": f"O:{asked.params['type']}"}]})
        return page({"status": "OK", "ticker": asked.path.split("/")[3], "resultsCount": 1, "results": [{"c": 1}]})

    with ScriptedServer(answer) as server:
        landed = land(client(server), committer, dataset, DAY)
        assert {asked.path.split("/")[3] for asked in server.asked if "ticker" in asked.path} == {"O:call", "O:put"}
    assert (landed.rows, landed.pages) == (2, 2)
    for value in ({"ticker": 5}, {"name": "x"}, "no ticker", None):
        broken = page({"status": "OK", "results": [value]})
        with ScriptedServer(lambda _, broken=broken: broken) as server:
            said = (
                rf"stocks\.minutes on 2014-06-06: a row has no ticker: b'.*{next(iter(value or ['null']))}.*contracts"
            )
            with pytest.raises(errors.BadAnswerError, match=said):
                land(client(server), committer, dataset, DAY)


def test_no_more_chains_are_fetched_ahead_than_threads(committer: Committer) -> None:
    """A page waits in memory for its turn: of five hundred contracts never more than sixteen chains."""
    tickers = tuple(f"T{number:02d}" for number in range(60))
    most = 0
    given: list[str] = []

    class Counting(Source):
        """Knows how many chains were fetched before their turn."""

        def _whole_chain(self, call: Any, over: threading.Event) -> Any:
            given.append(call.path)
            return super()._whole_chain(call, over)

    dataset = msgspec.structs.replace(CHAINS, listed=tickers)
    with ScriptedServer(lambda _: bars(1)) as server, ThreadPoolExecutor(16) as pool:
        for number, _ in enumerate(Counting(client(server).client).pages(dataset, DAY, "", pool, threading.Event())):
            most = max(most, len(given) - number)
    assert len(given) == 60
    assert most <= 16


def test_the_first_hour_may_be_missing_and_no_more(committer: Committer) -> None:
    """Bars of a stretch of time are asked whether the plan's edge cut them, others are landed as they are."""
    opens = dt.datetime(2014, 6, 6, 13, 30, tzinfo=dt.UTC)
    late = [{"t": int((opens + dt.timedelta(hours=3)).timestamp() * 1000)}]
    two_years = dt.datetime(2016, 6, 6, 22, tzinfo=dt.UTC).timestamp()
    reply = page({"status": "OK", "results": late}, date=two_years)
    ranged = Dataset(
        "r", "/v2/range/{market_date}", ("t",), {"t": "t"}, calendar="XNYS", asset_class="stocks", name="ranged"
    )
    with ScriptedServer(lambda _: reply) as server:
        with pytest.raises(errors.OutsideHistoryError, match=r"stocks\.ranged on 2014-06-06: the bars of 2014-06-06"):
            land(client(server), committer, ranged, DAY)
        assert land(client(server), committer, msgspec.structs.replace(ranged, path="/v2/{market_date}"), DAY).rows == 1


def test_a_symbol_that_the_source_does_not_know_takes_no_other_with_it(
    s3: Any, bucket: str, committer: Committer, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told and left out, whatever stands in it; where there is none that the source knows, the path is wrong."""
    dataset = msgspec.structs.replace(ROWS, path="/v3/rows/{symbol}", each="symbol", listed=("A", "GO/NE", "C"))
    missing = error(404, {"status": "NOT_FOUND", "message": "Ticker not found."})

    def script(asked: Asked) -> Reply:
        if asked.path in ("/v3/rows/A", "/v3/rows/C"):
            return page({"status": "OK", "count": 1, "results": [{"id": asked.path[-1]}]})
        assert asked.path in ("/v3/rows/GO%2FNE", "/v3/rows/D")
        return missing

    with ScriptedServer(script) as server:
        assert land(client(server), committer, dataset, DAY).rows == 2
        assert list(everything(s3, bucket).values()) == [[{"id": "A"}, {"id": "C"}]]
        assert "404" in caplog.text
        assert "/v3/rows/GO%2FNE" in caplog.text
        wrong = msgspec.structs.replace(dataset, listed=("D", "GO/NE"))
        with pytest.raises(errors.NotFoundError, match="/v3/rows/D"):
            land(client(server), committer, wrong, DAY)
