"""What a target of the bundle deploys: the jobs, registered models and experiments of its `resources/*.yml`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from local.databricks.errors import ApiError
from local.databricks.store import Document

_REFERENCE = re.compile(r"\$\{([\w.]+)\}")
# What a level of the bundle's own permissions is on a job: cli/bundle/permissions.
_ON_JOBS = {"CAN_MANAGE": "CAN_MANAGE", "CAN_VIEW": "CAN_VIEW", "CAN_RUN": "CAN_MANAGE_RUN"}
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]+")


class BundleError(ApiError):
    """A bundle that cannot be deployed; names the file, the key and what is allowed."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "INVALID_STATE", message)


class Deployed(NamedTuple):
    """Settings by resource key."""

    jobs: dict[str, Document]
    models: dict[str, Document]
    experiments: dict[str, Document]
    run_as: str


def load(root: Path, target: str) -> Deployed:
    """What the target deploys, with names, references and notebook paths as they are there."""
    main = root / "databricks.yml"
    bundle = _read(main)
    targets = bundle.get("targets", {})
    if target not in targets:
        raise BundleError(f"{main}: there is no target '{target}': it has {', '.join(targets)}.")
    files = [main, *(f for pattern in bundle.get("include", []) for f in sorted(root.glob(pattern)))]
    chosen = targets[target] or {}
    values = _variables(main, bundle, chosen, target, root)
    prefix = _prefix(_resolve(chosen.get("presets") or {}, values, main), chosen, values)
    texts = {file: _read(file) for file in files}
    models = {
        key: _model(settings, prefix) for key, (_, settings) in _all(texts, "registered_models", chosen, values).items()
    }
    experiments = {
        key: _experiment(settings, prefix) for key, (_, settings) in _all(texts, "experiments", chosen, values).items()
    }
    values |= {f"resources.registered_models.{key}.id": each["full_name"] for key, each in models.items()}
    values |= {f"resources.experiments.{key}.name": each["name"] for key, each in experiments.items()}
    jobs = {
        key: _job(file, settings, chosen, values, prefix)
        for key, (file, settings) in _all(texts, "jobs", chosen, values).items()
    }
    return Deployed(jobs, models, experiments, _run_as(chosen, values, main))


def _read(file: Path) -> Document:
    try:
        found = msgspec.yaml.decode(file.read_text(encoding="utf-8"))
    except (OSError, msgspec.DecodeError) as error:
        raise BundleError(f"{file} cannot be read: {error}") from error
    return found if isinstance(found, dict) else {}


def _variables(main: Path, bundle: Document, chosen: Document, target: str, root: Path) -> dict[str, str]:
    """What `${…}` may name: the bundle's variables with the target's values, and the deployment's own words."""
    values = {
        "bundle.name": bundle.get("bundle", {}).get("name", ""),
        "bundle.target": target,
        "workspace.file_path": str(root),
        "workspace.root_path": str(root),
        "workspace.current_user.userName": "local",
        "workspace.current_user.short_name": "local",
    }
    overrides = chosen.get("variables") or {}
    for name, declared in (bundle.get("variables") or {}).items():
        value = overrides.get(name, os.environ.get(f"BUNDLE_VAR_{name}", (declared or {}).get("default")))
        value = value.get("default") if isinstance(value, dict) else value
        if value is not None:
            values[f"var.{name}"] = str(value)
    unknown = set(overrides) - set(bundle.get("variables") or {})
    if unknown:
        raise BundleError(f"{main}: targets.{target}.variables sets undeclared {', '.join(sorted(unknown))}.")
    for name in list(values):  # a variable may name another
        values[name] = _resolve(values[name], values, main)
    return values


def _all(
    texts: dict[Path, Document], kind: str, chosen: Document, values: dict[str, str]
) -> dict[str, tuple[Path, Document]]:
    """Each resource of a kind with its file, after what the target says otherwise."""
    found: dict[str, tuple[Path, Document]] = {}
    more = (chosen.get("resources") or {}).get(kind) or {}
    for file, text in texts.items():
        for key, settings in (text.get("resources", {}).get(kind) or {}).items():
            if key in found:
                raise BundleError(f"{file}: the {kind.rstrip('s').replace('_', ' ')} '{key}' is declared twice.")
            found[key] = file, _resolve(_joined(settings, more.get(key)), values, file)
    return found


def _joined(base: Any, more: Any) -> Any:
    """As the CLI joins a resource with its target's: maps by key, lists behind each other."""
    if isinstance(base, dict) and isinstance(more, dict):
        return {**base, **{key: _joined(base.get(key), value) for key, value in more.items()}}
    if isinstance(base, list) and isinstance(more, list):
        return [*base, *more]
    return base if more is None else more


def _resolve(node: Any, values: dict[str, str], file: Path) -> Any:
    if isinstance(node, dict):
        return {key: _resolve(value, values, file) for key, value in node.items()}
    if isinstance(node, list):
        return [_resolve(value, values, file) for value in node]
    if not isinstance(node, str):
        return node

    def value_of(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise BundleError(f"{file}: ${{{match[1]}}} has no value. Known: {', '.join(sorted(values))}.")
        return values[match[1]]

    return _REFERENCE.sub(value_of, node)


def _prefix(presets: Document, chosen: Document, values: dict[str, str]) -> str:
    """What stands before the names of what a development target deploys."""
    prefix = presets.get("name_prefix")
    if prefix is None and chosen.get("mode") == "development":
        prefix = f"[dev {values['workspace.current_user.short_name']}] "
    return prefix or ""


def _run_as(chosen: Document, values: dict[str, str], main: Path) -> str:
    return next(iter(_resolve(chosen.get("run_as") or {}, values, main).values()), "")


def _model(settings: Document, prefix: str) -> Document:
    """A registered model under its full name; a name of Unity Catalog has no brackets."""
    name = f"{_NOT_IN_NAMES.sub('_', prefix).lstrip('_')}{settings['name']}"
    return {**settings, "full_name": f"{settings['catalog_name']}.{settings['schema_name']}.{name}"}


def _experiment(settings: Document, prefix: str) -> Document:
    folder, _, name = settings["name"].rpartition("/")
    return {**settings, "name": f"{folder}/{prefix}{name}"}


def _job(file: Path, settings: Document, chosen: Document, values: dict[str, str], prefix: str) -> Document:
    """A job's settings after the target's presets, with notebook paths that lead to files."""
    presets = _resolve(chosen.get("presets") or {}, values, file)
    settings["name"] = f"{prefix}{settings['name']}"
    own = [_entry(entry, entry.get("level")) for entry in settings.pop("permissions", [])]
    shared = _resolve(chosen.get("permissions") or [], values, file)
    settings["permissions"] = [*own, *(_entry(entry, _ON_JOBS[entry["level"]]) for entry in shared)]
    if chosen.get("run_as"):
        settings["run_as"] = _resolve(chosen["run_as"], values, file)
    if presets.get("tags"):
        settings["tags"] = {**presets["tags"], **settings.get("tags", {})}
    if "jobs_max_concurrent_runs" in presets:
        settings.setdefault("max_concurrent_runs", presets["jobs_max_concurrent_runs"])
    for task in settings.get("tasks", []):
        notebook = task.get("notebook_task")
        if notebook and notebook["notebook_path"].startswith("."):
            notebook["notebook_path"] = str((file.parent / notebook["notebook_path"]).resolve())
    return settings


def _entry(declared: Document, level: str | None) -> Document:
    return {**{key: value for key, value in declared.items() if key != "level"}, "permission_level": level}
