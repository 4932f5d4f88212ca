"""What a target of a bundle may not say: where it lies, what it changes of resources, who may do what with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts import models

PRINCIPALS = ("service_principal_name", "user_name", "group_name")
# Kinds that have no CAN_RUN: the CLI leaves such an entry of the bundle's permissions out of theirs.
NEVER_RUN = ("dashboards", "experiments", "genie_spaces")
SHARED = re.compile(r"(/Workspace)?/Shared(/|$)")
HOME = re.compile(r"(?:/Workspace)?/Users/([^/]+)/.|~/.")


def problems(
    files: Mapping[Path, dict[str, Any]], name: str, target: dict[str, Any], kinds: Mapping[str, Any]
) -> Iterator[str]:
    """Everything that would be refused of a target; `kinds` are the vendor's classes of resources."""
    (main, *_) = files
    whole = {**files[main], **target, "resources": target.get("resources")}
    yield from _paths(main, name, whole)
    yield from _overrides(files, name, whole, kinds)
    yield from _permissions(files, name, whole)


def _paths(main: Path, name: str, target: dict[str, Any]) -> Iterator[str]:
    """A shared target lies in the folder of a principal who may manage it, where nobody else may write."""
    place = f"{main}: targets.{name}.workspace.root_path"
    path = (target.get("workspace") or {}).get("root_path", "")
    if SHARED.match(path):
        yield f"{place}: {path} is writable by everybody, who could replace what runs as another"
        return
    if target.get("mode") == "development" and path and "${workspace.current_user." not in path and path[:2] != "~/":
        yield f"{place}: {path} must hold the name of the one who deploys, or copies replace each other"
    if target.get("mode") != "production":
        return
    home = HOME.match(path)
    managers = {
        each.get("service_principal_name") or each.get("user_name")
        for each in target.get("permissions") or []
        if each.get("level") == "CAN_MANAGE"
    }
    if home is None:
        yield f"{place}: {path or 'nothing'} is no folder of the one who deploys: /Workspace/Users/<principal>/…"
    elif home[1] not in managers:
        yield f"{place}: permissions give {home[1]} no CAN_MANAGE, which it has of its own folder"


def _overrides(
    files: Mapping[Path, dict[str, Any]], name: str, target: dict[str, Any], kinds: Mapping[str, Any]
) -> Iterator[str]:
    """What a target says otherwise is about a resource of the bundle, which stays one."""
    (main, *_) = files
    for kind, resources in (target.get("resources") or {}).items():
        for key in resources or {}:
            place = f"{main}: targets.{name}.resources.{kind}.{key}"
            if not any(key in ((text.get("resources") or {}).get(kind) or {}) for text in files.values()):
                yield f"{place}: the bundle has no such resource"
                continue
            try:
                kinds[kind].from_dict(_merged(files, kind, key, target))
            except (ValueError, TypeError, AttributeError) as error:
                yield f"{place}: {error}"


def _merged(files: Mapping[Path, dict[str, Any]], kind: str, key: str, target: dict[str, Any]) -> dict[str, Any]:
    """A resource as a target deploys it: maps are joined, and lists put behind each other."""

    def joined(base: Any, more: Any) -> Any:
        if isinstance(base, dict) and isinstance(more, dict):
            return {**base, **{name: joined(base.get(name), value) for name, value in more.items()}}
        return base + more if isinstance(base, list) and isinstance(more, list) else more

    (base,) = (
        text["resources"][kind][key] for text in files.values() if key in (text.get("resources") or {}).get(kind, {})
    )
    found: dict[str, Any] = joined(base, ((target.get("resources") or {}).get(kind) or {}).get(key) or {})
    return found


def _permissions(files: Mapping[Path, dict[str, Any]], name: str, target: dict[str, Any]) -> Iterator[str]:
    """Who runs the jobs is named and may read them; nobody is named twice."""
    (main, *_) = files
    place = f"{main}: targets.{name}"
    found = [each for permission in target.get("permissions") or [] if (each := _principal(permission))]
    runs = _principal(target.get("run_as") or {})
    for twice in sorted({each for each in found if found.count(each) > 1}):
        yield f"{place}.permissions: {' '.join(twice)} is there twice"
    for file, text in files.items():
        for kind, resources in (text.get("resources") or {}).items():
            for key in resources or {}:
                resource = _merged(files, kind, key, target)
                for each in _twice(kind, resource, target):
                    yield f"{file}: resources.{kind}.{key}.permissions: {' '.join(each)} has one of targets.{name}"
                if kind == "experiments" and runs and not models.writes(resource, runs):
                    yield f"{place}.resources.{kind}.{key}.permissions: {' '.join(runs)}, who runs, may add no run"
    if target.get("mode") == "production":
        if runs is None:
            yield f"{place}.run_as: names nobody, and the jobs would run as whoever deployed last"
        elif runs not in found:
            yield f"{place}.permissions: {' '.join(runs)}, which run_as names, may not read what it runs"


def _twice(kind: str, resource: dict[str, Any], target: dict[str, Any]) -> list[tuple[str, str]]:
    """Whom a resource and its target both name: the CLI warns of an overlap."""
    taken = [
        _principal(entry)
        for entry in target.get("permissions") or []
        if not (kind in NEVER_RUN and entry.get("level") == "CAN_RUN")
    ]
    own = [each for entry in resource.get("permissions") or [] if (each := _principal(entry))]
    return [each for each in own if each in taken]


def _principal(entry: dict[str, Any]) -> tuple[str, str] | None:
    return next(((field, entry[field]) for field in PRINCIPALS if entry.get(field)), None)
