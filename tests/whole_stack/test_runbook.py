"""The runbook has a section for everything that can call an operator, and each of its commands and queries works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from anthill.alerts.alert import Kind
from local import demo
from local.stack import ROOT, Stack

TEXT = (ROOT / "docs" / "runbook.md").read_text()
HEADINGS = set(re.findall(r"^### (\S+)$", TEXT, re.MULTILINE))
TASKS = {"land", "silver", "quality", "gold", "grants", "complete", "market_backfill", "erasure", "intraday"}


def blocks(language: str) -> list[str]:
    """The lines of all blocks of a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return [line for block in found for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def loaded(stack: Stack) -> Stack:
    """The stack, with a few days of forex."""
    api = stack.api()
    progress = demo.Progress(print)
    demo.end_earlier_runs(api, ["market_backfill", "coverage_index", "doctor"], progress)
    form = {"asset_class": "forex", "market_date_from": "2026-06-29", "market_date_to": "2026-07-02"}
    demo.watch(stack, api, [demo.trigger(api, "market_backfill", form, "forex")], progress)
    return stack


def test_there_is_a_section_for_each_message_task_and_alarm() -> None:
    """Whatever calls somebody at night can be looked up by its name."""
    modules = "".join(file.read_text() for file in (ROOT / "terraform" / "modules").glob("*/*.tf"))
    alarms = set(re.findall(r"^    ([a-z-]+) = \{\n      text", modules, re.MULTILINE))
    alarms |= set(re.findall(r'alarm_name += "\$\{var\.name\}-([a-z-]+)"', modules))
    assert len(alarms) >= 23
    assert {*get_args(Kind), *TASKS, *alarms, "budget"} == HEADINGS


@pytest.mark.parametrize("command", dict.fromkeys(blocks("bash")))
def test_a_command_does_what_it_says(loaded: Stack, command: str) -> None:
    """As it stands in the runbook, typed on a machine that reaches Airflow."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**loaded.environment(), "PATH": path, "ANTHILL_URL": loaded.addresses.airflow}
    done = subprocess.run(shlex.split(command), env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    assert done.stdout.strip(), command


@pytest.mark.parametrize("query", blocks("sql"))
def test_a_query_runs(loaded: Stack, query: str) -> None:
    """Against the tables of the local warehouse."""
    assert isinstance(loaded.warehouse().records(query), list)
