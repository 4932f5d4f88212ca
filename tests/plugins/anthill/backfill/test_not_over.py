"""A day that was landed before it was due is missing until the source was asked for it again after."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from typing import Any

import msgspec
import pytest
from airflow.sdk.exceptions import AirflowException

from anthill import catalog
from anthill.backfill.land_chunk import land_chunk
from anthill.backfill.operators import ReportBackfill
from anthill.bronze.commits import Place
from anthill.bronze.storage import Patience as S3Patience
from anthill.coverage.reader import Reader
from anthill.coverage.states import Due, State, row
from anthill.dataset import Dataset
from anthill.intervals import market_day, of_days
from anthill.landing.commit import Committer
from anthill.landing.content import Content
from anthill.ledger.documents import Documents, days_key
from anthill.ledger.recorder import Recorder
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from tests.plugins.anthill.landing.test_content import page as page_of
from tests.scripted_server import ScriptedServer, page

from .lacking import lacking
from .test_operators import connect, context, land, mwaa

__all__ = ["connect", "mwaa"]

STOCKS = catalog.load("stocks")
SPLITS = STOCKS.datasets["splits"]
LISTS = STOCKS.datasets["tickers"]  # two shards
DAY = dt.date(2014, 6, 6)  # a Friday: the market closes at 20:00 UTC
DUE = dt.datetime(2014, 6, 7, 2, tzinfo=dt.UTC)  # six hours later, by the declaration
SECOND = dt.timedelta(seconds=1)


def ask(
    s3: Any, bucket: str, at: dt.datetime, rows: int = 2, dataset: Dataset = SPLITS, tell: bool = True
) -> list[str]:
    """Land what is missing as the source has it at a moment of its own clock; the outcomes."""
    answer = page({"status": "OK", "results": [{"id": number} for number in range(rows)]}, date=at.timestamp())
    committer = Committer(s3, bucket, f"run at {at}", S3Patience(tries=2, first=0.01))
    recorder = Recorder(Documents(s3, bucket), f"run at {at}")
    outcomes: list[str] = []

    def step(_: Any, landed: Dataset, result: Any) -> None:
        outcomes.append(result.outcome)
        recorder.note(landed, result)

    with ScriptedServer(lambda _: answer) as server:
        source = PolygonSource(Client(Transport(server.url, "KEY"), Gate(0), Patience(0.2, 0.01, 0.02, 0.02)))
        land_chunk(source, committer, [(dataset, of_days("XNYS", lacking(s3, bucket, dataset, [DAY])))], step)
    if tell:
        recorder.write()
    return outcomes


def objects(s3: Any, bucket: str) -> list[str]:
    """The commits in bronze."""
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="polygon/stocks/")["Contents"]
    return [entry["Key"] for entry in listed if "/_" not in entry["Key"]]


def state(s3: Any, bucket: str, now: dt.datetime, dataset: Dataset = SPLITS) -> str:
    """What the coverage page shows of the day."""
    told = Reader(Documents(s3, bucket), bucket).told("stocks", {dataset.name: dataset}, [DAY.year])[dataset.name]
    return row(dataset, [DAY], frozenset([DAY]), told, Due(STOCKS, now))


@pytest.mark.parametrize("told", [True, False], ids=["told", "killed before the index was told"])
def test_an_equal_answer_after_it_was_due_counts(s3: Any, bucket: str, told: bool) -> None:
    """Without a new object; before that, the day is asked for by every run, and is no day that is there."""
    assert ask(s3, bucket, DUE - dt.timedelta(hours=9), tell=told) == ["landed"]
    assert ask(s3, bucket, DUE - SECOND, tell=told) == ["unchanged"]
    assert lacking(s3, bucket, SPLITS, [DAY]) == [DAY]
    assert ask(s3, bucket, DUE) == ["unchanged"]
    assert lacking(s3, bucket, SPLITS, [DAY]) == []
    assert ask(s3, bucket, DUE + dt.timedelta(days=1)) == []
    assert objects(s3, bucket) == [Place("polygon", "stocks", "splits", str(DAY)).key(1)]


def test_the_page_shows_it_as_what_it_is(s3: Any, bucket: str) -> None:
    """Not due, late, missing; then landed, with the moment of the last equal answer."""
    ask(s3, bucket, DUE - dt.timedelta(hours=9))
    moments = (DUE - SECOND, DUE, DUE + dt.timedelta(hours=23), DUE + dt.timedelta(days=1))
    assert "".join(state(s3, bucket, now) for now in moments) == "WTTM"
    ask(s3, bucket, DUE + dt.timedelta(hours=1))
    assert {state(s3, bucket, now) for now in moments} == {"L"}
    entry = Reader(Documents(s3, bucket), bucket).entries("stocks", {"splits": SPLITS}, [2014])["splits"][str(DAY)]
    assert (entry.asof, entry.confirmed) == (DUE - dt.timedelta(hours=9), DUE + dt.timedelta(hours=1))


def test_another_answer_after_it_was_due_is_a_restatement(s3: Any, bucket: str) -> None:
    """As ever: the next revision, and the day is there."""
    ask(s3, bucket, DUE - SECOND)
    assert ask(s3, bucket, DUE + SECOND, rows=3) == ["restated"]
    assert lacking(s3, bucket, SPLITS, [DAY]) == []
    assert state(s3, bucket, DUE) == State.RESTATED


def test_an_older_answer_confirms_nothing(s3: Any, bucket: str) -> None:
    """Equal or not, one of before stays one of before."""
    ask(s3, bucket, DUE - SECOND)
    ask(s3, bucket, DUE - 2 * SECOND)
    assert ask(s3, bucket, DUE - 3 * SECOND, rows=3) == ["superseded"]
    assert lacking(s3, bucket, SPLITS, [DAY]) == [DAY]


def test_every_shard_has_to_be_asked_for_again(s3: Any, bucket: str) -> None:
    """Half of a day that is confirmed is half a day; known by the index or by bronze alone."""
    for shard, asof in (("active", DUE - SECOND), ("delisted", DUE)):
        with Content.of([msgspec.structs.replace(page_of([1]), asof=asof)]) as content:
            Committer(s3, bucket, "run").commit(Place("polygon", "stocks", "tickers", str(DAY), shard), content)
    assert lacking(s3, bucket, LISTS, [DAY]) == [DAY]
    ask(s3, bucket, DUE, dataset=LISTS)
    assert lacking(s3, bucket, LISTS, [DAY]) == []


def test_a_flat_file_is_of_a_day_that_is_over(s3: Any, bucket: str) -> None:
    """The source puts it there once the day is over, be it before the dataset is due."""
    options = catalog.load("options").datasets["daily_bars"]
    place = Place("polygon", "options", "daily_bars", str(DAY))
    with Content.of([msgspec.structs.replace(page_of([1]), asof=DUE, form="csv")], "etag 1") as content:
        Committer(s3, bucket, "run").commit(place, content)
    assert lacking(s3, bucket, options, [DAY]) == []


@pytest.mark.parametrize("name", ["snapshot", "exchanges"])
def test_what_answers_for_the_present_is_never_due_again(name: str) -> None:
    """No later answer would be about the same day."""
    assert STOCKS.datasets[name].due(market_day("XNYS", DAY)) is None
    assert SPLITS.due(market_day("XNYS", DAY)) == DUE
    assert catalog.load("options").datasets["daily_bars"].due(market_day("XNYS", DAY)) == DUE + dt.timedelta(hours=16)
    assert SPLITS.due(market_day("XNYS", dt.date(2014, 6, 7))) is None


def test_an_index_of_before_is_read(s3: Any, bucket: str) -> None:
    """Its entries know no confirmation: they have nine fields, and their days count by when they were landed."""
    later, known = "2014-06-10T02:00:00Z", {}
    for day, asof in ((DAY, later), (dt.date(2014, 6, 9), "2014-06-09T20:00:00Z")):
        known[str(day)] = [[["", 1, "jsonl", 2, 1, 100, asof, "run", None]], None]
        s3.put_object(Bucket=bucket, Key=Place("polygon", "stocks", "splits", str(day)).key(1))
    body = gzip.compress(json.dumps({"days": known}).encode())
    s3.put_object(Bucket=bucket, Key=days_key(SPLITS, "2014-01-01"), Body=body)
    assert lacking(s3, bucket, SPLITS, [DAY, dt.date(2014, 6, 9)]) == [dt.date(2014, 6, 9)]


@pytest.mark.parametrize(
    "body",
    [b"no gzip", gzip.compress(b"no JSON", mtime=0), gzip.compress(b'{"days": 1}', mtime=0)],
    ids=["no gzip", "no JSON", "no days"],
)
def test_an_index_that_cannot_be_read_stops_nothing(
    s3: Any, bucket: str, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    """Bronze is what counts: its objects are looked at one by one, and the log says what mends the index."""
    ask(s3, bucket, DUE)
    s3.put_object(Bucket=bucket, Key=days_key(SPLITS, "2014-01-01"), Body=body)
    assert lacking(s3, bucket, SPLITS, [DAY]) == []
    assert "anthill coverage --rebuild" in caplog.text


def test_an_object_that_says_nothing_is_there(s3: Any, bucket: str) -> None:
    """Somebody changed it: asking again mends nothing, and whoever loads it tells."""
    s3.put_object(Bucket=bucket, Key=Place("polygon", "stocks", "splits", str(DAY)).key(1))
    assert lacking(s3, bucket, SPLITS, [DAY]) == []


def test_the_report_says_from_when_on_a_day_counts(connect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is red: the day that was asked for is not there; landed again after, it is."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__CLOCK", "2019-07-01T16:00:00-04:00")
    day = dt.date(2019, 7, 1)
    moments = [dt.datetime(2019, 7, 1, 20, tzinfo=dt.UTC), dt.datetime(2019, 7, 2, 2, tzinfo=dt.UTC)]
    form = {"datasets": ["splits"], "market_date_from": str(day), "market_date_to": str(day)}
    rows = {"status": "OK", "results": [{"id": "s", "ticker": "A"}]}
    with ScriptedServer(lambda _: page(rows, date=moments[0].timestamp())) as server:
        connect(server.url)
        chunk = land(day, day, **form)
        report, asked = ReportBackfill(task_id="report"), context(chunk, **form)
        with pytest.raises(
            AirflowException, match=r"(?s)1 are missing.*\nsplits 2019-07-01: due at 2019-07-02 02:00 UTC"
        ):
            report.execute(asked)
        del moments[0]
        asked = context(land(day, day, **form), **form)
        assert report.execute(asked)["missing"] == 0
