"""startup.sh as MWAA runs it: sourced by bash in every container, before anything is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "delivery" / "startup.sh"


@pytest.mark.parametrize("component", ["scheduler", "worker", "webserver", None])
def test_what_it_sets_reaches_what_comes_after(component: str | None) -> None:
    """Strict bash takes it, it says which component starts, and its variables are exported."""
    named = {"MWAA_AIRFLOW_COMPONENT": component} if component else {}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f". '{SCRIPT}'; env"],
        env={"PATH": "/usr/bin:/bin", **named}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"Anthill starts as {component or 'an unnamed component'}" in done.stdout
    assert {"PIP_NO_INPUT=1", "AWS_RETRY_MODE=standard"} <= set(done.stdout.splitlines())
    assert done.stderr == ""
