"""The rooms that mutants are made in, each with the tests that have to notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import python, sql
from tests.mutants.mutation import Mutation

KINDS = {".py": python.mutations, ".sql": sql.mutations}


@dataclass(frozen=True)
class Room:
    """A folder or a file of the product, and its tests."""

    name: str
    source: str
    tests: str

    def files(self, root: Path) -> Iterator[str]:
        """Its files, from the root on."""
        source = root / self.source
        found = [source] if source.is_file() else sorted(source.rglob("*"))
        return (file.relative_to(root).as_posix() for file in found if file.suffix in KINDS)

    def mutations(self, root: Path) -> list[Mutation]:
        """Every change that can be made in it."""
        found: list[Mutation] = []
        for file in self.files(root):
            made = KINDS[Path(file).suffix]((root / file).read_text())
            found += [Mutation(self.name, file, name, make) for name, make in made]
        return found


def room(name: str) -> Room:
    """A package of the plugins and the folder of its tests."""
    return Room(name, f"plugins/anthill/{name}", f"tests/plugins/anthill/{name}")


def file(name: str) -> Room:
    """A file of the plugins and that of its tests."""
    return Room(name, f"plugins/anthill/{name}.py", f"tests/plugins/anthill/test_{name}.py")


ROOMS = [
    *map(room, ("bronze", "sources", "ledger", "landing", "coverage", "backfill", "lakehouse")),
    *map(room, ("approval", "dashboards", "erasure", "governance")),
    *map(file, ("intervals", "timetables")),
    Room("sql", "include/sql", "tests/plugins/anthill/lakehouse"),
]
