"""A market day goes through a deployed Airflow, through MWAA's REST call, and a failure names its tasks."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from anthill import fingerprint
from scripts import market_day, smoke

DAY = ["--environment", "staging", "--day", "2026-07-02", "--poll", "0.01"]


class Mwaa(BaseHTTPRequestHandler):
    """MWAA's InvokeRestApi over HTTP: answers by method and path, written down."""

    answers: dict[tuple[str, str], list[Any]]
    asked: list[Any]

    def do_POST(self) -> None:
        """One call."""
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, call))
        waiting = self.answers[call["Method"], call["Path"]]
        body = json.dumps(
            {"RestApiStatusCode": 200, "RestApiResponse": waiting.pop(0) if len(waiting) > 1 else waiting[0]}
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def mwaa(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Mwaa]]:
    """The service, with a day that runs a while and succeeds."""
    Mwaa.asked, at = [], "/dags/forex"
    Mwaa.answers = {
        ("GET", at): [{"is_paused": False}],
        ("POST", f"{at}/dagRuns"): [{"dag_run_id": "manual__1"}],
        ("GET", f"{at}/dagRuns/manual__1"): [{"state": "queued"}, {"state": "running"}, {"state": "success"}],
        ("GET", f"{at}/dagRuns/manual__1/taskInstances"): [
            {
                "task_instances": [
                    {"task_id": "silver", "state": "failed"},
                    {"task_id": "land.tickers", "state": "success"},
                ]
            }
        ],
    }
    server = HTTPServer(("127.0.0.1", 0), Mwaa)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # The client puts `env.` before the host, which no loopback address takes: that one host goes by proxy.
    monkeypatch.setenv("AWS_ENDPOINT_URL_MWAA", "http://mwaa.invalid")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield Mwaa
    server.shutdown()


def test_a_day_goes_through(mwaa: type[Mwaa], capsys: pytest.CaptureFixture[str]) -> None:
    """Triggered with its market day in the environment that Terraform named, and waited for."""
    assert market_day.main(DAY) == 0
    assert {path for path, _ in mwaa.asked} == {"http://env.mwaa.invalid/restapi/anthill-staging"}
    (trigger,) = [call for _, call in mwaa.asked if call["Method"] == "POST"]
    assert trigger["Body"]["conf"] == {"market_date": "2026-07-02"}
    assert "forex of 2026-07-02 went through **anthill-staging**" in capsys.readouterr().out


def test_a_failed_day_names_its_tasks(mwaa: type[Mwaa], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, and which task to look at."""
    mwaa.answers["GET", "/dags/forex/dagRuns/manual__1"] = [{"state": "failed"}]
    assert market_day.main(DAY) == 1
    assert "failed in silver" in capsys.readouterr().err


def test_a_paused_dag_or_an_endless_run_is_no_pass(mwaa: type[Mwaa], capsys: pytest.CaptureFixture[str]) -> None:
    """What did not run has not passed."""
    mwaa.answers["GET", "/dags/forex/dagRuns/manual__1"] = [{"state": "running"}]
    assert market_day.main([*DAY, "--patience", "0.1"]) == 1
    assert "is still running" in capsys.readouterr().err
    mwaa.answers["GET", "/dags/forex"] = [{"is_paused": True}]
    mwaa.answers["GET", "/dags/forex/dagRuns"] = [{"total_entries": 3}]
    assert market_day.main(DAY) == 1
    assert "is paused" in capsys.readouterr().err


def test_a_new_environment_passes_and_says_what_is_paused(mwaa: type[Mwaa], capsys: pytest.CaptureFixture[str]) -> None:
    """After the first delivery nobody has turned a DAG on: nothing is started, and the summary says so."""
    mwaa.answers["GET", "/dags/forex"] = [{"is_paused": True}]
    mwaa.answers["GET", "/dags/forex/dagRuns"] = [{"total_entries": 0}]
    assert market_day.main(DAY) == 0
    assert "the DAG forex is paused" in capsys.readouterr().out
    assert not [call for _, call in mwaa.asked if call["Method"] == "POST"]


def test_the_last_day_is_over() -> None:
    """Of a Monday it is the Thursday before for stocks: Friday's session may still be revised."""
    assert market_day.last_day("stocks", dt.date(2026, 7, 13)) < dt.date(2026, 7, 11)
    assert market_day.last_day("crypto", dt.date(2026, 7, 13)) == dt.date(2026, 7, 11)


def test_the_smoke_job_is_started_by_airflow(mwaa: type[Mwaa], capsys: pytest.CaptureFixture[str]) -> None:
    """With the digest of this commit; a run that fails is named with its task."""
    mwaa.answers = {
        (method, path.replace("/dags/forex", "/dags/smoke")): answers
        for (method, path), answers in mwaa.answers.items()
    }
    asked = ["--environment", "staging", "--poll", "0.01"]
    assert smoke.main(asked) == 0
    (trigger,) = [call for _, call in mwaa.asked if call["Method"] == "POST"]
    assert trigger["Path"] == "/dags/smoke/dagRuns"
    assert trigger["Body"]["conf"] == {"digest": fingerprint.digest()}
    mwaa.answers["GET", "/dags/smoke/dagRuns/manual__1"] = [{"state": "failed"}]
    assert smoke.main(asked) == 1
    assert "anthill-staging: the smoke job failed in silver" in capsys.readouterr().err
