"""The jobs: those of the bundle's own `resources/*.yml`, and those made over the API."""

from __future__ import annotations

import os
import re
import zlib
from pathlib import Path
from typing import Any

import msgspec

from local.databricks.account import Principal
from local.databricks.errors import ApiError, invalid, missing
from local.databricks.store import Document, Store

_REFERENCE = re.compile(r"\$\{([\w.]+)\}")
# What a level of the bundle's own permissions is on a job: cli/bundle/permissions.
_ON_JOBS = {"CAN_MANAGE": "CAN_MANAGE", "CAN_VIEW": "CAN_VIEW", "CAN_RUN": "CAN_MANAGE_RUN"}


class BundleError(ApiError):
    """A bundle that cannot be deployed; names the file, the key and what is allowed."""

    def __init__(self, message: str) -> None:
        super().__init__(400, "INVALID_STATE", message)


def load(root: Path, target: str) -> dict[str, Document]:
    """The settings of the bundle's jobs by resource key, as the target deploys them; notebook paths absolute."""
    main = root / "databricks.yml"
    bundle = _read(main)
    targets = bundle.get("targets", {})
    if target not in targets:
        raise BundleError(f"{main}: there is no target '{target}': it has {', '.join(targets)}.")
    files = [main, *(f for pattern in bundle.get("include", []) for f in sorted(root.glob(pattern)))]
    chosen = targets[target] or {}
    values = _variables(main, bundle, chosen, target, root)
    jobs: dict[str, Document] = {}
    for file in files:
        for key, settings in (_read(file).get("resources", {}).get("jobs") or {}).items():
            if key in jobs:
                raise BundleError(f"{file}: the job '{key}' is declared twice.")
            jobs[key] = _deployed(file, _resolve(settings, values, file), chosen, values)
    return jobs


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


def _deployed(file: Path, settings: Document, chosen: Document, values: dict[str, str]) -> Document:
    """A job's settings after the target's presets, with notebook paths that lead to files."""
    presets = _resolve(chosen.get("presets") or {}, values, file)
    prefix = presets.get("name_prefix")
    if prefix is None and chosen.get("mode") == "development":
        prefix = f"[dev {values['workspace.current_user.short_name']}] "
    settings["name"] = f"{prefix or ''}{settings['name']}"
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


def _is(entry: Document, principal: Principal) -> bool:
    return principal.name in entry.values()


class Jobs:
    """Jobs by id. A bundle's file is read again when it has changed; API jobs are kept in the store."""

    def __init__(self, store: Store, bundle: Path | None, target: str, deployer: Principal) -> None:
        self._store, self._bundle, self._target, self._deployer = store, bundle, target, deployer
        self._seen: tuple[tuple[str, int], ...] = ()
        self._jobs: dict[int, Document] = {}

    def _bundled(self) -> dict[int, Document]:
        if self._bundle is None:
            return {}
        seen = tuple((str(f), f.stat().st_mtime_ns) for f in sorted(self._bundle.rglob("*.yml")))
        if seen != self._seen:
            loaded = load(self._bundle, self._target)
            self._jobs = {zlib.crc32(f"{self._target}/{key}".encode()): value for key, value in loaded.items()}
            self._seen = seen
            for job_id, settings in self._jobs.items():  # a deployment writes the list whole
                given = settings.pop("permissions")
                self.let(job_id, [*self._owned(self._deployer), *(e for e in given if not _is(e, self._deployer))])
        return self._jobs

    @staticmethod
    def _owned(owner: Principal) -> list[Document]:
        kind = "service_principal_name" if owner.is_service else "user_name"
        return [{kind: owner.name, "permission_level": "IS_OWNER"}]

    def access(self, job_id: int) -> list[Document]:
        """Who may do what with a job."""
        found: list[Document] = (self._store.get("job_access", job_id) or {"entries": []})["entries"]
        return found

    def owner(self, job_id: int) -> str:
        """Whose job it is."""
        owners = [entry for entry in self.access(job_id) if entry["permission_level"] == "IS_OWNER"]
        return next((value for key, value in owners[0].items() if key != "permission_level"), "") if owners else ""

    def runs_as(self, job_id: int) -> str:
        """Whose rights its runs have: its owner's where nobody else is named."""
        named = self.get(job_id).get("run_as") or {}
        return next(iter(named.values()), "") or self.owner(job_id)

    def let(self, job_id: int, entries: list[Document]) -> None:
        """Write who may do what with a job."""
        self._store.put("job_access", job_id, {"entries": entries})

    def all(self) -> dict[int, Document]:
        """Every job's settings by id; what the API reset or updated stands over the bundle's."""
        return {**self._bundled(), **{job["job_id"]: job["settings"] for job in self._store.all("jobs")}}

    def get(self, job_id: int) -> Document:
        """One job's settings."""
        jobs = self.all()
        if job_id not in jobs:
            raise missing("INVALID_PARAMETER_VALUE", f"Job {job_id} does not exist.")
        return jobs[job_id]

    def create(self, settings: Document, owner: Principal) -> int:
        """Keep a new job."""
        job_id = self._store.next_id()
        given = settings.pop("access_control_list", None) or []
        self.let(job_id, [*self._owned(owner), *given])
        self.reset(job_id, settings)
        return job_id

    def reset(self, job_id: int, settings: Document) -> None:
        """Replace a job's settings whole."""
        if not isinstance(settings, dict):
            raise invalid("new_settings must be an object.")
        body = {"job_id": job_id, "settings": {"name": "Untitled", **settings}}
        self._store.put("jobs", job_id, body)

    def update(self, job_id: int, settings: Document, removed: list[str]) -> None:
        """Replace the named top-level settings of a job."""
        merged = {**self.get(job_id), **settings}
        self.reset(job_id, {key: value for key, value in merged.items() if key not in removed})

    def delete(self, job_id: int) -> None:
        """Forget a job that the API made."""
        self.get(job_id)
        self._store.delete("jobs", job_id)
        self._store.delete("job_access", job_id)
