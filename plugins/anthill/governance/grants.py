"""Grants as declared in include/grants/*.yaml.

An area is `shared` or an asset class, whose file is only there where it differs: every table that an asset class
declares has the readers of its layer. What is declared is the truth for the principals that it names: a privilege that
it does not give them is revoked. What other principals hold is revoked on tables and volumes, and kept on catalogs,
schemas and external locations, where Terraform has readers of its own; `others` says it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from anthill import catalog as declarations
from anthill import renamed
from anthill.catalog import DeclarationError
from anthill.governance.grants_file import LAYERS, SHARED, GrantsFile
from anthill.governance.securables import OTHERS, PARTS, Securable
from anthill.include import include_dir


def load(areas: Iterable[str], catalog: str, folder: Path | None = None) -> list[Securable]:
    """The securables that the areas declare, parents before children; DeclarationError where a file is wrong.

    Without those `of` a table of gold that none of these asset classes has.
    """
    areas = list(areas)
    folder = folder or include_dir() / "grants"
    shared = GrantsFile(folder / f"{SHARED}.yaml", catalog)
    found: dict[tuple[str, str], Securable] = {}
    for area in dict.fromkeys(areas):
        file = shared if area == SHARED else GrantsFile(folder / f"{area}.yaml", catalog)
        for securable in file.securables:
            twin = found.setdefault((securable.type, securable.name), securable)
            if twin is not securable:
                raise DeclarationError(
                    f"{file.path}: {securable.type} {securable.name} is declared in {twin.file} too: keep one of them."
                )
        for securable in _tables(area, catalog, file, shared) if area != SHARED else ():
            found.setdefault((securable.type, securable.name), securable)
    brought = [set(declarations.load(area).gold) for area in dict.fromkeys(areas) if area != SHARED]
    there = [each for each in found.values() if not each.of or not brought or each.of in set().union(*brought)]
    return sorted(there, key=lambda s: (PARTS[s.type], s.type, s.name))


def _tables(area: str, catalog: str, own: GrantsFile, shared: GrantsFile) -> Iterator[Securable]:
    """Every table of an asset class with the readers of its layer; under old names, too."""
    declared = declarations.load(area).with_streams()
    old = [name for name in renamed.load().tables if name.startswith(f"{area}_")]
    names = {"silver": [f"{area}_{name}" for name in declared.datasets]}
    names |= {"gold": [*(f"{area}_{name}" for name in declared.gold), *old]}
    for layer in LAYERS:
        file = own if layer in own.tables else shared
        for name in names[layer] if layer in file.tables else ():
            readers = file.tables[layer]
            yield Securable(
                "table",
                f"{catalog}.{layer}.{name}",
                readers.grants,
                OTHERS["table"],
                str(file.path),
                by=f"{layer} of {file.path.stem}",
                lines=readers.lines,
            )


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
    known = [SHARED, *declarations.asset_classes()]
    for file in sorted((folder or include_dir() / "grants").glob("*.yaml")):
        if file.stem not in known:
            raise DeclarationError(f"{file}: grants are declared for {', '.join(known)}.")
    return known
