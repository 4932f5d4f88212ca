"""The runbook has a section for everything that can call an operator, and each of its commands and queries works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from anthill.alerts.alert import Kind
from local import demo
from local.airflow_api import AirflowApi
from local.stack import ROOT, Options, Stack
from tests.end_to_end.conftest import SMALL

pytestmark = [
    pytest.mark.skipif(not os.environ.get("ANTHILL_STACK"), reason="takes minutes: `make test-stack`"),
    pytest.mark.timeout(1500),
]

TEXT = (ROOT / "docs" / "runbook.md").read_text()
HEADINGS = set(re.findall(r"^### (\S+)$", TEXT, re.MULTILINE))
TASKS = {"land", "silver", "quality", "gold", "grants", "complete", "market_backfill", "intraday"}


def blocks(language: str) -> list[str]:
    """The lines of all blocks of a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return [line for block in found for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Small markets, the whole of Airflow, and a few days of forex."""
    stack = Stack(Options(tmp_path_factory.mktemp("stack"), polygon=SMALL))
    with stack.lock():
        stack.start()
        try:
            api = AirflowApi(stack.addresses.airflow)
            progress = demo.Progress(print)
            demo.end_earlier_runs(api, ["market_backfill", "coverage_index", "doctor"], progress)
            form = {"asset_class": "forex", "market_date_from": "2026-06-29", "market_date_to": "2026-07-02"}
            demo.watch(stack, api, [demo.trigger(api, "market_backfill", form, "forex")], progress)
            yield stack
        finally:
            stack.stop()


def test_there_is_a_section_for_each_message_task_and_alarm() -> None:
    """Whatever calls somebody at night can be looked up by its name."""
    monitoring = (ROOT / "terraform" / "modules" / "monitoring" / "main.tf").read_text()
    alarms = set(re.findall(r"^    ([a-z-]+) = \{\n      text", monitoring, re.MULTILINE))
    assert len(alarms) >= 8
    assert {*get_args(Kind), *TASKS, *alarms, "budget"} == HEADINGS


@pytest.mark.parametrize("command", dict.fromkeys(blocks("bash")))
def test_a_command_does_what_it_says(stack: Stack, command: str) -> None:
    """As it stands in the runbook, typed on a machine that reaches Airflow."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**stack.environment(), "PATH": path, "ANTHILL_URL": stack.addresses.airflow}
    done = subprocess.run(
        shlex.split(command), env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert done.stdout.strip(), command


@pytest.mark.parametrize("query", blocks("sql"))
def test_a_query_runs(stack: Stack, query: str) -> None:
    """Against the tables of the local warehouse."""
    assert isinstance(stack.warehouse().records(query), list)
