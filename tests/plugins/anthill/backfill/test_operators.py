"""The tasks of a bulk backfill, by Airflow's connections: a scripted API, moto, and MWAA's API for the run's note."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
import time
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from anthill import catalog
from anthill.backfill import progress
from anthill.backfill.operators import LandChunk, LoadChunk, PlanBackfill, ReportBackfill, RunOverRange
from anthill.bronze.commits import Place, parse
from anthill.coverage.reader import Reader
from anthill.ledger.documents import Documents
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.test_run_note import Mwaa, mwaa
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

__all__ = ["mwaa"]

# Monday to Friday, of which the Wednesday is a holiday.
DAYS = [dt.date(2019, 7, day) for day in (1, 2, 3, 5, 8)]
FORM = {
    "asset_class": "stocks",
    "datasets": ["grouped_daily", "splits"],
    "market_date_from": "2019-07-01",
    "market_date_to": "2019-07-08",
    "chunk": 3,
    "again": False,
}
TOO_OLD = {"status": "NOT_AUTHORIZED", "message": "Your plan doesn't include this data timeframe."}


def answer(asked: Asked) -> Reply:
    """Two bars a day, one split."""
    if asked.path.startswith("/v2/aggs/grouped/"):
        return page({"status": "OK", "resultsCount": 2, "results": [{"T": "A"}, {"T": "B"}]})
    return page({"status": "OK", "results": [{"id": "s", "ticker": "A"}]})


class Instance(SimpleNamespace):
    """A mapped task's instance, with what the chunks before it returned."""

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        """What they returned, and what gold held back."""
        if (task_ids, key) == ("gold", "held_back"):
            return self.held_back
        if (task_ids, key) == ("chunk.land", "error"):
            return self.errors
        assert (task_ids, key) == ("chunk.land", "return_value")
        return self.chunks


def context(chunks: Any = None, held_back: Any = None, errors: Any = None, **form: Any) -> dict[str, Any]:
    """What a running task is given."""
    known = {"dag_id": "market_backfill", "run_id": "r", "task_id": "chunk.land", "id": "1", "map_index": 2}
    run = SimpleNamespace(
        dag_id="market_backfill", run_id="r", start_date=dt.datetime.now(dt.UTC) - dt.timedelta(hours=4)
    )
    return {
        "params": {**FORM, **form},
        "ti": Instance(**known, chunks=chunks, held_back=held_back, errors=errors),
        "dag_run": run,
    }


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, s3_url: str, bucket: str, mwaa: Mwaa) -> Any:
    """Point the default connections at servers."""

    def connect(polygon: str) -> None:
        extra = {"requests_per_minute": 0}
        conn = {"conn_type": "polygon", "host": polygon, "password": "KEY", "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps(conn))

    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
    return connect


def land(first: dt.date = DAYS[0], last: dt.date = DAYS[2], before: int = 0, **form: Any) -> dict[str, Any]:
    """Land one chunk."""
    bounds: dict[str, Any] = {"market_date_from": str(first), "market_date_to": str(last), "days_before": str(before)}
    result: dict[str, Any] = LandChunk(task_id="land", **bounds).execute(context(**form))
    return result


def notes(mwaa: Mwaa) -> list[str]:
    """The notes that the run was given."""
    return [body["actions"][0]["entities"][0]["note"] for _, body in bodies(mwaa)]


def bodies(mwaa: Mwaa) -> list[tuple[str, dict[str, Any]]]:
    """What Airflow's API was sent, through MWAA's."""
    return [
        (path, json.loads(body["Body"]) if isinstance(body["Body"], str) else body["Body"]) for path, body in mwaa.asked
    ]


def test_a_plan_is_its_chunks(capsys: pytest.CaptureFixture[str]) -> None:
    """Five market days in chunks of three are two chunks; the log says all of it."""
    chunks = PlanBackfill(task_id="plan").execute(context())
    assert chunks == [
        {"market_date_from": "2019-07-01", "market_date_to": "2019-07-03", "days_before": 0},
        {"market_date_from": "2019-07-05", "market_date_to": "2019-07-08", "days_before": 3},
    ]
    said = "stocks: grouped_daily, splits on 5 market days from 2019-07-01 to 2019-07-08 in 2 chunks"
    assert said in capsys.readouterr().out


def test_a_run_that_begins_behind_the_source_asks_nothing(connect: Any, mwaa: Mwaa) -> None:
    """Steps before it are skipped and say so; for gold there is one chunk; the report misses nothing of bronze."""
    bounds: dict[str, Any] = {"market_date_from": "2019-07-01", "market_date_to": "2019-07-03", "days_before": "0"}
    assert len(PlanBackfill(task_id="plan").execute(context(begin_at="silver"))) == 2
    assert PlanBackfill(task_id="plan").execute(context(begin_at="gold")) == [
        {"market_date_from": "2019-07-01", "market_date_to": "2019-07-08", "days_before": 0}
    ]
    silver = LoadChunk(task_id="silver", **bounds)
    with ScriptedServer(answer) as server:
        connect(server.url)
        for begin_at in ("silver", "gold"):
            with pytest.raises(AirflowSkipException, match=f"The form begins at {begin_at}: bronze is left as it is"):
                land(begin_at=begin_at)
        with pytest.raises(AirflowSkipException, match="The form begins at gold: silver is left as it is"):
            silver.parameters(context(begin_at="gold"))
        with pytest.raises(AirflowSkipException, match="bronze has nothing of stocks"):
            silver.parameters(context(begin_at="silver"))
        assert server.asked == []
    ReportBackfill(task_id="report").execute(context(begin_at="silver"))
    assert notes(mwaa)[-1] == (
        "stocks, 5 market days from 2019-07-01 to 2019-07-08, 2 datasets: begun at silver, the source was not asked."
    )
    with pytest.raises(AirflowFailException, match="again: what begins at gold fetches nothing"):
        PlanBackfill(task_id="plan").execute(context(begin_at="gold", again=True))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"datasets": ["snapshot"]}, "datasets: snapshot cannot be had for days gone by"),
        ({"asset_class": "bonds"}, "bonds"),
    ],
)
def test_a_wrong_form_fails_for_good(form: dict[str, Any], said: str) -> None:
    """Airflow does not try again what a person has to mend; the message is the plan's own."""
    with pytest.raises(AirflowFailException, match=said):
        PlanBackfill(task_id="plan").execute(context(**form))


def test_a_chunk_takes_its_part_of_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """All slots of the pool, so that nothing else is called beside it."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__POOL_SLOTS", "7")
    task = LandChunk(task_id="land", market_date_from="", market_date_to="", days_before=0)
    assert (task.pool, task.pool_slots) == ("polygon", 7)
    assert task.aws_conn_id == "aws_default"
    assert {"market_date_from", "market_date_to", "days_before"} <= set(LandChunk.template_fields)
    assert {"market_date_from", "market_date_to"} < set(LoadChunk.template_fields)


def test_a_chunk_is_landed_once(connect: Any, s3: Any, bucket: str) -> None:
    """Its own days of both datasets; a second time nothing is fetched, and with `again` everything."""
    with ScriptedServer(answer) as server:
        connect(server.url)
        first = land()
        calls = len(server.asked)
        second = land()
        assert len(server.asked) == calls == 6
        third = land(again=True)
        assert len(server.asked) == 2 * calls
    counts = ("days", "there", "landed", "rows", "refused")
    assert [first[name] for name in counts] == [6, 0, 6, 9, []]
    assert [second[name] for name in counts] == [0, 6, 0, 0, []]
    assert [third[name] for name in counts] == [6, 0, 6, 9, []]
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket, Prefix="polygon/")["Contents"]]
    keys = [parse(key)[0] for key in listed if "/date=" in key]
    assert sorted({place.market_date for place in keys}) == DAYS[:3]
    assert {place.dataset for place in keys} == {"grouped_daily", "splits"}
    assert json.loads(json.dumps(first)) == first


def test_the_index_is_told_by_whom(connect: Any, s3: Any, bucket: str) -> None:
    """Landed and refused days, with the task's try and the calls that they took."""

    def some(asked: Asked) -> Reply:
        return error(403, TOO_OLD) if asked.path.endswith("2019-07-01") else answer(asked)

    with ScriptedServer(some) as server:
        connect(server.url)
        land(datasets=["grouped_daily"])
    declared = {"grouped_daily": catalog.load("stocks").datasets["grouped_daily"]}
    days = Reader(Documents(s3, bucket), bucket).entries("stocks", declared, [2019])["grouped_daily"]
    assert {day: entry.rows for day, entry in days.items()} == {str(DAYS[0]): 0, str(DAYS[1]): 2, str(DAYS[2]): 2}
    assert [part.run for part in days[str(DAYS[2])].parts] == ["market_backfill/r/chunk.land/2/1"]
    assert days[str(DAYS[0])].attempt is not None
    assert days[str(DAYS[0])].attempt.run == "market_backfill/r/chunk.land/2/1"
    ((dataset, calls),) = Reader(Documents(s3, bucket), bucket).calls("stocks", dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert dataset == "grouped_daily"
    assert (calls.calls + calls.failed, calls.rows) == (len(server.asked), 4)


def test_a_landing_says_how_far_it_is(connect: Any, mwaa: Mwaa, capsys: pytest.CaptureFixture[str]) -> None:
    """At its end in any case: days done with those of earlier chunks, days left, and when it may be over."""
    with ScriptedServer(answer) as server:
        connect(server.url)
        land(DAYS[3], DAYS[3], before=3)
        land(DAYS[4], DAYS[4], before=4)
    first, last = notes(mwaa)
    assert first.startswith("Landing: 4 of 5 market days done, 1 left, expected end ")
    # Four hours for four days are an hour for the fifth.
    end = dt.datetime.strptime(first[-20:], "%Y-%m-%d %H:%M UTC").replace(tzinfo=dt.UTC)
    assert abs(end - dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)) < dt.timedelta(minutes=20)
    assert last == "Landing: 5 of 5 market days done, 0 left"
    assert f"{first}; this chunk: 3 rows" in capsys.readouterr().out
    _, body = bodies(mwaa)[0]
    assert body["actions"][0]["entities"][0]["dag_run_id"] == "r"


def test_a_landing_says_it_now_and_then(connect: Any, mwaa: Mwaa, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each day, where ten seconds have gone by since it said so; half of the datasets is half of a day."""
    ticks = iter(range(0, 10_000, 11))
    monkeypatch.setattr(progress, "time", SimpleNamespace(time=time.time, monotonic=lambda: next(ticks)))
    with ScriptedServer(answer) as server:
        connect(server.url)
        land(DAYS[0], DAYS[1])
    done = [note.split(" of 5 ")[0] for note in notes(mwaa)]
    assert done == ["Landing: 0", "Landing: 1", "Landing: 2", "Landing: 2", "Landing: 2"]
    monkeypatch.setattr(progress, "time", SimpleNamespace(time=time.time, monotonic=lambda: 0.0))
    mwaa.asked.clear()
    with ScriptedServer(answer) as server:
        connect(server.url)
        land(DAYS[0], DAYS[1], again=True)
    assert len(notes(mwaa)) == 1


def test_refused_days_are_warned_of(connect: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """With the dataset, its days and the plan's own words; the rest is landed."""

    def plan(asked: Asked) -> Reply:
        if asked.path.startswith("/v2/aggs/grouped/"):
            return error(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})
        return answer(asked)

    with ScriptedServer(plan) as server:
        connect(server.url)
        result = land()
    (refusal,) = result["refused"]
    assert (refusal["dataset"], refusal["days"], refusal["plan"]) == ("grouped_daily", 3, True)
    said = capsys.readouterr().out
    assert re.search("grouped_daily from 2019-07-01 to 2019-07-03: 3 market days refused: .*not entitled", said)
    assert result["landed"] == 3


def test_flat_files_are_read_where_they_have_a_connection(
    connect: Any, s3: Any, s3_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day of options is one file of the source's bucket then, and the API is not called for it."""
    day = dt.date(2024, 7, 1)
    flat_file = catalog.load("options").datasets["daily_bars"].flat_file
    assert flat_file is not None
    row = ",".join({"ticker": "O:A240719C00100000"}.get(name, "1") for name in flat_file.fields)
    s3.create_bucket(Bucket="flatfiles")
    body = gzip.compress(f"{','.join(flat_file.fields)}\n{row}\n".encode())
    s3.put_object(Bucket="flatfiles", Key=f"us_options_opra/day_aggs_v1/2024/07/{day}.csv.gz", Body=body)
    conn = {
        "conn_type": "aws",
        "login": "i",
        "password": "s",
        "extra": {"endpoint_url": s3_url, "region_name": "us-east-1"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_POLYGON_FLAT_FILES", json.dumps(conn))
    days = {"market_date_from": str(day), "market_date_to": str(day)}
    with ScriptedServer(answer) as server:
        connect(server.url)
        result = land(day, day, asset_class="options", datasets=["daily_bars"], **days)
        assert server.asked == []
    assert (result["landed"], result["rows"], result["refused"]) == (1, 1, [])


def test_a_wrong_key_names_the_connection(connect: Any) -> None:
    """Nothing can be landed with it: it fails for good, and says which connection has it."""
    with ScriptedServer(lambda _: error(401, {"status": "ERROR", "error": "Unknown API Key"})) as server:
        connect(server.url)
        with pytest.raises(AirflowFailException, match="polygon_default"):
            land()


def test_silver_is_given_the_commits_of_the_chunk(connect: Any, s3: Any, bucket: str) -> None:
    """Of the datasets and days asked for, no others; where bronze has nothing it is skipped."""
    with ScriptedServer(answer) as server:
        connect(server.url)
        land(DAYS[0], DAYS[4], chunk=9)
    bounds: dict[str, Any] = {"market_date_from": "2019-07-02", "market_date_to": "2019-07-05", "days_before": 1}
    task = LoadChunk(task_id="silver", **bounds)
    asked = task.parameters(context(datasets=["splits"]))
    manifest = asked.pop("manifest").removeprefix(f"s3://{bucket}/")
    assert asked == {
        "catalog": "dev", "asset_class": "stocks", "market_date_from": "2019-07-02", "market_date_to": "2019-07-05"
    }  # fmt: skip
    body = s3.get_object(Bucket=bucket, Key=manifest)["Body"].read()
    commits = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    assert [(each["dataset"], each["market_date"]) for each in commits] == [("splits", str(day)) for day in DAYS[1:4]]
    assert task.asset_class_of(context()) == "stocks"
    bounds["market_date_from"] = bounds["market_date_to"] = "2019-07-09"
    with pytest.raises(AirflowSkipException, match="bronze has nothing of stocks from 2019-07-09 to 2019-07-09"):
        LoadChunk(task_id="silver", **bounds).parameters(context())


def test_quality_and_gold_are_run_over_all_of_it() -> None:
    """From the first to the last market day; quality requires the datasets where every day of them was asked for."""
    quality = RunOverRange(task_id="quality", job="quality", asset_class="")
    days = {"market_date_from": "2019-07-01", "market_date_to": "2019-07-08"}
    whole = {"catalog": "dev", "asset_class": "stocks", **days}
    assert quality.parameters(context()) == {**whole, "datasets": "grouped_daily,splits"}
    picked = {"splits": ["2019-07-01", "2019-07-08"]}
    assert quality.parameters(context(only=picked)) == {**whole, "datasets": "-"}
    gold = RunOverRange(task_id="gold", job="gold", asset_class="")
    assert gold.parameters(context()) == whole
    assert gold.asset_class_of(context(asset_class="forex", datasets=None)) == "forex"


def test_the_report_tells_what_was_landed(connect: Any, mwaa: Mwaa, capsys: pytest.CaptureFixture[str]) -> None:
    """In the log, in the run's note and as its result; days that the API plan leaves out are no failure."""

    def history(asked: Asked) -> Reply:
        if asked.path.endswith("2019-07-01"):
            return error(403, TOO_OLD)
        return answer(asked)

    with ScriptedServer(history) as server:
        connect(server.url)
        chunks = [land(), None, land(DAYS[3], DAYS[4], 3)]
    mwaa.asked.clear()
    result = ReportBackfill(task_id="report").execute(context(chunks))
    (refusal,) = result.pop("refused")
    assert refusal["dataset"] == "grouped_daily"
    assert result == {"there": 0, "landed": 9, "rows": 13, "missing": 1}
    (note,) = notes(mwaa)
    head, line = note.splitlines()
    assert head == (
        "stocks, 5 market days from 2019-07-01 to 2019-07-08, 2 datasets: 9 landed (13 rows), 0 were there, "
        "1 are missing, 1 of them by the API plan."
    )
    assert line.startswith("grouped_daily 2019-07-01 to 2019-07-01: ")
    assert "timeframe" in line
    assert note in capsys.readouterr().out


def test_what_ended_the_chunks_is_told_once(connect: Any, mwaa: Mwaa) -> None:
    """Behind the next step, which says that only the rest is fetched then."""
    said = (
        "stocks.grouped_daily on 2019-07-01: the API answered 401. Put a valid API key into the connection's password."
    )
    connect("http://127.0.0.1:1")
    for errors in ([said, None, said], said):  # that of a single chunk comes by itself
        with pytest.raises(AirflowException):
            ReportBackfill(task_id="report").execute(context([None, None], errors=errors))
        _, step, cause, *others = notes(mwaa)[-1].splitlines()
        assert step.startswith("First: run it again with the same form: only what is missing is fetched. The runbook: ")
        assert (cause, others) == (said, [])


def test_what_gold_held_back_fails_the_report(connect: Any, mwaa: Mwaa) -> None:
    """All days are landed, and some of them cannot be seen."""
    with ScriptedServer(answer) as server:
        connect(server.url)
        chunks = [land(), land(DAYS[3], DAYS[4], 3)]
    with pytest.raises(
        AirflowException, match=r"0 are missing.*\nFirst: clear quality .*\ngold holds back stocks\.splits of "
    ):
        ReportBackfill(task_id="report").execute(
            context(chunks, held_back=["stocks.splits of 2019-07-01: not checked"])
        )


def test_a_day_missing_without_reason_fails_the_report(connect: Any, mwaa: Mwaa) -> None:
    """One chunk's result comes by itself, not in a list; what lacks is counted, and what to do is said."""
    with ScriptedServer(answer) as server:
        connect(server.url)
        chunk = land()
    with pytest.raises(
        AirflowException, match=r"6 landed .* 4 are missing, 0 of them.*\nFirst: run it again with the same form"
    ):
        ReportBackfill(task_id="report").execute(context(chunk))
    with pytest.raises(AirflowException, match=r"0 landed \(0 rows\), 0 were there, 4 are missing"):
        ReportBackfill(task_id="report").execute(context(None))


def test_a_day_that_was_there_and_failed_again_fails_the_report(connect: Any, s3: Any, bucket: str) -> None:
    """It is not missing, but what was asked for did not happen: the object is named."""
    with ScriptedServer(answer) as server:
        connect(server.url)
        land(DAYS[0], DAYS[4], chunk=9)
        key = Place("polygon", "stocks", "splits", str(DAYS[1])).key(1)
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        chunk = land(DAYS[0], DAYS[4], chunk=9, again=True)
    assert (chunk["landed"], len(chunk["refused"])) == (9, 1)
    with pytest.raises(AirflowException, match=rf"0 are missing(?s:.*)\nsplits 2019-07-02 to 2019-07-02: .*{key}"):
        ReportBackfill(task_id="report").execute(context(chunk, chunk=9, again=True))


def test_a_day_that_the_plan_leaves_out_explains_no_other(connect: Any) -> None:
    """As many missing days as the plan refused are not those that it refused."""
    refused = {"dataset": "splits", "market_date_from": "2019-07-01", "market_date_to": "2019-07-03", "days": 3}
    chunk = {"there": 0, "landed": 0, "rows": 0, "refused": [{**refused, "plan": True, "reason": "too old"}]}
    with ScriptedServer(answer) as server:
        connect(server.url)
        land(DAYS[0], DAYS[2], datasets=["splits"])
    with pytest.raises(AirflowException, match="2 are missing, 3 of them by the API plan"):
        ReportBackfill(task_id="report").execute(context(chunk, datasets=["splits"]))
