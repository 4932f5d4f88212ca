"""What `databricks bundle validate --strict` refuses of the bundle, found without a workspace: `make lint`.

The CLI needs a workspace that it can ask; the workflow that deploys runs it. What it says of the files alone, and what
it or the workspace would say of these files for the principals that deploy and run here, is said by these rules.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import yaml
from databricks.bundles.alerts import Alert
from databricks.bundles.dashboards import Dashboard
from databricks.bundles.experiments import MlflowExperiment
from databricks.bundles.genie_spaces import GenieSpace
from databricks.bundles.jobs import Job
from databricks.bundles.pipelines import Pipeline
from databricks.bundles.registered_models import RegisteredModel
from databricks.bundles.schemas import Schema
from databricks.bundles.volumes import Volume

from scripts import models, references, targets, workflow

ROOT = Path(__file__).parents[1]
BUNDLE = ROOT / "databricks"
SCHEMA = msgspec.yaml.decode((Path(__file__).parent / "bundle.schema.yaml").read_text())
# Each can be made of a dictionary, and refuses a field, type or value that the API does not know.
RESOURCES: dict[str, Any] = {
    "alerts": Alert,
    "dashboards": Dashboard,
    "experiments": MlflowExperiment,
    "genie_spaces": GenieSpace,
    "jobs": Job,
    "pipelines": Pipeline,
    "registered_models": RegisteredModel,
    "schemas": Schema,
    "volumes": Volume,
}
WORKFLOW = ROOT / ".github/workflows/deliver-environment.yml"
# Rules of the house for serverless jobs.
COSTS = {
    "performance_target": "STANDARD where nobody waits",
    "budget_policy_id": "without it the bill has no tag of the team",
}
NOTEBOOK = "# Databricks notebook source"
LOCAL = re.compile(r"\.{1,2}/")


class BundleFileError(ValueError):
    """A file of the bundle that is none; the message names it."""


def problems(root: Path = BUNDLE, given: frozenset[str] = frozenset()) -> Iterator[str]:
    """Everything that would be refused; `given` are the variables that come with a deployment, as BUNDLE_VAR_…."""
    main = root / "databricks.yml"
    files = {main: _read(main)}
    wrong = list(_fields(main, files[main], "root"))
    for pattern in files[main].get("include", []) if not wrong else []:
        found = sorted(root.glob(pattern))
        if not found:
            yield f"{main}: include: {pattern} matches no file"
        for file in found:
            files[file] = _read(file)
            wrong += _fields(file, files[file], "included")
    if wrong:  # the other rules take the fields for what they should be
        yield from wrong
        return
    yield from _names(files)
    for file, text in files.items():
        for kind, resources in (text.get("resources") or {}).items():
            for key, resource in (resources or {}).items():
                yield from _resource(root, file, kind, key, resource)
    yield from _dependencies(files)
    declared = {name: target or {} for text in files.values() for name, target in (text.get("targets") or {}).items()}
    if len([name for name, target in declared.items() if target.get("default")]) > 1:
        yield f"{main}: targets: more than one is the default"
    for name, target in declared.items():
        yield from references.problems(files, name, target, given)
        yield from targets.problems(files, name, target, RESOURCES)


def _read(file: Path) -> dict[str, Any]:
    try:
        found = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise BundleFileError(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise BundleFileError(f"{file}: a mapping is wanted, as `bundle:` or `resources:`")
    return found


def _fields(file: Path, text: dict[str, Any], kind: str) -> Iterator[str]:
    """Fields that are not known, and values of another kind than theirs."""
    checker = jsonschema.Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{kind}"})
    for error in sorted(checker.iter_errors(text), key=lambda error: list(map(str, error.absolute_path))):
        place = ".".join(map(str, error.absolute_path))
        yield f"{file}: {place + ': ' if place else ''}{error.message}"


def _names(files: Mapping[Path, dict[str, Any]]) -> Iterator[str]:
    """A name stands for one thing, and is no reference."""
    seen: dict[str, Path] = {}
    for file, text in files.items():
        name = str((text.get("bundle") or {}).get("name", ""))
        if "${" in name:
            yield f"{file}: bundle.name: {name} is part of the path of the state, and may not vary"
        for kind, resources in (text.get("resources") or {}).items():
            for key in resources or {}:
                if key in seen:
                    yield f"{file}: resources.{kind}.{key}: {seen[key]} has a resource of this name"
                if "${" in key:
                    yield f"{file}: resources.{kind}.{key}: a resource's key may not be a reference"
                seen[key] = file


def _resource(root: Path, file: Path, kind: str, key: str, resource: Any) -> Iterator[str]:
    """A resource's fields, types, values and levels, by the vendor's own classes, and what they do not look at."""
    place = f"{file}: resources.{kind}.{key}"
    if kind not in RESOURCES:
        yield f"{place}: no rule knows {kind}: known are {', '.join(RESOURCES)}"
        return
    if not isinstance(resource, dict):
        yield f"{place}: is not defined"
        return
    try:
        RESOURCES[kind].from_dict(resource)
    except (ValueError, TypeError, AttributeError) as error:
        yield f"{place}: {error}"
        return
    for number, permission in enumerate(resource.get("permissions") or []):
        if len([name for name in targets.PRINCIPALS if permission.get(name)]) != 1:
            yield f"{place}.permissions.{number}: names one of {', '.join(targets.PRINCIPALS)}"
    if kind == "dashboards":
        yield from _dashboard(root, file, place, resource)
    if kind == "jobs":
        yield from _tasks(root, file, place, resource)
        yield from _serverless(place, resource)
    yield from models.problems(place, kind, resource)


def _dashboard(root: Path, file: Path, place: str, dashboard: dict[str, Any]) -> Iterator[str]:
    """A dashboard is a file of the bundle, and is read with the rights of whoever opens it."""
    if dashboard.get("embed_credentials") is not False:
        yield f"{place}.embed_credentials: is false, or whoever opens it reads with the rights of who published it"
    path = dashboard.get("file_path", "")
    if not (file.parent / path).resolve().is_relative_to(root.resolve()) or not (file.parent / path).is_file():
        yield f"{place}.file_path: {path} is no file of {root}"


def _tasks(root: Path, file: Path, place: str, job: dict[str, Any]) -> Iterator[str]:
    """Each task is told apart, and what it names is there: tasks, environments, clusters, notebooks."""
    keys = [task["task_key"] for task in job.get("tasks") or []]
    named = {
        "environment_key": {each["environment_key"] for each in job.get("environments") or []},
        "job_cluster_key": {each["job_cluster_key"] for each in job.get("job_clusters") or []},
    }
    for task in job.get("tasks") or []:
        where = f"{place}.tasks.{task['task_key']}"
        if keys.count(task["task_key"]) > 1:
            yield f"{where}: is there twice"
        for field, known in named.items():
            if task.get(field) and task[field] not in known:
                yield f"{where}.{field}: {task[field]} is none of the job's: {', '.join(sorted(known)) or 'none'}"
        for before in task.get("depends_on") or []:
            if before["task_key"] not in keys:
                yield f"{where}.depends_on: there is no task {before['task_key']}"
        yield from _notebook(root, file, where, (task.get("notebook_task") or {}).get("notebook_path", ""))


def _serverless(place: str, job: dict[str, Any]) -> Iterator[str]:
    """What a run costs is chosen, and Airflow alone tries again, with a token of its own for each try."""
    if not job.get("environments"):
        return
    for field, why in COSTS.items():
        if not job.get(field):
            yield f"{place}.{field}: is not set: {why}"
    for task in job.get("tasks") or []:
        where = f"{place}.tasks.{task['task_key']}"
        if task.get("max_retries") != 0 or task.get("retry_on_timeout"):
            yield f"{where}: max_retries is 0 and retry_on_timeout not set: Airflow tries again, and knows it"
        if task.get("disable_auto_optimization") is not True:
            yield f"{where}: disable_auto_optimization is true, or the platform tries a task again that failed"


def _notebook(root: Path, file: Path, place: str, path: str) -> Iterator[str]:
    """A notebook of the bundle is a file that is one, in the folder that is uploaded."""
    if not path or path.startswith("/") or "${" in path:
        return
    found = (file.parent / path).resolve()
    if not found.is_relative_to(root.resolve()):
        yield f"{place}.notebook_path: {path} is outside of {root}, which is what is uploaded"
    elif not found.is_file():
        yield f"{place}.notebook_path: {path} is not there; the extension is part of the path"
    elif not found.read_text(encoding="utf-8").startswith(f"{NOTEBOOK}\n"):
        yield f"{place}.notebook_path: {path} is no notebook: its first line must be {NOTEBOOK!r}"


def _dependencies(files: Mapping[Path, dict[str, Any]]) -> Iterator[str]:
    """What a job takes along from here is made by an artifact of the bundle, whose folder is there."""
    made = set()
    for file, text in files.items():
        for name, artifact in (text.get("artifacts") or {}).items():
            folder = (file.parent / artifact.get("path", ".")).resolve()
            made.add(folder / "dist")
            if not folder.is_dir():
                yield f"{file}: artifacts.{name}.path: {artifact['path']} is no folder"
            if artifact.get("type") == "whl" and not (artifact.get("build") or artifact.get("files")):
                yield f"{file}: artifacts.{name}: has neither build nor files"
    for file, text in files.items():
        for key, job in ((text.get("resources") or {}).get("jobs") or {}).items():
            for environment in (job or {}).get("environments") or []:
                for dependency in (environment.get("spec") or {}).get("dependencies") or []:
                    if LOCAL.match(dependency) and (file.parent / dependency).parent.resolve() not in made:
                        yield f"{file}: resources.jobs.{key}.environments: no artifact makes {dependency}"


def variables(file: Path = WORKFLOW) -> frozenset[str]:
    """The bundle's variables that the workflow which deploys gives."""
    return frozenset(re.findall(r"^ +BUNDLE_VAR_(\w+):", file.read_text(), re.MULTILINE))


def main(root: Path = BUNDLE) -> int:
    """Exit code 0 where nothing would be refused."""
    try:
        wrong = [line.replace(f"{ROOT}/", "") for line in problems(root, variables())]
    except BundleFileError as error:
        wrong = [str(error)]
    return workflow.fail("\n".join(dict.fromkeys(wrong))) if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
