"""Airflow's API answers late, or its answer is lost: it is asked again for as long as the stack is at work."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from local import airflow_api, patience
from local.airflow_api import AirflowApi, AirflowError
from tests.scripted_server import RESET, Asked, Reply, ScriptedServer, http

TOKEN = http(json.dumps({"access_token": "t"}).encode(), 201)
SILENT = Reply(b"", "close", hang=30)


class Script:
    """A token, then these replies one after the other."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def __call__(self, asked: Asked) -> Reply:
        """Answer a request."""
        return TOKEN if asked.path == "/auth/token" else self.replies.pop(0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is late soon, and asked for again at once."""
    monkeypatch.setattr(patience, "STANDSTILL", 0.5)
    monkeypatch.setattr(airflow_api, "AGAIN", 0.0)


def well() -> None:
    """The stack is at work."""


def ill() -> None:
    """It is not."""
    raise RuntimeError("scheduler stands still")


@pytest.mark.parametrize("lost", [RESET, SILENT])
def test_a_call_without_an_answer_is_made_again(lost: Reply) -> None:
    """A slow server is no broken one."""
    with ScriptedServer(Script(lost, lost, http(b'{"state": "running"}'))) as server:
        assert AirflowApi(server.url, well).get("/dags/d/dagRuns/r") == {"state": "running"}
    assert [asked.path for asked in server.asked] == ["/auth/token", *["/api/v2/dags/d/dagRuns/r"] * 3]


def test_what_a_lost_call_has_made_is_not_made_twice() -> None:
    """The next one is told that it is there."""
    with ScriptedServer(Script(RESET, http(b'{"detail": "there"}', 409))) as server:
        body = {"dag_run_id": "manual__1", "conf": {}}
        assert AirflowApi(server.url, well).post("/dags/d/dagRuns", body) == body


def test_what_is_there_before_the_first_call_is_an_error() -> None:
    """Somebody else made it."""
    with (
        ScriptedServer(Script(http(b'{"detail": "there"}', 409))) as server,
        pytest.raises(AirflowError, match=r"answered 409: .*there"),
    ):
        AirflowApi(server.url, well).post("/pools", {})


@pytest.mark.parametrize(
    ("check", "error", "words"),
    [(ill, RuntimeError, "scheduler stands still"), (None, AirflowError, "GET .*/dags/d has no answer")],
)
def test_a_stack_that_is_not_well_ends_the_waiting(
    check: Callable[[], None] | None, error: type[Exception], words: str
) -> None:
    """With what is wrong with it; where nobody looks, at once."""
    with ScriptedServer(Script(RESET)) as server, pytest.raises(error, match=words):
        AirflowApi(server.url, check).get("/dags/d")
