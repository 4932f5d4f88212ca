"""Grants as declared in include/grants/*.yaml, and what must change for Unity Catalog to say the same.

An area is `shared` or an asset class, whose file is only there where it differs: every table that an asset class
declares has the readers of its layer. What is declared is the truth for the principals that it names: a privilege that
it does not give them is revoked. What other principals hold is revoked on tables and volumes, and kept on catalogs,
schemas and external locations, where Terraform has readers of its own; `others` says it otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from anthill import catalog as declarations
from anthill import renamed
from anthill.catalog import DeclarationError
from anthill.include import include_dir

Grants = Mapping[str, frozenset[str]]  # principal -> privileges
Others = Literal["keep", "revoke"]

_COMMON = frozenset({"ALL_PRIVILEGES", "APPLY_TAG", "MANAGE"})
_READ = _COMMON | {"SELECT", "MODIFY"}
_SCHEMA = _READ | {
    "CREATE_FUNCTION", "CREATE_MATERIALIZED_VIEW", "CREATE_MODEL", "CREATE_TABLE", "CREATE_VOLUME", "EXECUTE",
    "EXTERNAL_USE_SCHEMA", "READ_VOLUME", "REFRESH", "USE_SCHEMA", "WRITE_VOLUME",
}  # fmt: skip
PRIVILEGES: Mapping[str, frozenset[str]] = {
    "catalog": _SCHEMA | {"BROWSE", "CREATE_SCHEMA", "USE_CATALOG"},
    "schema": _SCHEMA,
    "table": _READ,
    "volume": _COMMON | {"READ_VOLUME", "WRITE_VOLUME"},
    "external_location": frozenset({
        "ALL_PRIVILEGES", "BROWSE", "CREATE_EXTERNAL_TABLE", "CREATE_EXTERNAL_VOLUME", "CREATE_MANAGED_STORAGE",
        "MANAGE", "READ_FILES", "WRITE_FILES",
    }),
}  # fmt: skip
_OTHERS: Mapping[str, Others] = {"table": "revoke", "volume": "revoke"}
_PARTS = {"catalog": 1, "schema": 2, "table": 3, "volume": 3, "external_location": 1}
_KEYS = {"type", "name", "grants", "others", "of"}
_LOWERED = re.compile(r"@|^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")  # a user, a service principal
_SHARED = "shared"
_LAYERS = ("silver", "gold")  # whose tables are an asset class's


class Securable(msgspec.Struct, frozen=True):
    """Something in Unity Catalog and who may do what with it; `name` is its full name in the environment."""

    type: str
    name: str
    grants: Grants
    others: Others
    file: str
    of: str = ""  # the gold table that an asset class must have to bring it


class Change(msgspec.Struct, frozen=True):
    """What one principal gains and loses on a securable; never the same privilege in both."""

    principal: str
    add: tuple[str, ...]
    remove: tuple[str, ...]


def load(areas: Iterable[str], catalog: str, folder: Path | None = None) -> list[Securable]:
    """The securables that the areas declare, parents before children; DeclarationError where a file is wrong.

    Without those `of` a table of gold that none of these asset classes has.
    """
    areas = list(areas)
    folder = folder or include_dir() / "grants"
    shared = _File(folder / f"{_SHARED}.yaml", catalog)
    found: dict[tuple[str, str], Securable] = {}
    for area in dict.fromkeys(areas):
        file = shared if area == _SHARED else _File(folder / f"{area}.yaml", catalog)
        for securable in file.securables:
            twin = found.setdefault((securable.type, securable.name), securable)
            if twin is not securable:
                raise DeclarationError(
                    f"{file.path}: {securable.type} {securable.name} is declared in {twin.file} too: keep one of them."
                )
        for securable in _tables(area, catalog, file, shared) if area != _SHARED else ():
            found.setdefault((securable.type, securable.name), securable)
    brought = [set(declarations.load(area).gold) for area in dict.fromkeys(areas) if area != _SHARED]
    there = [each for each in found.values() if not each.of or not brought or each.of in set().union(*brought)]
    return sorted(there, key=lambda s: (_PARTS[s.type], s.type, s.name))


def _tables(area: str, catalog: str, own: _File, shared: _File) -> Iterator[Securable]:
    """Every table of an asset class with the readers of its layer; under old names, too."""
    declared = declarations.load(area)
    old = [name for name in renamed.load().tables if name.startswith(f"{area}_")]
    names = {"silver": [f"{area}_{name}" for name in declared.datasets]}
    names |= {"gold": [*(f"{area}_{name}" for name in declared.gold), *old]}
    for layer in _LAYERS:
        file = own if layer in own.tables else shared
        for name in names[layer] if layer in file.tables else ():
            yield Securable("table", f"{catalog}.{layer}.{name}", file.tables[layer], _OTHERS["table"], str(file.path))


def in_schemas(declared: Iterable[Securable], schemas: Mapping[str, str]) -> list[Securable]:
    """Of what is declared, the schemas named and what lies in them, under other names and with the same readers."""
    found = []
    for securable in declared:
        catalog, _, rest = securable.name.partition(".")
        schema, dot, name = rest.partition(".")
        if schema in schemas:
            found.append(msgspec.structs.replace(securable, name=f"{catalog}.{schemas[schema]}{dot}{name}"))
    return found


def areas(folder: Path | None = None) -> list[str]:
    """What all share, and every asset class; DeclarationError where a file is of neither."""
    known = [_SHARED, *declarations.asset_classes()]
    for file in sorted((folder or include_dir() / "grants").glob("*.yaml")):
        if file.stem not in known:
            raise DeclarationError(f"{file}: grants are declared for {', '.join(known)}.")
    return known


def diff(declared: Securable, current: Grants) -> list[Change]:
    """The changes that make `current` equal to what is declared, by principal; empty when it already is."""
    principals = set(declared.grants)
    if declared.others == "revoke":
        principals |= set(current)
    changes = []
    for principal in sorted(principals):
        wanted, held = declared.grants.get(principal, frozenset()), current.get(principal, frozenset())
        if wanted != held:
            changes.append(Change(principal, tuple(sorted(wanted - held)), tuple(sorted(held - wanted))))
    return changes


def unchanged(declared: Securable, current: Grants) -> int:
    """How many declared privileges are already held."""
    return sum(len(wanted & current.get(principal, frozenset())) for principal, wanted in declared.grants.items())


class _File:
    """What a file declares: securables, and the readers of all tables of a layer; an asset class needs none."""

    def __init__(self, path: Path, catalog: str) -> None:
        self.path = path
        document = _read(path)
        layers = document.get("tables", {})
        if not isinstance(layers, dict) or not set(layers) <= set(_LAYERS):
            raise DeclarationError(f"{path}: tables has the keys {' and '.join(_LAYERS)}, each with its readers.")
        self.tables = {layer: _grants(path, f"tables.{layer}", "table", given) for layer, given in layers.items()}
        entries = document.get("securables", [])
        if not isinstance(entries, list):
            raise DeclarationError(f"{path}: securables must be a list, not {type(entries).__name__}.")
        self.securables = [_securable(path, f"securables[{i}]", entry, catalog) for i, entry in enumerate(entries)]


def _read(path: Path) -> dict[str, Any]:
    if not path.exists() and path.stem != _SHARED:
        return {}
    try:
        document = msgspec.yaml.decode(path.read_bytes())
    except FileNotFoundError:
        raise DeclarationError(f"{path} does not exist: it has the readers of every table.") from None
    except msgspec.DecodeError as error:
        raise DeclarationError(f"{path} is not YAML: {error}") from error
    if not isinstance(document, dict) or not document or not set(document) <= {"tables", "securables"}:
        raise DeclarationError(
            f"{path}: the keys are 'tables', readers by layer, and 'securables', a list of type, name and grants."
        )
    return document


def _securable(file: Path, where: str, entry: Any, catalog: str) -> Securable:
    if not isinstance(entry, dict) or not {"type", "name", "grants"} <= set(entry) <= _KEYS:
        given = ", ".join(map(str, entry)) if isinstance(entry, dict) else repr(entry)
        raise DeclarationError(f"{file}: {where} has the keys type, name, grants, others and of, not {given}.")
    kind = entry["type"]
    if kind not in PRIVILEGES:
        raise DeclarationError(f"{file}: {where}.type is {kind!r}; allowed: {', '.join(PRIVILEGES)}.")
    name = str(entry["name"]).replace("{catalog}", catalog)
    parts = name.split(".")
    if len(parts) != _PARTS[kind] or not all(parts) or "{" in name:
        form = ".".join(["{catalog}", "schema", kind][: _PARTS[kind]])
        raise DeclarationError(f"{file}: {where}.name is {entry['name']!r}; a {kind} is named like {form}.")
    others = entry.get("others", _OTHERS.get(kind, "keep"))
    if others not in {"keep", "revoke"}:
        raise DeclarationError(f"{file}: {where}.others is {others!r}; allowed: keep, revoke.")
    readers = _grants(file, f"{where}.grants", kind, entry["grants"])
    return Securable(kind, name, readers, others, str(file), str(entry.get("of", "")))


def _grants(file: Path, where: str, kind: str, declared: Any) -> Grants:
    if not isinstance(declared, dict) or not declared:
        raise DeclarationError(f"{file}: {where} must name principals with their lists of privileges.")
    for principal, privileges in declared.items():
        key = f"{where}.{principal}"
        if not isinstance(principal, str) or not principal.strip():
            raise DeclarationError(f"{file}: {key}: a principal is the name of a group, user or service principal.")
        if principal != principal.lower() and _LOWERED.search(principal):
            raise DeclarationError(f"{file}: {key}: Unity Catalog answers in lower case: write {principal.lower()}.")
        if not isinstance(privileges, list):
            raise DeclarationError(f"{file}: {key} must be a list of privileges, not {privileges!r}.")
        if unknown := [p for p in privileges if p not in PRIVILEGES[kind]]:
            allowed = ", ".join(sorted(PRIVILEGES[kind]))
            raise DeclarationError(f"{file}: {key} has {unknown[0]!r}; a {kind} allows {allowed}.")
    return {principal: frozenset(privileges) for principal, privileges in declared.items()}
