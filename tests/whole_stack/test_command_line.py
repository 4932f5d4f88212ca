"""The command line against a whole stack: the platform is well, gaps are listed, filled and gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from anthill.bronze import commits as bronze
from local import lake
from local.airflow_api import AirflowApi
from local.stack import Stack

WEEK = ("--from", "2026-06-08", "--to", "2026-06-12")


@pytest.fixture
def anthill(stack: Stack, api: AirflowApi) -> Any:
    """Run the installed command; its answer as JSON, and its exit code."""

    def anthill(*arguments: str) -> tuple[Any, int]:
        command = [str(Path(sys.executable).with_name("anthill")), "--json", *arguments]
        env = {**os.environ, "ANTHILL_URL": stack.addresses.airflow}
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        return json.loads(done.stdout), done.returncode

    return anthill


def test_the_doctor_finds_the_stack_well(anthill: Any) -> None:
    """From outside and from where the tasks run."""
    found, code = anthill("doctor")
    assert [check for check in found if not check["ok"]] == []
    assert code == 0
    names = {check["name"] for check in found}
    assert {"pool polygon", "polygon_default", "clock", "versions", "databricks_default", "plan has crypto"} <= names


def test_gaps_are_filled_exactly(anthill: Any, stack: Stack) -> None:
    """One day is landed by `land`, the others by `backfill --gaps`; nothing else is fetched, and no gap is left."""
    _, code = anthill("land", "forex.tickers", "2026-06-10")
    assert code == 0
    found, code = anthill("gaps", "forex", *WEEK)
    tickers = [(gap["from"], gap["to"]) for gap in found if gap["dataset"] == "tickers"]
    assert (tickers, code) == ([("2026-06-08", "2026-06-09"), ("2026-06-11", "2026-06-12")], 1)
    answer, code = anthill("backfill", "forex", "--gaps", "--dataset", "tickers", *WEEK)
    assert (answer["state"], code) == ("success", 0)
    assert answer["conf"]["only"] == {"tickers": ["2026-06-08/2026-06-09", "2026-06-11/2026-06-12"]}
    held = bronze.newest_of_all(stack.s3(), lake.BRONZE, catalog.load("forex").datasets["tickers"])
    assert [int(day[-2:]) for day in sorted(held)] == [8, 9, 10, 11, 12]
    found, _ = anthill("gaps", "forex", *WEEK)
    assert "tickers" not in {gap["dataset"] for gap in found}


def test_the_index_is_rebuilt_when_it_is_lost(anthill: Any, stack: Stack) -> None:
    """A document that is gone makes days look missing; a rebuild finds them in bronze again."""
    key = "polygon/forex/_coverage/days/tickers/2020s.json.gz"
    stack.s3(lake.FAULT_KEY).delete_object(Bucket=lake.DOCUMENTS, Key=key)

    def states(*more: str) -> str:
        heat, _ = anthill("coverage", "forex", *WEEK, *more)
        rows: list[dict[str, str]] = heat["groups"][0]["rows"]
        return next(row["states"] for row in rows if row["dataset"] == "tickers")

    assert states() == "MMMMM"
    assert states("--rebuild") == "LLLLL"
    assert states() == "LLLLL"
