"""What the Databricks CLI refuses of a bundle is refused without it: each rule, by a bundle that breaks it.

The words of a rule are ours; that the CLI refuses each is read in its source (`bundle/config/validate`, `mutator`,
`permissions` of github.com/databricks/cli).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from scripts import validation

BUNDLE = Path(__file__).parents[2] / "databricks"
GIVEN = validation.variables()


def test_the_committed_bundle_breaks_none(capsys: pytest.CaptureFixture[str]) -> None:
    """With the variables that the workflow gives, nothing would be refused."""
    assert validation.main() == 0, capsys.readouterr().err
    assert {"budget_policy", "deployer", "drift", "run_as"} <= GIVEN


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The bundle, to be broken."""
    return Path(shutil.copytree(BUNDLE, tmp_path / "databricks"))


def _set(*place: str | int, to: Any) -> Callable[[dict[str, Any]], None]:
    def change(text: dict[str, Any]) -> None:
        node: Any = text
        for key in place[:-1]:
            node = node[key]
        node[place[-1]] = to

    return change


def _without(*place: str | int) -> Callable[[dict[str, Any]], None]:
    def change(text: dict[str, Any]) -> None:
        node: Any = text
        for key in place[:-1]:
            node = node[key]
        del node[place[-1]]

    return change


MAIN, GOLD = "databricks.yml", "resources/gold.yml"
BOARDS, BOARD = "resources/dashboards.yml", ("resources", "dashboards", "options")
MODELS, MODEL = "resources/models.yml", ("resources", "registered_models", "volatility")
RUNS = ("resources", "experiments", "volatility_training")
PROD = ("targets", "prod")
JOB = ("resources", "jobs", "gold")
TASK = (*JOB, "tasks", 0)
ANOTHER = {"group_name": "${var.engineers}", "level": "CAN_VIEW"}
READER = {"service_principal_name": "${var.drift}", "level": "CAN_READ"}
HOMELESS = "/Workspace/Users/somebody/.bundle/${bundle.target}"
BROKEN: dict[str, tuple[str, Callable[[dict[str, Any]], None], str]] = {
    # strict warnings: unknown fields, other types, values that are none of an enumeration
    "unknown field": (MAIN, _set("vriables", to={}), "'vriables' was unexpected"),
    "unknown field of a target": (MAIN, _set(*PROD, "preset", to={}), r"targets\.prod: .*'preset' was unexpected"),
    "unknown field of the workspace": (MAIN, _set(*PROD, "workspace", "root", to="/x"), "'root' was unexpected"),
    "unknown field of an artifact": (MAIN, _set("artifacts", "anthill", "version", to="1"), "'version' was unexpected"),
    "unknown field of a preset": (MAIN, _set(*PROD, "presets", "tag", to={}), "'tag' was unexpected"),
    "unknown field of a variable": (MAIN, _set("variables", "run_as", "value", to="x"), "'value' was unexpected"),
    "unknown field of a permission": (MAIN, _set(*PROD, "permissions", 0, "lvl", to="x"), "'lvl' was unexpected"),
    "unknown field of an included file": (GOLD, _set("job", to={}), "'job' was unexpected"),
    "include in an included file": (GOLD, _set("include", to=["x.yml"]), "'include' was unexpected"),
    "another type": (MAIN, _set("include", to="resources/*.yml"), "include: .* is not of type 'array'"),
    "another mode": (MAIN, _set(*PROD, "mode", to="prod"), r"targets\.prod\.mode: 'prod' is not one of"),
    "no name": (MAIN, _without("bundle", "name"), "'name' is a required property"),
    "an artifact of another type": (MAIN, _set("artifacts", "anthill", "type", to="egg"), "'egg' is not one of"),
    # resources, by the vendor's classes
    "unknown field of a job": (GOLD, _set(*JOB, "timeout", to=1), r"jobs\.gold: Unexpected field 'timeout'"),
    "unknown field of a task": (GOLD, _set(*TASK, "retries", to=1), "Unexpected field 'retries' for class Task"),
    "a job's value": (GOLD, _set(*JOB, "performance_target", to="FAST"), "'FAST' is not a valid PerformanceTarget"),
    "a job's type": (GOLD, _set(*JOB, "timeout_seconds", to="an hour"), "invalid literal for int"),
    "a field that must be there": (GOLD, _without(*JOB, "parameters", 0, "default"), "default"),
    "an empty resource": (GOLD, _set(*JOB, to=None), r"jobs\.gold: is not defined"),
    "an unknown kind": (GOLD, _set("resources", "job", to={"x": {}}), "no rule knows job"),
    # what the classes do not look at
    "a name twice": (GOLD, _set("resources", "schemas", to={"as_of": {"name": "s"}}), "has a resource of this name"),
    "a name that is a reference": (GOLD, _set("resources", "jobs", "${var.catalog}", to={}), "may not be a reference"),
    "a bundle's name that varies": (MAIN, _set("bundle", "name", to="a-${bundle.target}"), "may not vary"),
    "a task twice": (GOLD, lambda text: _tasks(text).append(dict(_tasks(text)[0])), "is there twice"),
    "no such environment": (GOLD, _set(*TASK, "environment_key", to="x"), "environment_key: x is none"),
    "no such cluster": (GOLD, _set(*TASK, "job_cluster_key", to="x"), "job_cluster_key: x is none"),
    "no such task": (GOLD, _set(*TASK, "depends_on", to=[{"task_key": "x"}]), "there is no task x"),
    "no such include": (MAIN, _set("include", to=["resource/*.yml"]), "matches no file"),
    # dashboards
    "a dashboard with another's rights": (
        BOARDS,
        _without(*BOARD, "embed_credentials"),
        "is false, or whoever opens it",
    ),
    "a dashboard without its file": (BOARDS, _set(*BOARD, "file_path", to="../x.lvdash.json"), "is no file of"),
    "unknown field of a dashboard": (BOARDS, _set(*BOARD, "title", to="x"), "Unexpected field 'title'"),
    # registered models and experiments
    "unknown field of a model": (MODELS, _set(*MODEL, "catalog", to="x"), "Unexpected field 'catalog'"),
    "a model without a schema": (MODELS, _without(*MODEL, "schema_name"), "schema_name: is not set"),
    "an owner that the CLI never writes": (MODELS, _set(*MODEL, "owner", to="x"), "owner: is not for the bundle"),
    "a privilege that is none": (MODELS, _set(*MODEL, "grants", 0, "privileges", to=["RUN"]), "'RUN' is not a valid"),
    "a privilege on tables": (
        MODELS,
        _set(*MODEL, "grants", 0, "privileges", to=["EXECUTE", "SELECT"]),
        "SELECT is not applicable to a registered model",
    ),
    "a model that another name drops": (MODELS, _without(*MODEL, "lifecycle"), "volatility.lifecycle.prevent_destroy"),
    "runs that another name drops": (MODELS, _without(*RUNS, "lifecycle"), "training.lifecycle.prevent_destroy"),
    "runs for everybody": (MODELS, _set(*RUNS, "name", to="/Shared/x"), "/Shared/x lies in nobody's folder"),
    "runs nowhere": (MODELS, _set(*RUNS, "name", to="x"), "x lies in nobody's folder"),
    "the bundle's level for an experiment": (
        MODELS,
        _set(*RUNS, "permissions", 0, "level", to="CAN_VIEW"),
        "'CAN_VIEW' is not a valid ExperimentPermissionLevel",
    ),
    "an experiment's right beside the bundle's": (
        MODELS,
        _set(*RUNS, "permissions", to=[READER]),
        "has one of targets",
    ),
    "a training that adds no run": (
        MAIN,
        _set(*PROD, "resources", "experiments", "volatility_training", "permissions", 0, "level", to="CAN_READ"),
        "targets.prod.resources.experiments.volatility_training.permissions: .*who runs, may add no run",
    ),
    "a target's word of nothing": (MAIN, _set(*PROD, "resources", "jobs", to={"x": {}}), "has no such resource"),
    "a target's word that is none": (
        MAIN,
        _set(*PROD, "resources", "registered_models", "volatility", "schema", to="x"),
        "targets.prod.resources.registered_models.volatility: Unexpected field 'schema'",
    ),
    # paths
    "no such notebook": (GOLD, _set(*TASK, "notebook_task", "notebook_path", to="../notebooks/gold"), "is not there"),
    "a file for a notebook": (GOLD, _set(*TASK, "notebook_task", "notebook_path", to="gold.yml"), "is no notebook"),
    "outside": (GOLD, _set(*TASK, "notebook_task", "notebook_path", to="../../x.py"), "is what is uploaded"),
    "no such artifact": (MAIN, _set("artifacts", "anthill", "path", to="../wheel"), "wheel is no folder"),
    "an artifact that nobody makes": (MAIN, _without("artifacts", "anthill", "build"), "neither build nor files"),
    "a wheel that nobody makes": (
        GOLD,
        _set(*JOB, "environments", 0, "spec", "dependencies", to=["../wheels/*.whl"]),
        r"no artifact makes \.\./wheels/\*\.whl",
    ),
    "a root for everybody": (MAIN, _set(*PROD, "workspace", "root_path", to="/Workspace/Shared/x"), "by everybody"),
    "the same, shorter": (MAIN, _set(*PROD, "workspace", "root_path", to="/Shared/x"), "by everybody"),
    "no root": (MAIN, _without(*PROD, "workspace"), "nothing is no folder of the one who deploys"),
    "a root elsewhere": (MAIN, _set(*PROD, "workspace", "root_path", to="/Workspace/x"), "is no folder of the one"),
    "a root of somebody else": (
        MAIN,
        _set(*PROD, "workspace", "root_path", to=HOMELESS),
        "give somebody no CAN_MANAGE",
    ),
    "a root that copies share": (
        MAIN,
        _set("targets", "personal", "workspace", to={"root_path": "/Workspace/x"}),
        "must hold the name",
    ),
    # levels and principals
    "a job's level for the bundle": (
        MAIN,
        _set(*PROD, "permissions", 0, "level", to="CAN_MANAGE_RUN"),
        r"permissions\.0\.level: 'CAN_MANAGE_RUN' is not one of",
    ),
    "the bundle's level for a job": (
        GOLD,
        _set(*JOB, "permissions", to=[{"group_name": "x", "level": "CAN_RUN"}]),
        "'CAN_RUN' is not a valid JobPermissionLevel",
    ),
    "no principal": (
        MAIN,
        _without(*PROD, "permissions", 0, "service_principal_name"),
        "does not have enough properties",
    ),
    "two principals": (MAIN, _set(*PROD, "permissions", 0, "group_name", to="x"), "too many properties"),
    "a job's right for nobody": (GOLD, _set(*JOB, "permissions", to=[{"level": "CAN_VIEW"}]), "names one of"),
    "a job's right beside the bundle's": (GOLD, _set(*JOB, "permissions", to=[ANOTHER]), "has one of targets"),
    "a principal twice": (MAIN, lambda text: text["targets"]["prod"]["permissions"].append(ANOTHER), "is there twice"),
    "run as two": (MAIN, _set(*PROD, "run_as", "user_name", to="a@example.com"), "too many properties"),
    "run as nobody": (MAIN, _without(*PROD, "run_as"), "names nobody"),
    "run as one who may not read": (MAIN, _set(*PROD, "run_as", "service_principal_name", to="x"), "may not read"),
    # rules of the house: what a run costs, and that nothing is tried again behind Airflow's back
    "no performance target": (GOLD, _without(*JOB, "performance_target"), "performance_target: is not set"),
    "no budget policy": (GOLD, _without(*JOB, "budget_policy_id"), "budget_policy_id: is not set"),
    "tried again": (GOLD, _set(*TASK, "max_retries", to=1), "max_retries is 0"),
    "tried again when not said": (GOLD, _without(*TASK, "max_retries"), "max_retries is 0"),
    "tried again when late": (GOLD, _set(*TASK, "retry_on_timeout", to=True), "retry_on_timeout not set"),
    "tried again by the platform": (GOLD, _without(*TASK, "disable_auto_optimization"), "disable_auto_optimization is"),
    # references
    "no such variable": (GOLD, _set(*JOB, "name", to="${var.nam}"), r"\$\{var\.nam\} is nothing"),
    "no such word": (GOLD, _set(*JOB, "name", to="${bundle.env}"), r"\$\{bundle\.env\} is nothing"),
    "no such resource": (GOLD, _set(*JOB, "name", to="${resources.jobs.bronze.id}"), "is nothing"),
    "no reference": (GOLD, _set(*JOB, "name", to="${var.catalog"), "not written as one"),
    "a variable without a value": (MAIN, _set("variables", "colour", to={}), "variables.colour: has no value in prod"),
    "a value without a variable": (MAIN, _set(*PROD, "variables", to={"colour": "x"}), "declares no such variable"),
    "a reference in the address": (MAIN, _set(*PROD, "workspace", "host", to="${var.catalog}"), "should not be valid"),
    "two defaults": (MAIN, _set(*PROD, "default", to=True), "more than one is the default"),
}


def _tasks(text: dict[str, Any]) -> list[dict[str, Any]]:
    return text["resources"]["jobs"]["gold"]["tasks"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("case", BROKEN)
def test_what_the_cli_refuses(copy: Path, case: str) -> None:
    """A bundle with this one fault is refused, in words that name the file and the fault."""
    file, change, message = BROKEN[case]
    text = msgspec.yaml.decode((copy / file).read_text())
    change(text)
    (copy / file).write_text(yaml.safe_dump(text))
    found = list(validation.problems(copy, GIVEN))
    assert any(re.search(rf"{Path(file).name}: .*(?:{message})", line) for line in found), found


@pytest.mark.parametrize(("text", "message"), [("a: [", "cannot be read"), ("- a", "a mapping is wanted")])
def test_a_file_that_is_none(copy: Path, capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
    """It is named, and nothing else is said."""
    (copy / GOLD).write_text(text)
    assert validation.main(copy) == 1
    assert f"gold.yml{':' if 'mapping' in message else ''} {message}" in capsys.readouterr().err


def test_a_variable_that_no_workflow_gives(copy: Path) -> None:
    """What a shared target needs is given by the workflow that deploys; of one's own copy the CLI asks oneself."""
    found = "\n".join(validation.problems(copy, GIVEN - {"drift"}))
    assert all(f"variables.drift: has no value in {name}" in found for name in ("dev", "prod", "staging"))
    assert "personal" not in found
