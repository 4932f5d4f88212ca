"""The same commands against Amazon MWAA: boto3's own client with answers as the service's model has them, and an S3."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from anthill import catalog
from anthill.cli.airflow import AirflowError
from anthill.cli.main import main
from anthill.cli.session import Session
from anthill.intervals import market_day
from anthill.ledger.documents import Documents
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Refused
from anthill.sources.errors import NotEntitledError, ServerFailedError, SourceError, UnknownKeyError
from anthill.streams import listed
from anthill.streams.gaps import Gap
from anthill.streams.listed import Listed
from tests.plugins.anthill.coverage.entries import BARS, commit, landed
from tests.plugins.anthill.landing.s3 import s3_at
from tests.plugins.anthill.ui.conftest import DAY

from .conftest import Run

NAME = "anthill-prod"
BUCKETS = {"anthill.bronze_bucket": "bronze-of-mwaa", "anthill.documents_bucket": "documents-of-mwaa"}
MWAA = {"ANTHILL_MWAA": NAME, "AWS_REGION": "eu-west-1"}
WEEK = ("--from", "2026-06-29", "--to", "2026-07-02")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch, s3_url: str) -> Iterator[Stubber]:
    """MWAA's API; the environment's configuration names the buckets; one day is landed."""
    s3 = s3_at(s3_url)
    for bucket in BUCKETS.values():
        s3.create_bucket(Bucket=bucket)
    recorder = Recorder(Documents(s3, BUCKETS["anthill.documents_bucket"]), "run")
    recorder.note(BARS, landed(commit(DAY), day=DAY))
    recorder.write()
    gap = Gap(dt.datetime(2026, 7, 3, 10, tzinfo=dt.UTC), dt.datetime(2026, 7, 3, 10, 3, tzinfo=dt.UTC), "killed")
    stream = catalog.load("crypto").streams["minute_stream"]
    listed.note(Documents(s3, BUCKETS["anthill.documents_bucket"]), stream, gap.first.date(), Listed([gap]))
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    client = boto3.client("mwaa", region_name="eu-west-1", **keys)
    monkeypatch.setattr(Session, "_aws", lambda _, service: client if service == "mwaa" else s3)
    with Stubber(client) as stub:
        yield stub


def environment(stub: Stubber) -> None:
    """MWAA is asked for the environment."""
    stub.add_response("get_environment", {"Environment": {"AirflowConfigurationOptions": BUCKETS}}, {"Name": NAME})


def rest(stub: Stubber, method: str, path: Any, answer: Any, **given: Any) -> None:
    """MWAA is asked to call Airflow's REST API."""
    response = {"RestApiStatusCode": 200, "RestApiResponse": answer}
    stub.add_response("invoke_rest_api", response, {"Name": NAME, "Method": method, "Path": path, **given})


def test_what_is_before_the_wanted_history_is_no_gap(run: Run, stub: Stubber) -> None:
    """The environment's own setting says since when."""
    options = {**BUCKETS, "anthill.history_from": "stocks=2026-07-03"}
    stub.add_response("get_environment", {"Environment": {"AirflowConfigurationOptions": options}}, {"Name": NAME})
    done = run("--json", "gaps", "stocks", *WEEK, "--no-reasons", **MWAA)
    assert (done.exit_code, json.loads(done.output)) == (0, [])


def test_gaps_are_read_from_the_index_itself(run: Run, stub: Stubber) -> None:
    """In the bucket of the environment; no call of the REST API is needed."""
    environment(stub)
    done = run("--json", "gaps", "stocks", *WEEK, "--no-reasons", **MWAA)
    assert done.exit_code == 1, done.output
    bars = [gap for gap in json.loads(done.stdout) if gap["dataset"] == "grouped_daily"]
    assert [(gap["from"], gap["to"]) for gap in bars] == [("2026-06-29", "2026-06-29"), ("2026-07-01", "2026-07-02")]
    stub.assert_no_pending_responses()


def test_a_streams_minutes_are_read_from_its_list(run: Run, stub: Stubber) -> None:
    """In the bucket of documents; no call of the REST API is needed."""
    environment(stub)
    done = run("--json", "minutes", "crypto", "--day", "2026-07-03", **MWAA)
    assert done.exit_code == 0, done.output
    (crypto,) = json.loads(done.stdout)
    assert [gap["cause"] for gap in crypto["gaps"]] == ["killed"]
    stub.assert_no_pending_responses()


def test_a_day_is_landed_through_the_rest_api(run: Run, stub: Stubber) -> None:
    """The cost by the connection's plan, the DAG turned on, exactly the day asked for, and the end waited for."""
    environment(stub)
    rest(stub, "GET", "/connections/polygon_default", {"extra": '{"plan": "starter"}'})
    rest(stub, "GET", "/dags/market_backfill", {"is_paused": True})
    mask = {"update_mask": "is_paused"}
    rest(stub, "PATCH", "/dags/market_backfill", {}, QueryParameters=mask, Body={"is_paused": False})
    conf = {"chunk": 63, "again": True, "asset_class": "stocks", "only": {"grouped_daily": [str(DAY)]}}
    body = {"logical_date": None, "conf": conf, "note": ANY}
    rest(stub, "POST", "/dags/market_backfill/dagRuns", {"dag_run_id": "r1"}, Body=body)
    for _ in range(2):
        rest(stub, "GET", "/dags/market_backfill/dagRuns/r1", {"state": "success", "note": "1 landed"})
    done = run("--json", "land", "stocks.grouped_daily", str(DAY), **MWAA)
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["state"], answer["calls"], answer["per_minute"]) == ("success", 2, 6000)
    stub.assert_no_pending_responses()


ECHOED = "never-a-real-one"
ASKED = f"https://api.test/v2/bars/{DAY}?adjusted=false&apiKey="
CALL = f"[GET /v2/aggs/grouped/locale/us/market/stocks/{DAY}]"
REFUSALS = [
    (UnknownKeyError, "failed", f". Put a valid API key into the connection's password. {CALL}"),
    (NotEntitledError, "success", f" {CALL}"),
    (ServerFailedError, "failed", f" [GET {ASKED}***]. Nothing was committed."),
]


@pytest.mark.parametrize(("kind", "state", "where"), REFUSALS)
def test_a_refusal_is_told_with_its_url(
    run: Run, stub: Stubber, s3_url: str, kind: type[SourceError], state: str, where: str
) -> None:
    """Why this day was not landed, at which URL, and never with the key."""
    error = kind(f"the API does not take {ECHOED}", f"{ASKED}{ECHOED}")
    error.mask(ECHOED)
    by = Recorder(Documents(s3_at(s3_url), BUCKETS["anthill.documents_bucket"]), "market_backfill/r1/chunk.land/0/id")
    by.note(BARS, Refused(market_day("XNYS", DAY), error))
    by.write()
    ended_land(stub, "r1", state)
    done = run("land", "stocks.grouped_daily", str(DAY), **MWAA)
    assert done.exit_code == (1 if state == "failed" else 0), done.output
    assert f"stocks.grouped_daily {DAY} is refused: the API does not take ***{where}" in done.output
    assert ECHOED not in done.output
    stub.assert_no_pending_responses()


def test_a_refusal_of_another_run_is_not_told(run: Run, stub: Stubber, s3_url: str) -> None:
    """Where this one failed before it asked, its log has the reason."""
    by = Recorder(Documents(s3_at(s3_url), BUCKETS["anthill.documents_bucket"]), "market_backfill/r0/chunk.land/0/id")
    by.note(BARS, Refused(market_day("XNYS", DAY), UnknownKeyError("the API answered 401")))
    by.write()
    ended_land(stub, "r1", "failed")
    done = run("land", "stocks.grouped_daily", str(DAY), **MWAA)
    assert "market_backfill r1 failed in plan: look at the task's log in Airflow" in done.output
    assert "401" not in done.output


def ended_land(stub: Stubber, name: str, state: str) -> None:
    """All that MWAA is asked for a day's landing, whose run ends so."""
    environment(stub)
    rest(stub, "GET", "/connections/polygon_default", {"extra": None})
    rest(stub, "GET", "/dags/market_backfill", {"is_paused": False})
    rest(stub, "POST", "/dags/market_backfill/dagRuns", {"dag_run_id": name}, Body=ANY)
    for _ in range(2):
        rest(stub, "GET", f"/dags/market_backfill/dagRuns/{name}", {"state": state, "note": ""})
    if state == "failed":
        tasks = {"task_instances": [{"task_id": "plan"}]}
        path = f"/dags/market_backfill/dagRuns/{name}/taskInstances"
        rest(stub, "GET", path, tasks, QueryParameters={"state": "failed"})


def test_a_plan_that_is_kept_secret_is_taken_for_the_smallest(run: Run, stub: Stubber) -> None:
    """Connections in Secrets Manager are not shown by the REST API."""
    environment(stub)
    fields = {"RestApiStatusCode": 404, "RestApiResponse": {"detail": "not found"}}
    stub.add_client_error("invoke_rest_api", "RestApiClientException", modeled_fields=fields)
    stub.add_client_error(
        "invoke_rest_api", "RestApiClientException", modeled_fields={"RestApiStatusCode": 403, "RestApiResponse": {}}
    )
    done = run("land", "stocks.grouped_daily", str(DAY), **MWAA)
    assert "2 calls, less than a minute at 5 calls a minute" in done.output
    assert isinstance(done.exception, AirflowError)
    assert "you may not do this (403)" in str(done.exception)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "airflow:InvokeRestApi"),
        ("ResourceNotFoundException", "Check the name of the environment"),
    ],
)
def test_what_aws_refuses_is_told_with_what_to_do(run: Run, stub: Stubber, code: str, advice: str) -> None:
    """The doctor says it, and goes no further."""
    stub.add_client_error("invoke_rest_api", code, "no")
    done = run("doctor", **MWAA)
    assert done.exit_code == 1
    assert advice in done.output
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "Let your role call airflow:GetEnvironment"),
        ("ResourceNotFoundException", "Check the name of the environment and the region"),
    ],
)
def test_an_environment_that_cannot_be_described(run: Run, stub: Stubber, code: str, advice: str) -> None:
    """What is advised fits why."""
    stub.add_client_error("get_environment", code, "no")
    done = run("gaps", "stocks", *WEEK, **MWAA)
    assert isinstance(done.exception, AirflowError)
    assert advice in str(done.exception)


@pytest.mark.parametrize("command", [["gaps"], ["coverage"], ["doctor"], ["land", "stocks.grouped_daily", str(DAY)]])
@pytest.mark.parametrize("aws", [{}, {"AWS_REGION": "eu-west-1"}, {"AWS_PROFILE": "nobody"}, {"AWS_REGION": "no such"}])
def test_without_a_way_into_aws_it_is_a_sentence(command: list[str], aws: dict[str, str], tmp_path: Path) -> None:
    """By the installed command: no region, no credentials, a profile that is not there, a region that is none."""
    nothing = str(tmp_path / "none")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANTHILL_"))}
    away = {"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing, "AWS_EC2_METADATA_DISABLED": "true"}
    anthill = str(Path(sys.executable).with_name("anthill"))
    done = subprocess.run(
        [anthill, "--mwaa", "foo", *command], env={**kept, **away, **aws}, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "Traceback" not in said
    assert "foo" in said
    assert "credentials" in said


@pytest.mark.parametrize(
    ("dataset", "day", "said"),
    [("stocks.nope", "2026-06-30", "nope"), ("stocks.grouped_daily", "2026-07-04", "2026-07-04")],
)
def test_what_cannot_be_planned_is_a_sentence(
    run: Run,
    stub: Stubber,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    dataset: str,
    day: str,
    said: str,
) -> None:
    """As `main` tells it: a dataset that is none, a day without a market."""
    environment(stub)
    for name, value in MWAA.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["anthill", "land", dataset, day])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert said in capsys.readouterr().err


def well_but_for(stub: Stubber, *checks: dict[str, Any]) -> None:
    """Airflow is well, and its DAG `doctor` says these."""
    rest(stub, "GET", "/version", {"version": "3.0.6"})
    rest(stub, "GET", "/monitor/health", {"scheduler": {"status": "healthy"}})
    rest(stub, "GET", "/importErrors", {"import_errors": []})
    names = [*catalog.asset_classes(), "market_backfill", "market_as_of", "coverage_index", "doctor"]
    dags = [{"dag_id": name, "is_paused": False} for name in names]
    rest(stub, "GET", "/dags", {"dags": dags}, QueryParameters={"limit": 100})
    rest(stub, "GET", "/pools/polygon", {"slots": 4, "occupied_slots": 0, "queued_slots": 0})
    rest(stub, "GET", "/dags/doctor", {"is_paused": False})
    rest(stub, "POST", "/dags/doctor/dagRuns", {"dag_run_id": "r1"}, Body=ANY)
    rest(stub, "GET", "/dags/doctor/dagRuns/r1", {"state": "failed"})
    path = "/dags/doctor/dagRuns/r1/taskInstances/examine/xcomEntries/return_value"
    rest(stub, "GET", path, {"value": list(checks)}, QueryParameters={"deserialize": "true"})


def test_the_doctor_advises_once_what_is_wrong(run: Run, stub: Stubber) -> None:
    """What was not asked has a line without advice; the end is red all the same."""
    refused = {"name": "polygon_default", "ok": False, "said": "Unknown API Key", "do": "Put a valid key"}
    clock = {"name": "clock", "ok": False, "said": "not asked: the key is refused", "do": "", "asked": False}
    well_but_for(stub, {**refused, "asked": True}, clock)
    done = run("doctor", **MWAA)
    assert done.exit_code == 1, done.output
    end = done.output[done.output.index("✗") :]
    said = "✗ polygon_default: Unknown API Key\n    Put a valid key\n- clock: not asked: the key is refused\n"
    assert end == said
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(("paused", "code"), [(True, 1), (False, 0)])
def test_a_slot_whose_dag_is_off(run: Run, stub: Stubber, paused: bool, code: int) -> None:
    """Is not well, however lately it was read: nobody reads it from now on."""
    check = {"name": "slot anthill_totesys", "ok": True, "said": "the database keeps 1 MiB", "do": "Turn it on"}
    well_but_for(stub, {**check, "asked": True, "dag": "totesys"})
    rest(stub, "GET", "/dags/totesys", {"is_paused": paused})
    done = run("doctor", **MWAA)
    assert done.exit_code == code, done.output
    said = "slot anthill_totesys: the database keeps 1 MiB"
    off = f"✗ {said}; the DAG totesys is off, and nobody reads it\n    Turn it on\n"
    assert done.output.endswith(off if paused else f"✓ {said}\n")
    stub.assert_no_pending_responses()
