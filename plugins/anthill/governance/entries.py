"""Every table that an asset class declares, with what its entry says of who sees what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from anthill import catalog as declarations
from anthill.access import Access, Tags
from anthill.asset_class import AssetClass
from anthill.include import include_dir
from anthill.yaml_file import Keys, YamlFile


class Entry(msgspec.Struct, frozen=True):
    """A table by its full name; `at` is the place of a key of its entry."""

    name: str
    access: Access
    tags: Tags
    file: YamlFile
    path: str
    keys: Keys

    def by(self, tag: str) -> str:
        """The rule by which it has a tag; "" where its own entry says so."""
        return "" if tag in self.access.tags else "tags of all tables"

    def at(self, *keys: str) -> str:
        """Where it is declared: file and line."""
        return f"{self.path}:{self.file.line((*self.keys, *keys))}"


def load(catalog: str, folder: Path | None = None) -> list[Entry]:
    """All of them; DeclarationError where a file is wrong."""
    files = sorted((folder or include_dir() / "datasets").glob("*.yaml"))
    return [entry for path in files for entry in _of(declarations.parse(path), path, catalog)]


def _of(declared: AssetClass, path: Path, catalog: str) -> Iterator[Entry]:
    file = YamlFile(path)
    for name, dataset in declared.with_streams().datasets.items():
        tags = _tags(declared, "silver", dataset.source, dataset.access)
        keys = ("datasets", name, "access")
        yield Entry(f"{catalog}.silver.{dataset.table}", dataset.access, tags, file, str(path), keys)
    for name in declared.gold:
        access = declared.access.get(name, Access())
        tags = _tags(declared, "gold", declared.source, access)
        full = f"{catalog}.gold.{declared.asset_class}_{name}"
        yield Entry(full, access, tags, file, str(path), ("access", name))


def _tags(declared: AssetClass, layer: str, source: str, access: Access) -> Tags:
    """What a table is tagged with: by where it stands, then as its asset class says, then as its own entry does."""
    given = {"source": source, "layer": layer, "owner": declared.owner, "personal": "no"}
    return {**given, **declared.tags, **access.tags}
