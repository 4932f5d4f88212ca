"""`.ci/run` over a Makefile of its own: a clean environment, the first red step ends it, and no tool stands idle."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = re.findall(r"^step make (.+)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
Recipes = dict[str, str]


def targets(words: str) -> list[str]:
    """The targets among a call's words."""
    return re.findall(r"(?<!\S)[a-z][a-z-]+", words)


STEPS = [target for words in WORDS for target in targets(words)]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not on this machine")


def ci(folder: Path, recipes: Recipes, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run whose targets do what `recipes` says, or nothing."""
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", folder / ".ci")
    (folder / "scripts").mkdir()
    (folder / "scripts/ensure-chromium").write_text("#!/bin/sh\n")
    (folder / "scripts/ensure-chromium").chmod(0o755)
    (folder / "Makefile").write_text("".join(f"{step}:\n\t@{recipes.get(step, 'true')}\n" for step in STEPS))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
    return subprocess.run([folder / ".ci/run"], env=environment, capture_output=True, text=True, check=False)


def test_the_steps_are_targets() -> None:
    """Each is in the Makefile; tests, the whole stack and the demo are among them."""
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"check", "lint", "test", "test-stack", "demo", "security", "terraform-check"} <= set(STEPS) <= there


def test_what_it_leaves_out_a_workflow_runs() -> None:
    """The targets that its heading names for the workflow of integration tests are there, for every change."""
    (named,) = re.findall(r"\(make ([a-z-]+(?:,\s[a-z#\s-]+)*)\)", (ROOT / ".ci/run").read_text())
    workflow = (ROOT / ".github/workflows/integration-tests.yml").read_text()
    run = set(re.findall(r"run: make (\S+)", workflow))
    left_out = set(re.findall(r"[a-z-]+", named))
    assert "terraform-apply-local" in left_out
    assert left_out <= run - set(STEPS)
    assert "pull_request:" in workflow


def test_only_how_packages_are_reached_is_the_callers(tmp_path: Path) -> None:
    """Neither a secret nor a setting of the caller's shell reaches a step."""
    ways = {"PIP_INDEX_URL": "https://a/b c", "UV_OFFLINE": "1", "npm_config_registry": "r", "https_proxy": "p"}
    ways |= {"NO_PROXY": "n", "REQUESTS_CA_BUNDLE": "r", "SSL_CERT_FILE": "s", "NODE_EXTRA_CA_CERTS": "x", "CI": "true"}
    others = {"POLYGON_API_KEY": "no-key", "AIRFLOW_HOME": "/a", "AWS_PROFILE": "p", "PYTHONPATH": "/p", "UVX": "u"}
    done = ci(tmp_path, {"check": "env"}, **ways, **others)
    assert done.returncode == 0, done.stderr
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if re.match(r"\w+=", line))
    assert {name: told.get(name) for name in ways} == ways
    assert not told.keys() & others.keys()
    assert told["HOME"] == str(tmp_path)
    assert told["PATH"] == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def test_the_first_red_step_ends_it(tmp_path: Path) -> None:
    """With its output, and nothing after it is begun."""
    done = ci(tmp_path, {"lint": "echo a wrong line; false", "test": "echo tests"})
    assert done.returncode != 0
    assert "a wrong line" in done.stdout
    assert "tests" not in done.stdout.splitlines()


def test_what_runs_beside_others_speaks_alone(tmp_path: Path) -> None:
    """One waits for another in the same step; what each says stands together, and one that is red is enough."""
    one, other = next(targets(words) for words in WORDS if len(targets(words)) > 1)[:2]
    say = "echo first of {0}; touch {0}; while ! test -e {1}; do sleep 0.05; done; echo last of {0}; {2}"
    recipes = {one: say.format(one, other, "true"), other: say.format(other, one, "false")}
    done = ci(tmp_path, recipes)
    assert done.returncode != 0
    assert all(f"first of {each}\nlast of {each}\n" in done.stdout for each in (one, other))
    assert "== make test" not in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("not checked here: make: it found no files", "make"),
        ("| terraform | none; not checked here: make: no answer |", "make"),
        ("   3  make gives no files", "make"),
        ("not checked here: no-such-tool: not on PATH", ""),
        ("   3  no-such-tool is not installed", ""),
        ("   3  two minutes: make test-stack", ""),
    ],
)
def test_a_tool_that_is_there_and_did_not_check_fails_it(tmp_path: Path, line: str, named: str) -> None:
    """Whatever step or skipped test says so; a tool that is not there is only told of."""
    done = ci(tmp_path, {"test": f"echo '{line}'"})
    assert done.returncode == (1 if named else 0), done.stderr
    assert done.stderr.strip() == (f"On this machine, and not all of its checks ran: {named}" if named else "")
    assert f"== make {WORDS[-1]}" in done.stdout
