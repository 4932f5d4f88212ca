"""The last lines of a failed task's log are what went wrong, what to do, and where there is more."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from anthill.alerts import failure
from anthill.dag_defaults import DEFAULT_ARGS

SAID = "stocks.bars on 2026-07-02: the API answered 401.\nPut a valid API key into the connection's password."


def context(task: str, error: BaseException, pushed: dict[str, Any]) -> Any:
    """What Airflow gives a callback."""
    ti = SimpleNamespace(dag_id="stocks", task_id=task, xcom_push=lambda key, value: pushed.update({key: value}))
    return {"exception": error, "ti": ti}


def test_the_log_ends_with_the_remedy(caplog: pytest.LogCaptureFixture) -> None:
    """Below Airflow's traceback and outside of its folded group; kept whole for the run's message."""
    pushed: dict[str, Any] = {}
    with caplog.at_level(logging.INFO):
        failure.remember(context("land.bars", ValueError(SAID), pushed))
    assert caplog.messages == ["::endgroup::", f"{SAID}\nThe runbook: docs/runbook.md#land"]
    assert {record.levelname for record in caplog.records[1:]} == {"ERROR"}
    assert not any(record.exc_info for record in caplog.records)
    assert pushed == {"error": SAID}


def test_a_try_that_is_followed_by_another_says_so_too(caplog: pytest.LogCaptureFixture) -> None:
    """Its log ends alike, and nothing is kept of it; a task without a section names none."""
    pushed: dict[str, Any] = {}
    with caplog.at_level(logging.INFO):
        failure.say(context("examine", KeyError(), pushed))
    assert (caplog.messages, pushed) == (["::endgroup::", "KeyError"], {})
    assert (DEFAULT_ARGS["on_failure_callback"], DEFAULT_ARGS["on_retry_callback"]) == (failure.remember, failure.say)
