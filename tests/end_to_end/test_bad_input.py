"""Each bad input ends in one clear message in the task's log, and loses nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import gzip
import json
import os
import re
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from airflow.models.dagrun import DagRun

from anthill import catalog
from anthill.bronze import commits as bronze
from anthill.sources.polygon.client import Patience
from local import connections, lake
from local.service import free_port
from local.stack import Stack
from tests.end_to_end.conftest import PRICES, objects, run_day, states

pytestmark = pytest.mark.long
Failed = Callable[..., tuple[dict[str, str], str]]
FINE = {"success", "skipped"}


@pytest.fixture
def failed(airflow_database: None, stack: Stack, capfd: pytest.CaptureFixture[str]) -> Failed:
    """Run a day that must fail, by default of what prices stand on: how its tasks ended, and what the logs say."""

    def run(day: str, landing: Iterable[str] = PRICES) -> tuple[dict[str, str], str]:
        outcome: DagRun = run_day(day, landing=landing)
        out, err = capfd.readouterr()
        assert str(outcome.state) == "failed"
        assert connections.POLYGON_KEY not in out + err
        return states(outcome), out + err

    return run


def polygon_connection(monkeypatch: pytest.MonkeyPatch, stack: Stack, **changes: object) -> None:
    """Airflow's connection to the API, with something wrong in it."""
    connection = {"conn_type": "polygon", "host": stack.addresses.polygon, "password": connections.POLYGON_KEY}
    connection["extra"] = connections.PLAN
    monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps({**connection, **changes}))


def test_a_wrong_key(failed: Failed, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection to mend is named, nothing is landed, and the wrong key is in no log."""
    polygon_connection(monkeypatch, stack, password="mistyped-secret")
    outcome, log = failed("2026-06-02", ())
    assert {state for task, state in outcome.items() if task.startswith("land.")} == {"failed"}
    assert re.search("grouped_daily on 2026-06-02.*Unknown API Key.*Put a valid API key.*polygon_default", log)
    assert "mistyped-secret" not in log
    assert not [key for key in objects(stack) if "/date=2026-06-02/" in key]


def test_an_unreachable_address(failed: Failed, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is named."""
    address = f"http://127.0.0.1:{free_port()}"
    polygon_connection(monkeypatch, stack, host=address)
    monkeypatch.setattr("anthill.sources.polygon.client.Patience", functools.partial(Patience, total=1))
    outcome, log = failed("2026-06-02")
    assert outcome["land.grouped_daily"] == "failed"
    assert re.search(f"grouped_daily.*2026-06-02.*{re.escape(address)}", log)
    assert not [key for key in objects(stack) if "/date=2026-06-02/" in key]


def test_a_day_before_the_plans_history(failed: Failed, stack: Stack) -> None:
    """The date and the plan are named, and it is not tried again."""
    outcome, log = failed("2003-02-03")
    assert outcome["land.grouped_daily"] == "failed"
    assert re.search(
        "grouped_daily on 2003-02-03.*doesn't include this data timeframe.*Ask for a later market day", log
    )


def test_a_day_off(failed: Failed) -> None:
    """A holiday is told with the market days around it."""
    _, log = failed("2026-06-19")
    assert re.search("2026-06-19 is no market day of XNYS.*2026-06-18 and 2026-06-22", log)


def test_a_bronze_object_that_was_tampered_with(failed: Failed, stack: Stack, airflow_database: None) -> None:
    """The object is named, silver keeps what it had, and restoring the object heals the day."""
    day = "2026-06-03"
    assert set(states(run_day(day, landing=PRICES)).values()) <= FINE
    s3 = stack.s3(lake.FAULT_KEY)
    key = bronze.newest_revisions(
        s3, lake.BRONZE, catalog.load("stocks").datasets["grouped_daily"], str(dt.date.fromisoformat(day))
    )[""]
    whole = s3.get_object(Bucket=lake.BRONZE, Key=key)
    body = whole["Body"].read()
    put = {"Bucket": lake.BRONZE, "Key": key, "Metadata": whole["Metadata"]}
    s3.put_object(**put, Body=body[:-10] + b"0123456789")
    count = "SELECT count(*) AS n FROM silver.stocks_grouped_daily"
    before = stack.warehouse().records(count)
    outcome, log = failed(day)
    assert (outcome["land.grouped_daily"], outcome["complete"]) == ("failed", "failed")
    assert re.search(f"{key} has no sha256 that S3 has checked.*Restore its earlier version", log)
    assert stack.warehouse().records(count) == before
    s3.put_object(**put, Body=body, ChecksumAlgorithm="SHA256")
    assert set(states(run_day(day, landing=PRICES)).values()) <= FINE


def test_a_broken_critical_expectation(failed: Failed, stack: Stack, faults: Path) -> None:
    """The numbers are in the message, the results in their table, and gold keeps its state."""
    day = "2026-06-04"
    rows = [{"T": f"T{n}", "o": 10, "h": 9, "l": 11, "c": 10, "v": 100, "t": 1780603200000} for n in range(60)]
    page = {"status": "OK", "adjusted": False, "queryCount": 60, "resultsCount": 60, "count": 60, "results": rows}
    rule = {"match": {"path": f"/v2/aggs/grouped/.*/{day}"}, "then": {"body": json.dumps(page)}}
    faults.write_text(json.dumps([rule]))
    outcome, log = failed(day)
    faults.write_text("[]")
    assert (outcome["silver"], outcome["quality"], outcome["gold"]) == ("success", "failed", "success")
    assert outcome["complete"] == "failed"
    assert re.search(r"60 .*(high|low)|(high|low).* 60", log)
    broken = stack.warehouse().records(
        f"SELECT observed FROM quality.results WHERE NOT passed AND severity = 'critical' AND market_date = DATE'{day}'"
    )
    assert 60.0 in [row["observed"] for row in broken]
    gold = stack.warehouse().records(
        f"SELECT count(*) AS n FROM gold.stocks_daily_prices WHERE market_date = DATE'{day}'"
    )
    assert gold == [{"n": 0}]
    assert set(states(run_day(day, landing=PRICES)).values()) <= FINE


def test_poisoned_records_among_good_ones(stack: Stack, faults: Path, airflow_database: None) -> None:
    """Bronze has them as they came; silver takes the good, quarantine the rest with reasons, and the counts add up."""
    day = "2026-06-05"
    stamp = 1780689600000
    good = [
        {"T": f"T{n}", "o": 10, "h": 11, "l": 9, "c": 10, "v": 100, "vw": 10, "n": 5, "t": stamp} for n in range(50)
    ]
    poisoned = [
        {**good[0], "T": "TYPE", "c": "ten"},
        {**good[0], "T": "NULL", "c": None},
        {**good[0], "T": None},
        "not a row",
        None,
    ]
    odd = [{**good[0], "T": "BRK.B"}, {**good[0], "T": "Ü'\"\\ +"}, {**good[0], "T": "NEW", "brand_new": {"deep": [1]}}]
    rows = [*good, *poisoned, *odd, good[1], {**good[2], "c": 10.5}]
    body = json.dumps({"status": "OK", "resultsCount": len(rows), "count": len(rows), "results": rows})
    faults.write_text(json.dumps([{"match": {"path": f"/v2/aggs/grouped/.*/{day}"}, "then": {"body": body}}]))
    outcome = states(run_day(day, landing=PRICES))
    faults.write_text("[]")
    assert (outcome["land.grouped_daily"], outcome["silver"]) == ("success", "success")
    s3 = stack.s3()
    key = bronze.newest_revisions(
        s3, lake.BRONZE, catalog.load("stocks").datasets["grouped_daily"], str(dt.date.fromisoformat(day))
    )[""]
    assert gzip.decompress(s3.get_object(Bucket=lake.BRONZE, Key=key)["Body"].read()).decode() == body
    ask = stack.warehouse().records
    where = f"market_date = DATE'{day}'"
    (counts,) = ask(f"SELECT * FROM quality.loads WHERE dataset = 'grouped_daily' AND {where}")
    names = ("bronze_rows", "silver_rows", "duplicates", "quarantined")
    assert [counts[name] for name in names] == [len(rows), len(good) + len(odd), 2, len(poisoned)]
    silver = {row["ticker"] for row in ask(f"SELECT ticker FROM silver.stocks_grouped_daily WHERE {where}")}
    assert silver == {row["T"] for row in [*good, *odd]}
    reasons = ask(f"SELECT reason FROM quality.quarantine WHERE dataset = 'grouped_daily' AND {where}")
    assert sorted(row["reason"] for row in reasons) == [
        "close is missing",
        "close: cannot read 'ten' as DOUBLE",
        'row is no JSON object: "not a row"',
        "row is no JSON object: null",
        "ticker is missing",
    ]


def test_an_unknown_dataset(stack: Stack) -> None:
    """The declared ones are listed."""
    from airflow.sdk.exceptions import AirflowFailException

    from anthill.landing.operator import LandDataset

    task = LandDataset(task_id="land", asset_class="stocks", dataset="quotes", bucket=lake.BRONZE)
    with pytest.raises(AirflowFailException, match="stocks has no dataset 'quotes', only grouped_daily, tickers"):
        task.execute({"params": {"market_date": "2026-06-02"}})


def test_no_secret_is_left_anywhere(stack: Stack) -> None:
    """After all these runs: not in Airflow's database (XComs, rendered templates, events), logs, objects or names."""
    secrets = [connections.POLYGON_KEY, connections.TOKEN, connections.FLAT_FILES_SECRET, "mistyped-secret"]
    airflow = files(Path(os.environ["AIRFLOW_HOME"]))
    assert any(
        b"rendered_task_instance_fields" in content and b"grouped_daily" in content for content in airflow.values()
    )
    everything = {**airflow, **files(stack.home)}
    assert any(b"market_date_from" in held for path, held in everything.items() if "/databricks/" in path)
    found = [(path, word) for path, content in everything.items() for word in secrets if word.encode() in content]
    assert found == []
    assert not [path for path in everything for word in secrets if word in path]


def files(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, gzip taken apart."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found[str(path)] = content + unpacked(content)
    return found


def unpacked(content: bytes) -> bytes:
    """What the members of a gzip file hold, as far as they are whole: some of these runs are about broken ones."""
    held = b""
    with contextlib.suppress(zlib.error):
        while content.startswith(b"\x1f\x8b"):
            member = zlib.decompressobj(31)
            held += member.decompress(content)
            content = member.unused_data
    return held


def test_a_run_without_a_day(airflow_database: None, stack: Stack) -> None:
    """Without an interval and a form what needs one fails at once; nothing is landed or loaded, and the last tells."""
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(dag_folder=os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).dags["stocks"]
    dag.deadline = None  # dag.test() cannot look up alerts that no scheduler has stored
    before = objects(stack)
    run = dag.test(logical_date=None, run_conf={})
    assert run.data_interval_start is None
    tasks = {task.task_id: task for task in run.get_task_instances()}
    assert tasks.pop("grants").state == "success"  # readers are those of every day
    idle = {name: tasks.pop(name) for name in ("quality", "reconcile", "gold")}  # silver started no run
    assert {str(task.state) for task in idle.values()} == {"skipped"}
    assert {str(task.state) for task in tasks.values()} == {"failed"}
    assert {task.try_number for task in tasks.values()} == {1}
    assert objects(stack) == before
    said = tasks["land.grouped_daily"].xcom_pull(task_ids="complete", key="error")
    assert re.match(f"run {re.escape(run.run_id)} has no data interval: trigger it again with .*'market_date'", said)
