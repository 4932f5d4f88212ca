"""The task, against a scripted API and moto, by ordinary Airflow connections."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from airflow.providers.standard.triggers.temporal import DateTimeTrigger
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    TaskDeferred,
)

from anthill import calendars, catalog
from anthill.bronze.commits import Place, newest_of_all, parse, read_commit
from anthill.coverage.reader import Reader
from anthill.intervals import Interval
from anthill.landing.operator import LandDataset, _restatable
from anthill.ledger.documents import Documents
from tests.plugins.anthill.aws import aws_connection
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

from .workers import environment

DAY = dt.date(2014, 6, 6)
ROWS = [{"T": f"T{number}", "c": number + 0.5, "v": 7.5e7} for number in range(300)]


def grouped(asked: Asked) -> Reply:
    """A grouped day for whoever knows the key."""
    if asked.headers.get("Authorization") != "Bearer KEY-marked":
        return error(401, {"status": "ERROR", "error": f"Unknown API Key {asked.headers.get('Authorization')}"})
    if asked.path.endswith("/2014-06-06"):
        return page({"status": "OK", "resultsCount": len(ROWS), "results": ROWS})
    return page({"status": "OK", "resultsCount": 0})


def run(
    dataset: str = "grouped_daily", day: dt.date = DAY, run_type: str = "backfill", **arguments: Any
) -> dict[str, Any]:
    """Execute the task for a market day."""
    task = LandDataset(task_id="land", dataset=dataset, **{"asset_class": "stocks", **arguments})
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    instance = SimpleNamespace(dag_id="stocks", run_id="manual", task_id="land", id="1", map_index=-1)
    return task.execute(
        {
            "params": {},
            "data_interval_start": start,
            "run_id": "manual",
            "ti": instance,
            "task": task,
            "dag_run": SimpleNamespace(run_type=run_type),
            "outlet_events": {asset: SimpleNamespace() for asset in task.outlets},
        }
    )


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, s3_url: str) -> Any:
    """Point the default connections at servers."""

    def connect(polygon: str, key: str = "KEY-marked") -> None:
        extra = {"requests_per_minute": 0}
        conn = {"conn_type": "polygon", "host": polygon, "password": key, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps(conn))
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))

    return connect


def test_a_day_is_landed_once(connect: Any, s3: Any, bucket: str) -> None:
    """The first run lands every row the API has, the second finds nothing new; the result is JSON."""
    with ScriptedServer(grouped) as server:
        connect(server.url)
        first, second = (run(bucket=bucket) for _ in range(2))
    assert (first["outcome"], second["outcome"]) == ("landed", "unchanged")
    assert json.loads(json.dumps(first))["rows"] == len(ROWS)
    commit = read_commit(s3, bucket, first["commits"][0]["key"])
    place, revision = parse(commit.key)
    assert (commit.rows, revision, place.market_date) == (len(ROWS), 1, DAY)
    assert commit.run == "stocks/manual/land/1"


def test_a_scheduled_run_fetches_again_what_the_source_revises(connect: Any, s3: Any, bucket: str) -> None:
    """The landed ones of three market days before, over a weekend; a backfill takes its own day only."""
    asked: list[str] = []

    def every_day(call: Asked) -> Reply:
        asked.append(call.path.rpartition("/")[2])
        return page({"status": "OK", "resultsCount": len(ROWS), "results": ROWS})

    with ScriptedServer(every_day) as server:
        connect(server.url)
        for day in (3, 5, 6, 9):
            run(bucket=bucket, day=dt.date(2014, 6, day))
        assert asked == ["2014-06-03", "2014-06-05", "2014-06-06", "2014-06-09"]
        again = run(bucket=bucket, day=dt.date(2014, 6, 9), run_type="scheduled")
    assert sorted(asked[4:]) == ["2014-06-05", "2014-06-06", "2014-06-09"]
    assert (again["market_date"], again["outcome"]) == ("2014-06-09", "unchanged")
    assert {day["market_date"]: day["outcome"] for day in again["earlier"]} == dict.fromkeys(
        ("2014-06-05", "2014-06-06"), "unchanged"
    )


def test_what_answers_for_now_is_had_for_the_present_day_only(connect: Any, s3: Any, bucket: str) -> None:
    """The source's clock decides, not this machine's; another day is skipped, and nothing is committed for it."""

    def present(call: Asked) -> Reply:
        if call.path == "/v1/marketstatus/now":
            return page({"market": "closed", "serverTime": "2014-06-08T20:00:00-04:00"})
        return page({"status": "OK", "count": 1, "results": [{"id": 1, "name": "NYSE"}]})

    with ScriptedServer(present) as server:
        connect(server.url)
        with pytest.raises(AirflowSkipException, match="the present, which is 2014-06-06: 2014-06-05 cannot be had"):
            run("exchanges", bucket=bucket, day=dt.date(2014, 6, 5))
        assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
        assert run("exchanges", bucket=bucket)["rows"] == 1


def test_a_new_field_is_told_once(connect: Any, s3: Any, bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In the task's result and its log, on the first day that the source's rows have it; never of the first landing."""

    def otc_since_monday(call: Asked) -> Reply:
        extra = {"otc": True} if call.path >= "/v2/aggs/grouped/locale/us/market/stocks/2014-06-09" else {}
        return page({"status": "OK", "resultsCount": 1, "results": [{"T": "A", **extra}]})

    with ScriptedServer(otc_since_monday) as server:
        connect(server.url)
        told = [run(bucket=bucket, day=dt.date(2014, 6, day))["drift"] for day in (5, 6, 9, 10)]
    assert told == [[], [], ["the new field 'otc'"], []]
    assert "stocks.grouped_daily on 2014-06-09 has the new field 'otc'" in capsys.readouterr().out


def test_what_is_due_later_gives_its_worker_back(connect: Any, bucket: str) -> None:
    """The bars of options are files of the day after: a task that is too early waits for its time."""
    coming = calendars.next_market_day("XNYS", dt.datetime.now(dt.UTC).date())
    assert coming is not None
    connect("http://127.0.0.1:1")
    with pytest.raises(TaskDeferred) as deferred:
        run("daily_bars", coming, asset_class="options", bucket=bucket)
    due = calendars.session_close("XNYS", coming) + dt.timedelta(hours=22)
    assert isinstance(deferred.value.trigger, DateTimeTrigger)
    assert (deferred.value.trigger.moment, deferred.value.method_name) == (due, "execute")
    with pytest.raises(AirflowException):
        run("daily_bars", asset_class="options", bucket=bucket, conn_id="polygon_nowhere")


def test_the_log_says_what_was_landed(connect: Any, bucket: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows, pages, megabytes and seconds, and where the objects are."""
    with ScriptedServer(grouped) as server:
        connect(server.url)
        (commit,) = run(bucket=bucket)["commits"]
    line = next(line for line in capsys.readouterr().out.splitlines() if " landed: " in line)
    assert re.search(r"stocks\.grouped_daily on 2014-06-06 landed: 300 rows, 1 pages, 0\.0 MB in \d+\.\d s; ", line)
    assert f"s3://{bucket}/{commit['key']}" in line


def test_the_environment_names_the_bucket(connect: Any, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a bucket of its own the task writes into the environment's."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    with ScriptedServer(grouped) as server:
        connect(server.url)
        assert run()["commits"][0]["bucket"] == bucket


@pytest.mark.parametrize(("also", "kind"), [(False, AirflowFailException), (True, AirflowException)])
def test_a_bad_day_before_keeps_no_other_out(
    connect: Any, s3: Any, bucket: str, also: bool, kind: type[Exception]
) -> None:
    """Somebody's object in its place: the others are landed, the task is red and names it; with another, both."""

    def every_day(call: Asked) -> Reply:
        if also and late and call.path.endswith("2014-06-05"):
            return page({"status": "OK", "resultsCount": 0})
        return page({"status": "OK", "resultsCount": 2 + late, "results": ROWS[: 2 + late]})

    late = 0
    with ScriptedServer(every_day) as server:
        connect(server.url)
        for day in (4, 5, 6):
            run(bucket=bucket, day=dt.date(2014, 6, day))
        s3.put_object(Bucket=bucket, Key=Place("polygon", "stocks", "grouped_daily", str(DAY)).key(1), Body=b"x")
        late = 1
        with pytest.raises(AirflowException) as caught:
            run(bucket=bucket, day=dt.date(2014, 6, 9), run_type="scheduled")
    assert type(caught.value) is kind
    assert re.search("grouped_daily on 2014-06-06: .*is no commit of the landing", str(caught.value))
    reasons = str(caught.value).splitlines()
    days = ["2014-06-05", "2014-06-06"] if also else ["2014-06-06"]
    assert [reason.partition(":")[0] for reason in reasons] == [f"stocks.grouped_daily on {day}" for day in days]
    assert ("the source has no rows" in reasons[0]) is also
    newest = {
        int(day[-2:]): parse(keys[""])[1]
        for day, keys in newest_of_all(s3, bucket, catalog.load("stocks").datasets["grouped_daily"]).items()
    }
    assert newest == {4: 2, 5: 1 if also else 2, 6: 1, 9: 1}


def test_a_wrong_key_fails_for_good(connect: Any, bucket: str) -> None:
    """The message says what to do, and does not hold the key even though the API echoed it."""
    with ScriptedServer(grouped) as server:
        connect(server.url, key="KEY-wrong")
        with pytest.raises(AirflowFailException, match="password") as caught:
            run(bucket=bucket)
    assert "KEY-wrong" not in f"{caught.value} {caught.value.__cause__!r}"
    assert "stocks.grouped_daily on 2014-06-06" in str(caught.value)
    assert len(server.asked) == 1


def test_an_empty_session_is_tried_later(connect: Any, s3: Any, bucket: str) -> None:
    """No rows on a market day is no success, and leaves nothing behind but the reason in the coverage index."""
    with ScriptedServer(grouped) as server:
        connect(server.url)
        with pytest.raises(AirflowException, match=r"grouped_daily on 2014-06-09: the source has no rows") as caught:
            run(bucket=bucket, day=dt.date(2014, 6, 9))
    assert not isinstance(caught.value, AirflowFailException)
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert all(key.startswith("polygon/stocks/_coverage/") for key in keys)
    known = Reader(Documents(s3, bucket), bucket).entries("stocks", catalog.load("stocks").datasets, [2014])[
        "grouped_daily"
    ]
    assert "the source has no rows" in known["2014-06-09"].attempt.reason  # type: ignore[union-attr]


def test_a_missing_bucket_fails_for_good(connect: Any) -> None:
    """The message names the bucket and what to do."""
    with ScriptedServer(grouped) as server:
        connect(server.url)
        with pytest.raises(
            AirflowFailException, match=r"s3://no-such-bucket/polygon/.*NoSuchBucket.*Create the bucket"
        ):
            run(bucket="no-such-bucket")


def test_an_unknown_dataset_fails_for_good(connect: Any, bucket: str) -> None:
    """The message names the datasets that there are."""
    connect("http://127.0.0.1:1")
    with pytest.raises(AirflowFailException, match=r"no dataset 'trades', only grouped_daily"):
        run("trades", bucket=bucket)


def test_a_missing_connection_fails_for_good(bucket: str) -> None:
    """The message names it and what to do."""
    with pytest.raises(AirflowFailException, match=r"polygon_nowhere.*Create the connection"):
        run(bucket=bucket, conn_id="polygon_nowhere")


def test_importing_the_task_is_light() -> None:
    """Parsing a DAG file loads no S3, HTTP pool or codec."""
    heavy = {
        "boto3",
        "botocore",
        "pyrate_limiter",
        "anthill.sources.inflate",
        "anthill.landing.land",
        "anthill.sources.polygon.client",
    }
    code = f"import anthill.landing.operator, sys; print(sorted({heavy!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("day", "restated", "run_type", "days"),
    [
        ("2014-06-09", 3, "scheduled", ["2014-06-04", "2014-06-05", "2014-06-06"]),
        ("2014-06-09", 1, "manual", ["2014-06-06"]),
        ("2014-06-09", 0, "scheduled", []),
        ("2014-06-09", 3, "backfill", []),
        ("2003-09-11", 3, "scheduled", ["2003-09-10"]),
        ("2003-09-10", 3, "scheduled", []),
    ],
)
def test_as_many_market_days_are_fetched_again_as_the_source_revises(
    day: str, restated: int, run_type: str, days: list[str]
) -> None:
    """Never the day itself, and none before the source has any."""
    declared = catalog.load("stocks")
    dataset = msgspec.structs.replace(declared.datasets["splits"], restated_days=restated)
    context: Any = {"params": {}, "dag_run": SimpleNamespace(run_type=run_type)}
    assert [str(each) for each in _restatable(context, declared, dataset, Interval("XNYS", day))] == days
