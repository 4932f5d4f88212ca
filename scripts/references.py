"""The `${…}` of a bundle: each names something, and has a value in the target."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_WORD = r"[^\W\d_]+(?:[-_]*[^\W_]+)*"
REFERENCE = re.compile(rf"\$\{{({_WORD}(?:\.{_WORD}(?:\[\d+\])*)*)\}}")
KNOWN = {
    "bundle": {"name", "target", "uuid", "git.branch", "git.commit", "git.origin_url"},
    "workspace": {
        "root_path",
        "file_path",
        "resource_path",
        "artifact_path",
        "state_path",
        "host",
        "current_user.userName",
        "current_user.short_name",
        "current_user.domain_friendly_name",
    },
}


def problems(
    files: Mapping[Path, dict[str, Any]], name: str, target: dict[str, Any], given: frozenset[str]
) -> Iterator[str]:
    """What has no value in the target, or names nothing."""
    (main, *_) = files
    declared = {key: value or {} for text in files.values() for key, value in (text.get("variables") or {}).items()}
    yield from _variables(main, declared, name, target, given)
    for file, text in files.items():
        rest = {key: value for key, value in text.items() if key != "targets"}
        for place, value in _texts({**rest, f"targets.{name}": target} if file == main else rest):
            for reference in REFERENCE.findall(value):
                if not _known(reference, declared, files):
                    yield f"{file}: {place}: ${{{reference}}} is nothing that a bundle knows"
            if "${" in REFERENCE.sub("", value):
                yield f"{file}: {place}: {value!r} has a reference that is not written as one"


def _variables(
    main: Path, declared: Mapping[str, Any], name: str, target: dict[str, Any], given: frozenset[str]
) -> Iterator[str]:
    """Each variable is declared and has a value, used or not; of a person's own target the CLI asks the person."""
    own = target.get("variables") or {}
    for key in sorted(set(own) - set(declared)):
        yield f"{main}: targets.{name}.variables.{key}: the bundle declares no such variable"
    for key, variable in declared.items():
        valued = key in own or key in given or {"default", "lookup"} & set(variable)
        if target.get("mode") != "development" and not valued:
            yield (
                f"{main}: variables.{key}: has no value in {name}: give it a default, one in the target, or "
                f"BUNDLE_VAR_{key} in the workflow that deploys"
            )


def _known(reference: str, declared: Mapping[str, Any], files: Mapping[Path, dict[str, Any]]) -> bool:
    first, _, field = reference.partition(".")
    if first in ("var", "variables"):
        return field.split(".")[0] in declared
    if first != "resources":
        return field in KNOWN.get(first, ())
    kind, _, rest = field.partition(".")
    key, _, wanted = rest.partition(".")
    return bool(wanted) and any(key in ((text.get("resources") or {}).get(kind) or {}) for text in files.values())


def _texts(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a document with its place."""
    if isinstance(node, str):
        yield place.removeprefix("."), node
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in entries:
        yield from _texts(value, f"{place}.{key}")
