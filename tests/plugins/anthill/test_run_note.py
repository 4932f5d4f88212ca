"""The note of a run goes through MWAA's control plane where Airflow runs there, within its limits."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from anthill import run_note

LONG = "manual__2026-06-15T20:30:00.123456+00:00_Abcdef12"


class Mwaa(ThreadingHTTPServer):
    """Answers InvokeRestApi as it is told, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.errors: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Mwaa

    def do_POST(self) -> None:
        """Note the call and answer it."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body))
        answer = {
            "RestApiStatusCode": 200,
            "RestApiResponse": {"update": {"success": [], "errors": self.server.errors}},
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def mwaa(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mwaa]:
    """An environment named anthill-dev, as its tasks see it."""
    with Mwaa() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name, value in {
            "AIRFLOW_ENV_NAME": "anthill-dev",
            "AWS_ENDPOINT_URL_MWAA": f"http://127.0.0.1:{server.server_address[1]}",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            monkeypatch.setenv(name, value)
        yield server
        server.shutdown()


def context(dag: str = "market_backfill") -> Any:
    """What a task of that run knows."""
    return {"dag_run": SimpleNamespace(dag_id=dag, run_id=LONG)}


def test_it_goes_through_invoke_rest_api(mwaa: Mwaa) -> None:
    """One PATCH of the run's note alone; the path has no more characters than the service's model allows."""
    assert run_note.write(context(), "half of it " * 200)
    ((path, body),) = mwaa.asked
    assert path == "/restapi/anthill-dev"
    assert (body["Method"], body["Path"]) == ("PATCH", "/dags/market_backfill/dagRuns")
    longest = boto3.client("mwaa").meta.service_model.shape_for("InvokeRestApiRequest").members["Path"].metadata["max"]
    assert len(body["Path"]) <= longest < len(f"/dags/market_backfill/dagRuns/{LONG}")
    (action,) = body["Body"]["actions"]
    assert (action["action"], action["update_mask"]) == ("update", ["note"])
    assert action["entities"] == [{"dag_run_id": LONG, "note": ("half of it " * 200)[:997] + " …"}]


def test_a_note_that_is_refused_does_not_stop_the_run(mwaa: Mwaa, caplog: pytest.LogCaptureFixture) -> None:
    """The log has Airflow's own words."""
    mwaa.errors = [{"error": "the run is gone", "status_code": 404}]
    assert not run_note.write(context(), "text")
    assert "the run is gone" in caplog.text
