"""Market days from the API into bronze, through every fault of the API."""

from __future__ import annotations

import datetime as dt
import email.utils
import gzip
import json
import logging
import time
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout
from airflow.sdk.execution_time.timeout import timeout

from anthill.bronze.commits import Place, TamperedError, newest_revisions
from anthill.dataset import Dataset
from anthill.landing.commit import Committer
from anthill.landing.land import land, land_all
from anthill.sources import errors
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.errors import BrokenChainError, ForeignOriginError
from tests.scripted_server import RESET, Asked, Chain, Reply, ScriptedServer, chunked, error, http, page

from .api import AT, CHAINS, DAY, GROUPED, KEY, LIMITS, PAGES, ROWS, bars, client, everything

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
    key = Place("polygon", "stocks", "rows", str(DAY)).key(1)
    limits = msgspec.structs.replace(LIMITS, read=1) if fault.hang else LIMITS
    with ScriptedServer(script := Chain(PAGES, always={3: fault})) as server:
        script.base = lambda: server.url
        with pytest.raises(
            errors.PassingError, match=rf"stocks\.rows on 2014-06-06: .*after \d+ tries \[GET {server.url}"
        ):
            land(client(server, limits), committer, ROWS, AT)
        assert everything(s3, bucket) == {}
        script.always, script.faults = {}, {3: [fault, fault]}
        landed = land(client(server, limits, patience=600), committer, ROWS, AT)
    assert (landed.outcome, landed.rows, landed.pages) == ("landed", 300, 6)
    assert everything(s3, bucket) == {key: script.rows}


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ({"status": "OK", "results": [1], "next_url": "{base}/v3/rows?cursor=3"}, BrokenChainError),
        ({"status": "OK", "results": PAGES[0]}, BrokenChainError),
        ({"status": "OK", "results": [1], "next_url": "http://127.0.0.1:9/v3/rows"}, ForeignOriginError),
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
            land(client(server), committer, ROWS, AT)
    assert everything(s3, bucket) == {}


def test_a_key_that_expires_half_way(s3: Any, bucket: str, committer: Committer) -> None:
    """The chain fails for good and commits nothing."""
    expired = error(401, {"status": "ERROR", "error": "Unknown API Key"})
    with ScriptedServer(script := Chain(PAGES, always={4: expired})) as server:
        script.base = lambda: server.url
        with pytest.raises(errors.UnknownKeyError):
            land(client(server), committer, ROWS, AT)
    assert everything(s3, bucket) == {}


def test_a_clock_three_days_off(s3: Any, bucket: str, committer: Committer) -> None:
    """When an answer was given is the API's word: one that this machine would call older follows all the same."""
    answered = time.time() - 3 * 86_400
    with ScriptedServer(first := Chain(PAGES, date=answered)) as server:
        first.base = lambda: server.url
        landed = land(client(server), committer, ROWS, AT)
    with ScriptedServer(second := Chain(PAGES[:2], date=answered + 60)) as server:
        second.base = lambda: server.url
        restated = land(client(server), committer, ROWS, AT)
    with ScriptedServer(stale := Chain(PAGES[:3], date=answered + 30)) as server:
        stale.base = lambda: server.url
        superseded = land(client(server), committer, ROWS, AT)
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
        landed = land(client(server, patience=600), committer, ROWS, AT)
        assert len(server.asked) == 3
    assert landed.commits[0].asof <= dt.datetime.now(dt.UTC)
    with ScriptedServer(lambda _: dated(ahead)) as server:
        said = r"stocks\.rows on 2014-06-06: the answer's Date is .*, over an hour ahead of this machine's .* S3's"
        with pytest.raises(errors.BadAnswerError, match=said):
            land(client(server), committer, ROWS, AT)
    assert len(everything(s3, bucket)) == 1


@pytest.mark.parametrize(
    ("ahead", "of_s3"), [(55 * MINUTE, 0), (3 * DAYS, 3 * DAYS), (3 * DAYS, 3 * DAYS - 55 * MINUTE)]
)
def test_a_date_that_one_clock_bears_out_is_believed(s3: Any, committer: Committer, ahead: float, of_s3: float) -> None:
    """This machine's clock may be days behind: then S3's is beside the API's."""
    s3_ahead(s3, of_s3)
    with ScriptedServer(lambda _: dated(ahead)) as server:
        assert land(client(server), committer, ROWS, AT).outcome == "landed"
        assert len(server.asked) == 1


def test_s3s_clock_alone_convicts_nobody(s3: Any, committer: Committer) -> None:
    """A Date that this machine's clock bears out is believed, whatever S3 says; S3 is asked in doubt only."""
    s3_ahead(s3, -3 * DAYS)
    with ScriptedServer(lambda _: dated(0)) as server:
        assert land(client(server), committer, ROWS, AT).outcome == "landed"
    with (
        ScriptedServer(lambda _: dated(3 * DAYS)) as server,
        pytest.raises(errors.BadAnswerError, match="over an hour"),
    ):
        land(client(server), committer, ROWS, AT)


def test_bytes_are_landed_unchanged(s3: Any, bucket: str, committer: Committer) -> None:
    """Each gzip member of the object is a body of the API, new fields, odd numbers and broken rows included."""
    body = b'{"results":[{"id":1.10,"new":[7.5e+07]},null,"odd \xc3\xbc",{"id":1.10}],"status":"OK","count":4}'
    reply = http(gzip.compress(body, 4, mtime=5), headers={"Content-Encoding": "gzip"})
    with ScriptedServer(lambda _: reply) as server:
        landed = land(client(server), committer, ROWS, AT)
    assert s3.get_object(Bucket=bucket, Key=landed.commits[0].key)["Body"].read() == gzip.compress(body, 4, mtime=5)
    assert landed.rows == 4


def test_an_empty_day(s3: Any, bucket: str, committer: Committer) -> None:
    """Where it may be empty it is a commit of no rows; where it may not, nothing is committed."""
    with ScriptedServer(lambda _: page({"status": "OK", "resultsCount": 0})) as server:
        assert land(client(server), committer, ROWS, AT).commits[0].rows == 0
        with pytest.raises(errors.NotReadyError, match=r"stocks\.bars on 2014-06-06: the source has no rows"):
            land(client(server), committer, GROUPED, AT)
    assert list(newest_revisions(s3, bucket, ROWS, str(DAY))) == [""]
    assert newest_revisions(s3, bucket, GROUPED, str(DAY)) == {}


def test_each_shard_is_a_commit(s3: Any, bucket: str, committer: Committer) -> None:
    """A day of several chains: every one lands, and what is landed stays if another fails."""
    shards = {"active": {"active": True}, "delisted": {"active": False}}
    dataset = PolygonDataset(
        "t", ("x",), {"x": "x"}, path="/v3/t", shards=shards, asset_class="stocks", source="polygon", name="tickers"
    )
    active = [{"x": 1}, {"x": 2}]
    delisted = [error(404, {"status": "NOT_FOUND"}), page({"status": "OK", "results": [{"x": 9}]})]

    def script(asked: Asked) -> Reply:
        if asked.params["active"] == "true":
            return page({"status": "OK", "results": active})
        return delisted[0]

    with ScriptedServer(script) as server:
        with pytest.raises(errors.NotFoundError, match=r"stocks\.tickers \(delisted\) on 2014-06-06"):
            land(client(server), committer, dataset, AT)
        delisted.pop(0)
        landed = land(client(server), committer, dataset, AT)
        active[0] = {"x": 5}
        restated = land(client(server), committer, dataset, AT)
        again = land(client(server), committer, dataset, AT)
    assert (landed.outcome, restated.outcome, again.outcome) == ("landed", "restated", "unchanged")
    assert [commit.revision for commit in again.commits] == [2, 1]
    assert [(commit.shard, commit.rows) for commit in landed.commits] == [("active", 2), ("delisted", 1)]
    assert len(everything(s3, bucket)) == 3


def test_a_tampered_object_stops_its_day(s3: Any, bucket: str, committer: Committer) -> None:
    """What somebody else put in the day's place is named, not built upon."""
    s3.put_object(Bucket=bucket, Key=Place("polygon", "stocks", "bars", str(DAY)).key(1), Body=b"x")
    named = pytest.raises(TamperedError, match=r"stocks\.bars on 2014-06-06: s3://.*r000001")
    with ScriptedServer(lambda _: bars(1)) as server, named:
        land(client(server), committer, GROUPED, AT)


def test_the_key_is_nowhere(s3: Any, bucket: str, committer: Committer, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in logs of every level nor in the object, its key and its metadata."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(script := Chain(PAGES, faults={2: [error(500, {"error": KEY})]})) as server:
        script.base = lambda: server.url
        landed = land(client(server), committer, ROWS, AT)
    stored = s3.get_object(Bucket=bucket, Key=landed.commits[0].key)
    body = gzip.decompress(stored["Body"].read()).decode()
    assert "stocks.rows: 6 pages, 300 rows" in caplog.text
    assert KEY not in f"{caplog.text} {landed} {body} {stored}"


ENDLESS = (ROWS, msgspec.structs.replace(CHAINS, listed=("A", "B")))


@pytest.mark.parametrize("dataset", ENDLESS, ids=["a chain", "many chains"])
def test_a_task_that_is_ended_leaves_no_chain_behind(
    committer: Committer, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At Airflow's execution time-out the pages that are under way are waited for, not all that may follow them."""
    monkeypatch.setattr("anthill.sources.polygon.paging._MOST_PAGES", 20_000)

    def endless(asked: Asked) -> Reply:
        number = int(asked.params.get("cursor", 0)) + 1
        return page({"status": "OK", "results": [{"id": number}], "next_url": f"{server.url}/v3?cursor={number}"})

    with ScriptedServer(endless) as server:
        with pytest.raises(AirflowTaskTimeout), timeout(0.5):
            next(land_all(client(server), committer, dataset, [AT]))
        assert len(server.asked) < 20_000


def test_a_taking_is_a_shard_of_its_own(s3: Any, bucket: str, committer: Committer) -> None:
    """Named by its moment; the day's other takings stay."""
    with ScriptedServer(lambda _: bars(2)) as server:
        first, second = (land(client(server), committer, ROWS, AT, taking) for taking in ("1330", "1345"))
    assert [commit.shard for commit in (*first.commits, *second.commits)] == ["1330", "1345"]
    assert list(newest_revisions(s3, bucket, ROWS, str(DAY))) == ["1330", "1345"]


def test_what_came_of_a_day_is_told_whole(committer: Committer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its place, rows and pages of all shards as they lie, bytes as fetched this time, fields in order, seconds."""
    moments = iter([1000.0, 1003.12345])
    monkeypatch.setattr("anthill.landing.land.time", SimpleNamespace(monotonic=lambda: next(moments)))
    shards = {"b": {"x": "b"}, "a": {"x": "a"}}
    dataset = PolygonDataset(
        "t", ("x",), {"x": "x"}, path="/v3/t", shards=shards, asset_class="stocks", source="polygon", name="lists"
    )
    size = {}

    def script(asked: Asked) -> Reply:
        rows = [{"z": 1}, {"y": 2}] if asked.params["x"] == "a" else [{"x": 3}]
        body = json.dumps({"status": "OK", "results": rows}).encode()
        size[asked.params["x"]] = len(body)
        return http(body)

    with ScriptedServer(script) as server:
        landed = land(client(server), committer, dataset, AT)
    assert (landed.asset_class, landed.dataset, landed.interval.day) == ("stocks", "lists", DAY)
    assert (landed.rows, landed.pages, landed.raw_bytes) == (3, 2, sum(size.values()))
    assert landed.fields == ("x", "y", "z")
    assert [commit.shard for commit in landed.commits] == ["a", "b"]
    assert landed.seconds == 3.123


def test_the_first_hour_may_be_missing_and_no_more(committer: Committer) -> None:
    """Bars of a stretch of time are asked whether the plan's edge cut them, others are landed as they are."""
    opens = dt.datetime(2014, 6, 6, 13, 30, tzinfo=dt.UTC)
    late = [{"t": int((opens + dt.timedelta(hours=3)).timestamp() * 1000)}]
    two_years = dt.datetime(2016, 6, 6, 22, tzinfo=dt.UTC).timestamp()
    reply = page({"status": "OK", "results": late}, date=two_years)
    ranged = PolygonDataset(
        "r",
        ("t",),
        {"t": "t"},
        path="/v2/range/{market_date}",
        calendar="XNYS",
        asset_class="stocks",
        source="polygon",
        name="ranged",
    )
    with ScriptedServer(lambda _: reply) as server:
        with pytest.raises(errors.OutsideHistoryError, match=r"stocks\.ranged on 2014-06-06: the bars of 2014-06-06"):
            land(client(server), committer, ranged, AT)
        assert land(client(server), committer, msgspec.structs.replace(ranged, path="/v2/{market_date}"), AT).rows == 1
