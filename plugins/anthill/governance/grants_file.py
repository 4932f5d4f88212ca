"""One file of include/grants: what it declares, and the line of everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from anthill.catalog import DeclarationError
from anthill.governance.securables import OTHERS, PARTS, PRIVILEGES, Grants, Securable, principal
from anthill.yaml_file import Keys, YamlError, YamlFile

SHARED = "shared"
LAYERS = ("silver", "gold")  # whose tables are an asset class's
_KEYS = {"type", "name", "grants", "others", "of"}


class Readers(msgspec.Struct, frozen=True):
    """Principals with their privileges, and the line of each."""

    grants: Grants
    lines: Mapping[str, int]


class GrantsFile:
    """What a file declares: securables, and the readers of all tables of a layer; an asset class needs none."""

    def __init__(self, path: Path, catalog: str) -> None:
        self.path = path
        self._yaml = _read(path)
        document = self._document()
        layers = document.get("tables", {})
        if not isinstance(layers, dict) or not set(layers) <= set(LAYERS):
            raise self._wrong(("tables",), f"tables has the keys {' and '.join(LAYERS)}, each with its readers.")
        self.tables = {layer: self._readers(("tables", layer), "table", given) for layer, given in layers.items()}
        entries = document.get("securables", [])
        if not isinstance(entries, list):
            raise self._wrong(("securables",), f"securables must be a list, not {type(entries).__name__}.")
        self.securables = [self._securable(place, entry, catalog) for place, entry in enumerate(entries)]

    def _document(self) -> dict[str, Any]:
        if self._yaml is None:
            return {}
        for keys, problem in self._yaml.twice():
            raise self._wrong(keys, f"{_dotted(keys)} {problem}.")
        document = self._yaml.value
        if not isinstance(document, dict) or not document or not set(document) <= {"tables", "securables"}:
            raise self._wrong(
                (), "the keys are 'tables', readers by layer, and 'securables', a list of type, name and grants."
            )
        return document

    def _securable(self, place: int, entry: Any, catalog: str) -> Securable:
        at, where = ("securables", place), f"securables[{place}]"
        if not isinstance(entry, dict) or not {"type", "name", "grants"} <= set(entry) <= _KEYS:
            given = ", ".join(map(str, entry)) if isinstance(entry, dict) else repr(entry)
            raise self._wrong(at, f"{where} has the keys type, name, grants, others and of, not {given}.")
        kind = entry["type"]
        if kind not in PRIVILEGES:
            raise self._wrong((*at, "type"), f"{where}.type is {kind!r}; allowed: {', '.join(PRIVILEGES)}.")
        name = str(entry["name"]).replace("{catalog}", catalog)
        parts = name.split(".")
        if len(parts) != PARTS[kind] or not all(parts) or "{" in name:
            form = ".".join(["{catalog}", "schema", kind][: PARTS[kind]])
            raise self._wrong((*at, "name"), f"{where}.name is {entry['name']!r}; a {kind} is named like {form}.")
        others = entry.get("others", OTHERS.get(kind, "keep"))
        if others not in {"keep", "revoke"}:
            raise self._wrong((*at, "others"), f"{where}.others is {others!r}; allowed: keep, revoke.")
        readers = self._readers((*at, "grants"), kind, entry["grants"])
        of, line = str(entry.get("of", "")), self._line((*at, "name"))
        return Securable(kind, name, readers.grants, others, str(self.path), of, lines=readers.lines, line=line)

    def _readers(self, at: Keys, kind: str, declared: Any) -> Readers:
        where = _dotted(at)
        if not isinstance(declared, dict) or not declared:
            raise self._wrong(at, f"{where} must name principals with their lists of privileges.")
        found: dict[str, frozenset[str]] = {}
        lines: dict[str, int] = {}
        for name, privileges in declared.items():
            here, key = (*at, name), f"{where}.{name}"
            if not isinstance(name, str) or not name.strip():
                raise self._wrong(here, f"{key}: a principal is the name of a group, user or service principal.")
            if not isinstance(privileges, list):
                raise self._wrong(here, f"{key} must be a list of privileges, not {privileges!r}.")
            if unknown := [p for p in privileges if p not in PRIVILEGES[kind]]:
                allowed = ", ".join(sorted(PRIVILEGES[kind]))
                raise self._wrong(here, f"{key} has {unknown[0]!r}; a {kind} allows {allowed}.")
            if (who := principal(name)) in found:
                raise self._wrong(here, f"{key} is {who} once more: capitals tell no users apart. Keep one of the two.")
            found[who], lines[who] = frozenset(privileges), self._line(here)
        return Readers(found, lines)

    def _line(self, keys: Sequence[str | int]) -> int:
        return self._yaml.line(keys) if self._yaml else 1

    def _wrong(self, keys: Sequence[str | int], said: str) -> DeclarationError:
        return DeclarationError(f"{self.path}:{self._line(keys)}: {said}")


def _read(path: Path) -> YamlFile | None:
    try:
        return YamlFile(path)
    except FileNotFoundError:
        if path.stem != SHARED:
            return None
        raise DeclarationError(f"{path} does not exist: it has the readers of every table.") from None
    except YamlError as error:
        raise DeclarationError(f"{path}:{error.line}: not YAML: {error}") from error


def _dotted(keys: Sequence[str | int]) -> str:
    """Keys as people write them: securables[0].grants."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text
