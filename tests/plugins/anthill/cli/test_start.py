"""The command starts light: what is heavy is imported when a command needs it, and not for help or a first request."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from anthill.cli.main import app
from anthill.cli.version import version
from tests.plugins.anthill.landing.workers import environment

ROOT = Path(__file__).parents[4]
COMMANDS = sorted(
    command.callback.__name__.replace("_", "-") for command in app.registered_commands if command.callback
)
HEAVY = {
    "airflow", "anthill.calendars", "anthill.catalog", "anthill.landing", "asyncio", "boto3", "botocore",
    "exchange_calendars", "msgspec", "numpy", "pandas", "pydantic", "rich", "tenacity", "yaml",
}  # fmt: skip
# Writes down the modules that are there when the process first connects to anything, or ends without.
PROBE = """
import atexit, json, os, sys

file = sys.argv.pop(1)

def tell(connected=False):
    with open(file, "w") as out:
        json.dump({"connected": connected, "modules": list(sys.modules)}, out)

def hook(event, arguments):
    if event == "socket.connect":
        tell(connected=True)
        os._exit(0)

sys.addaudithook(hook)
atexit.register(tell)
from anthill.cli.main import main
main()
"""
WAREHOUSE = {"DATABRICKS_HOST": "http://127.0.0.1:9", "DATABRICKS_TOKEN": "t", "DATABRICKS_WAREHOUSE_ID": "w"}
# A command line of each command that asks the platform something.
ASKING = {
    "as-of": ["2024-05-28T12:00:00Z", "stocks"],
    "backfill": ["stocks", "--from", "2026-06-01", "--to", "2026-06-30"],
    "coverage": [],
    "doctor": [],
    "export": ["gold.stocks_daily_prices"],
    "gaps": ["stocks", "--from", "2026-06-01"],
    "minutes": ["crypto"],
    "land": ["stocks.grouped_daily", "2026-06-30"],
}


@pytest.fixture
def started(tmp_path: Path) -> Callable[..., tuple[bool, set[str]]]:
    """Run `anthill` up to its first connection: whether there was one, and every module and package loaded by then."""

    def run(*arguments: str) -> tuple[bool, set[str]]:
        file = tmp_path / "told.json"
        subprocess.run(
            [sys.executable, "-c", PROBE, str(file), *arguments], env={**environment(), **WAREHOUSE}, check=True
        )
        told = json.loads(file.read_text())
        packages = {".".join(name.split(".")[:parts]) for name in told["modules"] for parts in (1, 2, 3)}
        return told["connected"], packages

    return run


Started = Callable[..., tuple[bool, set[str]]]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_and_version_load_nothing_heavy(started: Started, arguments: list[str]) -> None:
    """Nor what speaks HTTP: they connect to nothing."""
    connected, loaded = started(*arguments)
    assert not connected
    assert not loaded & {*HEAVY, "urllib3"}


@pytest.mark.parametrize("command", sorted(ASKING))
def test_a_command_asks_before_it_loads_anything_heavy(started: Started, command: str) -> None:
    """What reads declarations, counts days, draws tables and signs requests of AWS is for later, or for others."""
    connected, loaded = started(command, *ASKING[command])
    assert connected
    assert not loaded & HEAVY


def test_every_command_but_a_few_asks_the_platform_first(started: Started) -> None:
    """A new command has its line above; `check` and `access` read declarations, and build no exchange's calendar.

    `sample` and `record` ask the source, `drop` S3. `trace` reads declarations, by which it says what was meant.
    """
    assert {*ASKING, "access", "check", "drop", "record", "sample", "trace"} == set(COMMANDS)
    connected, loaded = started("trace", "gold.stocks_daily_returns", "AAPL", "2026-06-15")
    assert connected
    assert not loaded & {"airflow", "boto3"}
    for command in ("check", "access"):
        connected, loaded = started(command)
        assert not connected
        assert not loaded & {"airflow", "boto3", "exchange_calendars", "pandas", "urllib3"}


def test_the_version_is_that_of_the_wheel(tmp_path: Path) -> None:
    """Where no repository is around the package, as in a wheel."""
    assert version(tmp_path) == f"anthill {importlib.metadata.version('anthill')}"


def test_a_checkout_says_that_it_is_one() -> None:
    """With the version that it declares, by the installed command."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    command = str(Path(sys.executable).with_name("anthill"))
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"anthill {declared}, from the checkout {ROOT}\n"
