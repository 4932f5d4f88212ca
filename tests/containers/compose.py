"""docker-compose.yaml as an engine reads it: merged, with its variables filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yaml"
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


def loaded(variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file with these variables, and its own defaults for the others."""
    known = variables or {}
    text = VARIABLE.sub(lambda found: known.get(found[1]) or found[2], FILE.read_text())
    document: dict[str, Any] = msgspec.yaml.decode(text)
    return document


def ordered(services: Mapping[str, Any], wanted: set[str]) -> list[str]:
    """The wanted services, each after all that it depends on."""
    order: list[str] = []

    def place(name: str) -> None:
        for other in services[name].get("depends_on", {}):
            place(other)
        if name not in order:
            order.append(name)

    for name in sorted(wanted):
        place(name)
    return order
