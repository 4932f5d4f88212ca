"""Each kind of object is written twice by the product's own code, with its writer's role and under dev's policies."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError
from msgspec import Raw

from anthill import catalog
from anthill.alerts.alert import Alert
from anthill.alerts.told import Told
from anthill.bronze import manifest
from anthill.bronze.commits import Place, TamperedError, newest_revisions, read_commit
from anthill.bronze.storage import StorageFatalError
from anthill.coverage.rebuild import rebuild
from anthill.doctor import checks
from anthill.governance.plan import Plan
from anthill.governance.records import Record, Records
from anthill.intervals import market_day
from anthill.landing import fields, parts
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content
from anthill.ledger import jobs
from anthill.ledger.documents import Days, Documents, Job, Jobs, days_key, jobs_key
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Landed
from anthill.sources import digest
from anthill.sources.page import Counted, Page
from local import lake

from .emulator import client, running

STOCKS = catalog.load("stocks")
BARS = STOCKS.datasets["grouped_daily"]
DAY, NEXT = dt.date(2014, 6, 6), dt.date(2014, 6, 9)
AT = dt.datetime(2014, 6, 10, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """S3 as Airflow's tasks see it."""
    with running(tmp_path_factory.mktemp("aws")) as url:
        yield client(url, lake.LANDING_KEY)


@pytest.fixture
def documents(s3: Any) -> Documents:
    """The environment's documents."""
    return Documents(s3, lake.DOCUMENTS, lake.BRONZE)


def content(close: float, second: int) -> Content:
    """An answer of two rows."""
    rows = [Raw(json.dumps({"T": ticker, "c": close}).encode()) for ticker in ("AAPL", "MSFT")]
    body = b'{"status":"OK","results":[' + b",".join(bytes(row) for row in rows) + b"]}"
    asof = dt.datetime(2014, 6, 9, 1, 0, second, tzinfo=dt.UTC)
    return Content.of([Page("https://api/x", gzip.compress(body), len(body), rows, digest.of_rows(rows), asof, None)])


def landed(s3: Any, day: dt.date, close: float = 645.57, second: int = 0) -> Committed:
    """What a landing comes to."""
    committer = Committer(s3, lake.BRONZE, "run")
    return committer.commit(Place("polygon", "stocks", "grouped_daily", str(day)), content(close, second))


def told(documents: Documents, run: str, *commits: Committed) -> None:
    """Tell the index of landings, as a task does at its end."""
    recorder = Recorder(documents, run)
    for each in commits:
        day = dt.date.fromisoformat(each.commit.key.partition("date=")[2][:10])
        recorder.note(
            BARS, Landed("stocks", "grouped_daily", market_day("XNYS", day), each.outcome, 2, 1, 99, 0.1, [each.commit])
        )
    recorder.write()


def test_a_landing_and_its_restatement(s3: Any) -> None:
    """The second answer is the next revision; the list of a load is written once, however often it is made."""
    outcomes = [landed(s3, DAY, *args).outcome for args in ((645.57, 0), (645.57, 1), (92.22, 2))]
    assert outcomes == ["landed", "unchanged", "restated"]
    (key,) = newest_revisions(s3, lake.BRONZE, catalog.load("stocks").datasets["grouped_daily"], str(DAY)).values()
    found = [("grouped_daily", DAY, read_commit(s3, lake.BRONZE, key))]
    assert manifest.write(s3, lake.BRONZE, catalog.load("stocks"), found) == manifest.write(
        s3, lake.BRONZE, catalog.load("stocks"), found
    )


def test_a_commit_in_parts(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them: each whole under its own revision, and nothing left of an upload that came second."""
    monkeypatch.setattr(parts, "WHOLE", 1)
    monkeypatch.setattr(parts, "_SIZE", 5 << 20)
    place = Place("polygon", "stocks", "grouped_daily", "2014-06-12")
    committer = Committer(s3, lake.BRONZE, "run")
    for number in (1, 2):
        body = gzip.compress(random.Random(number).randbytes(6 << 20), 0)
        asof = AT + dt.timedelta(seconds=number)
        with Content.of([Page("x", body, len(body), Counted([], 1), number, asof, form="csv")], "v") as given:
            done = committer.commit(place, given)
        assert read_commit(s3, lake.BRONZE, done.commit.key) == done.commit
        assert done.commit.key == place.key(number, "csv")
        assert s3.get_object(Bucket=lake.BRONZE, Key=done.commit.key)["Body"].read() == body


def test_the_coverage_index(s3: Any, documents: Documents) -> None:
    """A second landing is told beside the first, a second job beside the first; a rebuild mends what is missing."""
    told(documents, "run 1", landed(s3, DAY))
    told(documents, "run 2", landed(s3, NEXT))
    assert {str(DAY), str(NEXT)} <= documents.read(days_key(BARS, "2014-01-01"), Days)[0].days.keys()
    for run in ("silver", "gold"):
        jobs.record(documents, "stocks", run, Job(run, DAY, NEXT, AT, "http://page", True))
    assert documents.read(jobs_key("stocks", AT), Jobs)[0].tasks.keys() == {"silver", "gold"}
    unknown = NEXT + dt.timedelta(days=1)
    landed(s3, unknown)
    done = {each.dataset: each.mended for each in rebuild(s3, lake.BRONZE, documents, STOCKS, "rebuild")}
    assert done["grouped_daily"] >= 1
    assert str(unknown) in documents.read(days_key(BARS, "2014-01-01"), Days)[0].days


def test_what_was_told(documents: Documents) -> None:
    """Two messages, each once; the day is closed and opened again."""
    memory, sent = Told(documents, "stocks"), list[str]()
    alerts = [Alert(kind, "stocks", DAY, "something", "look", "link") for kind in ("failure", "quality")]
    for alert in (*alerts, *alerts):
        memory.once(alert, lambda each: sent.append(each.kind))
    assert sent == ["failure", "quality"]
    memory.close(DAY)
    assert memory.once(alerts[0], lambda each: sent.append(each.kind))


def test_plans_and_their_records(s3: Any) -> None:
    """Each is written once however often it is made; nobody writes another answer over the one that was given."""
    plan, records = Plan(catalog="dev"), Records(s3, lake.BRONZE)
    assert records.keep(plan) == records.keep(plan)
    record = Record(sha256=plan.sha256, outcome="applied", by="anna", answered_at=AT, run="r", at=AT)
    key = records.write(record)
    with pytest.raises(TamperedError, match="says something else"):
        records.write(msgspec.structs.replace(record, by="otto"))
    assert records.newest() == record
    assert records.approved() == plan
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=lake.BRONZE, Key=key, Body=b"{}")


def test_the_fields_seen(documents: Documents) -> None:
    """A new field is news once."""
    assert [fields.unseen(documents, BARS, str(DAY), names) for names in ("Tc", "Tcv", "Tcv")] == [[], ["v"], []]


def test_the_doctor_twice(s3: Any) -> None:
    """It finds both buckets of bronze and the documents well, the second time too."""
    for _ in range(2):
        bronze = [each for bucket in (lake.BRONZE, lake.PERSONAL) for each in checks.storage(s3, bucket)]
        found = [*bronze, checks.documents(s3, lake.DOCUMENTS)]
        assert [check.said for check in found if not check.ok] == []


JOB = Job("gold", DAY, NEXT, AT, "http://page", True)
WRITERS: dict[str, Callable[[Documents, str], Any]] = {
    "jobs": lambda documents, word: documents.update(
        jobs_key("forex", AT), Jobs, lambda there: Jobs({**there.tasks, word: JOB})
    ),
    "told": lambda documents, word: Told(documents, "forex").once(
        Alert("failure", "forex", DAY, word, "look", "link"), lambda _: None
    ),
    "fields": lambda documents, word: fields.unseen(documents, STOCKS.datasets["splits"], str(DAY), [word]),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_documents_in_bronze_are_refused_from_the_second_write_on(s3: Any, write: Callable[..., Any]) -> None:
    """Where they lay before: its policy takes the first, and no other, even from who has read it."""
    documents = Documents(s3, lake.BRONZE)
    write(documents, "first")
    with pytest.raises(StorageFatalError, match="AccessDenied"):
        write(documents, "second")
