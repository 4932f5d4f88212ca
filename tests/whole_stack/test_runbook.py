"""Each command and query of the runbook works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from local import demo
from local.stack import ROOT, Stack

TEXT = (ROOT / "docs" / "runbook.md").read_text()


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
