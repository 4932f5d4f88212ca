"""Each step that a workflow runs is run here: `make` for real, with the step's variables and no others.

Stand-ins for the programs behind it write down how they were called; ours are asked by their own parsers whether they
would take it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.github.conftest import ACTIONS, ROOT, WORKFLOWS, read

# What GitHub puts in the place of an expression: one value, or each of them.
GIVEN = {
    r"(inputs|matrix)\.environment": "dev",
    r"matrix\.team": "platform_development",
    r"inputs\.(asset_class|asset)": "forex",
    r"inputs\.(release|to|tag)": "v1.4.0",
    r"inputs\.[a-z_-]+": "x",
    r"github\.(sha|event\.workflow_run\.head_sha)": "0123456789" * 4,
    r"github\.ref_name": "v1.4.0",
    r"github\.(run_number|event\.workflow_run\.id|event\.pull_request\.number)": "17",
    r"github\.token|secrets\.\w+": "a-token-of-the-test",
    r"vars\.\w+": "a-variable-of-the-test",
    r"needs\.[\w-]+\.outputs\.\w+": "0123456789abcdef" * 4,
}
# The test that drives what a target runs, or why the target is a test itself.
DRIVEN = {
    "bundle-deploy": "tests/scripts/test_bundle.py",
    "bundle-smoke": "tests/scripts/test_bundle.py",
    "check": "is a check itself",
    "compose-test": "is a test itself",
    "configuration": "tests/scripts/test_configuration.py",
    "demo": "tests/whole_stack/test_command_line.py",
    "deploy": "tests/delivery/test_main.py",
    "docs": "tests/docs/test_site.py",
    "drift": "tests/scripts/test_drift.py",
    "drift-report": "tests/scripts/test_drift.py",
    "lint": "is a check itself",
    "market-day": "tests/scripts/test_market_day.py",
    "mutants": "tests/mutants/test_main.py",
    "notification": "tests/scripts/test_notification.py",
    "notification-published": "tests/scripts/test_notification.py",
    "package": "tests/delivery/test_main.py",
    "promoted": "tests/scripts/test_promotion.py",
    "publish": "tests/github/test_scripts.py",
    "recorder-deploy": "tests/delivery/test_recorders.py",
    "recorder-push": "tests/delivery/test_repository.py",
    "release": "tests/github/test_scripts.py",
    "releases": "tests/scripts/test_promotion.py",
    "rollback": "tests/delivery/test_main.py",
    "security": "tests/scripts/test_security.py",
    "setup": "is what every test here stands on",
    "smoke": "tests/scripts/test_market_day.py",
    "terraform-apply": "tests/scripts/test_review.py",
    "terraform-apply-local": "is a test itself",
    "terraform-check": "tests/terraform/test_check.py",
    "terraform-plan": "tests/scripts/test_review.py",
    "terraform-preview": "tests/scripts/test_preview.py",
    "terraform-preview-told": "tests/scripts/test_preview.py",
    "terraform-project-apply": "tests/scripts/test_review.py",
    "terraform-project-plan": "tests/scripts/test_review.py",
    "terraform-settled": "tests/scripts/test_review.py",
    "test-consumption": "is a test itself",
    "test-containers": "is a test itself",
    "test-endurance": "is a test itself",
    "test-integration": "is a test itself",
    "test-long": "is a test itself",
    "test-models": "is a test itself",
    "test-mwaa": "is a test itself",
    "test-oracle": "is a test itself",
    "test-pages": "is a test itself",
    "test-packages": "is a test itself",
    "test-spark": "is a test itself",
    "test-stack": "is a test itself",
    "test-unit": "is a test itself",
    "wheel": "tests/scripts/test_wheel.py",
}
# Run for real, since they take no argument: they look at files of the repository, and at nothing else.
WITHOUT_ARGUMENTS = {"scripts.validation"}
RECORD = """#!{python}
import json, os, sys
names = {names}
with open({calls!r}, "a") as calls:
    given = {{name: value for name, value in os.environ.items() if name in names}}
    calls.write(json.dumps([os.path.basename(sys.argv[0]), sys.argv[1:], given]) + "\\n")
"""
# Python of the stand-in: a module is asked by its own parser, and goes no further; pytest is asked for what is there.
ASK = """
import argparse, importlib.util, os, runpy, sys
words = sys.argv[1:]
while words and words[0] == "-W":
    words = words[2:]
if words[:1] != ["-m"]:
    sys.exit(f"no module: {words}")
module, given = words[1], words[2:]
os.chdir({root!r})
sys.path[:0] = [{root!r}, *filter(None, os.environ.get("PYTHONPATH", "").split(":"))]
if module == "pytest":
    lacking = [word for word in given if word.startswith("tests/") and not os.path.exists(word)]
    sys.exit(f"not there: {lacking}" if lacking else 0)
if module == "pip":
    sys.exit(0)
spec = importlib.util.find_spec(module)
if spec.submodule_search_locations is not None:
    spec = importlib.util.find_spec(module + ".__main__")
text = open(spec.origin).read()
if "ArgumentParser" not in text and "generated.run(" not in text and module not in {without}:
    sys.exit(f"{module} has no parser that could be asked")
parse = argparse.ArgumentParser.parse_args
def asked(self, *given, **named):
    parse(self, *given, **named)
    raise SystemExit(0)
argparse.ArgumentParser.parse_args = asked
sys.argv = [module, *given]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Step:
    """A step's command and its variables, as GitHub would fill them in."""

    place: str
    run: str
    variables: tuple[tuple[str, str], ...]

    @property
    def target(self) -> str:
        """What it asks of make."""
        return self.run.split()[1]


def filled(value: Any, matrix: dict[str, list[Any]]) -> list[str]:
    """A value with its expressions replaced; of a matrix each of its values."""
    found = re.search(r"\$\{\{ *(.+?) *\}\}", str(value))
    if not found:
        return [str(value)]
    name = found[1]
    if (key := name.removeprefix("matrix.")) in matrix and name.startswith("matrix."):
        chosen = [str(each) for each in matrix[key]]
    else:
        chosen = [given for pattern, given in GIVEN.items() if re.fullmatch(pattern, name)][:1]
    assert chosen, f"what GitHub puts for {name} is not known here"
    return [done for each in chosen for done in filled(str(value).replace(found[0], each), matrix)]


def every() -> list[Step]:
    """Each step that runs something, once for each set of values that it gets."""
    found = {}
    for file in [*WORKFLOWS, *ACTIONS]:
        document = read(file)
        jobs = document.get("jobs") or {"steps": {"steps": document["runs"]["steps"]}}
        for name, job in jobs.items():
            matrix = (job.get("strategy") or {}).get("matrix") or {}
            for step in job.get("steps", []):
                if "run" not in step:
                    continue
                variables = {**document.get("env", {}), **job.get("env", {}), **step.get("env", {})}
                lists = {key: each for key, each in matrix.items() if isinstance(each, list)}
                values = [filled(value, lists) for value in variables.values()]
                for chosen in product(*values):
                    pairs = tuple(zip(variables, chosen, strict=True))
                    found.setdefault((step["run"], pairs), Step(f"{file.stem}/{name}", step["run"].strip(), pairs))
    return list(found.values())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which every program that make starts is a stand-in."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("uv.lock", "pyproject.toml"):
        (folder / name).touch()
    tools = re.findall(r"\.venv/bin/([\w-]+)", (ROOT / "Makefile").read_text())
    record = RECORD.format(
        python=sys.executable, calls=str(folder / "calls.jsonl"), names=["UV_PUBLISH_URL", "GH_TOKEN"]
    )
    ask = ASK.replace("{root!r}", repr(str(ROOT))).replace("{without}", repr(WITHOUT_ARGUMENTS))
    scripts = [file.name for file in (ROOT / "scripts").iterdir() if os.access(file, os.X_OK) and file.is_file()]
    programs = {".venv/bin": {*tools, "python"}, "var/models/bin": {"python"}, "bin": {"gh", "uv", "git"}}
    for where, names in {**programs, "scripts": scripts}.items():
        (folder / where).mkdir(parents=True)
        for name in names:
            (folder / where / name).write_text(record + (ask if name == "python" else ""))
            (folder / where / name).chmod(0o755)
    shutil.copy(folder / ".venv/bin/python", folder / "bin/python3")
    ready = (".venv/.ready", ".venv/.run", "var/consumption/.ready", "var/models/.ready", "var/spark/.ready")
    for made in (*ready, "dist/anthill-1.4.0-py3-none-any.whl"):
        (folder / made).parent.mkdir(parents=True, exist_ok=True)
        (folder / made).touch()
    for pins in ("tests/kept_queries/requirements.txt", "tests/spark/requirements.txt"):
        (folder / pins).parent.mkdir(parents=True)
        (folder / pins).touch()
        os.utime(folder / pins, (0, 0))
    return folder


def made(step: Step, place: Path) -> list[Any]:
    """What the programs behind a step were called with; it must succeed."""
    calls = place / "calls.jsonl"
    calls.write_text("")
    surroundings = {
        "PATH": f"{place}/bin:/usr/bin:/bin",
        "HOME": str(place),
        "PYTHON": str(place / "bin/python3"),
        "GITHUB_ACTIONS": "true",
        **dict(step.variables),
    }
    done = subprocess.run(
        ["sh", "-ec", step.run], cwd=place, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{step.place}: {step.run}\n{done.stdout}{done.stderr}"
    return [json.loads(line) for line in calls.read_text().splitlines()]


@pytest.mark.parametrize(
    "step", every(), ids=lambda step: f"{step.place}: {step.run} {dict(step.variables).get('PART', '')}"
)
def test_a_step_runs_and_its_programs_take_what_it_gives(step: Step, place: Path) -> None:
    """With the step's own variables make finds all that it needs, and each program of ours accepts its arguments."""
    called = made(step, place)
    assert called or step.target == "setup"
    if (test := ROOT / DRIVEN[step.target]).is_file():
        modules = [words[1] for name, words, _ in called if name == "python" and words[0] == "-m"]
        text = test.read_text()
        assert [module for module in modules if module.rpartition(".")[2] not in text] == []


def test_every_target_has_a_test_of_what_it_runs() -> None:
    """No target that a workflow calls goes without, none is listed that nobody calls, and the tests are there."""
    assert {step.target for step in every()} == DRIVEN.keys()
    assert [test for test in DRIVEN.values() if test.startswith("tests/") and not (ROOT / test).is_file()] == []


def test_a_release_is_made_of_its_tag_with_the_wheel(place: Path) -> None:
    """GitHub's command gets the tag, which must be there already, and the wheel; the registry gets the same file."""
    (release,) = [step for step in every() if step.target == "release"]
    wheel = "dist/anthill-1.4.0-py3-none-any.whl"
    ((name, words, given),) = made(release, place)
    assert (name, words) == ("gh", ["release", "create", "v1.4.0", wheel, "--verify-tag", "--generate-notes"])
    assert given["GH_TOKEN"]
    (publish,) = [step for step in every() if step.target == "publish"]
    ((name, words, given),) = made(publish, place)
    assert (name, words) == ("uv", ["publish", wheel])
    assert given["UV_PUBLISH_URL"]


def test_a_step_without_its_variable_fails(place: Path) -> None:
    """What is asked for is strict: a step that forgets a variable, or gives a value that there is not, is noticed."""
    (promoted, *_) = [step for step in every() if step.target == "terraform-plan"]
    without = tuple(pair for pair in promoted.variables if pair[0] != "ENV")
    for variables in (without, (*without, ("ENV", "nowhere"))):
        with pytest.raises(AssertionError, match="terraform-plan"):
            made(Step(promoted.place, promoted.run, variables), place)
